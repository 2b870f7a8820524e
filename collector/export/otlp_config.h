/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How OTLP is exported: the --otlp option, the OTEL_EXPORTER_OTLP_*, OTEL_BLRP_*
 * and OTEL_METRIC_* environment, and the specification's defaults.
 *
 * Command line > OTEL_EXPORTER_OTLP_LOGS_X (or METRICS) > OTEL_EXPORTER_OTLP_X >
 * default.
 * An empty value is as good as unset.  A value that cannot be used is reported
 * with what is used instead, except where guessing would send logs to a place
 * nobody named: a bad endpoint or a protocol that is not built in is an error.
 * Pure functions: the environment and the warnings go through callbacks.
 */
#ifndef LOGTAP_EXPORT_OTLP_CONFIG_H
#define LOGTAP_EXPORT_OTLP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tap.h"

enum logtap_otlp_protocol {
	LOGTAP_OTLP_PROTOBUF,
	LOGTAP_OTLP_JSON,
};

struct logtap_otlp_header {
	char *name;
	char *value; /* percent-decoded; a secret: never shown */
};

struct logtap_otlp_config {
	char *url;  /* where batches are POSTed */
	char *name; /* the URL without credentials and query, for messages */
	enum logtap_otlp_protocol protocol;
	bool gzip;
	struct logtap_otlp_header *headers;
	size_t header_count;
	char *certificate;	  /* CA bundle, PEM; NULL: the system's */
	char *client_key;	  /* PEM; NULL: none */
	char *client_certificate; /* PEM; NULL: none */
	uint32_t timeout_ms;	  /* of one request; 0: none */
	uint32_t schedule_delay_ms;
	uint32_t export_timeout_ms; /* to deliver what is left at the end */
	uint32_t max_queue_records;
	uint32_t max_batch_records; /* never above max_queue_records */
	/* Nobody chose that number: batches that wait may go out together. */
	bool may_join;
	uint32_t metric_interval_ms;
	uint32_t metric_timeout_ms; /* of one export with its retries */
	/* Not of the environment: who looks at requests, borrowed; NULL: nobody. */
	const struct logtap_export_tap *tap;
};

/* Where values and warnings come from and go to. */
struct logtap_otlp_environment {
	/* As getenv(3). */
	const char *(*get)(void *context, const char *name);
	/* @text: one line, without secrets. */
	void (*warn)(void *context, const char *text);
	void *context;
	bool metrics; /* what is exported: else logs */
};

/* The process's own environment; warnings go to the collector's log. */
extern const struct logtap_otlp_environment logtap_otlp_process_environment,
	logtap_otlp_process_metrics;

/* True if the environment names an endpoint for logs and OTEL_SDK_DISABLED
 * is not true: without an output on the command line logs go there. */
bool logtap_otlp_wanted(const struct logtap_otlp_environment *environment);

/* True if it asks for metrics: OTEL_METRICS_EXPORTER=otlp, or an endpoint of
 * their own.  Who only names an endpoint for all signals has a receiver of logs
 * that need not take metrics. */
bool logtap_otlp_metrics_wanted(
	const struct logtap_otlp_environment *environment);

/**
 * logtap_otlp_config_init() - work out one destination's configuration
 * @config:     filled; owned by the caller: logtap_otlp_config_deinit()
 * @option_url: of --otlp; v1/logs is appended if it has no path.  NULL: the
 *              environment's endpoint, or http://localhost:4318/v1/logs
 *              (of metrics: --otlp-metrics, v1/metrics)
 * @error:      on failure: what, where, why and what next
 * Return: 0, -EINVAL, -EPROTONOSUPPORT or -ENOMEM; @config is then empty.
 */
int logtap_otlp_config_init(struct logtap_otlp_config *config,
			    const char *option_url,
			    const struct logtap_otlp_environment *environment,
			    char *error, size_t error_bytes);
void logtap_otlp_config_deinit(struct logtap_otlp_config *config);

#endif
