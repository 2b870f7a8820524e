/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The heartbeat on a segment's control page.  Runs in the reader's thread. */
#include "intake.h"

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
	atomic_store_explicit(&control->heartbeat_tsc, logtap_clock_ticks(),
			      memory_order_relaxed);
	atomic_store_explicit(&control->heartbeat_ns, logtap_now_monotonic_ns(),
			      memory_order_release);
}
