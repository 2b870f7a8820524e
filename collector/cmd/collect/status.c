/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What a collector tells about itself: the summary of a session, and the file
 * status.json for `logtap status`.  Main thread. */
#include "../../base/clock.h"
#include "../../base/log.h"
#include "../../base/own_file.h"
#include "collector.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STATUS_NS UINT64_C(1000000000)
/* Of thousands of processes it takes long: no more than this part of the time. */
enum { STATUS_SHARE = 20 };
#define STATUS_NAME "status.json"
#define STATUS_NEW "status.json.new"

static json_int_t number(uint64_t value)
{
	return value > INT64_MAX ? INT64_MAX : (json_int_t)value;
}

static void put(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer(number(value)));
}

/* A text that a host wrote need not be UTF-8. */
static json_t *text(const char *value)
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
	put(object, "newest_chunks", counts->value[LOGTAP_COUNT_NEWEST_CHUNKS]);
	put(object, "nested_chunks", counts->value[LOGTAP_COUNT_NESTED_CHUNKS]);
	put(object, "oldest_chunks", counts->value[LOGTAP_COUNT_OLDEST_CHUNKS]);
	put(object, "quarantined_chunks",
	    counts->value[LOGTAP_COUNT_QUARANTINED_CHUNKS]);
	put(object, "unfinished_chunks",
	    counts->value[LOGTAP_COUNT_UNFINISHED_CHUNKS]);
	return object;
}

/* What a host can count: of chunks that were overwritten or never finished the
 * bytes are what is left over in the end. */
static json_t *dropped_bytes(const struct logtap_counts *counts)
{
	json_t *object = json_object();
	put(object, "newest_bytes", counts->value[LOGTAP_COUNT_NEWEST_BYTES]);
	put(object, "nested_bytes", counts->value[LOGTAP_COUNT_NESTED_BYTES]);
	return object;
}

/* @pending: of the journalled chunks, those that are not settled.
 *
 *     chunks = settled_chunks + the sum of dropped + unknown_chunks
 *              + in_flight_chunks
 *     in_flight_chunks = ring_chunks + journal_chunks */
static void put_counts(json_t *object, const struct logtap_counts *counts,
		       uint64_t pending)
{
	const uint64_t *value = counts->value;
	uint64_t journalled = value[LOGTAP_COUNT_JOURNALLED_CHUNKS];
	uint64_t rings = logtap_counts_in_flight(counts);
	put(object, "chunks", value[LOGTAP_COUNT_PRODUCED_CHUNKS]);
	put(object, "bytes", value[LOGTAP_COUNT_PRODUCED_BYTES]);
	put(object, "settled_chunks", journalled - pending);
	put(object, "journalled_chunks", journalled);
	put(object, "journalled_bytes", value[LOGTAP_COUNT_JOURNALLED_BYTES]);
	put(object, "in_flight_chunks", rings + pending);
	put(object, "ring_chunks", rings);
	put(object, "journal_chunks", pending);
	put(object, "unknown_chunks", value[LOGTAP_COUNT_UNKNOWN_CHUNKS]);
	json_object_set_new(object, "dropped", drops(counts));
	json_object_set_new(object, "dropped_bytes", dropped_bytes(counts));
	put(object, "uncaptured_chunks", value[LOGTAP_COUNT_UNCAPTURED_CHUNKS]);
	put(object, "uncaptured_bytes", value[LOGTAP_COUNT_UNCAPTURED_BYTES]);
	put(object, "gap_bytes", value[LOGTAP_COUNT_GAP_BYTES]);
	put(object, "truncated_calls", value[LOGTAP_COUNT_TRUNCATED]);
	put(object, "reentrant_calls", value[LOGTAP_COUNT_REENTRANT]);
	put(object, "suppressed_calls", value[LOGTAP_COUNT_SUPPRESSED]);
	put(object, "fallback_calls", value[LOGTAP_COUNT_FALLBACK]);
	put(object, "blocked_ns", value[LOGTAP_COUNT_BLOCKED_NS]);
	put(object, "threads", value[LOGTAP_COUNT_THREADS]);
}

