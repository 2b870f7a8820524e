/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The summary, and the figures of it and of the status: see the header.  Main
 * thread. */
#include "figures.h"

static json_int_t number(uint64_t value)
{
	return value > INT64_MAX ? INT64_MAX : (json_int_t)value;
}

void logtap_figures_put(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer(number(value)));
}

json_t *logtap_figures_text(const char *value)
{
	char clean[512];
	json_t *string = json_string(value);
	if (string)
		return string;
	size_t i = 0;
	for (; value[i] && i + 1 < sizeof(clean); i++)
		clean[i] = value[i] & 0x80 ? '?' : value[i];
	clean[i] = 0;
	return json_string(clean);
}

/* What did not become a journalled chunk, by reason. */
static json_t *drops(const struct logtap_counts *counts)
{
	json_t *object = json_object();
	logtap_figures_put(object, "newest_chunks",
			   counts->value[LOGTAP_COUNT_NEWEST_CHUNKS]);
	logtap_figures_put(object, "nested_chunks",
			   counts->value[LOGTAP_COUNT_NESTED_CHUNKS]);
	logtap_figures_put(object, "oldest_chunks",
			   counts->value[LOGTAP_COUNT_OLDEST_CHUNKS]);
	logtap_figures_put(object, "quarantined_chunks",
			   counts->value[LOGTAP_COUNT_QUARANTINED_CHUNKS]);
	logtap_figures_put(object, "unfinished_chunks",
			   counts->value[LOGTAP_COUNT_UNFINISHED_CHUNKS]);
	return object;
}

/* What a host can count: of chunks that were overwritten or never finished the
 * bytes are what is left over in the end. */
static json_t *dropped_bytes(const struct logtap_counts *counts)
{
	json_t *object = json_object();
	logtap_figures_put(object, "newest_bytes",
			   counts->value[LOGTAP_COUNT_NEWEST_BYTES]);
	logtap_figures_put(object, "nested_bytes",
			   counts->value[LOGTAP_COUNT_NESTED_BYTES]);
	return object;
}

void logtap_figures_put_counts(json_t *object,
			       const struct logtap_counts *counts,
			       uint64_t pending)
{
	const uint64_t *value = counts->value;
	uint64_t journalled = value[LOGTAP_COUNT_JOURNALLED_CHUNKS];
	uint64_t rings = logtap_counts_in_flight(counts);
	logtap_figures_put(object, "chunks",
			   value[LOGTAP_COUNT_PRODUCED_CHUNKS]);
	logtap_figures_put(object, "bytes", value[LOGTAP_COUNT_PRODUCED_BYTES]);
	logtap_figures_put(object, "settled_chunks", journalled - pending);
	logtap_figures_put(object, "journalled_chunks", journalled);
	logtap_figures_put(object, "journalled_bytes",
			   value[LOGTAP_COUNT_JOURNALLED_BYTES]);
	logtap_figures_put(object, "in_flight_chunks", rings + pending);
	logtap_figures_put(object, "ring_chunks", rings);
	logtap_figures_put(object, "journal_chunks", pending);
	logtap_figures_put(object, "unknown_chunks",
			   value[LOGTAP_COUNT_UNKNOWN_CHUNKS]);
	json_object_set_new(object, "dropped", drops(counts));
	json_object_set_new(object, "dropped_bytes", dropped_bytes(counts));
	logtap_figures_put(object, "uncaptured_chunks",
			   value[LOGTAP_COUNT_UNCAPTURED_CHUNKS]);
	logtap_figures_put(object, "uncaptured_bytes",
			   value[LOGTAP_COUNT_UNCAPTURED_BYTES]);
	logtap_figures_put(object, "gap_bytes", value[LOGTAP_COUNT_GAP_BYTES]);
	logtap_figures_put(object, "truncated_calls",
			   value[LOGTAP_COUNT_TRUNCATED]);
	logtap_figures_put(object, "reentrant_calls",
			   value[LOGTAP_COUNT_REENTRANT]);
	logtap_figures_put(object, "suppressed_calls",
			   value[LOGTAP_COUNT_SUPPRESSED]);
	logtap_figures_put(object, "fallback_calls",
			   value[LOGTAP_COUNT_FALLBACK]);
	logtap_figures_put(object, "blocked_ns",
			   value[LOGTAP_COUNT_BLOCKED_NS]);
	logtap_figures_put(object, "threads", value[LOGTAP_COUNT_THREADS]);
}

