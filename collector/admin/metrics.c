/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /metrics: what every program produced and what became of it.  The endpoint's
 * thread.
 *
 * All that is told of chunks comes from one snapshot, so that at every scrape,
 * for each process and in total,
 *
 *     produced = settled + dropped + in flight
 *
 * and the totals are the sums over processes; those that have ended long ago
 * share the row of process "others".
 */
#include "exposition.h"
#include "request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A row of what is written: one process, or the total. */
struct row {
	struct logtap_counts counts;
	uint64_t pending;
	bool is_process;
	char pid[16], start[24];
	char name[LOGTAP_SLOT_NAME_BYTES + 1];
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
	const char *name; /* behind logtap_ or logtap_process_; NULL: of the
	                   * family before */
	const char *help;
	struct logtap_label label;
	enum logtap_count count; /* unless there is a function */
	value_fn *value;
	bool gauge;
	bool seconds;
} metrics[] = {
	{"produced_chunks", "Calls of programs whose bytes were captured",
	 .count = LOGTAP_COUNT_PRODUCED_CHUNKS},
	{"produced_bytes", "Bytes that programs wrote and were captured",
	 .count = LOGTAP_COUNT_PRODUCED_BYTES},
	{"settled_chunks",
	 "Chunks that every destination has delivered or refused",
	 .value = settled},
	{"dropped_chunks", "Chunks that were lost, by reason",
	 .label = {"reason", "newest"}, .count = LOGTAP_COUNT_NEWEST_CHUNKS},
	{.label = {"reason", "nested"}, .count = LOGTAP_COUNT_NESTED_CHUNKS},
	{.label = {"reason", "oldest"}, .count = LOGTAP_COUNT_OLDEST_CHUNKS},
	{.label = {"reason", "quarantined"},
	 .count = LOGTAP_COUNT_QUARANTINED_CHUNKS},
	{.label = {"reason", "unfinished"},
	 .count = LOGTAP_COUNT_UNFINISHED_CHUNKS},
	{"in_flight_chunks", "Chunks on their way, by where they are",
	 .label = {"place", "ring"}, .value = in_rings, .gauge = true},
	{.label = {"place", "journal"}, .value = in_journal, .gauge = true},
	{"journalled_chunks", "Chunks that the collector has taken over",
	 .count = LOGTAP_COUNT_JOURNALLED_CHUNKS},
	{"journalled_bytes", "Bytes that the collector has taken over",
	 .count = LOGTAP_COUNT_JOURNALLED_BYTES},
	{"uncaptured_chunks", "Calls that found no place for their bytes",
	 .count = LOGTAP_COUNT_UNCAPTURED_CHUNKS},
	{"uncaptured_bytes", "Bytes of calls that found no place for them",
	 .count = LOGTAP_COUNT_UNCAPTURED_BYTES},
	{"gap_bytes", "Bytes that are known to be missing in streams",
	 .count = LOGTAP_COUNT_GAP_BYTES},
	{"truncated_calls", "Calls of which only a part was kept",
	 .count = LOGTAP_COUNT_TRUNCATED},
	{"reentrant_calls", "Calls from within the capture of another",
	 .count = LOGTAP_COUNT_REENTRANT},
	{"suppressed_calls", "Calls that were not to be captured",
	 .count = LOGTAP_COUNT_SUPPRESSED},
	{"stale_guards", "Guards that were left by a jump and cleared",
	 .count = LOGTAP_COUNT_STALE_GUARDS},
	{"grown_rings", "Rings that were made larger",
	 .count = LOGTAP_COUNT_GROWN},
	{"fallback_calls", "Diverted calls that wrote as without logtap",
	 .count = LOGTAP_COUNT_FALLBACK},
	{"blocked_seconds", "Time that calls waited for room",
	 .count = LOGTAP_COUNT_BLOCKED_NS, .seconds = true},
	{"threads", "Threads that have logged", .count = LOGTAP_COUNT_THREADS},
};

enum { METRICS = sizeof(metrics) / sizeof(metrics[0]) };

static void put_row(struct logtap_exposition *to, const struct metric *metric,
		    const struct row *row)
{
	const struct logtap_label labels[] = {
		{row->is_process ? "pid" : NULL, row->pid},
		{row->is_process ? "start_ticks" : NULL, row->start},
		{row->is_process ? "name" : NULL, row->name},
		metric->label,
	};
	size_t count = sizeof(labels) / sizeof(labels[0]);
	uint64_t value = metric->value ? metric->value(row)
				       : row->counts.value[metric->count];

	if (metric->seconds)
		logtap_exposition_seconds(to, labels, count, value);
	else
		logtap_exposition_sample(to, labels, count, value);
}

