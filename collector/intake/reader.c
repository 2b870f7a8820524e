/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader's thread: see the header.
 *
 * Hosts do not wake it, for that would cost them a system call; it comes by.
 * How soon it comes again follows from how full it found a segment's rings:
 * soon enough to find them half full, 1 to 5 ms while there is anything, ever
 * later (50 ms) when there is not.  One window a ring and round, so that a busy
 * thread does not keep others waiting.
 */
#include "reader.h"

#include "../base/log.h"
#include "guard.h"
#include "intake.h"
#include "liveness.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
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

#define DELAY_LEAST_NS (LOGTAP_MS_NS / 10)
#define DELAY_ACTIVE_NS (5 * LOGTAP_MS_NS)
#define DELAY_IDLE_NS (50 * LOGTAP_MS_NS)
#define ACTIVE_NS (200 * LOGTAP_MS_NS)
#define BEAT_NS (100 * LOGTAP_MS_NS)
#define DEATHS_NS (10 * LOGTAP_MS_NS)
#define DEATHS_SLOTS 256 /* at a time, about */
#define SWEEP_NS LOGTAP_SECOND_NS
#define SCAN_NS (5 * LOGTAP_SECOND_NS)
#define BLIND_SCAN_NS (100 * LOGTAP_MS_NS) /* without inotify */
/* How full a ring should be found at most. */
enum { GOAL_PERCENT = 50 };
/* To wake whoever reads the journal costs as much as some hundred chunks: not
 * more often than this, unless there is much for him. */
#define TELL_NS (5 * LOGTAP_MS_NS)
#define TELL_BYTES (UINT64_C(256) << 10)
#define DRAIN_NS (300 * LOGTAP_MS_NS)
#define UNREAD_NS (3 * LOGTAP_SECOND_NS)

struct logtap_reader {
	struct logtap_intake intake;
	int wake_fd; /* ours to write */
	int call_fd; /* eventfd: others call the thread */
	pthread_t thread;
	bool has_thread;
	_Atomic bool stop;
	_Atomic uint64_t drain_wanted;
	_Atomic uint64_t drain_grace_ns;
	_Atomic uint64_t drain_done;
	_Atomic uint64_t live_processes;
	uint64_t told; /* the journal's end when we last woke someone */
	uint64_t told_ns;
	uint64_t beat_ns;
	uint64_t deaths_ns;
	size_t deaths_at; /* the segment whose turn is next */
	uint64_t second_ns;
	uint64_t scan_ns;
};

static void signal_fd(int fd)
{
	uint64_t one = 1;
	/* A full counter wakes as well. */
	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
		return;
}

static void refresh(struct logtap_intake *intake,
		    struct logtap_intake_segment *segment)
{
	if (logtap_segment_lost(&segment->file))
		return;
	for (uint32_t i = 0; i < segment->file.header.slot_count; i++)
		if (segment->slots[i])
			logtap_slot_refresh(intake, segment, i);
}

static void set_delay(struct logtap_intake *intake,
		      struct logtap_intake_segment *segment, int fill)
{
	uint64_t elapsed = intake->now_ns - segment->visited_ns;
	uint64_t delay = segment->delay_ns;
	if (fill > segment->fullest)
		segment->fullest = fill;
	fill = segment->fullest;
	if (segment->more) {
		/* One window a ring was taken; others had their turn. */
		segment->due_ns = intake->now_ns;
		return;
	}
	if (fill > 0) {
		segment->idle_since_ns = intake->now_ns;
		delay = elapsed * GOAL_PERCENT / (uint64_t)fill;
		if (delay < DELAY_LEAST_NS)
			delay = DELAY_LEAST_NS;
		if (delay > DELAY_ACTIVE_NS)
			delay = DELAY_ACTIVE_NS;
	} else {
		bool active =
			intake->now_ns - segment->idle_since_ns < ACTIVE_NS;
		delay = delay < LOGTAP_MS_NS ? LOGTAP_MS_NS : delay * 2;
		uint64_t most = active ? DELAY_ACTIVE_NS : DELAY_IDLE_NS;
		if (delay > most)
			delay = most;
	}
	segment->visited_ns = intake->now_ns;
	segment->fullest = 0;
	segment->delay_ns = delay;
	segment->due_ns = intake->now_ns + delay;
}

/* Return: how full its fullest ring was found, or -1: the journal is full. */
static int visit(struct logtap_intake *intake,
		 struct logtap_intake_segment *segment)
{
	int fullest = 0;
	segment->more = false;
	logtap_start_tell(intake, segment);
	for (uint32_t i = 0; i < segment->file.header.slot_count; i++) {
		/* A page that was lost reads as zeros until we look. */
		if (logtap_segment_lost(&segment->file))
			break;
		int fill = logtap_slot_visit(intake, segment, i);
		if (fill < 0)
			return -1;
		if (fill > fullest)
			fullest = fill;
	}
	return fullest;
}