static json_t *destination(struct logtap_collector *collector, size_t index)
{
	const struct logtap_exporter *exporter =
		logtap_dispatcher_exporter(collector->dispatcher, index);
	struct logtap_exporter_stats stats;
	logtap_dispatcher_stats(collector->dispatcher, index, &stats);
	json_t *object = json_object();
	json_object_set_new(object, "kind", text(exporter->ops->kind));
	json_object_set_new(object, "name", text(exporter->name));
	put(object, "accepted", stats.accepted);
	put(object, "delivered", stats.delivered);
	put(object, "refused", stats.refused);
	put(object, "dropped", stats.dropped);
	put(object, "queued", stats.queued);
	put(object, "batches", stats.batches);
	put(object, "retries", stats.retries);
	put(object, "bytes", stats.bytes);
	json_object_set_new(object, "last_error", text(stats.last_error));
	return object;
}

static json_t *summary_of(struct logtap_collector *collector,
			  const struct logtap_account_snapshot *snapshot)
{
	json_t *summary = json_object();
	json_t *severities = json_array();
	json_t *destinations = json_array();
	struct logtap_shaper_stats shaped;
	logtap_shaper_stats(collector->shaper, &shaped);
	put(summary, "records", collector->records);
	put(summary, "suppressed_records", shaped.suppressed);
	put(summary, "session_bytes", shaped.session_bytes);
	json_object_set_new(summary, "session_open",
			    json_boolean(shaped.session_open));
	put(summary, "hidden_chunks", shaped.hidden_chunks);
	put(summary, "hidden_bytes", shaped.hidden_bytes);
	put(summary, "hidden_lines", shaped.hidden_lines);
	put(summary, "unseen_bytes", collector->unseen_bytes);
	put(summary, "uncaptured_processes", collector->strangers);
	put(summary, "incomplete_processes", collector->incomplete);
	put(summary, "uncaptured_programs", collector->programs);
	put_counts(summary, &snapshot->total, snapshot->pending_chunks);
	for (int i = 0; i < LOGTAP_SEVERITY_CLASSES; i++)
		json_array_append_new(
			severities,
			json_integer(number(collector->severities[i])));
	json_object_set_new(summary, "severities", severities);
	put(summary, "processes", snapshot->processes);
	put(summary, "live_processes", collector->live_processes);
	for (size_t i = 0; i < logtap_dispatcher_count(collector->dispatcher);
	     i++)
		json_array_append_new(destinations, destination(collector, i));
	json_object_set_new(summary, "destinations", destinations);
	if (collector->loops)
		json_object_set_new(summary, "loops",
				    logtap_loops_json(collector->loops));
	return summary;
}

static int take_snapshot(struct logtap_collector *collector,
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
	if (take_snapshot(collector, &snapshot))
		return NULL;
	json_t *summary = summary_of(collector, &snapshot);
	logtap_account_snapshot_deinit(&snapshot);
	return summary;
}

static json_t *row(const struct logtap_account_row *from)
{
	json_t *object = json_object();
	put(object, "pid", from->pid);
	put(object, "uid", from->uid);
	put(object, "start_ticks", from->start_ticks);
	json_object_set_new(object, "name", text(from->comm));
	json_object_set_new(object, "live", json_boolean(from->live));
	put_counts(object, &from->counts, from->pending_chunks);
	return object;
}

static json_t *rows_of(const struct logtap_account_snapshot *snapshot)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < snapshot->row_count; i++)
		json_array_append_new(rows, row(&snapshot->rows[i]));
	return rows;
}

static void put_reader(json_t *object, const struct logtap_reader *reader)
{
	struct logtap_reader_clock clock;

	logtap_reader_clock(reader, &clock);
	put(object, "quarantined_segments", logtap_reader_quarantined(reader));
	put(object, "clock_steps", clock.steps);
}

