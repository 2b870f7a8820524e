/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A thread's counters, in its slot.  One writer (the thread; a signal handler
 * of it may interrupt and its addition may then be lost to the interrupted
 * one, so what must be exact is only counted under the guard).
 */
#ifndef LOGTAP_SINK_COUNTERS_H
#define LOGTAP_SINK_COUNTERS_H

#include "../guard/tls.h"

static inline void logtap_count_in(struct logtap_slot *slot,
				   enum logtap_counter counter, uint64_t amount)
{
	_Atomic uint64_t *at = &slot->counters[counter];

#if defined(__x86_64__)
	/* One instruction, so that a handler cannot come between load and
	 * store; no lock prefix: no other thread writes here. */
	__asm__ volatile("addq %1, %0"
			 : "+m"(*(uint64_t *)at)
			 : "er"(amount)
			 : "cc");
#else
	atomic_store_explicit(
		at, atomic_load_explicit(at, memory_order_relaxed) + amount,
		memory_order_relaxed);
#endif
}

static inline void logtap_count(struct logtap_tls *tls,
				enum logtap_counter counter, uint64_t amount)
{
	if (__builtin_expect(tls->life == LOGTAP_LIVE, 1))
		logtap_count_in(tls->rings->slot, counter, amount);
}

#endif
