/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Holding sends: see the header.  Runs in the host's threads, before the real
 * call; the only place besides LOGTAP_FULL=block where a call is delayed. */
#include "hold.h"

#include "../arch/syscall.h"
#include "../guard/guard.h"
#include "../ring/clock.h"
#include "../segment/claim.h"
#include "../state.h"

#include <logtap/abi/control.h>
#include <signal.h>
#include <time.h>

#define STEP_NS 1000000

static bool read_mask(uint64_t *mask)
{
	return !logtap_filtered() &&
	       logtap_sys4(SYS_rt_sigprocmask, SIG_SETMASK, 0, (long)mask,
			   sizeof *mask) == 0;
}

void logtap_hold_prepare(struct logtap_tls *tls)
{
	uint64_t mask;

	if (!tls->guard && read_mask(&mask))
		tls->usual_signals |= mask;
}

/* A handler runs with its own signal blocked.  One that blocks nothing, or
 * where the thread itself has come to block more, is told by its stack, or
 * taken for one: that only means that nothing is held. */
static bool in_handler(const struct logtap_tls *tls)
{
	uintptr_t here = LOGTAP_STACK_POINTER();
	uint64_t mask;

	return tls->guard ||
	       here - tls->alternate_low <
		       tls->alternate_high - tls->alternate_low ||
	       !read_mask(&mask) || (mask & ~tls->usual_signals);
}

/* Until when, 0: not at all. */
static uint64_t until_ns(const struct logtap_tls *tls)
{
	const struct logtap_control *control = tls->rings->control;

	if (!atomic_load_explicit(&control->hold_count, memory_order_relaxed))
		return 0;
	for (unsigned i = 0; i < LOGTAP_CONTROL_HOLDS; i++) {
		const struct logtap_control_hold *hold = &control->holds[i];
		if (tls->tid &&
		    atomic_load_explicit(&hold->tid, memory_order_relaxed) ==
			    tls->tid)
			return atomic_load_explicit(&hold->until_ns,
						    memory_order_relaxed);
	}
	return 0;
}

uint32_t logtap_hold_wait(struct logtap_tls *tls)
{
	struct timespec step = {0, STEP_NS};
	uint64_t start = logtap_clock_ns(CLOCK_MONOTONIC), now = start;

	if (!start || start >= until_ns(tls) || !logtap_armed() ||
	    !logtap_alive() || logtap_filtered() || in_handler(tls))
		return 0;
	while (now - start < LOGTAP_HOLD_MOST_NS && now < until_ns(tls) &&
	       logtap_claim_has_collector(tls)) {
		logtap_sys2(SYS_nanosleep, (long)&step, 0);
		now = logtap_clock_ns(CLOCK_MONOTONIC);
	}
	return (uint32_t)((now - start) / 1000);
}
