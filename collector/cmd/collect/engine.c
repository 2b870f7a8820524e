/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The collector at work: the loop, and the end.  Main thread. */
#include "../../base/clock.h"
#include "../../base/error.h"
#include "../../base/log.h"
#include "../../intake/clock.h"
#include "../../intake/segment.h"
#include "../../run/directory.h"
#include "../../run/session.h"
#include "collector.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS_NS UINT64_C(1000000)
#define PIECE_BYTES (UINT64_C(1) << 20)
#define REST_NS (2000 * MS_NS)
#define DRAIN_BYTES ((size_t)8 << 20)
/* At the end: for processes that are just ending, too. */
#define GRACE_NS (100 * MS_NS)
/* How often lines and batches are looked at when nothing else happens. */
enum { TICK_MS = 200, BEHIND_MS = 20, LINGER_MS = 1000 };

static void drop_events(int fd)
{
	uint64_t ignored;
	if (read(fd, &ignored, sizeof(ignored)) < 0)
		return;
}

/* After a burst what was freed goes back to the system. */
static void rest(struct logtap_collector *collector)
{
	uint64_t now_ns = logtap_clock_monotonic_ns();
	uint64_t end = logtap_journal_end(collector->journal);
	if (end != collector->rested_end) {
		collector->rested_end = end;
		collector->rest_due_ns = now_ns + REST_NS;
	} else if (collector->rest_due_ns && now_ns >= collector->rest_due_ns) {
		collector->rest_due_ns = 0;
		malloc_trim(0);
	}
}

/* Waits for something to do, for @wait_ms at most, and does it. */
static int pump(struct logtap_collector *collector, int wait_ms,
		bool regardless)
{
	struct pollfd fds[3] = {
		{.fd = collector->wake_fd, .events = POLLIN},
		{.fd = collector->signal_fd, .events = POLLIN},
		{.fd = collector->session_fd, .events = POLLIN},
	};
	if (poll(fds, 3, wait_ms) > 0) {
		if (fds[0].revents)
			drop_events(collector->wake_fd);
		if (fds[1].revents) {
			drop_events(collector->signal_fd);
			logtap_collector_signals_look(collector);
		}
		if (fds[2].revents)
			logtap_session_receive(collector);
	}
	int result = logtap_pipeline_run(collector->pipeline, PIECE_BYTES,
					 regardless);
	if (result < 0)
		return result;
	logtap_pipeline_tick(collector->pipeline, false);
	if (collector->loops)
		logtap_loops_tick(collector->loops, logtap_now_realtime_ns());
	logtap_collector_status(collector, false);
	rest(collector);
	return result;
}

static int wait_for(const struct logtap_collector *collector, int last)
{
	if (last == LOGTAP_PIPELINE_MORE)
		return 0;
	return logtap_pipeline_done(collector->pipeline) ? TICK_MS : BEHIND_MS;
}

/* Reads all that there is and gives it to the destinations.  While they take it
 * no more than so much waits in memory; in the second half of the time it does,
 * whether they keep up or not, because the end is near. */
static int drain(struct logtap_collector *collector, uint64_t deadline_ns)
{
	uint64_t number = logtap_reader_drain(collector->reader, GRACE_NS);
	uint64_t half_ns = deadline_ns - collector->export_ns / 2;
	int result = 0;
	logtap_dispatcher_keep(collector->dispatcher);
	do {
		bool regardless = logtap_clock_monotonic_ns() >= half_ns ||
				  !logtap_dispatcher_holds(
					  collector->dispatcher, DRAIN_BYTES);
		result = pump(collector, result == LOGTAP_PIPELINE_MORE ? 0 : 5,
			      regardless);
		if (result < 0)
			return result;
	} while ((result == LOGTAP_PIPELINE_MORE ||
		  !logtap_reader_drained(collector->reader, number,
					 &collector->live_processes) ||
		  !logtap_pipeline_done(collector->pipeline)) &&
		 logtap_clock_monotonic_ns() < deadline_ns);
	logtap_pipeline_tick(collector->pipeline, true);
	return 0;
}

static int wait_until_settled(struct logtap_collector *collector,
			      uint64_t deadline_ns)
{
	while (logtap_dispatcher_floor(collector->dispatcher) != UINT64_MAX &&
	       !collector->terminate &&
	       logtap_clock_monotonic_ns() < deadline_ns) {
		int result = pump(collector, 10, true);
		if (result < 0)
			return result;
	}
	return 0;
}

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

