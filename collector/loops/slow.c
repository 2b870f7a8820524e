/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Breaking a loop where it is made: the thread of a program that exports what
 * its exports cause waits between them (the hold of intake/asks.h), so that
 * there are fewer.  Nothing is lost, and each wait is short.  Under the lock.
 *
 * A hold reaches the program some ms after an export, when there may have been
 * many more; so each export owes its share of time, and what is owed adds up.
 */
#include "model.h"

#include <errno.h>
#include <stdio.h>

static const struct logtap_loops_cause *source_of(
	struct logtap_loops *loops, const struct logtap_loops_loop *loop)
{
	const struct logtap_loops_cause *cause =
		logtap_loops_cause_of(loops, loop->cause);

	return cause && cause->host ? cause : NULL;
}

int logtap_loops_slow_check(struct logtap_loops *loops,
			    const struct logtap_loops_loop *loop, char *error,
			    size_t error_bytes)
{
	if (!loops->options.probe || !loops->options.hold_host) {
		snprintf(error, error_bytes,
			 "loops: source: this collector may not hold exports; "
			 "start it with --loops=probe");
		return -EPERM;
	}
	if (!source_of(loops, loop)) {
		snprintf(error, error_bytes,
			 "loops: %u: no exports of a program are known to "
			 "cause it; leave its records out instead (--drop)",
			 loop->number);
		return -EINVAL;
	}
	return 0;
}

/* So much is owed at most: the holds of a burst end some time. */
#define MOST_OWED_NS (60 * LOGTAP_LOOPS_SECOND)

static uint64_t share_ns(const struct logtap_loops_break *what)
{
	double ns =
		what->step == LOGTAP_LOOPS_RATE ? 1e9 / what->rate_per_s : 1e9;

	return ns < (double)MOST_OWED_NS ? (uint64_t)ns : MOST_OWED_NS;
}

static bool is_slowed(const struct logtap_loops_loop *loop, uint64_t now_ns)
{
	const struct logtap_loops_applied *applied = &loop->applied;

	return applied->what.at_source &&
	       applied->what.step != LOGTAP_LOOPS_OBSERVE &&
	       (!applied->until_ns || now_ns < applied->until_ns);
}

/* For how long the next one is to wait. */
static uint64_t owe(struct logtap_loops_applied *applied, uint64_t now_ns)
{
	uint64_t most_ns = now_ns + MOST_OWED_NS;

	if (applied->slow_until_ns < now_ns)
		applied->slow_until_ns = now_ns;
	applied->slow_until_ns += share_ns(&applied->what);
	/* also when the clock was set back */
	if (applied->slow_until_ns > most_ns)
		applied->slow_until_ns = most_ns;
	applied->slowed++;
	return applied->slow_until_ns - now_ns;
}

void logtap_loops_slow_after(struct logtap_loops *loops,
			     const struct logtap_loops_cause *cause,
			     uint64_t now_ns)
{
	/* an intervention compares what is held with what is not */
	if (loops->probe.loop)
		return;
	for (size_t i = 0; i < LOGTAP_LOOPS_MAX; i++) {
		struct logtap_loops_loop *loop = &loops->loops[i];
		if (!loop->number || loop->cause != cause->id ||
		    !is_slowed(loop, now_ns))
			continue;
		logtap_loops_hold(loops, cause, owe(&loop->applied, now_ns));
		return;
	}
}

void logtap_loops_slow_end(struct logtap_loops *loops,
			   struct logtap_loops_loop *loop)
{
	const struct logtap_loops_cause *cause = source_of(loops, loop);

	loop->applied.slow_until_ns = 0;

	if (cause && loop->applied.what.at_source && loops->options.hold_host &&
	    !loops->probe.loop)
		logtap_loops_hold(loops, cause, 0);
}
