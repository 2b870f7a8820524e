/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What a collector does when it has read all: destinations, last words, files,
 * memory.  Main thread. */
#include "../../base/log.h"
#include "../../intake/segment.h"
#include "../../run/directory.h"
#include "../../run/session.h"
#include "collector.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static uint64_t dropped_by_us(struct logtap_collector *collector)
{
	uint64_t dropped = 0;
	for (size_t i = 0; i < logtap_dispatcher_count(collector->dispatcher);
	     i++) {
		struct logtap_exporter_stats stats;
		logtap_dispatcher_stats(collector->dispatcher, i, &stats);
		dropped += stats.dropped;
	}
	return dropped;
}

/* Destinations get what time there is.  What they did not take stays in the
 * journal for the next collector. */
static void stop_destinations(struct logtap_collector *collector,
			      uint64_t deadline_ns)
{
	uint64_t dropped = dropped_by_us(collector);
	uint64_t floor = logtap_pipeline_floor(collector->pipeline);
	collector->closed = true;
	logtap_dispatcher_stop(collector->dispatcher, deadline_ns);
	if (dropped_by_us(collector) == dropped)
		floor = UINT64_MAX;
	logtap_pipeline_acknowledge(collector->pipeline, floor);
}

/* Every host has ended: nothing that is ours need stay. */
static void remove_files(struct logtap_collector *collector)
{
	logtap_reader_free(collector->reader);
	collector->reader = NULL;
	logtap_journal_remove(collector->journal);
	int fd = openat(collector->dir_fd, ".",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	while (dir && (entry = readdir(dir)))
		if (logtap_segment_is_name(entry->d_name))
			unlinkat(collector->dir_fd, entry->d_name, 0);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	unlinkat(collector->dir_fd, LOGTAP_SESSION_LOCK, 0);
}

/* Not all was taken: who looks for it is to know where it is. */
static void tell_rest(struct logtap_collector *collector)
{
	uint64_t bytes = logtap_journal_end(collector->journal) -
			 logtap_journal_acknowledged(collector->journal);
	if (bytes)
		logtap_log(LOGTAP_LOG_WARN, "collect",
			   "not everything was delivered: %s "
			   "dir=%s bytes=%llu",
			   logtap_journal_in_memory(collector->journal)
				   ? "what was in memory alone is lost"
				   : "the next collector there goes on with it",
			   collector->options.directory,
			   (unsigned long long)bytes);
}

void logtap_collector_leave(struct logtap_collector *collector,
			    uint64_t deadline_ns, bool lingered)
{
	bool session = collector->options.session_fd > 0;
	logtap_collector_limits(collector);
	logtap_pipeline_tick(collector->pipeline, true);
	stop_destinations(collector, deadline_ns);
	logtap_collector_last_metrics(collector, deadline_ns);
	logtap_collector_status(collector, true);
	bool nobody = session && !collector->live_processes &&
		      !logtap_reader_foreign(collector->reader);
	if (!session && !collector->options.once)
		tell_rest(collector);
	if (nobody)
		remove_files(collector);
	if (!lingered)
		logtap_session_summarize(collector);
	/* Whether or not the supervisor is there to do it. */
	if (nobody && collector->options.remove_directory)
		logtap_directory_remove(collector->options.directory);
}

void logtap_collector_close(struct logtap_collector *collector)
{
	collector->closed = true;
	logtap_admin_free(collector->admin);
	logtap_collector_close_metrics(collector);
	logtap_reader_free(collector->reader);
	logtap_pipeline_free(collector->pipeline);
	logtap_shaper_free(collector->shaper);
	logtap_unwinder_free(collector->unwinder);
	if (collector->batcher)
		logtap_batcher_free(collector->batcher);
	logtap_dispatcher_free(collector->dispatcher);
	logtap_loops_free(collector->loops);
	logtap_asks_free(collector->asks);
	logtap_logs_free(collector->logs);
	logtap_journal_close(collector->journal);
	logtap_accounting_free(collector->accounting);
	logtap_user_metrics_free(collector->metrics);
	logtap_bytes_deinit(&collector->input);
	free(collector->status_last);
	logtap_account_snapshot_deinit(&collector->status_rows);
	int fds[] = {collector->dir_fd, collector->lock_fd, collector->wake_fd,
		     collector->session_fd};
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}
