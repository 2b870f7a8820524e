/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Watched threads: see the header.  Any thread, also in handlers. */
#include "watch.h"

#include "../ring/clock.h"

#include <logtap/abi/control.h>

bool logtap_watch_is_on(const struct logtap_tls *tls)
{
	const struct logtap_control *control = tls->rings->control;

	if (!atomic_load_explicit(&control->watch_count, memory_order_relaxed))
		return false;
	for (unsigned i = 0; i < LOGTAP_CONTROL_WATCHES; i++) {
		const struct logtap_control_watch *watch = &control->watches[i];
		if (tls->tid &&
		    atomic_load_explicit(&watch->tid, memory_order_relaxed) ==
			    tls->tid)
			return logtap_clock_ns(CLOCK_MONOTONIC_COARSE) <
			       atomic_load_explicit(&watch->until_ns,
						    memory_order_relaxed);
	}
	return false;
}
