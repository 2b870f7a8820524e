/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * An entry of a lock-free table of sinks or metrics, one of the process or of a
 * segment: taken once, by whoever comes first, then written, then ready and
 * never changed.  Any thread, and signal handlers.
 */
#ifndef LOGTAP_SEGMENT_ENTRY_H
#define LOGTAP_SEGMENT_ENTRY_H

#include <logtap/abi/metric.h>
#include <logtap/abi/sink.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

static_assert((int)LOGTAP_METRIC_EMPTY == (int)LOGTAP_SINK_EMPTY &&
		      (int)LOGTAP_METRIC_WRITING == (int)LOGTAP_SINK_WRITING &&
		      (int)LOGTAP_METRIC_READY == (int)LOGTAP_SINK_READY,
	      "the tables' entries have the same states");

/* True: the caller alone writes the entry, and then tells. */
static inline bool logtap_entry_take(_Atomic uint32_t *state)
{
	uint32_t empty = LOGTAP_SINK_EMPTY;

	return atomic_compare_exchange_strong(state, &empty,
					      LOGTAP_SINK_WRITING);
}

/* What was written before is seen by whoever finds it ready. */
static inline void logtap_entry_tell(_Atomic uint32_t *state)
{
	atomic_store_explicit(state, LOGTAP_SINK_READY, memory_order_release);
}

static inline bool logtap_entry_ready(const _Atomic uint32_t *state)
{
	return atomic_load_explicit(state, memory_order_acquire) ==
	       LOGTAP_SINK_READY;
}

/* Is it the same text?  @shared, of @room bytes: any process may write there, so
 * it need not end. */
static inline bool logtap_entry_is(const char *shared, size_t room,
				   const char *text)
{
	for (size_t i = 0; i < room; i++) {
		if (shared[i] != text[i])
			return false;
		if (!text[i])
			return true;
	}
	return false;
}

#endif