static void visit_due(struct logtap_intake *intake, bool all)
{
	for (size_t i = 0; i < intake->segment_count; i++) {
		struct logtap_intake_segment *segment = intake->segments[i];
		if (!all && segment->due_ns > intake->now_ns)
			continue;
		int fill = visit(intake, segment);
		if (fill < 0) {
			/* Nothing fits anywhere else either. */
			segment->due_ns = intake->now_ns + DELAY_ACTIVE_NS;
			continue;
		}
		set_delay(intake, segment, fill);
	}
}

static void look_for_all_deaths(struct logtap_intake *intake)
{
	for (size_t i = 0; i < intake->segment_count; i++)
		if (!logtap_segment_lost(&intake->segments[i]->file))
			logtap_reclaim_deaths(intake, intake->segments[i]);
}

/* Goes on where the last call ended: what it costs must not grow with the
 * threads that live. */
static void look_for_deaths(struct logtap_reader *reader)
{
	struct logtap_intake *intake = &reader->intake;
	uint32_t looked = 0;
	for (size_t i = 0; i < intake->segment_count && looked < DEATHS_SLOTS;
	     i++) {
		size_t at = reader->deaths_at++ % intake->segment_count;
		if (!logtap_segment_lost(&intake->segments[at]->file))
			looked += logtap_reclaim_deaths(intake,
							intake->segments[at]);
	}
}

/* What an earlier collector left is ended once the journal takes it. */
static void take_over(struct logtap_intake *intake)
{
	if (logtap_intake_rotate(intake, false, !intake->started))
		return;
	logtap_intake_end_vanished(intake);
	logtap_intake_forget_restored(intake);
}

static bool due(uint64_t *last_ns, uint64_t now_ns, uint64_t interval_ns)
{
	if (now_ns - *last_ns < interval_ns)
		return false;
	*last_ns = now_ns;
	return true;
}

static void housekeeping(struct logtap_reader *reader)
{
	struct logtap_intake *intake = &reader->intake;
	uint64_t now_ns = intake->now_ns;
	if (due(&reader->scan_ns, now_ns,
		intake->inotify_fd >= 0 ? SCAN_NS : BLIND_SCAN_NS))
		intake->rescan = true;
	logtap_discover_run(intake, false);
	if (!intake->started || intake->restored)
		take_over(intake);
	if (due(&reader->beat_ns, now_ns, BEAT_NS)) {
		logtap_disarm_look(intake);
		logtap_level_look(intake);
		logtap_beat_all(intake);
		for (size_t i = 0; i < intake->segment_count; i++) {
			refresh(intake, intake->segments[i]);
			logtap_uncaptured_count(intake, intake->segments[i]);
		}
	}
	if (due(&reader->deaths_ns, now_ns, DEATHS_NS))
		look_for_deaths(reader);
	if (due(&reader->second_ns, now_ns, SWEEP_NS)) {
		logtap_clock_sample(&intake->clock);
		logtap_reclaim_sweep(intake);
		logtap_strangers_look(intake);
		logtap_intake_rotate(intake, true, false);
	}
}

/* Wakes whoever reads the journal. */
static void tell(struct logtap_reader *reader, bool at_once)
{
	uint64_t end = logtap_journal_end(reader->intake.journal);
	uint64_t now_ns = reader->intake.now_ns;
	if (!at_once &&
	    (end == reader->told || (end - reader->told < TELL_BYTES &&
				     now_ns - reader->told_ns < TELL_NS)))
		return;
	reader->told = end;
	reader->told_ns = now_ns;
	signal_fd(reader->wake_fd);
}

static uint64_t next_due(struct logtap_reader *reader)
{
	struct logtap_intake *intake = &reader->intake;
	uint64_t due_ns = logtap_discover_due(intake);
	for (size_t i = 0; i < intake->segment_count; i++)
		if (intake->segments[i]->due_ns < due_ns)
			due_ns = intake->segments[i]->due_ns;
	if (reader->beat_ns + BEAT_NS < due_ns)
		due_ns = reader->beat_ns + BEAT_NS;
	if (logtap_journal_end(intake->journal) != reader->told &&
	    reader->told_ns + TELL_NS < due_ns)
		due_ns = reader->told_ns + TELL_NS;
	return due_ns;
}

static void pause_for(uint64_t ns)
{
	struct timespec pause = {.tv_nsec = (long)ns};
	nanosleep(&pause, NULL);
}

/* Is something there that will be read, but not yet? */
static bool anything_unread(const struct logtap_intake *intake)
{
	for (size_t i = 0; i < intake->segment_count; i++)
		for (uint32_t j = 0;
		     j < intake->segments[i]->file.header.slot_count; j++) {
			struct logtap_slot_reader *slot =
				intake->segments[i]->slots[j];
			if (slot && (slot->dead || slot->held_since_ns ||
				     (slot->waits && !slot->bad)))
				return true;
		}
	return false;
}

/* Everything that is there now, once: the living up to what they hold, the
 * dead to the end.  Return: false when the journal is full. */
