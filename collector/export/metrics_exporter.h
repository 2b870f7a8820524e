/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Exports metrics by OTLP over HTTP: all of them, every
 * OTEL_METRIC_EXPORT_INTERVAL and once more at the end.
 *
 * One thread of its own; a receiver that is slow or gone delays nobody.  What
 * could not be sent is not kept: sums are since the start, so the next export
 * tells it all.
 */
#ifndef LOGTAP_EXPORT_METRICS_EXPORTER_H
#define LOGTAP_EXPORT_METRICS_EXPORTER_H

#include "../registry/metrics.h"
#include "../registry/resources.h"
#include "otlp_config.h"

struct logtap_metrics_exporter;

struct logtap_metrics_exporter_stats {
	uint64_t exports; /* that the receiver took */
	uint64_t failed;
	uint64_t points;   /* that it took */
	uint64_t rejected; /* of the exports that it took */
	char last_error[256];
};

/**
 * logtap_metrics_exporter_new() - start exporting
 * @config:    taken over, also after an error
 * @sources, @resources: copied, borrowed
 * Return: 0, or a negative errno value with @error.
 */
int logtap_metrics_exporter_new(struct logtap_otlp_config *config,
				const struct logtap_metrics_sources *sources,
				struct logtap_resources *resources,
				struct logtap_metrics_exporter **out,
				char *error, size_t error_bytes);
/* Exports for the last time, by @deadline_ns (CLOCK_MONOTONIC). */
void logtap_metrics_exporter_stop(struct logtap_metrics_exporter *exporter,
				  uint64_t deadline_ns);
/* Stops at once, unless it has.  NULL is nothing. */
void logtap_metrics_exporter_free(struct logtap_metrics_exporter *exporter);

/* For people. */
const char *logtap_metrics_exporter_name(
	const struct logtap_metrics_exporter *exporter);
/* Any thread. */
void logtap_metrics_exporter_stats(struct logtap_metrics_exporter *exporter,
				   struct logtap_metrics_exporter_stats *out);

#endif
