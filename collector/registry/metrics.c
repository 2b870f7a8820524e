/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The metrics registry: see the header.  Any thread. */
#include "metrics_private.h"

#include <stdio.h>
#include <time.h>

size_t logtap_metrics_owner(struct logtap_metric_set *to, uint32_t pid,
			    uint64_t start_ticks, const char *comm)
{
	struct logtap_metric_owner owner = {.pid = pid,
					    .start_ticks = start_ticks};

	snprintf(owner.comm, sizeof(owner.comm), "%s", comm);
	return logtap_metric_set_owner(to, &owner);
}

void logtap_metrics_put_one(struct logtap_metric_set *to, const char *name,
			    const char *unit, bool counter, const char *help,
			    uint64_t value)
{
	const struct logtap_metric_family family = {
		.name = name, .help = help, .unit = unit, .counter = counter};

	logtap_metric_set_family(to, &family);
	logtap_metric_set_point(to, LOGTAP_METRIC_COLLECTOR, NULL, 0, value);
}

static void put_build(struct logtap_metric_set *to)
{
	const struct logtap_label version = {"version", LOGTAP_VERSION};
	const struct logtap_metric_family family = {
		.name = "logtap.build_info",
		.help = "The collector that tells this",
		.unit = ""};

	logtap_metric_set_family(to, &family);
	logtap_metric_set_point(to, LOGTAP_METRIC_COLLECTOR, &version, 1, 1);
}

static void put_logs(struct logtap_metric_set *to, struct logtap_logs *logs)
{
	struct logtap_logs_state state = logtap_logs_state(logs);
	const struct logtap_label ingest = {"reason", "ingest"};
	const struct logtap_label retention = {"reason", "retention"};
	const struct logtap_metric_family dropped = {
		.name = "logtap.logs.dropped_records",
		.help = "Records that /logs cannot show",
		.unit = "{record}",
		.counter = true};

	logtap_metrics_put_one(to, "logtap.logs.records", "{record}", true,
			       "Records numbered for /logs", state.newest_seq);
	logtap_metrics_put_one(to, "logtap.logs.retained_records", "{record}",
			       false, "Records that /logs can show",
			       state.retained_records);
	logtap_metrics_put_one(to, "logtap.logs.retained_bytes", "By", false,
			       "Memory of the records that /logs can show",
			       state.retained_bytes);
	logtap_metric_set_family(to, &dropped);
	logtap_metric_set_point(to, LOGTAP_METRIC_COLLECTOR, &ingest, 1,
				state.dropped_on_ingest);
	logtap_metric_set_point(to, LOGTAP_METRIC_COLLECTOR, &retention, 1,
				state.dropped_on_retention);
}

int logtap_metrics_collect(const struct logtap_metrics_sources *sources,
			   struct logtap_metric_set *out)
{
	struct timespec now;

	*out = (struct logtap_metric_set){.start_ns = sources->start_ns};
	put_build(out);
	logtap_metrics_put_chunks(out, sources);
	logtap_metrics_put_destinations(out, sources->dispatcher);
	if (sources->logs)
		put_logs(out, sources->logs);
	if (sources->loops)
		logtap_metrics_put_loops(out, sources->loops);
	if (sources->programs)
		logtap_metrics_put_programs(out, sources->programs);
	clock_gettime(CLOCK_REALTIME, &now);
	out->time_ns =
		(uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	int error = out->error;
	if (error)
		logtap_metric_set_deinit(out);
	return error;
}
