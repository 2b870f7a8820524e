/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives the OTLP exporter as the collector does, for the cases that test it:
 * configuration from --otlp and the environment, batches through a batcher and
 * a dispatcher, and no more of them while the destination is full.
 *
 *     otlp_push [--otlp URL]... [--stop-ms MS]
 *
 * Commands on standard input, each answered by one line on standard output:
 *     push N     appends N records ("record 0", "record 1", ...): "pushed"
 *     settle     waits until every batch is settled: the counts, as JSON
 *     counts     the counts as they are
 *     full       "true" or "false"
 * At the end of the input the exporters are stopped, with the time of --stop-ms
 * to deliver what is left; the last line is the counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../collector/base/clock.h"
#include "../../collector/export/batch.h"
#include "../../collector/export/otlp_http.h"

static struct logtap_dispatcher *dispatcher;
static struct logtap_batcher *batcher;
static unsigned long pushed;

static void breathe(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static bool push(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		char body[64];
		int bytes = snprintf(body, sizeof(body), "record %lu", pushed);
		struct timespec now;
		clock_gettime(CLOCK_REALTIME, &now);
		struct logtap_record record = {
			.observed_ns = (uint64_t)now.tv_sec * 1000000000 +
				       (uint64_t)now.tv_nsec,
			.severity = 9,
			.severity_text = "INFO",
			.body = body,
			.body_bytes = (size_t)bytes,
			.position = pushed++,
		};
		while (logtap_dispatcher_full(dispatcher))
			breathe();
		if (logtap_batcher_append(batcher, &record))
			return false;
	}
	logtap_batcher_flush(batcher, 0, true);
	puts("pushed");
	return true;
}

static void print_counts(void)
{
	putchar('[');
	for (size_t i = 0; i < logtap_dispatcher_count(dispatcher); i++) {
		struct logtap_exporter_stats stats;
		logtap_dispatcher_stats(dispatcher, i, &stats);
		printf("%s{\"accepted\":%lu,\"delivered\":%lu,\"refused\":%lu,"
		       "\"dropped\":%lu,\"queued\":%lu,\"batches\":%lu,"
		       "\"retries\":%lu,\"bytes\":%lu,\"error\":\"",
		       i ? "," : "", stats.accepted, stats.delivered,
		       stats.refused, stats.dropped, stats.queued,
		       stats.batches, stats.retries, stats.bytes);
		for (const char *at = stats.last_error; *at; at++)
			putchar(*at == '"' || *at == '\\' ? '\'' : *at);
		printf("\"}");
	}
	puts("]");
}

static bool obey(const char *command)
{
	unsigned long count;
	if (sscanf(command, "push %lu", &count) == 1)
		return push(count);
	if (!strcmp(command, "settle\n")) {
		while (logtap_dispatcher_floor(dispatcher) != UINT64_MAX)
			breathe();
		print_counts();
		return true;
	}
	if (!strcmp(command, "counts\n")) {
		print_counts();
		return true;
	}
	if (!strcmp(command, "full\n")) {
		puts(logtap_dispatcher_full(dispatcher) ? "true" : "false");
		return true;
	}
	fprintf(stderr, "otlp_push: no such command: %s", command);
	return false;
}

static bool add(const char *url, struct logtap_batch_limits *limits)
{
	struct logtap_otlp_config config;
	struct logtap_exporter *exporter;
	char error[512];
	if (logtap_otlp_config_init(&config, url,
				    &logtap_otlp_process_environment, error,
				    sizeof(error))) {
		fprintf(stderr, "otlp_push: %s\n", error);
		return false;
	}
	limits->records = config.max_batch_records;
	if (logtap_otlp_exporter_new(&config, &exporter, error,
				     sizeof(error))) {
		fprintf(stderr, "otlp_push: %s\n", error);
		return false;
	}
	return logtap_dispatcher_add(dispatcher, exporter) == 0;
}

int main(int argc, char **argv)
{
	uint64_t stop_ms = 5000;
	struct logtap_batch_limits limits = {0};
	char command[128];
	bool good = true;
	dispatcher = logtap_dispatcher_new();
	for (int i = 1; good && i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--otlp"))
			good = add(argv[i + 1], &limits);
		else
			stop_ms = strtoul(argv[i + 1], NULL, 10);
	}
	if (good && !logtap_dispatcher_count(dispatcher))
		good = add(NULL, &limits);
	batcher = logtap_batcher_new(&limits, logtap_dispatcher_submit,
				     dispatcher);
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (good && fgets(command, sizeof(command), stdin))
		good = obey(command);
	logtap_dispatcher_stop(dispatcher,
			       logtap_clock_monotonic_ns() + stop_ms * 1000000);
	print_counts();
	logtap_batcher_free(batcher);
	logtap_dispatcher_free(dispatcher);
	return good ? 0 : 1;
}
