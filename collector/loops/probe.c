/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interventions: the exports that a loop is thought to need are held for two
 * of their intervals.  If its records stop while those of others do not, and
 * come again afterwards, twice, it is one.  Under the lock.
 */
#include "../base/clock.h"
#include "../base/log.h"
#include "model.h"

#include <logtap/abi/control.h>

#include <errno.h>
#include <stdio.h>

enum { TRIALS = 2, BEFORE_MIN = 2 };
#define LEAST_NS (500 * LOGTAP_LOOPS_MS)
#define MOST_NS (10 * LOGTAP_LOOPS_SECOND)
#define LATE_NS (1000 * LOGTAP_LOOPS_MS)
#define PAUSE_NS (30 * LOGTAP_LOOPS_SECOND)

static uint64_t bounded(uint64_t ns)
{
	return ns < LEAST_NS ? LEAST_NS : ns > MOST_NS ? MOST_NS : ns;
}

static void hold(struct logtap_loops *loops, unsigned destination, uint64_t ns)
{
	if (destination <
	    sizeof(loops->hold_until_ns) / sizeof(loops->hold_until_ns[0]))
		atomic_store(&loops->hold_until_ns[destination],
			     ns ? logtap_clock_monotonic_ns() + ns : 0);
}

static uint64_t others(const struct logtap_loops *loops,
		       const struct logtap_loops_loop *loop)
{
	return loops->records - loop->records;
}

int logtap_loops_probe_begin(struct logtap_loops *loops,
			     struct logtap_loops_loop *loop, uint64_t now_ns,
			     char *error, size_t error_bytes)
{
	struct logtap_loops_probe *probe = &loops->probe;
	const struct logtap_loops_cause *cause =
		logtap_loops_cause_of(loops, loop->cause);

	if (probe->loop) {
		snprintf(error, error_bytes,
			 "loops: %u: loop %u is being probed; try again later",
			 loop->number, probe->loop);
		return -EBUSY;
	}
	if (!cause || (cause->host && !loops->options.hold_host)) {
		snprintf(error, error_bytes,
			 "loops: %u: no export is known that could be held",
			 loop->number);
		return -EINVAL;
	}
	/* A held thread does not log either, whatever it logs and sends. */
	if (cause->host && loop->confidence < LOGTAP_LOOPS_LIKELY) {
		snprintf(error, error_bytes,
			 "loops: %u: a hold would prove nothing: what its "
			 "thread sends is not known to hold what it logs",
			 loop->number);
		return -EINVAL;
	}
	*probe = (struct logtap_loops_probe){
		.loop = loop->number,
		.at = LOGTAP_PROBE_BEFORE,
		.before = loop->records,
		.others_before = others(loops, loop),
		.interval_ns = logtap_loops_interval_ns(cause),
	};
	probe->until_ns = now_ns + bounded(2 * probe->interval_ns);
	loop->probe_ns = now_ns;
	logtap_log(LOGTAP_LOG_INFO, "loops",
		   "probes a loop: holds its exports for a moment number=%u",
		   loop->number);
	return 0;
}

static void end(struct logtap_loops *loops, struct logtap_loops_loop *loop,
		uint64_t now_ns)
{
	struct logtap_loops_probe *probe = &loops->probe;

	if (loop) {
		loop->proof.trials = probe->trials;
		loop->proof.held = probe->held;
		logtap_log(LOGTAP_LOG_INFO, "loops",
			   "probed a loop number=%u trials=%u held=%u",
			   loop->number, probe->trials, probe->held);
		if (probe->trials >= TRIALS && probe->held == probe->trials)
			logtap_loops_raise(loops, loop, LOGTAP_LOOPS_CONFIRMED,
					   now_ns);
	}
	probe->loop = 0;
	probe->ended_ns = now_ns;
}

static void set_hold(struct logtap_loops *loops,
		     const struct logtap_loops_cause *cause, uint64_t ns)
{
	if (!cause->host)
		hold(loops, cause->destination, ns);
	else if (loops->options.hold_host)
		logtap_loops_hold(loops, cause, ns);
}