static void put_rows(struct logtap_exposition *to, const char *prefix,
		     const struct row *rows, size_t count)
{
	char name[64];

	for (size_t i = 0, end; i < METRICS; i = end) {
		snprintf(name, sizeof(name), "%s%s", prefix, metrics[i].name);
		logtap_exposition_family(to, name, !metrics[i].gauge,
					 metrics[i].help);
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

static size_t fill_rows(const struct logtap_account_snapshot *snapshot,
			struct row *rows)
{
	struct row others = {.counts = snapshot->total,
			     .pending = snapshot->pending_chunks,
			     .is_process = true,
			     .pid = "others",
			     .start = "0"};
	size_t count = 0;

	for (; count < snapshot->row_count; count++) {
		const struct logtap_account_row *from = &snapshot->rows[count];
		struct row *row = &rows[count];
		row->counts = from->counts;
		row->pending = from->pending_chunks;
		row->is_process = true;
		snprintf(row->pid, sizeof(row->pid), "%u", from->pid);
		snprintf(row->start, sizeof(row->start), "%llu",
			 (unsigned long long)from->start_ticks);
		memcpy(row->name, from->comm, sizeof(row->name));
		subtract(&others, row);
	}
	if (snapshot->processes > snapshot->row_count)
		rows[count++] = others;
	return count;
}

static void put_one(struct logtap_exposition *to, const char *name,
		    bool counter, const char *help, uint64_t value)
{
	logtap_exposition_family(to, name, counter, help);
	logtap_exposition_sample(to, NULL, 0, value);
}

static int put_chunks(struct logtap_exposition *to, struct logtap_admin *admin)
{
	struct logtap_account_snapshot snapshot;

	logtap_accounting_settled(
		admin->options.accounting,
		logtap_journal_acknowledged(admin->options.journal));
	int error = logtap_accounting_snapshot(admin->options.accounting,
					       &snapshot);
	if (error)
		return error;
	struct row *rows = calloc(snapshot.row_count + 1, sizeof(*rows));
	if (rows) {
		struct row total = {.counts = snapshot.total,
				    .pending = snapshot.pending_chunks};
		put_rows(to, "logtap_", &total, 1);
		put_rows(to, "logtap_process_", rows,
			 fill_rows(&snapshot, rows));
		put_one(to, "logtap_processes", true,
			"Processes that were seen", snapshot.processes);
		put_one(to, "logtap_live_processes", false,
			"Processes that are captured now",
			snapshot.live_processes);
	}
	free(rows);
	logtap_account_snapshot_deinit(&snapshot);
	return rows ? 0 : -ENOMEM;
}

static void put_destinations(struct logtap_exposition *to,
			     struct logtap_dispatcher *dispatcher)
{
	static const struct {
		const char *name, *help;
		size_t offset;
		bool gauge;
	} families[] = {
#define FAMILY(member, name, help, gauge) \
	{name, help, offsetof(struct logtap_exporter_stats, member), gauge}
		FAMILY(accepted, "accepted_records", "Records handed to it", 0),
		FAMILY(delivered, "delivered_records", "Records it took", 0),
		FAMILY(refused, "refused_records", "Records it rejected", 0),
		FAMILY(dropped, "dropped_records", "Records given up", 0),
		FAMILY(queued, "queued_records", "Records that wait for it", 1),
		FAMILY(batches, "batches", "Batches handed to it", 0),
		FAMILY(retries, "retries", "Attempts after the first", 0),
		FAMILY(bytes, "sent_bytes", "Bytes before compression", 0),
#undef FAMILY
	};
	size_t count = logtap_dispatcher_count(dispatcher);
	char name[64], number[24];

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		snprintf(name, sizeof(name), "logtap_destination_%s",
			 families[i].name);
		logtap_exposition_family(to, name, !families[i].gauge,
					 families[i].help);
		for (size_t j = 0; j < count; j++) {
			const struct logtap_exporter *exporter =
				logtap_dispatcher_exporter(dispatcher, j);
			struct logtap_exporter_stats stats;
			uint64_t value;
			logtap_dispatcher_stats(dispatcher, j, &stats);
			memcpy(&value, (char *)&stats + families[i].offset,
			       sizeof(value));
			snprintf(number, sizeof(number), "%zu", j);
			const struct logtap_label labels[] = {
				{"number", number},
				{"kind", exporter->ops->kind},
				{"name", exporter->name},
			};
			logtap_exposition_sample(to, labels, 3, value);
		}
	}
}

static void put_logs(struct logtap_exposition *to, struct logtap_logs *logs)
{
	struct logtap_logs_state state = logtap_logs_state(logs);
	const struct logtap_label ingest = {"reason", "ingest"};
	const struct logtap_label retention = {"reason", "retention"};

	put_one(to, "logtap_logs_records", true, "Records numbered for /logs",
		state.newest_seq);
	put_one(to, "logtap_logs_retained_records", false,
		"Records that /logs can show", state.retained_records);
	put_one(to, "logtap_logs_retained_bytes", false,
		"Memory of the records that /logs can show",
		state.retained_bytes);
	logtap_exposition_family(to, "logtap_logs_dropped_records", true,
				 "Records that /logs cannot show");
	logtap_exposition_sample(to, &ingest, 1, state.dropped_on_ingest);
	logtap_exposition_sample(to, &retention, 1, state.dropped_on_retention);
}

void logtap_page_metrics(struct logtap_admin *admin,
			 struct MHD_Connection *connection,
			 struct logtap_reply *reply)
{
	const char *accept = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	const struct logtap_label version = {"version", LOGTAP_VERSION};
	struct logtap_exposition to = {
		.out = &reply->body,
		.open_metrics = accept &&
				strstr(accept, "application/openmetrics-text"),
	};

	reply->type = to.open_metrics
			      ? "application/openmetrics-text; "
				"version=1.0.0; charset=utf-8"
			      : "text/plain; version=0.0.4; charset=utf-8";
	logtap_exposition_family(&to, "logtap_build_info", false,
				 "The collector that tells this");
	logtap_exposition_sample(&to, &version, 1, 1);
	int error = put_chunks(&to, admin);
	put_destinations(&to, admin->options.dispatcher);
	put_logs(&to, admin->options.logs);
	logtap_exposition_end(&to);
	if (error || to.error)
		logtap_reply_text(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
				  "logtap: /metrics: out of memory");
}
