/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Reading to the end what there is: see logtap_reader_drain().  Runs in the
 * reader's thread. */
#include "ends.h"
#include "hosts.h"
#include "reader_private.h"
#include "users.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define DRAIN_NS (300 * LOGTAP_MS_NS)
/* So much longer for what is there but cannot be read yet; then it is read in
 * any order, and as long as that takes, up to this. */
#define UNREAD_NS (3 * LOGTAP_SECOND_NS)
#define READ_MOST_NS (60 * LOGTAP_SECOND_NS)

/* Who only looks whether anybody is left looks again: so often such as start are
 * somebody, and then such as cannot be captured. */
enum { STARTING_LOOKS = 3 };

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

/* Is there nothing more to do, @late_ns (or less than 0) after DRAIN_NS, and
 * after a visit of everything that read something, or not (@more)?  The living
 * may write as fast as we read, and the hostile may keep a slot in a state that
 * has no end; but what the dead have left is not left to those who remove it. */
static bool has_ended(const struct logtap_intake *intake, bool more,
		      int64_t late_ns)
{
	if (more && late_ns < 0)
		return false;
	if (!anything_unread(intake))
		return true;
	return intake->in_any_order &&
	       (!more || late_ns >= (int64_t)READ_MOST_NS);
}

static bool read_all(struct logtap_reader *reader)
{
	struct logtap_intake *intake = &reader->intake;
	uint64_t until_ns = logtap_now_monotonic_ns() + DRAIN_NS;
	for (;;) {
		intake->now_ns = logtap_now_monotonic_ns();
		int64_t late_ns = (int64_t)(intake->now_ns - until_ns);
		intake->in_any_order = late_ns >= (int64_t)UNREAD_NS;
		uint64_t before = intake->appended;
		logtap_discover_run(intake, true);
		logtap_schedule_visit(intake, true);
		if (logtap_reader_due(&reader->beat_ns, intake->now_ns,
				      LOGTAP_BEAT_NS))
			logtap_beat_all(intake);
		if (intake->full)
			return false;
		bool more = intake->appended != before;
		if (has_ended(intake, more, late_ns) ||
		    atomic_load(&reader->stop))
			return true;
		if (!more)
			pause_for(LOGTAP_MS_NS);
	}
}

/* Everything that is there now, once: the living up to what they hold, the
 * dead to the end.  Return: false when the journal is full. */
static bool drain_once(struct logtap_reader *reader)
{
	bool done = read_all(reader);
	reader->intake.in_any_order = false;
	return done;
}

/* Processes that live on.  A child that was forked just now has no slot yet,
 * and one that executes just now has nothing mapped: where all hosts are our
 * supervisor's, they are looked for by what they have mapped and by their
 * environment, and those that are still starting are given a moment. */
static uint64_t count_living(struct logtap_reader *reader, bool *starting)
{
	enum { LISTS = 3 }; /* a daemon forks twice */
	struct logtap_intake *intake = &reader->intake;
	uint64_t live = logtap_living_count(intake);
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
	/* Who was listed may have forked and ended before he was looked at: the
	 * child is in the next list.  So is what an image that was being loaded
	 * has become. */
	for (int i = 0; i < LISTS; i++) {
		logtap_users_count(path, &users);
		if (users.mapping || users.starting || !users.unclear)
			break;
	}
	*starting = users.starting;
	return users.mapping > live ? users.mapping : live;
}

void logtap_reader_do_drain(struct logtap_reader *reader, uint64_t number)
{
	struct logtap_intake *intake = &reader->intake;
	uint64_t grace_ns = atomic_load(&reader->drain_grace_ns);
	uint64_t until_ns = logtap_now_monotonic_ns() + grace_ns;
	uint64_t pause_ns = LOGTAP_MS_NS, live;
	bool starting;
	for (;;) {
		if (!drain_once(reader))
			return; /* again when the journal has room */
		logtap_sweep(intake, true);
		if (!drain_once(reader))
			return;
		logtap_sweep(intake, true);
		live = count_living(reader, &starting);
		if ((!live && !starting) || atomic_load(&reader->stop) ||
		    logtap_now_monotonic_ns() >= until_ns)
			break;
		/* What has just ended may need a moment to be marked. */
		pause_for(pause_ns);
		pause_ns *= 2;
	}
	if (live || !starting)
		reader->starting_looks = 0;
	else if (!grace_ns && ++reader->starting_looks < STARTING_LOOKS)
		live = 1;
	logtap_schedule_refresh(intake, true);
	atomic_store(&reader->live_processes, live);
	atomic_store(&reader->drain_done, number);
	logtap_reader_tell(reader, true);
}
