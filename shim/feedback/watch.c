/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Watched threads: see the header.  Any thread, also in handlers. */
#include "watch.h"

#include "../ring/clock.h"

#include <logtap/abi/control.h>

/* LOGTAP_CONTROL_WATCHES: there is none of the calling thread. */
static unsigned watch_of(const struct logtap_tls *tls)
{
	const struct logtap_control *control = tls->rings->control;
	unsigned i = 0;

	if (!tls->tid ||
	    !atomic_load_explicit(&control->watch_count, memory_order_relaxed))
		return LOGTAP_CONTROL_WATCHES;
	while (i < LOGTAP_CONTROL_WATCHES &&
	       atomic_load_explicit(&control->watches[i].tid,
				    memory_order_relaxed) != tls->tid)
		i++;
	return i;
}

bool logtap_watch_is_on(const struct logtap_tls *tls)
{
	unsigned i = watch_of(tls);

	return i < LOGTAP_CONTROL_WATCHES &&
	       logtap_clock_ns(CLOCK_MONOTONIC_COARSE) <
		       atomic_load_explicit(
			       &tls->rings->control->watches[i].until_ns,
			       memory_order_relaxed);
}

uint64_t logtap_watch_memory_end(const struct logtap_tls *tls)
{
	unsigned i = watch_of(tls);

	return i < LOGTAP_CONTROL_WATCHES
		       ? atomic_load_explicit(
				 &tls->rings->control->memory_ends[i],
				 memory_order_relaxed)
		       : 0;
}
