/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The collector sets up, or says why it cannot: directory, pipeline, intake,
 * loops, endpoint, destinations.  Main thread. */
#include "../../base/error.h"
#include "../../base/log.h"
#include "../../base/own_file.h"
#include "../../run/limits.h"
#include "../../run/session.h"
#include "collector.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>

enum { TEXT_BYTES = 1024 };
/* For two seconds: whoever may read a directory could have it for ever. */
enum { LOOK_PAUSES = 200, LOOK_PAUSE_NS = 10000000 };

/* Tells the person or the session why there is no collector. */
static int refuse(struct logtap_collector *collector, int error,
		  const char *reason, bool can_run_uncaptured)
{
	char text[TEXT_BYTES + 128], limits[128];
	logtap_limits_blame(-error, limits, sizeof(limits));
	snprintf(text, sizeof(text), "%s%s", reason, limits);
	if (collector->session_fd < 0) {
		logtap_error_say("%s", text);
		return error;
	}
	logtap_log(LOGTAP_LOG_ERROR, "collect", "%s", text);
	json_t *message = json_pack("{s:s%}", "error", text, strlen(text));
	if (!message) /* not UTF-8 */
		message = json_pack("{s:s}", "error", strerror(-error));
	if (message && (can_run_uncaptured || logtap_limits_trouble(-error)))
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

/* Who may rename what is in a directory can take it from everybody. */
static void tell_owner(int dir_fd, const char *path)
{
	struct stat status;
	if (fstat(dir_fd, &status))
		return;
	if (status.st_uid && status.st_uid != geteuid())
		logtap_log(LOGTAP_LOG_WARN, "collect",
			   "the directory is user %u's, who can remove what "
			   "programs leave there; make one that is this user's "
			   "dir=%s",
			   (unsigned)status.st_uid, path);
	if (status.st_mode & S_IWOTH && !(status.st_mode & S_ISVTX))
		logtap_log(LOGTAP_LOG_WARN, "collect",
			   "anybody can remove what programs leave in the "
			   "directory; give it mode 1777 dir=%s",
			   path);
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
	    status.f_type != TMPFS_MAGIC && status.f_type != RAMFS_MAGIC)
		logtap_log(LOGTAP_LOG_WARN, "collect",
			   "the directory is not on a tmpfs: programs that "
			   "have it in LOGTAP_DIR are not captured; name one "
			   "in /run or /dev/shm dir=%s",
			   path);
	tell_owner(collector->dir_fd, path);
	return 0;
}

/* Who looks at what dead sessions left has the directory, and then the lock, for
 * a moment: while we share the directory it is a collector that has it. */
static int lock_after_looks(const struct logtap_collector *collector)
{
	static const struct timespec pause = {.tv_nsec = LOOK_PAUSE_NS};
	int error = logtap_session_lock(collector->lock_fd);
	if (error != -EBUSY)
		return error;
	for (int i = 0;
	     i < LOOK_PAUSES && flock(collector->dir_fd, LOCK_SH | LOCK_NB) &&
	     errno == EWOULDBLOCK;
	     i++)
		nanosleep(&pause, NULL);
	error = logtap_session_lock(collector->lock_fd);
	flock(collector->dir_fd, LOCK_UN);
	return error;
}

/* One collector a directory. */
static int lock_directory(struct logtap_collector *collector)
{
	char text[32] = "", why[96] = "another collector is at work there";
	collector->lock_fd = logtap_own_file_open(
		collector->dir_fd, LOGTAP_SESSION_LOCK, O_RDWR | O_CREAT, 0600);
	if (collector->lock_fd < 0)
		return refuse_at(collector, collector->lock_fd,
				 collector->options.directory,
				 strerror(-collector->lock_fd),
				 "name a --dir that can be written to");
	int error = lock_after_looks(collector);
	if (error) {
		ssize_t got =
			pread(collector->lock_fd, text, sizeof(text) - 1, 0);
		int pid = got > 0 ? atoi(text) : 0;
		if (pid > 0)
			snprintf(why, sizeof(why),
				 "another collector is at work there, pid %d",
				 pid);
		/* as a number it is EAGAIN, which limits are blamed for */
		return refuse_at(collector, error, collector->options.directory,
				 error == -EBUSY ? why : strerror(-error),
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
	const struct logtap_collect_options *asked = &collector->options;
	struct logtap_shaper_options shaping = {
		.line_max_bytes = (size_t)asked->line_max,
		.attributes = asked->attributes,
		.attribute_count = asked->attribute_count,
	};
	if (collector->loops) {
		shaping.tap = logtap_loops_tap(collector->loops);
		shaping.instance = logtap_loops_instance(collector->loops);
	}
	if (collector->loops || collector->meant.stack_level) {
		collector->unwinder = logtap_unwinder_new();
		if (!collector->unwinder)
			return -ENOMEM;
		if (collector->loops)
			logtap_unwinder_read_python(collector->unwinder);
		shaping.unwinder = collector->unwinder;
		shaping.stacks = collector->meant.stack_level != 0;
	}
	if (collector->meant.stack_level)
		logtap_asks_stacks(collector->asks,
				   collector->meant.stack_level, 0);
	if (asked->session_sinks &&
	    logtap_sink_policy_read(&shaping.sinks, asked->session_sinks)) {
		shaping.sinks.session_only =
			asked->sinks && !strcmp(asked->sinks, "session");
		shaping.sinks.terminals_relay = asked->out;
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
		.directory = collector->options.directory,
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
		.levels = collector->options.wishes.level
				  ? &collector->meant.levels
				  : NULL,
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
	const char *how = collector->options.wishes.loops;
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
	logtap_collector_notify(collector, "READY=1");
	return 0;
}