static void send_summary(struct logtap_collector *collector)
{
	json_t *summary = logtap_collector_summary(collector);
	logtap_session_send(collector,
			    summary ? json_pack("{s:o}", "summary", summary)
				    : NULL);
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

/* What is behind the last drain.  @lingered: the supervisor has its summary and
 * has gone. */
static void leave(struct logtap_collector *collector, uint64_t deadline_ns,
		  bool lingered)
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
		send_summary(collector);
	/* Whether or not the supervisor is there to do it. */
	if (nobody && collector->options.remove_directory)
		logtap_directory_remove(collector->options.directory);
}

static uint64_t deadline_of(const struct logtap_collector *collector)
{
	return logtap_clock_monotonic_ns() + collector->export_ns;
}

/* Whoever is still there. */
static int end(struct logtap_collector *collector, bool lingered)
{
	uint64_t deadline_ns = deadline_of(collector);
	logtap_collector_notify(collector, "STOPPING=1");
	int result = drain(collector, deadline_ns);
	leave(collector, deadline_ns, lingered);
	return result;
}

/* Nobody was there a moment ago.  Who was just then between two mappings, or
 * between two images, is there now.  Return: LOGTAP_PIPELINE_MORE if somebody
 * is, else the end's result. */
static int end_if_nobody_is_left(struct logtap_collector *collector,
				 bool lingered)
{
	uint64_t deadline_ns = deadline_of(collector);
	int result = drain(collector, deadline_ns);
	if (!result && collector->live_processes)
		return LOGTAP_PIPELINE_MORE;
	logtap_collector_notify(collector, "STOPPING=1");
	leave(collector, deadline_ns, lingered);
	return result;
}

/* The supervised program has ended.  Return: LOGTAP_PIPELINE_MORE when
 * processes live on, else the end's result. */
static int finish(struct logtap_collector *collector)
{
	uint64_t deadline_ns = deadline_of(collector);
	int result = drain(collector, deadline_ns);
	if (result < 0)
		return end(collector, false);
	if (!collector->live_processes) {
		result = end_if_nobody_is_left(collector, false);
		if (result != LOGTAP_PIPELINE_MORE)
			return result;
	}
	logtap_collector_limits(collector);
	logtap_pipeline_tick(collector->pipeline, true);
	result = wait_until_settled(collector, deadline_ns);
	send_summary(collector);
	return result < 0 ? result : LOGTAP_PIPELINE_MORE;
}

static bool is_over(uint64_t until_ns)
{
	return until_ns && logtap_clock_monotonic_ns() >= until_ns;
}

/* Stays until no process is left that may write. */
static int linger(struct logtap_collector *collector)
{
	uint64_t look_ns = logtap_clock_monotonic_ns(), number = 0;
	int result = 0;
	while (!collector->terminate && !is_over(collector->leave_ns)) {
		if (number &&
		    logtap_reader_drained(collector->reader, number,
					  &collector->live_processes)) {
			if (!collector->live_processes) {
				result = end_if_nobody_is_left(collector, true);
				if (result != LOGTAP_PIPELINE_MORE)
					return result;
			}
			number = 0;
		}
		uint64_t now_ns = logtap_clock_monotonic_ns();
		if (!number && now_ns >= look_ns) {
			number = logtap_reader_drain(collector->reader, 0);
			look_ns = now_ns + LINGER_MS * MS_NS;
		}
		result = pump(collector, wait_for(collector, result), false);
		if (result < 0)
			return result;
	}
	return end(collector, true);
}

static int once(struct logtap_collector *collector)
{
	int result = end(collector, false);
	if (result || logtap_journal_acknowledged(collector->journal) ==
			      logtap_journal_end(collector->journal))
		return result;
	logtap_error_print("collect", collector->options.directory,
			   "not everything was delivered",
			   "the rest is still there, try again");
	return -EAGAIN;
}

int logtap_collector_work(struct logtap_collector *collector)
{
	int result = 0;
	while (!collector->terminate && !collector->finish) {
		result = pump(collector, wait_for(collector, result), false);
		if (result < 0) {
			logtap_log(LOGTAP_LOG_ERROR, "collect",
				   "cannot go on error=%s", strerror(-result));
			return result;
		}
	}
	if (collector->terminate && collector->options.once)
		return once(collector);
	if (collector->terminate)
		return end(collector, false);
	logtap_collector_signals_await_finish(false);
	result = finish(collector);
	return result == LOGTAP_PIPELINE_MORE ? linger(collector) : result;
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
