/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The heartbeat on a segment's control page, and the order to stand down.  Runs
 * in the reader's thread. */
#include "../base/log.h"
#include "intake.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define STALE_NS LOGTAP_SECOND_NS

void logtap_beat(struct logtap_intake *intake,
		 struct logtap_intake_segment *segment)
{
	struct logtap_control *control = segment->file.control;
	if (logtap_segment_lost(&segment->file))
		return;
	uint64_t stale_ticks = 0;
	if (intake->clock.ns_per_tick > 0)
		stale_ticks = (uint64_t)((double)STALE_NS /
					 intake->clock.ns_per_tick);
	atomic_store_explicit(&control->stale_after_tsc, stale_ticks,
			      memory_order_relaxed);
	atomic_store_explicit(&control->stale_after_ns, STALE_NS,
			      memory_order_relaxed);
	atomic_store_explicit(&control->collector_pid, (uint32_t)getpid(),
			      memory_order_relaxed);
	/* Never taken back: a host that has stood down has lost track of its
	 * descriptors. */
	if (intake->disarmed)
		atomic_store_explicit(&control->disarm, 1,
				      memory_order_relaxed);
	atomic_store_explicit(&control->heartbeat_tsc, logtap_clock_ticks(),
			      memory_order_relaxed);
	atomic_store_explicit(&control->heartbeat_ns, logtap_now_monotonic_ns(),
			      memory_order_release);
}

static bool disarms(int directory, const char *path)
{
	struct stat status;
	return !fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW) &&
	       S_ISREG(status.st_mode) &&
	       (!status.st_uid || status.st_uid == geteuid());
}

void logtap_disarm_look(struct logtap_intake *intake)
{
	bool disarmed =
		disarms(intake->dir_fd, LOGTAP_DISARM_NAME) ||
		disarms(AT_FDCWD, LOGTAP_DISARM_FOLDER "/" LOGTAP_DISARM_NAME);
	if (disarmed != intake->disarmed)
		logtap_log(LOGTAP_LOG_WARN, "reader",
			   disarmed ? "the file " LOGTAP_DISARM_NAME
				      " is there: programs are told to "
				      "stand down"
				    : "the file " LOGTAP_DISARM_NAME
				      " is gone: programs that start are "
				      "captured again");
	intake->disarmed = disarmed;
}
