/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The metrics registry: see the header.  Any thread. */
#include "metrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A row of what is told: one process, or the total. */
struct row {
	struct logtap_counts counts;
	uint64_t pending;
	size_t owner;
};

typedef uint64_t value_fn(const struct row *row);

static uint64_t settled(const struct row *row)
{
	return row->counts.value[LOGTAP_COUNT_JOURNALLED_CHUNKS] - row->pending;
}

static uint64_t in_rings(const struct row *row)
{
	return logtap_counts_in_flight(&row->counts);
}

static uint64_t in_journal(const struct row *row)
{
	return row->pending;
}

/* One line of the output: a family, and of it the sample with that label. */
static const struct metric {
	const char *name; /* behind logtap. or logtap.process.; NULL: of the
	                   * family before */
	const char *unit;
	const char *help;
	struct logtap_label label;
	enum logtap_count count; /* unless there is a function */
	value_fn *value;
	bool gauge;
	bool seconds;
} metrics[] = {
	{"produced_chunks", "{chunk}",
	 "Calls of programs whose bytes were captured",
	 .count = LOGTAP_COUNT_PRODUCED_CHUNKS},
	{"produced_bytes", "By", "Bytes that programs wrote and were captured",
	 .count = LOGTAP_COUNT_PRODUCED_BYTES},
	{"settled_chunks", "{chunk}",
	 "Chunks that every destination has delivered or refused",
	 .value = settled},
	{"dropped_chunks", "{chunk}", "Chunks that were lost, by reason",
	 .label = {"reason", "newest"}, .count = LOGTAP_COUNT_NEWEST_CHUNKS},
	{.label = {"reason", "nested"}, .count = LOGTAP_COUNT_NESTED_CHUNKS},
	{.label = {"reason", "oldest"}, .count = LOGTAP_COUNT_OLDEST_CHUNKS},
	{.label = {"reason", "quarantined"},
	 .count = LOGTAP_COUNT_QUARANTINED_CHUNKS},
	{.label = {"reason", "unfinished"},
	 .count = LOGTAP_COUNT_UNFINISHED_CHUNKS},
	{"in_flight_chunks", "{chunk}",
	 "Chunks on their way, by where they are", .label = {"place", "ring"},
	 .value = in_rings, .gauge = true},
	{.label = {"place", "journal"}, .value = in_journal, .gauge = true},
	{"journalled_chunks", "{chunk}",
	 "Chunks that the collector has taken over",
	 .count = LOGTAP_COUNT_JOURNALLED_CHUNKS},
	{"journalled_bytes", "By", "Bytes that the collector has taken over",
	 .count = LOGTAP_COUNT_JOURNALLED_BYTES},
	{"uncaptured_chunks", "{chunk}",
	 "Calls that found no place for their bytes",
	 .count = LOGTAP_COUNT_UNCAPTURED_CHUNKS},
	{"uncaptured_bytes", "By",
	 "Bytes of calls that found no place for them",
	 .count = LOGTAP_COUNT_UNCAPTURED_BYTES},
	{"gap_bytes", "By", "Bytes that are known to be missing in streams",
	 .count = LOGTAP_COUNT_GAP_BYTES},
	{"truncated_calls", "{call}", "Calls of which only a part was kept",
	 .count = LOGTAP_COUNT_TRUNCATED},
	{"reentrant_calls", "{call}",
	 "Calls from within the capture of another",
	 .count = LOGTAP_COUNT_REENTRANT},
	{"suppressed_calls", "{call}", "Calls that were not to be captured",
	 .count = LOGTAP_COUNT_SUPPRESSED},
	{"stale_guards", "{guard}",
	 "Guards that were left by a jump and cleared",
	 .count = LOGTAP_COUNT_STALE_GUARDS},
	{"grown_rings", "{ring}", "Rings that were made larger",
	 .count = LOGTAP_COUNT_GROWN},
	{"fallback_calls", "{call}",
	 "Diverted calls that wrote as without logtap",
	 .count = LOGTAP_COUNT_FALLBACK},
	{"blocked_seconds", "s", "Time that calls waited for room",
	 .count = LOGTAP_COUNT_BLOCKED_NS, .seconds = true},
	{"threads", "{thread}", "Threads that have logged",
	 .count = LOGTAP_COUNT_THREADS},
};

enum { METRICS = sizeof(metrics) / sizeof(metrics[0]) };

