/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The heartbeat: on each segment's control page, and in a file for processes
 * whose segment nobody has opened yet; and the order to stand down.  Runs in the
 * reader's thread. */
#include "../base/log.h"
#include "../base/own_file.h"
#include "../run/clocksource.h"
#include "disarm.h"
#include "hosts.h"
#include "intake.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STALE_NS LOGTAP_SECOND_NS
#define BEATS_PER_LOOK 64

static struct logtap_beat now(const struct logtap_intake *intake)
{
	struct logtap_beat beat = {
		.heartbeat_tsc = logtap_clock_ticks(),
		.heartbeat_ns = logtap_now_monotonic_ns(),
		.stale_after_ns = STALE_NS,
		.counter_is_clock = intake->counter_is_clock,
	};
	if (intake->clock.ns_per_tick > 0)
		beat.stale_after_tsc = (uint64_t)((double)STALE_NS /
						  intake->clock.ns_per_tick);
	return beat;
}

static void store(const struct logtap_intake *intake,
		  struct logtap_intake_segment *segment,
		  const struct logtap_beat *beat)
{
	struct logtap_control *control = segment->file.control;
	if (logtap_segment_lost(&segment->file))
		return;
	atomic_store_explicit(&control->stale_after_tsc, beat->stale_after_tsc,
			      memory_order_relaxed);
	atomic_store_explicit(&control->stale_after_ns, beat->stale_after_ns,
			      memory_order_relaxed);
	atomic_store_explicit(&control->collector_pid, intake->pid,
			      memory_order_relaxed);
	logtap_level_tell(intake, segment);
	/* Never taken back: a host that has stood down has lost track of its
	 * descriptors. */
	if (logtap_disarm_wanted_of(intake, segment->file.owner))
		atomic_store_explicit(&control->disarm, 1,
				      memory_order_relaxed);
	atomic_store_explicit(&control->heartbeat_tsc, beat->heartbeat_tsc,
			      memory_order_relaxed);
	atomic_store_explicit(&control->heartbeat_ns, beat->heartbeat_ns,
			      memory_order_release);
}

static void ask(struct logtap_intake *intake,
		struct logtap_intake_segment *segment)
{
	const struct logtap_segment_file *file = &segment->file;
	struct logtap_asks_place place = {
		.control = file->control,
		.creator = file->header.pid,
		.slots = file->slots,
		.slot_bytes = file->header.slot_bytes,
		.slot_count = file->header.slot_count,
	};
	if (intake->asks && !logtap_segment_lost(file))
		logtap_asks_store(intake->asks, &place);
}

void logtap_beat_asks(struct logtap_intake *intake)
{
	uint64_t version = intake->asks ? logtap_asks_version(intake->asks) : 0;
	if (version == intake->asks_version)
		return;
	intake->asks_version = version;
	for (size_t i = 0; i < intake->segment_count; i++)
		ask(intake, intake->segments[i]);
}

void logtap_beat(struct logtap_intake *intake,
		 struct logtap_intake_segment *segment)
{
	struct logtap_beat beat = now(intake);
	ask(intake, segment);
	store(intake, segment, &beat);
}

/* A new one each time: what lies there may be anybody's. */
static void open_file(struct logtap_intake *intake)
{
	unlinkat(intake->dir_fd, LOGTAP_BEAT_NAME, 0);
	int fd = logtap_own_file_open(intake->dir_fd, LOGTAP_BEAT_NAME,
				      O_WRONLY | O_CREAT, 0644);
	intake->beat_fd = fd < 0 ? -1 : fd;
	if (logtap_log_is_news(&intake->beat_told, fd < 0) && fd < 0)
		logtap_log(LOGTAP_LOG_WARN, "reader",
			   "cannot write " LOGTAP_BEAT_NAME
			   ": what programs would divert they write as well "
			   "until they are seen error=\"%s\"",
			   strerror(-fd));
	if (intake->beat_fd >= 0 && fchmod(intake->beat_fd, 0644))
		return; /* then only programs of our user can read it */
}

/* The kernel may lose its trust in the counter. */
static void look_at_clock(struct logtap_intake *intake)
{
	if (intake->beats++ % BEATS_PER_LOOK == 0)
		intake->counter_is_clock = logtap_counter_is_clock();
}

void logtap_beat_all(struct logtap_intake *intake)
{
	look_at_clock(intake);
	struct logtap_beat beat = now(intake);
	bool asks = intake->asks && logtap_asks_version(intake->asks);
	for (size_t i = 0; i < intake->segment_count; i++) {
		if (asks)
			ask(intake, intake->segments[i]);
		store(intake, intake->segments[i], &beat);
	}
	if (intake->beat_fd < 0)
		open_file(intake);
	/* A beat that is missed is stale soon, which is all there is to do. */
	if (intake->beat_fd >= 0 &&
	    pwrite(intake->beat_fd, &beat, sizeof(beat), 0) < 0)
		return;
}

void logtap_beat_stop(struct logtap_intake *intake)
{
	static const struct logtap_beat none;
	if (intake->beat_fd < 0)
		return;
	unlinkat(intake->dir_fd, LOGTAP_BEAT_NAME, 0);
	close(intake->beat_fd);
	intake->beat_fd = -1;
	for (size_t i = 0; i < intake->segment_count; i++)
		store(intake, intake->segments[i], &none);
}
