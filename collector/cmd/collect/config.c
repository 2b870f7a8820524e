/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file of `logtap collect': see the header.  Main thread. */
#include "config_private.h"

#include "../../base/error.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int refuse(const char *path, const char *field, const char *why,
		  const char *next, char *error, size_t error_bytes)
{
	char where[PATH_MAX + 128];

	snprintf(where, sizeof(where), "%s: %s", path, field);
	logtap_error_format(error, error_bytes, "collect", where, why, next);
	return -EINVAL;
}

/* What the schema cannot say. */
static int check(const struct document *document, const char *path, char *error,
		 size_t error_bytes)
{
	const struct admin *admin = document->admin;
	const struct limits *limits = document->limits;
	const struct {
		const char *field;
		uint64_t value;
	} numbers[] = {
		{"admin.records",
		 admin && admin->records ? *admin->records : 0},
		{"admin.bytes", admin && admin->bytes ? *admin->bytes : 0},
		{"limits.journal_bytes", limits ? limits->journal_bytes : 0},
		{"limits.queue_bytes", limits ? limits->queue_bytes : 0},
		{"limits.line_bytes", limits ? limits->line_bytes : 0},
	};

	/* libcyaml makes very large ones of those below 0 */
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].value > LONG_MAX)
			return refuse(path, numbers[i].field,
				      "not a number of 0 or more", NULL, error,
				      error_bytes);
	for (uint32_t i = 0; i < document->environment_count; i++)
		if (strncmp(document->environment[i].name, "OTEL_", 5) != 0)
			return refuse(path, document->environment[i].name,
				      "not a variable of OpenTelemetry",
				      "environment takes names that begin with "
				      "OTEL_",
				      error, error_bytes);
	if (document->log && document->log->to &&
	    strcmp(document->log->to, "stderr") != 0 &&
	    strcmp(document->log->to, "none") != 0)
		return refuse(path, "log.to",
			      "the collector's own messages may not go where "
			      "records go: each delivery would make the next "
			      "one",
			      "stderr or none", error, error_bytes);
	return 0;
}

int logtap_collect_config_load(const char *path,
			       struct logtap_collect_config **out, char *error,
			       size_t error_bytes)
{
	struct logtap_collect_config *config = calloc(1, sizeof(*config));
	struct complaint complaint = {.line = 0};
	const cyaml_config_t how = {
		.log_fn = logtap_collect_config_listen,
		.log_ctx = &complaint,
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem,
		.flags = CYAML_CFG_NO_ALIAS,
	};
	FILE *readable = fopen(path, "re"); /* for the reason if it is not */
	int result = -ENOMEM;

	if (!config || !readable) {
		result = config ? -errno : -ENOMEM;
		logtap_error_format(error, error_bytes, "collect", path,
				    strerror(-result), "name another --config");
	} else {
		cyaml_err_t code = cyaml_load_file(
			path, &how, &logtap_collect_config_schema,
			(cyaml_data_t **)&config->document, NULL);
		result = code ? -EINVAL : 0;
		if (code)
			logtap_collect_config_complain(&complaint, path, code,
						       error, error_bytes);
	}
	if (readable)
		fclose(readable);
	if (!result && config->document)
		result = check(config->document, path, error, error_bytes);
	if (result)
		logtap_collect_config_free(config);
	else
		*out = config;
	return result;
}

void logtap_collect_config_free(struct logtap_collect_config *config)
{
	const cyaml_config_t how = {
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem,
	};

	if (!config)
		return;
	cyaml_free(&how, &logtap_collect_config_schema, config->document, 0);
	free(config);
}