static json_t *destination(struct logtap_collector *collector, size_t index)
{
	const struct logtap_exporter *exporter =
		logtap_dispatcher_exporter(collector->dispatcher, index);
	struct logtap_exporter_stats stats;
	logtap_dispatcher_stats(collector->dispatcher, index, &stats);
	json_t *object = json_object();
	json_object_set_new(object, "kind",
			    logtap_figures_text(exporter->ops->kind));
	json_object_set_new(object, "name",
			    logtap_figures_text(exporter->name));
	logtap_figures_put(object, "accepted", stats.accepted);
	logtap_figures_put(object, "delivered", stats.delivered);
	logtap_figures_put(object, "refused", stats.refused);
	logtap_figures_put(object, "dropped", stats.dropped);
	logtap_figures_put(object, "queued", stats.queued);
	logtap_figures_put(object, "batches", stats.batches);
	logtap_figures_put(object, "retries", stats.retries);
	logtap_figures_put(object, "bytes", stats.bytes);
	json_object_set_new(object, "last_error",
			    logtap_figures_text(stats.last_error));
	return object;
}

json_t *logtap_figures_summary(struct logtap_collector *collector,
			       const struct logtap_account_snapshot *snapshot)
{
	json_t *summary = json_object();
	json_t *severities = json_array();
	json_t *destinations = json_array();
	struct logtap_shaper_stats shaped;
	logtap_shaper_stats(collector->shaper, &shaped);
	logtap_figures_put(summary, "records", collector->records);
	logtap_figures_put(summary, "suppressed_records", shaped.suppressed);
	logtap_figures_put(summary, "session_bytes", shaped.session_bytes);
	json_object_set_new(summary, "session_open",
			    json_boolean(shaped.session_open));
	logtap_figures_put(summary, "hidden_chunks", shaped.hidden_chunks);
	logtap_figures_put(summary, "hidden_bytes", shaped.hidden_bytes);
	logtap_figures_put(summary, "hidden_lines", shaped.hidden_lines);
	logtap_figures_put(summary, "unseen_bytes", collector->unseen_bytes);
	logtap_figures_put(summary, "uncaptured_processes",
			   collector->strangers);
	logtap_figures_put(summary, "incomplete_processes",
			   collector->incomplete);
	logtap_figures_put(summary, "uncaptured_programs", collector->programs);
	logtap_figures_put_counts(summary, &snapshot->total,
				  snapshot->pending_chunks);
	for (int i = 0; i < LOGTAP_SEVERITY_CLASSES; i++)
		json_array_append_new(
			severities,
			json_integer(number(collector->severities[i])));
	json_object_set_new(summary, "severities", severities);
	logtap_figures_put(summary, "processes", snapshot->processes);
	logtap_figures_put(summary, "live_processes",
			   collector->live_processes);
	if (collector->reader)
		logtap_figures_put(summary, "foreign_segments",
				   logtap_reader_foreign(collector->reader));
	for (size_t i = 0; i < logtap_dispatcher_count(collector->dispatcher);
	     i++)
		json_array_append_new(destinations, destination(collector, i));
	json_object_set_new(summary, "destinations", destinations);
	if (collector->loops)
		json_object_set_new(summary, "loops",
				    logtap_loops_json(collector->loops));
	return summary;
}

int logtap_figures_snapshot(struct logtap_collector *collector,
			    struct logtap_account_snapshot *snapshot)
{
	logtap_accounting_settled(
		collector->accounting,
		logtap_journal_acknowledged(collector->journal));
	return logtap_accounting_snapshot(collector->accounting, snapshot);
}

json_t *logtap_collector_summary(struct logtap_collector *collector)
{
	struct logtap_account_snapshot snapshot;
	if (logtap_figures_snapshot(collector, &snapshot))
		return NULL;
	json_t *summary = logtap_figures_summary(collector, &snapshot);
	logtap_account_snapshot_deinit(&snapshot);
	return summary;
}
