/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of chunks: in total, and by process, from one snapshot.  Any
 * thread. */
#include "metrics_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

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
	{"unknown_chunks", "{chunk}",
	 "Chunks that were delivered or lost by a collector that was killed "
	 "when its journal was in memory",
	 .count = LOGTAP_COUNT_UNKNOWN_CHUNKS},
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
			.owner = logtap_metrics_owner(
				to, from->pid, from->start_ticks, from->comm),
		};
		subtract(&others, &rows[count]);
	}
	if (snapshot->processes > snapshot->row_count) {
		others.owner = logtap_metrics_owner(to, 0, 0, "");
		rows[count++] = others;
	}
	return count;
}

void logtap_metrics_put_chunks(struct logtap_metric_set *to,
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
		logtap_metrics_put_one(to, "logtap.processes", "{process}",
				       true, "Processes that were seen",
				       snapshot.processes);
		logtap_metrics_put_one(to, "logtap.live_processes", "{process}",
				       false, "Processes that are captured now",
				       snapshot.live_processes);
	} else {
		to->error = -ENOMEM;
	}
	free(rows);
	logtap_account_snapshot_deinit(&snapshot);
}
