/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration of the OTLP export, read once when an exporter is made.  The
 * caller's thread; no state but libcurl's URL parser. */
#include "otlp_config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "otlp_headers.h"
#include "otlp_number.h"
#include "otlp_url.h"

#define DEFAULT_ENDPOINT "http://localhost:4318"
#define GENERAL "OTEL_EXPORTER_OTLP_"
#define SIGNAL_LOGS "LOGS_"
#define SIGNAL_METRICS "METRICS_"

__attribute__((format(printf, 2, 3))) static void warn(
	const struct logtap_otlp_environment *environment, const char *format,
	...)
{
	char text[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	environment->warn(environment->context, text);
}

/* NULL: unset or empty. */
static const char *get(const struct logtap_otlp_environment *environment,
		       const char *name)
{
	const char *value = environment->get(environment->context, name);
	return value && *value ? value : NULL;
}

/* A setting that has a signal-specific and a general name. */
struct setting {
	const char *value; /* NULL: neither is set */
	bool specific;	   /* of this signal alone */
	char name[64];	   /* of the variable that it comes from */
};

static struct setting find(const struct logtap_otlp_environment *environment,
			   const char *suffix)
{
	struct setting found;
	snprintf(found.name, sizeof(found.name), GENERAL "%s%s",
		 environment->metrics ? SIGNAL_METRICS : SIGNAL_LOGS, suffix);
	found.value = get(environment, found.name);
	found.specific = found.value;
	if (!found.value) {
		snprintf(found.name, sizeof(found.name), GENERAL "%s", suffix);
		found.value = get(environment, found.name);
	}
	return found;
}

static bool sdk_disabled(const struct logtap_otlp_environment *environment)
{
	const char *value = get(environment, "OTEL_SDK_DISABLED");
	return value && !strcasecmp(value, "true");
}

bool logtap_otlp_wanted(const struct logtap_otlp_environment *environment)
{
	return !sdk_disabled(environment) &&
	       find(environment, "ENDPOINT").value;
}

bool logtap_otlp_metrics_wanted(
	const struct logtap_otlp_environment *environment)
{
	const char *exporter = get(environment, "OTEL_METRICS_EXPORTER");

	if (sdk_disabled(environment))
		return false;
	if (exporter)
		return !strcasecmp(exporter, "otlp");
	return find(environment, "ENDPOINT").specific;
}

static int read_endpoint(struct logtap_otlp_config *config, const char *option,
			 const struct logtap_otlp_environment *environment,
			 char *error, size_t error_bytes)
{
	struct setting set = find(environment, "ENDPOINT");
	enum logtap_otlp_url_form form = LOGTAP_OTLP_URL_BASE;
	const char *where = set.name;
	const char *url = set.value ? set.value : DEFAULT_ENDPOINT;
	if (option) {
		url = option;
		where = environment->metrics ? "--otlp-metrics" : "--otlp";
		form = LOGTAP_OTLP_URL_OPTION;
	} else if (set.specific) {
		form = LOGTAP_OTLP_URL_EXACT;
	}
	char why[LOGTAP_OTLP_URL_WHY_BYTES];
	int failed = logtap_otlp_url_parse(
		url, form, environment->metrics ? "v1/metrics" : "v1/logs",
		&config->url, &config->name, why, sizeof(why));
	if (failed == -EINVAL)
		snprintf(error, error_bytes,
			 "export by OTLP: %s: %s; " LOGTAP_OTLP_URL_NEXT, where,
			 why);
	return failed;
}

static int read_protocol(struct logtap_otlp_config *config,
			 const struct logtap_otlp_environment *environment,
			 char *error, size_t error_bytes)
{
	struct setting set = find(environment, "PROTOCOL");
	config->protocol = LOGTAP_OTLP_PROTOBUF;
	if (!set.value || !strcasecmp(set.value, "http/protobuf"))
		return 0;
	if (!strcasecmp(set.value, "http/json") && environment->metrics) {
		warn(environment,
		     "%s=%s: not for metrics; using http/protobuf for them",
		     set.name, set.value);
		return 0;
	}
	if (!strcasecmp(set.value, "http/json")) {
		config->protocol = LOGTAP_OTLP_JSON;
		return 0;
	}
	if (!strcasecmp(set.value, "grpc")) {
		snprintf(error, error_bytes,
			 "export by OTLP: %s=%s: gRPC is not built "
			 "in; set OTEL_EXPORTER_OTLP_%sPROTOCOL="
			 "http/protobuf and the endpoint's HTTP port, "
			 "usually 4318",
			 set.name, set.value,
			 environment->metrics ? SIGNAL_METRICS : SIGNAL_LOGS);
		return -EPROTONOSUPPORT;
	}
	warn(environment, "%s=%s: unknown protocol; using http/protobuf",
	     set.name, set.value);
	return 0;
}

/* All sums are since the start. */
static void check_temporality(const struct logtap_otlp_environment *environment)
{
	struct setting set = find(environment, "TEMPORALITY_PREFERENCE");

	if (set.value && set.specific && strcasecmp(set.value, "cumulative"))
		warn(environment, "%s=%s: using cumulative", set.name,
		     set.value);
}

static void read_compression(struct logtap_otlp_config *config,
			     const struct logtap_otlp_environment *environment)
{
	struct setting set = find(environment, "COMPRESSION");
	config->gzip = set.value && !strcasecmp(set.value, "gzip");
	if (set.value && !config->gzip && strcasecmp(set.value, "none") != 0)
		warn(environment, "%s=%s: unknown compression; using none",
		     set.name, set.value);
}

static uint32_t read_number(const struct logtap_otlp_environment *environment,
			    const char *name, const char *value, uint32_t least,
			    uint32_t fallback)
{
	uint32_t number = fallback;
	if (value && !logtap_otlp_number_parse(value, least, &number))
		warn(environment,
		     "%s=%s: not a whole number of at least %u; using %u", name,
		     value, (unsigned)least, (unsigned)fallback);
	return number;
}

static void read_numbers(struct logtap_otlp_config *config,
			 const struct logtap_otlp_environment *environment)
{
	struct setting set = find(environment, "TIMEOUT");
	config->timeout_ms =
		read_number(environment, set.name, set.value, 0, 10000);
	const struct {
		const char *name;
		uint32_t least;
		uint32_t fallback;
		uint32_t *to;
	} numbers[] = {
		{"OTEL_BLRP_SCHEDULE_DELAY", 0, 1000,
		 &config->schedule_delay_ms},
		{"OTEL_BLRP_EXPORT_TIMEOUT", 0, LOGTAP_OTLP_EXPORT_MS,
		 &config->export_timeout_ms},
		{"OTEL_BLRP_MAX_QUEUE_SIZE", 1, 16384,
		 &config->max_queue_records},
		{"OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", 1, 512,
		 &config->max_batch_records},
		{"OTEL_METRIC_EXPORT_INTERVAL", 1, 60000,
		 &config->metric_interval_ms},
		{"OTEL_METRIC_EXPORT_TIMEOUT", 1, 30000,
		 &config->metric_timeout_ms},
	};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		*numbers[i].to =
			read_number(environment, numbers[i].name,
				    get(environment, numbers[i].name),
				    numbers[i].least, numbers[i].fallback);
	config->export_timeout_ms =
		logtap_otlp_number_limit(config->export_timeout_ms);
	config->may_join = !get(environment, "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE");
	if (config->max_batch_records > config->max_queue_records) {
		if (get(environment, "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE"))
			warn(environment,
			     "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE=%u: above "
			     "OTEL_BLRP_MAX_QUEUE_SIZE; using %u",
			     (unsigned)config->max_batch_records,
			     (unsigned)config->max_queue_records);
		config->max_batch_records = config->max_queue_records;
	}
}

static int read_path(char **to, const char *suffix,
		     const struct logtap_otlp_environment *environment)
{
	struct setting set = find(environment, suffix);
	if (!set.value)
		return 0;
	*to = strdup(set.value);
	return *to ? 0 : -ENOMEM;
}

static int read_files(struct logtap_otlp_config *config,
		      const struct logtap_otlp_environment *environment)
{
	int failed =
		read_path(&config->certificate, "CERTIFICATE", environment);
	if (!failed)
		failed = read_path(&config->client_key, "CLIENT_KEY",
				   environment);
	if (!failed)
		failed = read_path(&config->client_certificate,
				   "CLIENT_CERTIFICATE", environment);
	return failed;
}

struct bad_header {
	const struct logtap_otlp_environment *environment;
	const char *name;
};

static void bad_header(void *context, unsigned entry, const char *why)
{
	const struct bad_header *bad = context;
	warn(bad->environment, "%s: entry %u: %s; left out (value not shown)",
	     bad->name, entry, why);
}

static int read_headers(struct logtap_otlp_config *config,
			const struct logtap_otlp_environment *environment)
{
	struct setting set = find(environment, "HEADERS");
	struct bad_header bad = {environment, set.name};
	if (!set.value)
		return 0;
	return logtap_otlp_headers_parse(set.value, &config->headers,
					 &config->header_count, bad_header,
					 &bad);
}

int logtap_otlp_config_init(struct logtap_otlp_config *config,
			    const char *option_url,
			    const struct logtap_otlp_environment *environment,
			    char *error, size_t error_bytes)
{
	*config = (struct logtap_otlp_config){0};
	error[0] = 0;
	int failed = read_endpoint(config, option_url, environment, error,
				   error_bytes);
	if (!failed)
		failed = read_protocol(config, environment, error, error_bytes);
	if (!failed)
		failed = read_files(config, environment);
	if (!failed)
		failed = read_headers(config, environment);
	if (failed) {
		if (!error[0])
			snprintf(error, error_bytes,
				 "export by OTLP: configuration: %s; "
				 "free memory and start again",
				 strerror(-failed));
		logtap_otlp_config_deinit(config);
		return failed;
	}
	read_compression(config, environment);
	if (environment->metrics)
		check_temporality(environment);
	read_numbers(config, environment);
	return 0;
}

void logtap_otlp_config_deinit(struct logtap_otlp_config *config)
{
	free(config->url);
	free(config->name);
	free(config->certificate);
	free(config->client_key);
	free(config->client_certificate);
	logtap_otlp_headers_free(config->headers, config->header_count);
	*config = (struct logtap_otlp_config){0};
}
