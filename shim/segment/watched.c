/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Does a collector read what this process writes?  By its heartbeat: see
 * claim.h and slots.h. */
#include "claim.h"
#include "slots.h"

static bool beats(const struct logtap_control *control)
{
	uint64_t beat, after, now;

	if (logtap_clock_is_counter())
		return logtap_claim_beats_at(control, logtap_clock_counter());
	beat = atomic_load_explicit(&control->heartbeat_ns,
				    memory_order_relaxed);
	after = atomic_load_explicit(&control->stale_after_ns,
				     memory_order_relaxed);
	now = logtap_clock_ns(CLOCK_MONOTONIC_COARSE);
	return beat && (now < beat || now - beat <= after);
}

bool logtap_slots_are_watched(void)
{
	uint32_t count = atomic_load_explicit(&logtap_state.mapping_count,
					      memory_order_acquire);

	/* The first that is left: a child that was forked in the middle of a copy
	 * has given up those before it. */
	for (uint32_t i = 0; i < count; i++) {
		const struct logtap_mapping *mapping = logtap_mapping_at(i);
		if (mapping)
			return beats(mapping->control);
	}
	return false;
}

bool logtap_claim_has_collector(const struct logtap_tls *tls)
{
	const struct logtap_control *control = tls->rings->control;

	/* A segment that is as young as this has not been found yet: then the
	 * collector of the first one is asked about. */
	if (!atomic_load_explicit(&control->collector_pid,
				  memory_order_relaxed))
		return logtap_slots_are_watched();
	return beats(control);
}

bool logtap_claim_sees_collector(struct logtap_tls *tls)
{
	const struct logtap_control *control = tls->rings->control;

	tls->collected_until = atomic_load_explicit(&control->heartbeat_tsc,
						    memory_order_relaxed) +
			       atomic_load_explicit(&control->stale_after_tsc,
						    memory_order_relaxed);
	return logtap_claim_has_collector(tls);
}