static void step(struct logtap_loops *loops, struct logtap_loops_loop *loop,
		 const struct logtap_loops_cause *cause, uint64_t now_ns)
{
	struct logtap_loops_probe *probe = &loops->probe;
	uint64_t span_ns = bounded(2 * probe->interval_ns);
	/* an export that is under way may still cause records */
	uint64_t settle_ns = 300 * LOGTAP_LOOPS_MS;

	switch (probe->at) {
	case LOGTAP_PROBE_BEFORE:
		probe->before = loop->records - probe->before;
		probe->at = LOGTAP_PROBE_HELD;
		probe->during = UINT64_MAX;
		probe->settled_ns = now_ns + settle_ns;
		probe->until_ns = probe->settled_ns + span_ns;
		/* longer than until we look: it is let go when we do */
		set_hold(loops, cause, settle_ns + span_ns + LATE_NS);
		break;
	case LOGTAP_PROBE_HELD:
		probe->during = probe->during == UINT64_MAX
					? 0
					: loop->records - probe->during;
		probe->at = LOGTAP_PROBE_AFTER;
		probe->after = loop->records;
		probe->until_ns = now_ns + settle_ns + span_ns;
		set_hold(loops, cause, 0);
		break;
	case LOGTAP_PROBE_AFTER:
		probe->after = loop->records - probe->after;
		if (!probe->before && !probe->after) {
			end(loops, NULL, now_ns); /* it had ended by itself */
			return;
		}
		logtap_log(LOGTAP_LOG_INFO, "loops",
			   "held the exports of a loop number=%u before=%llu "
			   "during=%llu after=%llu",
			   loop->number, (unsigned long long)probe->before,
			   (unsigned long long)probe->during,
			   (unsigned long long)probe->after);
		probe->trials++;
		probe->held += !probe->during && probe->after;
		if (probe->trials == TRIALS || probe->held < probe->trials) {
			end(loops, loop, now_ns);
			return;
		}
		probe->at = LOGTAP_PROBE_BEFORE;
		probe->before = loop->records;
		probe->until_ns = now_ns + span_ns;
		break;
	}
}

/* Those that are likely and not proven, one at a time, with pauses. */
static void choose(struct logtap_loops *loops, uint64_t now_ns)
{
	char error[160];

	if (!loops->options.probe_alone ||
	    now_ns < loops->probe.ended_ns + PAUSE_NS / 10)
		return;
	for (size_t i = 0; i < LOGTAP_LOOPS_MAX; i++) {
		struct logtap_loops_loop *loop = &loops->loops[i];
		if (!loop->number || !loop->cause ||
		    loop->confidence == LOGTAP_LOOPS_CONFIRMED ||
		    !logtap_loops_is_active(loops, loop) ||
		    (loop->probe_ns && now_ns < loop->probe_ns + PAUSE_NS))
			continue;
		if (!logtap_loops_probe_begin(loops, loop, now_ns, error,
					      sizeof(error)))
			return;
	}
}

void logtap_loops_probe_tick(struct logtap_loops *loops, uint64_t now_ns)
{
	struct logtap_loops_probe *probe = &loops->probe;
	struct logtap_loops_loop *loop = logtap_loops_find(loops, probe->loop);
	const struct logtap_loops_cause *cause =
		loop ? logtap_loops_cause_of(loops, loop->cause) : NULL;

	if (!probe->loop) {
		choose(loops, now_ns);
		return;
	}
	if (!loop || !cause) {
		end(loops, NULL, now_ns);
		return;
	}
	/* what was under way when the hold began has come in by now */
	if (probe->at == LOGTAP_PROBE_HELD && probe->during == UINT64_MAX &&
	    now_ns >= probe->settled_ns)
		probe->during = loop->records;
	/* a program is held for no longer at a time, so it is asked again */
	if (probe->at == LOGTAP_PROBE_HELD && cause->host)
		set_hold(loops, cause, LOGTAP_HOLD_MOST_NS);
	if (now_ns >= probe->until_ns)
		step(loops, loop, cause, now_ns);
}