/* What alone is no reason to write it again. */
static void put_time(json_t *object, const struct logtap_reader *reader)
{
	struct logtap_reader_clock clock = {0};
	struct timespec now;

	if (reader)
		logtap_reader_clock(reader, &clock);
	put(object, "clock_error_ns", clock.error_ns);
	clock_gettime(CLOCK_REALTIME, &now);
	put(object, "updated_ns",
	    (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec);
}

/* Everything but the rows of processes: there may be thousands. */
static char *status_text(struct logtap_collector *collector,
			 const struct logtap_account_snapshot *snapshot,
			 json_t **status)
{
	*status = summary_of(collector, snapshot);
	put(*status, "live_processes", snapshot->live_processes);
	json_object_set_new(*status, "metrics",
			    logtap_collector_metrics(collector));
	json_t *export = logtap_collector_metrics_export(collector);
	if (export)
		json_object_set_new(*status, "metrics_export", export);
	json_object_set_new(*status, "version", json_string(LOGTAP_VERSION));
	put(*status, "pid", (uint64_t)getpid());
	if (collector->admin)
		json_object_set_new(
			*status, "admin",
			text(logtap_admin_address(collector->admin)));
	if (collector->reader)
		put_reader(*status, collector->reader);
	put(*status, "journal_bytes",
	    logtap_journal_end(collector->journal) -
		    logtap_journal_start(collector->journal));
	return json_dumps(*status, JSON_COMPACT);
}

static int write_file(struct logtap_collector *collector, const char *data)
{
	size_t bytes = strlen(data);
	int fd = logtap_own_file_open(collector->dir_fd, STATUS_NEW,
				      O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		return fd;
	ssize_t wrote = write(fd, data, bytes);
	int result = wrote == (ssize_t)bytes ? 0 : wrote < 0 ? -errno : -ENOSPC;
	close(fd);
	if (!result)
		result = logtap_own_file_clear(collector->dir_fd, STATUS_NAME);
	if (!result && renameat(collector->dir_fd, STATUS_NEW,
				collector->dir_fd, STATUS_NAME))
		result = -errno;
	if (result)
		unlinkat(collector->dir_fd, STATUS_NEW, 0);
	return result;
}

static void tell_unwritten(struct logtap_collector *collector, int error)
{
	if (!logtap_log_is_news(&collector->status_unwritten, error))
		return;
	if (error)
		logtap_log(LOGTAP_LOG_WARN, "collect",
			   "cannot write " STATUS_NAME ", which is old now; "
			   "make room there, or see that it can be written to "
			   "dir=%s error=\"%s\"",
			   collector->options.directory, strerror(-error));
	else
		logtap_log(LOGTAP_LOG_INFO, "collect",
			   "writes " STATUS_NAME " again dir=%s",
			   collector->options.directory);
}

static void make(struct logtap_collector *collector, bool force)
{
	struct logtap_account_snapshot snapshot;
	if (take_snapshot(collector, &snapshot))
		return;
	json_t *status = NULL;
	char *now = status_text(collector, &snapshot, &status);
	if (!now || (!force && collector->status_last &&
		     !strcmp(now, collector->status_last) &&
		     logtap_account_snapshot_same(&snapshot,
						  &collector->status_rows))) {
		free(now);
		json_decref(status);
		logtap_account_snapshot_deinit(&snapshot);
		return;
	}
	free(collector->status_last);
	collector->status_last = now;
	logtap_account_snapshot_deinit(&collector->status_rows);
	collector->status_rows = snapshot;
	json_object_set_new(status, "process_rows", rows_of(&snapshot));
	put_time(status, collector->reader);
	char *data = json_dumps(status, JSON_COMPACT);
	if (data && collector->admin)
		logtap_admin_set_status(collector->admin, data);
	int error = data ? write_file(collector, data) : -ENOMEM;
	tell_unwritten(collector, error);
	free(data);
	json_decref(status);
}

void logtap_collector_status(struct logtap_collector *collector, bool force)
{
	uint64_t begun_ns = logtap_clock_monotonic_ns();
	if (collector->admin)
		logtap_admin_beat(collector->admin);
	if (!force && begun_ns < collector->status_due_ns)
		return;
	make(collector, force);
	uint64_t now_ns = logtap_clock_monotonic_ns();
	uint64_t pause_ns = (now_ns - begun_ns) * STATUS_SHARE;
	collector->status_due_ns =
		begun_ns + (pause_ns > STATUS_NS ? pause_ns : STATUS_NS);
}
