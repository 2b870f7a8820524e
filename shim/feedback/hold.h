/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Holding the sends of a thread for a moment, because the collector's user
 * allowed it to find out what they cause (logtap_control_hold).
 */
#ifndef LOGTAP_FEEDBACK_HOLD_H
#define LOGTAP_FEEDBACK_HOLD_H

#include "../guard/tls.h"

/* Waits while the calling thread is to be held.  Nothing is held in a signal
 * handler, under a filter, without a clock, or without a collector that lives.
 * Return: us that it took, 0 if nothing was held. */
uint32_t logtap_hold_wait(struct logtap_tls *tls);

/* At a connect(2), which no handler makes: what signals this thread blocks. */
void logtap_hold_prepare(struct logtap_tls *tls);

static inline uint32_t logtap_hold(struct logtap_tls *tls)
{
	if (__builtin_expect(tls->life != LOGTAP_LIVE ||
				     !atomic_load_explicit(
					     &tls->rings->control->hold_count,
					     memory_order_relaxed),
			     1))
		return 0;
	return logtap_hold_wait(tls);
}

#endif