static void put_family(struct logtap_metric_set *to, const char *prefix,
		       const struct metric *metric)
{
	char name[64];
	const struct logtap_metric_family family = {
		.name = name,
		.help = metric->help,
		.unit = metric->unit,
		.counter = !metric->gauge,
		.form = metric->seconds ? LOGTAP_FORM_NANO : LOGTAP_FORM_COUNT,
	};

	snprintf(name, sizeof(name), "%s%s", prefix, metric->name);
	logtap_metric_set_family(to, &family);
}

static void put_row(struct logtap_metric_set *to, const struct metric *metric,
		    const struct row *row)
{
	logtap_metric_set_point(to, row->owner, &metric->label, 1,
				metric->value
					? metric->value(row)
					: row->counts.value[metric->count]);
}

static void put_rows(struct logtap_metric_set *to, const char *prefix,
		     const struct row *rows, size_t count)
{
	for (size_t i = 0, end; i < METRICS; i = end) {
		put_family(to, prefix, &metrics[i]);
		for (end = i + 1; end < METRICS && !metrics[end].name; end++)
			;
		for (size_t j = 0; j < count; j++)
			for (size_t k = i; k < end; k++)
				put_row(to, &metrics[k], &rows[j]);
	}
}

/* Takes the process off what is left for "others". */
static void subtract(struct row *others, const struct row *row)
{
	for (int i = 0; i < LOGTAP_COUNTS; i++)
		others->counts.value[i] -= row->counts.value[i];
	others->pending -= row->pending;
}

static size_t owner_of(struct logtap_metric_set *to, uint32_t pid,
		       uint64_t start_ticks, const char *comm)
{
	struct logtap_metric_owner owner = {.pid = pid,
					    .start_ticks = start_ticks};

	snprintf(owner.comm, sizeof(owner.comm), "%s", comm);
	return logtap_metric_set_owner(to, &owner);
}

static size_t fill_rows(struct logtap_metric_set *to,
			const struct logtap_account_snapshot *snapshot,
			struct row *rows)
{
	struct row others = {.counts = snapshot->total,
			     .pending = snapshot->pending_chunks};
	size_t count = 0;

	for (; count < snapshot->row_count; count++) {
		const struct logtap_account_row *from = &snapshot->rows[count];
		rows[count] = (struct row){
			.counts = from->counts,
			.pending = from->pending_chunks,
			.owner = owner_of(to, from->pid, from->start_ticks,
					  from->comm),
		};
		subtract(&others, &rows[count]);
	}
	if (snapshot->processes > snapshot->row_count) {
		others.owner = owner_of(to, 0, 0, "");
		rows[count++] = others;
	}
	return count;
}

static void put_one(struct logtap_metric_set *to, const char *name,
		    const char *unit, bool counter, const char *help,
		    uint64_t value)
{
	const struct logtap_metric_family family = {
		.name = name, .help = help, .unit = unit, .counter = counter};

	logtap_metric_set_family(to, &family);
	logtap_metric_set_point(to, LOGTAP_METRIC_COLLECTOR, NULL, 0, value);
}

static void put_chunks(struct logtap_metric_set *to,
		       const struct logtap_metrics_sources *sources)
{
	struct logtap_account_snapshot snapshot;

	logtap_accounting_settled(
		sources->accounting,
		logtap_journal_acknowledged(sources->journal));
	if (logtap_accounting_snapshot(sources->accounting, &snapshot)) {
		to->error = -ENOMEM;
		return;
	}
	struct row *rows = calloc(snapshot.row_count + 1, sizeof(*rows));
	const struct row total = {.counts = snapshot.total,
				  .pending = snapshot.pending_chunks};
	if (rows) {
		put_rows(to, "logtap.", &total, 1);
		put_rows(to, "logtap.process.", rows,
			 fill_rows(to, &snapshot, rows));
		put_one(to, "logtap.processes", "{process}", true,
			"Processes that were seen", snapshot.processes);
		put_one(to, "logtap.live_processes", "{process}", false,
			"Processes that are captured now",
			snapshot.live_processes);
	} else {
		to->error = -ENOMEM;
	}
	free(rows);
	logtap_account_snapshot_deinit(&snapshot);
}

