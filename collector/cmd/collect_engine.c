/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The collector at work: setting up, the loop, the end.  Main thread. */
#include "../base/clock.h"
#include "../base/error.h"
#include "../base/log.h"
#include "../intake/clock.h"
#include "../run/directory.h"
#include "../run/session.h"
#include "collect.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define MS_NS UINT64_C(1000000)
#define PIECE_BYTES (UINT64_C(1) << 20)
#define REST_NS (2000 * MS_NS)
/* At the end: for processes that are just ending, too. */
#define GRACE_NS (100 * MS_NS)
/* How often lines and batches are looked at when nothing else happens. */
enum { TICK_MS = 200, BEHIND_MS = 20, LINGER_MS = 1000 };
enum { TEXT_BYTES = 1024 };

/* Tells the person or the session why there is no collector. */
static int refuse(struct logtap_collector *collector, int error,
		  const char *text, bool can_run_uncaptured)
{
	if (collector->session_fd < 0) {
		logtap_error_say("%s", text);
		return error;
	}
	logtap_log(LOGTAP_LOG_ERROR, "collect", "%s", text);
	json_t *message = json_pack("{s:s%}", "error", text, strlen(text));
	if (!message) /* not UTF-8 */
		message = json_pack("{s:s}", "error", strerror(-error));
	if (message && can_run_uncaptured)
		json_object_set_new(message, "uncaptured", json_true());
	logtap_session_send(collector, message);
	return error;
}

static int refuse_at(struct logtap_collector *collector, int error,
		     const char *where, const char *why, const char *next)
{
	char text[TEXT_BYTES];
	logtap_error_format(text, sizeof(text), "collect", where, why, next);
	return refuse(collector, error, text, true);
}

static int open_directory(struct logtap_collector *collector)
{
	const char *path = collector->options.directory;
	struct statfs status;
	if (mkdir(path, 0700) && errno != EEXIST)
		return refuse_at(collector, -errno, path, strerror(errno),
				 "name another --dir");
	collector->dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (collector->dir_fd < 0)
		return refuse_at(collector, -errno, path, strerror(errno),
				 "name another --dir");
	if (!fstatfs(collector->dir_fd, &status) &&
	    status.f_type != TMPFS_MAGIC)
		logtap_log(LOGTAP_LOG_WARN, "collect",
			   "the directory is not on a tmpfs: programs may "
			   "stall when they log dir=%s",
			   path);
	return 0;
}

