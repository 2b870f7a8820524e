/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's thread, from its start to its end: see the header. */
#include "guard.h"
#include "hosts.h"
#include "liveness.h"
#include "reader_private.h"
#include "restore.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void logtap_reader_signal(int fd)
{
	uint64_t one = 1;
	/* A full counter wakes as well. */
	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
		return;
}

/* A short slice: it runs briefly and should run soon.  Kernels that do not
 * know the wish refuse it, which does no harm. */
static void ask_for_latency(void)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} wish = {.size = sizeof(wish),
		  .policy = SCHED_OTHER,
		  .runtime = LOGTAP_DELAY_LEAST_NS};
	syscall(SYS_sched_setattr, 0, &wish, 0u);
	prctl(PR_SET_TIMERSLACK, 10000ul);
}

/* Who makes a file while we sleep wakes us, and a wake-up costs it as much as all
 * the rest of its start.  So after one that is left to time for a while: a script
 * of many commands pays once in so long, and a ring that has grown is still found
 * before it is full. */
#define DEAF_NS (5 * LOGTAP_MS_NS)

/* Sleeps until something is to be done. */
static void sleep_for(struct logtap_reader *reader, uint64_t wait_ns)
{
	struct pollfd fds[2] = {
		{.fd = reader->call_fd, .events = POLLIN},
		{.fd = reader->intake.inotify_fd, .events = POLLIN},
	};
	uint64_t now_ns = logtap_now_monotonic_ns(), ignored;
	bool deaf = now_ns < reader->deaf_until_ns;

	if (deaf && wait_ns > reader->deaf_until_ns - now_ns)
		wait_ns = reader->deaf_until_ns - now_ns;
	struct timespec wait = {.tv_sec = (time_t)(wait_ns / LOGTAP_SECOND_NS),
				.tv_nsec = (long)(wait_ns % LOGTAP_SECOND_NS)};
	int ready = ppoll(fds, deaf ? 1 : 2, &wait, NULL);
	reader->intake.notified = ready > 0 && fds[1].revents;
	if (reader->intake.notified)
		reader->deaf_until_ns = logtap_now_monotonic_ns() + DEAF_NS;
	if (ready > 0 && fds[0].revents)
		(void)!read(reader->call_fd, &ignored, sizeof(ignored));
}

static void *run(void *context)
{
	struct logtap_reader *reader = context;
	pthread_setname_np(pthread_self(), "logtap-reader");
	ask_for_latency();
	while (!atomic_load(&reader->stop)) {
		sleep_for(reader, logtap_reader_round(reader));
	}
	return NULL;
}

static int prepare(struct logtap_reader *reader)
{
	struct logtap_intake *intake = &reader->intake;
	intake->pid = (uint32_t)getpid();
	logtap_clock_start(&intake->clock);
	intake->next_key = 1;
	intake->now_ns = logtap_now_monotonic_ns();
	intake->pid_namespace = logtap_own_pid_namespace();
	intake->sees_all = intake->pid_namespace == LOGTAP_FIRST_PID_NAMESPACE;
	int result = logtap_window_init(&intake->windows[0]);
	if (!result)
		result = logtap_window_init(&intake->windows[1]);
	if (!result)
		result = logtap_guard_install();
	if (!result)
		result = logtap_discover_init(intake);
	if (!result)
		result = logtap_intake_restore(intake);
	if (result)
		return result;
	/* Everything is opened before anything is read, so that of a thread's
	 * slots the earlier one is read first. */
	logtap_discover_run(intake, true);
	logtap_intake_adopt(intake);
	logtap_level_look(intake);
	logtap_schedule_refresh(intake, true);
	logtap_beat_all(intake);
	return 0;
}

static int start_thread(struct logtap_reader *reader)
{
	sigset_t all, before;
	sigfillset(&all);
	sigdelset(&all, SIGBUS);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&reader->thread, NULL, run, reader);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	reader->has_thread = !error;
	return -error;
}

int logtap_reader_start(const struct logtap_reader_options *options,
			struct logtap_reader **out, char *error,
			size_t error_bytes)
{
	struct logtap_reader *reader = calloc(1, sizeof(*reader));
	if (!reader) {
		snprintf(error, error_bytes, "reader: start: no memory");
		return -ENOMEM;
	}
	reader->wake_fd = options->wake_fd;
	reader->call_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	reader->intake.dir_fd = options->dir_fd;
	reader->intake.descendants = options->descendants;
	reader->intake.journal = options->journal;
	reader->intake.accounting = options->accounting;
	reader->intake.asks = options->asks;
	reader->intake.metrics = options->metrics;
	reader->intake.given_levels = options->levels;
	reader->intake.inotify_fd = -1;
	reader->intake.notified = true;
	reader->intake.beat_fd = -1;
	int result = reader->call_fd < 0 ? -errno : prepare(reader);
	if (!result && !options->no_thread)
		result = start_thread(reader);
	if (result) {
		snprintf(error, error_bytes, "reader: start: %s",
			 strerror(-result));
		logtap_reader_free(reader);
		return result;
	}
	*out = reader;
	return 0;
}

uint64_t logtap_reader_drain(struct logtap_reader *reader, uint64_t grace_ns)
{
	atomic_store(&reader->drain_grace_ns, grace_ns);
	uint64_t number = atomic_fetch_add(&reader->drain_wanted, 1) + 1;
	logtap_reader_signal(reader->call_fd);
	return number;
}

bool logtap_reader_drained(struct logtap_reader *reader, uint64_t number,
			   uint64_t *live_processes)
{
	if (atomic_load(&reader->drain_done) < number)
		return false;
	*live_processes = atomic_load(&reader->live_processes);
	return true;
}

uint64_t logtap_reader_quarantined(const struct logtap_reader *reader)
{
	return atomic_load(&reader->intake.quarantined);
}

uint64_t logtap_reader_foreign(const struct logtap_reader *reader)
{
	return atomic_load(&reader->intake.foreign);
}

void logtap_reader_stop(struct logtap_reader *reader)
{
	if (!reader->has_thread)
		return;
	atomic_store(&reader->stop, true);
	logtap_reader_signal(reader->call_fd);
	pthread_join(reader->thread, NULL);
	reader->has_thread = false;
}

void logtap_reader_free(struct logtap_reader *reader)
{
	if (!reader)
		return;
	logtap_reader_stop(reader);
	logtap_beat_stop(&reader->intake);
	logtap_table_deinit(&reader->intake);
	logtap_discover_deinit(&reader->intake);
	logtap_intake_forget_restored(&reader->intake);
	logtap_window_deinit(&reader->intake.windows[0]);
	logtap_window_deinit(&reader->intake.windows[1]);
	free(reader->intake.watches);
	free(reader->intake.strangers);
	if (reader->call_fd >= 0)
		close(reader->call_fd);
	free(reader);
}

void logtap_reader_limits(const struct logtap_reader *reader,
			  struct logtap_reader_limits *out)
{
	out->strangers = atomic_load(&reader->intake.strangers_told);
	out->incomplete = atomic_load(&reader->intake.incomplete);
	out->programs = atomic_load(&reader->intake.programs);
}

void logtap_reader_clock(const struct logtap_reader *reader,
			 struct logtap_reader_clock *out)
{
	out->error_ns = atomic_load(&reader->intake.clock.error_ns);
	out->steps = atomic_load(&reader->intake.clock.steps);
}