/* The members of a destination's counts that are told. */
static const struct told {
	const char *name, *unit, *help;
	size_t offset;
	bool gauge;
} destinations[] = {
#define TOLD(member, name, unit, help, gauge)                                 \
	{                                                                     \
		name, unit, help,                                             \
			offsetof(struct logtap_exporter_stats, member), gauge \
	}
	TOLD(accepted, "accepted_records", "{record}", "Records handed to it",
	     0),
	TOLD(delivered, "delivered_records", "{record}", "Records it took", 0),
	TOLD(refused, "refused_records", "{record}", "Records it rejected", 0),
	TOLD(dropped, "dropped_records", "{record}", "Records given up", 0),
	TOLD(queued, "queued_records", "{record}", "Records that wait for it",
	     1),
	TOLD(batches, "batches", "{batch}", "Batches handed to it", 0),
	TOLD(retries, "retries", "{retry}", "Attempts after the first", 0),
	TOLD(bytes, "sent_bytes", "By", "Bytes before compression", 0),
#undef TOLD
};

static void put_destination(struct logtap_metric_set *to,
			    const struct told *told,
			    const struct logtap_exporter *exporter,
			    const struct logtap_exporter_stats *stats)
{
	char number[24];
	uint64_t value;

	memcpy(&value, (const char *)stats + told->offset, sizeof(value));
	snprintf(number, sizeof(number), "%u", exporter->index);
	const struct logtap_label labels[] = {
		{"number", number},
		{"kind", exporter->ops->kind},
		{"name", exporter->name},
	};
	logtap_metric_set_point(to, LOGTAP_METRIC_COLLECTOR, labels, 3, value);
}

static void put_destinations(struct logtap_metric_set *to,
			     struct logtap_dispatcher *dispatcher)
{
	size_t count = logtap_dispatcher_count(dispatcher);
	struct logtap_exporter_stats *stats = calloc(count + 1, sizeof(*stats));
	char name[64];

	if (!stats) {
		to->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < count; i++)
		logtap_dispatcher_stats(dispatcher, i, &stats[i]);
	for (size_t i = 0; i < sizeof(destinations) / sizeof(destinations[0]);
	     i++) {
		const struct told *told = &destinations[i];
		const struct logtap_metric_family family = {
			.name = name,
			.help = told->help,
			.unit = told->unit,
			.counter = !told->gauge};
		snprintf(name, sizeof(name), "logtap.destination.%s",
			 told->name);
		logtap_metric_set_family(to, &family);
		for (size_t j = 0; j < count; j++)
			put_destination(to, told,
					logtap_dispatcher_exporter(dispatcher,
								   j),
					&stats[j]);
	}
	free(stats);
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

	put_one(to, "logtap.logs.records", "{record}", true,
		"Records numbered for /logs", state.newest_seq);
	put_one(to, "logtap.logs.retained_records", "{record}", false,
		"Records that /logs can show", state.retained_records);
	put_one(to, "logtap.logs.retained_bytes", "By", false,
		"Memory of the records that /logs can show",
		state.retained_bytes);
	logtap_metric_set_family(to, &dropped);
	logtap_metric_set_point(to, LOGTAP_METRIC_COLLECTOR, &ingest, 1,
				state.dropped_on_ingest);
	logtap_metric_set_point(to, LOGTAP_METRIC_COLLECTOR, &retention, 1,
				state.dropped_on_retention);
}

static void put_program(struct logtap_metric_set *to,
			const struct logtap_user_metrics_snapshot *snapshot,
			const struct logtap_user_metric *metric)
{
	bool counter = metric->kind == LOGTAP_METRIC_COUNTER;
	const struct logtap_metric_family family = {
		.name = metric->name,
		.help = "",
		.unit = metric->unit,
		.counter = counter,
		.by_program = true,
		.form = counter ? LOGTAP_FORM_COUNT : LOGTAP_FORM_SIGNED,
	};

	logtap_metric_set_family(to, &family);
	for (size_t i = 0; i < metric->row_count; i++) {
		const struct logtap_user_metric_row *row =
			&snapshot->rows[metric->first_row + i];
		logtap_metric_set_point(
			to, owner_of(to, row->pid, row->start_ticks, row->comm),
			NULL, 0, row->value);
	}
}

static void put_programs(struct logtap_metric_set *to,
			 struct logtap_user_metrics *programs)
{
	struct logtap_user_metrics_snapshot snapshot;

