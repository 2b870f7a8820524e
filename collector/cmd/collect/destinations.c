/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where a collector's records go: each destination that was asked for, and the
 * limits of their batches.  Main thread. */
#include "collector.h"

#include "../../base/log.h"
#include "../../export/otlp_http.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* With what else is said of 512 records less than the mebibyte that proxies
 * take by default: a batch that is too large is refused as a whole. */
enum { OTLP_BYTES = 512 << 10 };

static int add(struct logtap_collector *collector,
	       struct logtap_exporter *exporter, char *error,
	       size_t error_bytes)
{
	int result = logtap_dispatcher_add(collector->dispatcher, exporter);
	if (result) {
		snprintf(error, error_bytes,
			 "collect: %s: too many destinations; name fewer",
			 exporter->name);
		exporter->ops->free(exporter);
	}
	return result;
}

static int add_otlp(struct logtap_collector *collector, const char *url,
		    struct logtap_batch_limits *limits, char *error,
		    size_t error_bytes)
{
	struct logtap_otlp_config config;
	struct logtap_exporter *exporter;
	int result =
		logtap_collect_otlp_config(&config, &collector->options, url,
					   &logtap_otlp_process_environment,
					   error, error_bytes);
	if (result)
		return result;
	uint64_t delay_ns = (uint64_t)config.schedule_delay_ms * 1000000;
	uint64_t export_ns = (uint64_t)config.export_timeout_ms * 1000000;
	if (!limits->records || config.max_batch_records < limits->records)
		limits->records = config.max_batch_records;
	if (delay_ns < limits->age_ns)
		limits->age_ns = delay_ns ? delay_ns : 1; /* 0: the default */
	if (export_ns > collector->export_ns)
		collector->export_ns = export_ns;
	if (collector->loops)
		config.tap = &collector->export_tap;
	result = logtap_otlp_exporter_new(&config, &exporter, error,
					  error_bytes);
	return result ? result : add(collector, exporter, error, error_bytes);
}

static int add_file(struct logtap_collector *collector, char *error,
		    size_t error_bytes)
{
	struct logtap_exporter *exporter;
	struct logtap_file_options options = {
		.path = collector->options.output,
		.overwrite =
			collector->options.force && !collector->options.resume,
		/* A session's file is its own; a service goes on. */
		.append = collector->options.resume ||
			  (!collector->options.force &&
			   collector->session_fd < 0),
		.resume = collector->options.resume,
	};
	int result = logtap_file_exporter_new(&options, &exporter, error,
					      error_bytes);
	return result ? result : add(collector, exporter, error, error_bytes);
}

static int add_console(struct logtap_collector *collector, char *error,
		       size_t error_bytes)
{
	struct logtap_exporter *exporter;
	int result = logtap_console_exporter_new(
		collector->options.console_out ? STDOUT_FILENO : STDERR_FILENO,
		&exporter);
	if (result) {
		snprintf(error, error_bytes, "collect: --console: %s",
			 strerror(-result));
		return result;
	}
	return add(collector, exporter, error, error_bytes);
}

/* What the admin endpoint shows is a destination like the others. */
static int add_registry(struct logtap_collector *collector, char *error,
			size_t error_bytes)
{
	const struct logtap_logs_limits limits = {
		.records = (size_t)collector->options.admin_records,
		.bytes = (size_t)collector->options.admin_bytes,
	};
	struct logtap_exporter *exporter;
	int result = logtap_logs_new(&limits, &collector->logs);
	if (!result)
		result = logtap_registry_exporter_new(collector->logs,
						      &exporter);
	if (result) {
		snprintf(error, error_bytes, "collect: --admin: %s",
			 strerror(-result));
		return result;
	}
	return add(collector, exporter, error, error_bytes);
}

/* Counts what goes out; the destinations do not see it differently. */
static void count_and_submit(void *context, struct logtap_batch *batch)
{
	struct logtap_collector *collector = context;
	if (collector->closed) {
		logtap_batch_unref(batch);
		return;
	}
	const uint64_t *severities = logtap_batch_severities(batch);
	collector->records += logtap_batch_records(batch);
	for (int i = 0; i < LOGTAP_SEVERITY_CLASSES; i++)
		collector->severities[i] += severities[i];
	if (collector->resources)
		logtap_resources_note(collector->resources, batch);
	if (collector->loops)
		logtap_loops_submit(collector->loops, batch);
	logtap_dispatcher_submit(collector->dispatcher, batch);
}

int logtap_collector_add_destinations(struct logtap_collector *collector,
				      char *error, size_t error_bytes)
{
	const struct logtap_collect_options *options = &collector->options;
	struct logtap_batch_limits limits = {.age_ns = 250 * 1000000u};
	int result =
		logtap_collect_check(options, error, error_bytes) ? 0 : -EINVAL;
	if (options->otlp.count) {
		limits.age_ns = UINT64_C(5000000000);
		limits.bytes = OTLP_BYTES;
	}
	for (size_t i = 0; !result && i < options->otlp.count; i++)
		result = add_otlp(collector, options->otlp.items[i], &limits,
				  error, error_bytes);
	if (!result && options->output)
		result = add_file(collector, error, error_bytes);
	if (!result && options->console)
		result = add_console(collector, error, error_bytes);
	if (!result && options->admin)
		result = add_registry(collector, error, error_bytes);
	if (result)
		return result;
	if (!options->otlp.count)
		collector->export_ns = options->patience_ns
					       ? options->patience_ns
					       : UINT64_C(30000000000);
	collector->batcher =
		logtap_batcher_new(&limits, count_and_submit, collector);
	if (collector->batcher)
		return 0;
	snprintf(error, error_bytes, "collect: %s", strerror(ENOMEM));
	return -ENOMEM;
}
