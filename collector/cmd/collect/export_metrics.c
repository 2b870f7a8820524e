/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The export of metrics: whether, from what, and its word in the status.  Main
 * thread. */
#include "../../base/clock.h"
#include "../../export/metrics_exporter.h"
#include "collector.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The last values are not worth more of anybody's time. */
#define LAST_NS UINT64_C(5000000000)

int logtap_collector_open_metrics(struct logtap_collector *collector,
				  char *error, size_t error_bytes)
{
	const char *url = collector->options.otlp_metrics;
	struct logtap_otlp_config config;
	struct logtap_metrics_sources sources = {
		.accounting = collector->accounting,
		.journal = collector->journal,
		.dispatcher = collector->dispatcher,
		.logs = collector->logs,
		.loops = collector->loops,
		.programs = collector->metrics,
	};
	struct timespec now;

	if (!url && !logtap_otlp_metrics_wanted(&logtap_otlp_process_metrics))
		return 0;
	int result =
		logtap_collect_otlp_config(&config, &collector->options, url,
					   &logtap_otlp_process_metrics, error,
					   error_bytes);
	if (result)
		return result;
	clock_gettime(CLOCK_REALTIME, &now);
	sources.start_ns =
		(uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	collector->resources = logtap_resources_new();
	if (!collector->resources) {
		logtap_otlp_config_deinit(&config);
		snprintf(error, error_bytes, "collect: out of memory");
		return -ENOMEM;
	}
	return logtap_metrics_exporter_new(&config, &sources,
					   collector->resources,
					   &collector->metrics_exporter, error,
					   error_bytes);
}

void logtap_collector_last_metrics(struct logtap_collector *collector,
				   uint64_t deadline_ns)
{
	uint64_t last_ns = logtap_clock_monotonic_ns() + LAST_NS;

	if (collector->metrics_exporter)
		logtap_metrics_exporter_stop(collector->metrics_exporter,
					     deadline_ns < last_ns ? deadline_ns
								   : last_ns);
}

void logtap_collector_close_metrics(struct logtap_collector *collector)
{
	logtap_metrics_exporter_free(collector->metrics_exporter);
	logtap_resources_free(collector->resources);
}

json_t *logtap_collector_metrics_export(struct logtap_collector *collector)
{
	struct logtap_metrics_exporter_stats stats;

	if (!collector->metrics_exporter)
		return NULL;
	logtap_metrics_exporter_stats(collector->metrics_exporter, &stats);
	return json_pack(
		"{s:s, s:I, s:I, s:I, s:I, s:s}", "name",
		logtap_metrics_exporter_name(collector->metrics_exporter),
		"exports", (json_int_t)stats.exports, "failed",
		(json_int_t)stats.failed, "points", (json_int_t)stats.points,
		"rejected", (json_int_t)stats.rejected, "last_error",
		stats.last_error);
}