/* One collector a directory. */
static int lock_directory(struct logtap_collector *collector)
{
	char text[32] = "", why[96] = "another collector is at work there";
	collector->lock_fd =
		openat(collector->dir_fd, LOGTAP_SESSION_LOCK,
		       O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (collector->lock_fd < 0)
		return refuse_at(collector, -errno, LOGTAP_SESSION_LOCK,
				 strerror(errno), NULL);
	if (flock(collector->lock_fd, LOCK_EX | LOCK_NB)) {
		int error = errno;
		ssize_t got =
			pread(collector->lock_fd, text, sizeof(text) - 1, 0);
		int pid = got > 0 ? atoi(text) : 0;
		if (pid > 0)
			snprintf(why, sizeof(why),
				 "another collector is at work there, pid %d",
				 pid);
		return refuse_at(collector, -error,
				 collector->options.directory,
				 error == EWOULDBLOCK ? why : strerror(error),
				 "stop it, or name another --dir");
	}
	int bytes = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (ftruncate(collector->lock_fd, 0) ||
	    pwrite(collector->lock_fd, text, (size_t)bytes, 0) != bytes)
		logtap_log(LOGTAP_LOG_WARN, "collect",
			   "cannot write the lock file error=%s",
			   strerror(errno));
	return 0;
}

static int open_pipeline(struct logtap_collector *collector)
{
	const struct logtap_collect_options *wishes = &collector->options;
	struct logtap_shaper_options shaping = {
		.line_max_bytes = (size_t)wishes->line_max,
		.attributes = wishes->attributes,
		.attribute_count = wishes->attribute_count,
	};
	if (collector->loops) {
		shaping.tap = logtap_loops_tap(collector->loops);
		shaping.instance = logtap_loops_instance(collector->loops);
	}
	if (collector->loops || collector->stack_level) {
		collector->unwinder = logtap_unwinder_new();
		if (!collector->unwinder)
			return -ENOMEM;
		shaping.unwinder = collector->unwinder;
		shaping.stacks = collector->stack_level != 0;
	}
	if (collector->stack_level)
		logtap_asks_stacks(collector->asks, collector->stack_level, 0);
	if (wishes->session_sinks &&
	    logtap_sink_policy_read(&shaping.sinks, wishes->session_sinks)) {
		shaping.sinks.session_only =
			wishes->sinks && !strcmp(wishes->sinks, "session");
		shaping.sinks.terminals_relay = wishes->out;
	}
	collector->shaper = logtap_shaper_new(&shaping, collector->batcher);
	if (!collector->shaper)
		return -ENOMEM;
	struct logtap_pipeline_options options = {
		.journal = collector->journal,
		.shaper = collector->shaper,
		.batcher = collector->batcher,
		.dispatcher = collector->dispatcher,
	};
	return logtap_pipeline_new(&options, &collector->pipeline);
}

static int open_intake(struct logtap_collector *collector)
{
	char why[256], text[TEXT_BYTES];
	struct logtap_journal_options journal = {
		.dir_fd = collector->dir_fd,
		.cap_bytes = (uint64_t)collector->options.journal_bytes,
	};
	int result = logtap_journal_open(&journal, &collector->journal, why,
					 sizeof(why));
	if (!result) {
		result = open_pipeline(collector);
		snprintf(why, sizeof(why), "pipeline: %s", strerror(-result));
	}
	struct logtap_reader_options reader = {
		.dir_fd = collector->dir_fd,
		.journal = collector->journal,
		.accounting = collector->accounting,
		.metrics = collector->metrics,
		.levels = collector->options.level ? &collector->levels : NULL,
		.asks = collector->asks,
		.wake_fd = collector->wake_fd,
		.descendants = collector->session_fd >= 0,
	};
	if (!result)
		result = logtap_reader_start(&reader, &collector->reader, why,
					     sizeof(why));
	if (!result)
		return 0;
	logtap_error_format(text, sizeof(text), "collect",
			    collector->options.directory, why, NULL);
	return refuse(collector, result, text, true);
}

static void hold_host(void *context, uint32_t pid, uint32_t tid, uint64_t ns)
{
	struct logtap_collector *collector = context;
	if (ns)
		logtap_asks_hold(collector->asks, pid, tid, ns);
	else
		logtap_asks_release(collector->asks, pid, tid);
}

static int open_loops(struct logtap_collector *collector)
{
	const char *how = collector->options.loops;
	if (!how)
		return 0;
	bool probe = !strcmp(how, "probe");
	struct logtap_loops_options options = {
		.probe = probe,
		.probe_alone = probe,
		.hold_host = hold_host,
		.context = collector,
		.asks = collector->asks,
	};
	collector->loops = logtap_loops_new(&options);
	if (!collector->loops)
		return -ENOMEM;
	collector->export_tap = logtap_loops_export_tap(collector->loops);
	return 0;
}

static int open_admin(struct logtap_collector *collector)
{
	char text[TEXT_BYTES];
	struct logtap_admin_options options = {
		.listen = collector->options.admin,
		.token_file = collector->options.admin_token,
		.logs = collector->logs,
		.accounting = collector->accounting,
		.metrics = collector->metrics,
		.dispatcher = collector->dispatcher,
		.journal = collector->journal,
		.loops = collector->loops,
	};
	if (!options.listen)
		return 0;
	int result = logtap_admin_start(&options, &collector->admin, text,
					sizeof(text));
	return result ? refuse(collector, result, text, false) : 0;
}

int logtap_collector_open(struct logtap_collector *collector)
{
	char text[TEXT_BYTES];
	if (collector->session_fd >= 0)
		fcntl(collector->session_fd, F_SETFD, FD_CLOEXEC);
	collector->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	collector->accounting = logtap_accounting_new();
	collector->metrics = logtap_user_metrics_new();
	collector->dispatcher = logtap_dispatcher_new();
	collector->asks = logtap_asks_new();
	if (collector->wake_fd < 0 || !collector->accounting ||
	    !collector->metrics || !collector->dispatcher || !collector->asks)
		return refuse(collector, -ENOMEM,
			      "collect: out of memory or descriptors", true);
	logtap_dispatcher_set_bound(collector->dispatcher,
				    (size_t)collector->options.queue_bytes);
	int result = open_directory(collector);
	if (!result)
		result = lock_directory(collector);
	if (result)
		return result;
	if (open_loops(collector))
		return refuse(collector, -ENOMEM, "collect: out of memory",
			      true);
	result = logtap_collector_add_destinations(collector, text,
						   sizeof(text));
	if (result)
		return refuse(collector, result, text, false);
	result = open_intake(collector);
	if (!result) {
		result = logtap_collector_open_metrics(collector, text,
						       sizeof(text));
		if (result)
			return refuse(collector, result, text, false);
		result = open_admin(collector);
	}
	if (result)
		return result;
	/* who waits for "ready" finds the endpoint by it */
	if (collector->admin)
		logtap_collector_status(collector, true);
	logtap_session_send(collector,
			    json_pack("{s:b,s:s*}", "ready", 1, "file",
				      collector->options.output));
	logtap_log(LOGTAP_LOG_INFO, "collect", "reads dir=%s",
		   collector->options.directory);
	return 0;
}

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
			logtap_signals_look(collector);
		}
		if (fds[2].revents)
			logtap_session_receive(collector);
	}
	int result = logtap_pipeline_run(collector->pipeline, PIECE_BYTES,
					 regardless);
	if (result < 0)
		return result;
	int error = logtap_pipeline_tick(collector->pipeline, false);
	if (collector->loops)
		logtap_loops_tick(collector->loops, logtap_now_realtime_ns());
	logtap_collector_status(collector, false);
	rest(collector);
	return error ? error : result;
}

