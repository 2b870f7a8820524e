/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A thread's counters, in its slot.  One writer: the thread, and its handlers.
 */
#ifndef LOGTAP_SINK_COUNTERS_H
#define LOGTAP_SINK_COUNTERS_H

#include "../guard/tls.h"

/* Adds to what only the calling thread writes, and anyone may read.  One
 * instruction where there is one, so that a handler cannot come between load and
 * store; no lock prefix: no other thread writes here. */
static inline void logtap_count_add(_Atomic uint64_t *at, uint64_t amount)
{
#if defined(__x86_64__)
	__asm__ volatile("addq %1, %0"
			 : "+m"(*(uint64_t *)at)
			 : "er"(amount)
			 : "cc");
#else
	atomic_fetch_add_explicit(at, amount, memory_order_relaxed);
#endif
}

static inline void logtap_count_in(struct logtap_slot *slot,
				   enum logtap_counter counter, uint64_t amount)
{
	logtap_count_add(&slot->counters[counter], amount);
}

static inline void logtap_count(struct logtap_tls *tls,
				enum logtap_counter counter, uint64_t amount)
{
	if (__builtin_expect(tls->life == LOGTAP_LIVE, 1))
		logtap_count_in(tls->rings->slot, counter, amount);
}

#endif