	if (logtap_user_metrics_snapshot(programs, &snapshot)) {
		to->error = -ENOMEM;
		return;
	}
	put_one(to, "logtap.refused_metrics", "{metric}", true,
		"Metrics of programs for which there was no room",
		snapshot.refused);
	for (size_t i = 0; i < snapshot.metric_count; i++)
		put_program(to, &snapshot, &snapshot.metrics[i]);
	logtap_user_metrics_snapshot_deinit(&snapshot);
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

/* What is measured of each loop that goes on; what is not is left out. */
static void put_loop_figures(struct logtap_metric_set *to,
			     struct logtap_loops *loops)
{
	static const struct {
		const char *name, *unit, *help;
		size_t offset;
		bool may_be_0;
	} families[] = {
		{"logtap.loop.records_per_export", "{record}",
		 "Records of a loop that one export causes (k)",
		 offsetof(struct logtap_loops_figures, k), false},
		{"logtap.loop.exported_records", "{record}",
		 "Records that one export of a loop carries (B)",
		 offsetof(struct logtap_loops_figures, b), false},
		{"logtap.loop.gain", "1",
		 "Records that each record of a loop causes (k by B)",
		 offsetof(struct logtap_loops_figures, gain), false},
		{"logtap.loop.byte_gain", "1",
		 "How much a text grows each time it comes back",
		 offsetof(struct logtap_loops_figures, byte_gain), false},
		{"logtap.loop.idle_exports", "{export}/s",
		 "Exports a second while the application is silent",
		 offsetof(struct logtap_loops_figures, idle_per_s), true},
	};
	struct logtap_loops_figures figures[LOGTAP_LOOPS_FIGURES];
	size_t count = logtap_loops_figures(loops, figures);

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		const struct logtap_metric_family family = {
			.name = families[i].name,
			.help = families[i].help,
			.unit = families[i].unit,
			.form = LOGTAP_FORM_NANO};
		logtap_metric_set_family(to, &family);
		for (size_t j = 0; j < count; j++) {
			char number[16];
			double value;
			memcpy(&value,
			       (const char *)&figures[j] + families[i].offset,
			       sizeof(value));
			if (!(value > 0) && !families[i].may_be_0)
				continue;
			snprintf(number, sizeof(number), "%u",
				 figures[j].number);
			const struct logtap_label labels[] = {
				{"loop", number}, {"class", figures[j].class}};
			logtap_metric_set_point(to, LOGTAP_METRIC_COLLECTOR,
						labels, 2,
						(uint64_t)(value * 1e9));
		}
	}
}

static void put_loops(struct logtap_metric_set *to, struct logtap_loops *loops)
{
	static const char *const names[] = {"", "suspected", "likely",
					    "confirmed"};
	const struct logtap_metric_family found = {
		.name = "logtap.loops",
		.help = "Feedback loops that are at least so sure",
		.unit = "{loop}"};
	struct logtap_loops_stats stats;

	logtap_metric_set_family(to, &found);
	for (int i = LOGTAP_LOOPS_SUSPECTED; i <= LOGTAP_LOOPS_CONFIRMED; i++) {
		const struct logtap_label label = {"confidence", names[i]};
		logtap_metric_set_point(
			to, LOGTAP_METRIC_COLLECTOR, &label, 1,
			logtap_loops_count(loops,
					   (enum logtap_loops_confidence)i));
	}
	logtap_loops_stats(loops, &stats);
	put_one(to, "logtap.loops.records", "{record}", true,
		"Records of feedback loops", stats.records);
	put_one(to, "logtap.loops.suppressed_records", "{record}", true,
		"Records of feedback loops that were left out",
		stats.suppressed);
	put_one(to, "logtap.loops.hop_limit_records", "{record}", true,
		"Records left out that came through too many collectors",
		stats.hop_drops);
	put_loop_figures(to, loops);
}

int logtap_metrics_collect(const struct logtap_metrics_sources *sources,
			   struct logtap_metric_set *out)
{
	struct timespec now;

	*out = (struct logtap_metric_set){.start_ns = sources->start_ns};
	put_build(out);
	put_chunks(out, sources);
	put_destinations(out, sources->dispatcher);
	if (sources->logs)
		put_logs(out, sources->logs);
	if (sources->loops)
		put_loops(out, sources->loops);
	if (sources->programs)
		put_programs(out, sources->programs);
	clock_gettime(CLOCK_REALTIME, &now);
	out->time_ns =
		(uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	int error = out->error;
	if (error)
		logtap_metric_set_deinit(out);
	return error;
}