static int wait_for(const struct logtap_collector *collector, int last)
{
	if (last == LOGTAP_PIPELINE_MORE)
		return 0;
	return logtap_pipeline_done(collector->pipeline) ? TICK_MS : BEHIND_MS;
}

/* Reads all that there is and gives it to the destinations, whether they keep
 * up or not: the end is near. */
static int drain(struct logtap_collector *collector, uint64_t deadline_ns)
{
	uint64_t number = logtap_reader_drain(collector->reader, GRACE_NS);
	int result = 0;
	logtap_dispatcher_keep(collector->dispatcher);
	do {
		result = pump(collector, result == LOGTAP_PIPELINE_MORE ? 0 : 5,
			      true);
		if (result < 0)
			return result;
	} while ((result == LOGTAP_PIPELINE_MORE ||
		  !logtap_reader_drained(collector->reader, number,
					 &collector->live_processes) ||
		  !logtap_pipeline_done(collector->pipeline)) &&
		 logtap_clock_monotonic_ns() < deadline_ns);
	return logtap_pipeline_tick(collector->pipeline, true);
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
	while (dir && (entry = readdir(dir))) {
		size_t length = strlen(entry->d_name);
		size_t suffix = strlen(LOGTAP_SEGMENT_SUFFIX);
		if (length > suffix && !strcmp(entry->d_name + length - suffix,
					       LOGTAP_SEGMENT_SUFFIX))
			unlinkat(collector->dir_fd, entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	unlinkat(collector->dir_fd, LOGTAP_SESSION_LOCK, 0);
}

/* @lingered: the supervisor has its summary and has gone. */
static int end(struct logtap_collector *collector, bool lingered)
{
	uint64_t deadline_ns =
		logtap_clock_monotonic_ns() + collector->export_ns;
	bool session = collector->options.session_fd > 0;
	int result = drain(collector, deadline_ns);
	logtap_collector_limits(collector);
	logtap_pipeline_tick(collector->pipeline, true);
	stop_destinations(collector, deadline_ns);
	logtap_collector_last_metrics(collector, deadline_ns);
	logtap_collector_status(collector, true);
	bool nobody = session && !collector->live_processes;
	if (nobody)
		remove_files(collector);
	if (!lingered)
		send_summary(collector);
	/* Whether or not the supervisor is there to do it. */
	if (nobody && collector->options.remove_directory)
		logtap_directory_remove(collector->options.directory);
	return result;
}

/* The supervised program has ended.  Return: LOGTAP_PIPELINE_MORE when
 * processes live on, else the end's result. */
static int finish(struct logtap_collector *collector)
{
	uint64_t deadline_ns =
		logtap_clock_monotonic_ns() + collector->export_ns;
	int result = drain(collector, deadline_ns);
	if (result < 0 || !collector->live_processes)
		return end(collector, false);
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
			if (!collector->live_processes)
				break;
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
	logtap_signals_await_finish(false);
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
	int fds[] = {collector->dir_fd, collector->lock_fd, collector->wake_fd,
		     collector->session_fd};
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}
