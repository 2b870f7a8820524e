/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a configuration that its schema allows.  Main thread. */
#include "../../export/otlp_url.h"
#include "config_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a message goes. */
struct place {
	const char *path;
	char *error;
	size_t error_bytes;
};

static int refuse(const struct place *place, const char *field, const char *why,
		  const char *next)
{
	return logtap_collect_config_refuse(place->path, field, why, next,
					    place->error, place->error_bytes);
}

static int read_number(const struct place *place, const char *field,
		       struct number *number)
{
	char *end, why[128];

	if (!number->text)
		return 0;
	errno = 0;
	number->value = strtol(number->text, &end, 10);
	if (!errno && end != number->text && !*end && number->value >= 0)
		return 0;
	snprintf(why, sizeof(why), "\"%.64s\" is not a number of 0 or more",
		 number->text);
	return refuse(place, field, why, NULL);
}

static int read_admin(const struct place *place, struct admin *admin)
{
	int error = read_number(place, "admin.records", &admin->records);

	return error ? error : read_number(place, "admin.bytes", &admin->bytes);
}

static int read_limits(const struct place *place, struct limits *limits)
{
	int error = read_number(place, "limits.journal_bytes",
				&limits->journal_bytes);

	if (!error)
		error = read_number(place, "limits.queue_bytes",
				    &limits->queue_bytes);
	return error ? error
		     : read_number(place, "limits.line_bytes",
				   &limits->line_bytes);
}

static int check_wishes(const struct place *place,
			const struct document *document)
{
	const struct logtap_wishes wishes = {
		.level = document->level,
		.stacks = document->stacks,
		.loops = document->loops,
	};
	struct logtap_meant unused; /* the command line may say otherwise */
	char why[LOGTAP_WISHES_WHY_BYTES];
	const char *option =
		logtap_wishes_read(&wishes, &unused, why, sizeof(why));

	/* fields are called like options */
	return option ? refuse(place, option + strlen("--"), why, NULL) : 0;
}

static int check_url(const struct place *place, const char *field,
		     const char *url)
{
	char why[LOGTAP_OTLP_URL_WHY_BYTES], *whole, *name;
	int error = logtap_otlp_url_parse(url, LOGTAP_OTLP_URL_OPTION, "",
					  &whole, &name, why, sizeof(why));

	free(whole);
	free(name);
	return error == -EINVAL
		       ? refuse(place, field, why, LOGTAP_OTLP_URL_NEXT)
		       : 0;
}

static int check_urls(const struct place *place,
		      const struct document *document)
{
	const struct metrics *metrics = document->metrics;
	int error = 0;

	for (uint32_t i = 0; !error && i < document->otlp_count; i++)
		error = check_url(place, "otlp", document->otlp[i]);
	/* an empty one is the environment's */
	if (!error && metrics && *metrics->otlp)
		error = check_url(place, "metrics.otlp", metrics->otlp);
	return error;
}

static int check_environment(const struct place *place,
			     const struct document *document)
{
	for (uint32_t i = 0; i < document->environment_count; i++)
		if (strncmp(document->environment[i].name, "OTEL_", 5) != 0)
			return refuse(place, document->environment[i].name,
				      "not a variable of OpenTelemetry",
				      "environment takes names that begin with "
				      "OTEL_");
	return 0;
}

static int check_log(const struct place *place, const struct own_log *log)
{
	if (!log->to || !strcmp(log->to, "stderr") || !strcmp(log->to, "none"))
		return 0;
	return refuse(place, "log.to",
		      "the collector's own messages may not go where records "
		      "go: each delivery would make the next one",
		      "stderr or none");
}

int logtap_collect_config_check(struct document *document, const char *path,
				char *error, size_t error_bytes)
{
	const struct place place = {path, error, error_bytes};
	int result = check_wishes(&place, document);

	if (!result)
		result = check_urls(&place, document);
	if (!result && document->admin)
		result = read_admin(&place, document->admin);
	if (!result && document->limits)
		result = read_limits(&place, document->limits);
	if (!result)
		result = check_environment(&place, document);
	if (!result && document->log)
		result = check_log(&place, document->log);
	return result;
}
