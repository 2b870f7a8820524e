/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What a collector tells about itself while it runs: the file status.json, for
 * `logtap status`.  Main thread. */
#include "../../base/clock.h"
#include "../../base/log.h"
#include "../../base/own_file.h"
#include "figures.h"

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

static json_t *row(const struct logtap_account_row *from)
{
	json_t *object = json_object();
	logtap_figures_put(object, "pid", from->pid);
	logtap_figures_put(object, "uid", from->uid);
	logtap_figures_put(object, "start_ticks", from->start_ticks);
	json_object_set_new(object, "name", logtap_figures_text(from->comm));
	json_object_set_new(object, "live", json_boolean(from->live));
	logtap_figures_put_counts(object, &from->counts, from->pending_chunks);
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
	logtap_figures_put(object, "quarantined_segments",
			   logtap_reader_quarantined(reader));
	logtap_figures_put(object, "clock_steps", clock.steps);
}

/* What alone is no reason to write it again. */
static void put_time(json_t *object, const struct logtap_reader *reader)
{
	struct logtap_reader_clock clock = {0};
	struct timespec now;

	if (reader)
		logtap_reader_clock(reader, &clock);
	logtap_figures_put(object, "clock_error_ns", clock.error_ns);
	clock_gettime(CLOCK_REALTIME, &now);
	logtap_figures_put(object, "updated_ns",
			   (uint64_t)now.tv_sec * 1000000000 +
				   (uint64_t)now.tv_nsec);
}

/* Everything but the rows of processes: there may be thousands. */
static char *status_text(struct logtap_collector *collector,
			 const struct logtap_account_snapshot *snapshot,
			 json_t **status)
{
	*status = logtap_figures_summary(collector, snapshot);
	logtap_figures_put(*status, "live_processes", snapshot->live_processes);
	json_object_set_new(*status, "metrics",
			    logtap_collector_metrics(collector));
	json_t *export = logtap_collector_metrics_export(collector);
	if (export)
		json_object_set_new(*status, "metrics_export", export);
	json_object_set_new(*status, "version", json_string(LOGTAP_VERSION));
	logtap_figures_put(*status, "pid", (uint64_t)getpid());
	if (collector->admin)
		json_object_set_new(*status, "admin",
				    logtap_figures_text(logtap_admin_address(
					    collector->admin)));
	if (collector->reader)
		put_reader(*status, collector->reader);
	logtap_figures_put(*status, "journal_bytes",
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
	if (logtap_figures_snapshot(collector, &snapshot))
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