static bool drain_once(struct logtap_reader *reader)
{
	struct logtap_intake *intake = &reader->intake;
	uint64_t until_ns = logtap_now_monotonic_ns() + DRAIN_NS;
	for (;;) {
		intake->now_ns = logtap_now_monotonic_ns();
		uint64_t before = intake->appended;
		logtap_discover_run(intake, true);
		look_for_all_deaths(intake);
		visit_due(intake, true);
		look_for_all_deaths(intake);
		if (due(&reader->beat_ns, intake->now_ns, BEAT_NS))
			logtap_beat_all(intake);
		if (intake->full)
			return false;
		bool more = intake->appended != before;
		/* The living may write as fast as we read, and the hostile may
		 * keep a slot in a state that has no end. */
		if ((!more || intake->now_ns >= until_ns) &&
		    (!anything_unread(intake) ||
		     intake->now_ns >= until_ns + UNREAD_NS))
			return true;
		if (atomic_load(&reader->stop))
			return true;
		if (!more)
			pause_for(LOGTAP_MS_NS);
	}
}

/* Processes that live on.  A child that was forked just now has no slot yet,
 * and one that executes just now has nothing mapped: where all hosts are our
 * supervisor's, they are looked for by what they have mapped and by their
 * environment, and those that are still starting are given a moment. */
static uint64_t count_living(struct logtap_reader *reader, bool *starting)
{
	struct logtap_intake *intake = &reader->intake;
	uint64_t live = logtap_reclaim_live_processes(intake);
	char link[64], path[PATH_MAX];
	struct logtap_users users;
	*starting = false;
	if (!intake->descendants)
		return live;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", intake->dir_fd);
	ssize_t length = readlink(link, path, sizeof(path) - 1);
	if (length <= 0)
		return live;
	path[length] = 0;
	logtap_users_count(path, &users);
	*starting = users.starting;
	return users.mapping > live ? users.mapping : live;
}

static void drain(struct logtap_reader *reader, uint64_t number)
{
	struct logtap_intake *intake = &reader->intake;
	uint64_t until_ns = logtap_now_monotonic_ns() +
			    atomic_load(&reader->drain_grace_ns);
	uint64_t pause_ns = LOGTAP_MS_NS, live;
	for (;;) {
		bool starting;
		if (!drain_once(reader))
			return; /* again when the journal has room */
		logtap_reclaim_sweep(intake);
		if (!drain_once(reader))
			return;
		logtap_reclaim_sweep(intake);
		live = count_living(reader, &starting);
		if ((!live && !starting) || atomic_load(&reader->stop) ||
		    logtap_now_monotonic_ns() >= until_ns)
			break;
		/* What has just ended may need a moment to be marked. */
		pause_for(pause_ns);
		pause_ns *= 2;
	}
	for (size_t i = 0; i < intake->segment_count; i++) {
		refresh(intake, intake->segments[i]);
		logtap_uncaptured_count(intake, intake->segments[i]);
	}
	atomic_store(&reader->live_processes, live);
	atomic_store(&reader->drain_done, number);
	tell(reader, true);
}

uint64_t logtap_reader_round(struct logtap_reader *reader)
{
	struct logtap_intake *intake = &reader->intake;
	intake->now_ns = logtap_now_monotonic_ns();
	housekeeping(reader);
	logtap_beat_asks(intake);
	visit_due(intake, false);
	uint64_t wanted = atomic_load(&reader->drain_wanted);
	if (wanted != atomic_load(&reader->drain_done))
		drain(reader, wanted);
	tell(reader, false);
	uint64_t due_ns = next_due(reader);
	uint64_t now_ns = logtap_now_monotonic_ns();
	return due_ns > now_ns ? due_ns - now_ns : 0;
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
		  .runtime = DELAY_LEAST_NS};
	syscall(SYS_sched_setattr, 0, &wish, 0u);
	prctl(PR_SET_TIMERSLACK, 10000ul);
}

static void *run(void *context)
{
	struct logtap_reader *reader = context;
	pthread_setname_np(pthread_self(), "logtap-reader");
	ask_for_latency();
	while (!atomic_load(&reader->stop)) {
		uint64_t wait_ns = logtap_reader_round(reader);
		struct timespec wait = {
			.tv_sec = (time_t)(wait_ns / LOGTAP_SECOND_NS),
			.tv_nsec = (long)(wait_ns % LOGTAP_SECOND_NS)};
		struct pollfd fds[2] = {
			{.fd = reader->call_fd, .events = POLLIN},
			{.fd = reader->intake.inotify_fd, .events = POLLIN},
		};
		uint64_t ignored;
		if (ppoll(fds, 2, &wait, NULL) > 0 && fds[0].revents &&
		    read(reader->call_fd, &ignored, sizeof(ignored)) < 0)
			continue;
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
	intake->sees_all = logtap_sees_all_processes();
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
	for (size_t i = 0; i < intake->segment_count; i++)
		refresh(intake, intake->segments[i]);
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
	signal_fd(reader->call_fd);
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

void logtap_reader_stop(struct logtap_reader *reader)
{
	if (!reader->has_thread)
		return;
	atomic_store(&reader->stop, true);
	signal_fd(reader->call_fd);
	pthread_join(reader->thread, NULL);
	reader->has_thread = false;
}

void logtap_reader_free(struct logtap_reader *reader)
{
	if (!reader)
		return;
	logtap_reader_stop(reader);
	logtap_beat_stop(&reader->intake);
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
}
