/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Stacks into the ring: see the header.  Runs in the host's threads and
 * handlers. */
#include "stack.h"

#include "../arch/registers.h"
#include "../bytes.h"
#include "../guard/guard.h"
#include "../segment/claim.h"
#include "../sink/aside.h"
#include "evidence.h"
#include "memory.h"
#include "objects.h"
#include "severity.h"
#include "watch.h"

/* So many may follow each other at once, after a pause. */
#define BURST 8
#define INTERVAL_US_MOST 10000000u
#define FIXED_BYTES \
	(sizeof(struct logtap_stack) + LOGTAP_REGISTERS * sizeof(uint64_t))

/* Of the interval between two stacks, in the unit of chunks' times. */
static uint64_t interval(const struct logtap_control *control)
{
	uint64_t us = atomic_load_explicit(&control->stack_interval_us,
					   memory_order_relaxed);
	uint64_t ticks = atomic_load_explicit(&control->stale_after_tsc,
					      memory_order_relaxed);
	uint64_t ns = atomic_load_explicit(&control->stale_after_ns,
					   memory_order_relaxed);

	if (!us)
		us = LOGTAP_STACK_INTERVAL_US;
	if (us > INTERVAL_US_MOST)
		us = INTERVAL_US_MOST;
	if (!logtap_clock_is_counter())
		return us * 1000;
	/* Without a collector nothing says how fast the counter is: 2 GHz. */
	if (ns < 1000 || !ticks || ticks > UINT64_MAX / INTERVAL_US_MOST)
		return us * 2000;
	return us * ticks / (ns / 1000);
}

static bool is_due(struct logtap_tls *tls, uint64_t time)
{
	uint64_t step = interval(tls->rings->control);

	/* Unsigned: what is long ago, and a clock that was set back. */
	if (!tls->stack_time || time - tls->stack_time > BURST * step)
		tls->stack_time = time - BURST * step;
	if (time - tls->stack_time < step)
		return false;
	tls->stack_time += step;
	return true;
}

static void open_room(struct logtap_tls *tls)
{
	uintptr_t frame = LOGTAP_STACK_POINTER();

	if (tls->rings->main.capacity < LOGTAP_STACK_RING_BYTES &&
	    !logtap_guard_is_held(tls, frame))
		logtap_claim_grow(tls, LOGTAP_STACK_RING_BYTES, frame);
}

uint32_t logtap_stack_prepare_for(struct logtap_tls *tls,
				  const struct logtap_stamp *stamp,
				  const struct iovec *part)
{
	const struct logtap_control *control = tls->rings->control;
	uint32_t level = atomic_load_explicit(&control->stack_level,
					      memory_order_relaxed);
	uint32_t reason = 0;

	if (logtap_watch_is_on(tls))
		reason = LOGTAP_STACK_FOR_WATCH;
	else if (level &&
		 (level == 1 || logtap_severity_of_chunk(stamp, part) >= level))
		reason = LOGTAP_STACK_FOR_LEVEL;
	if (!reason || !is_due(tls, stamp->time))
		return 0;
	open_room(tls);
	return reason;
}

bool logtap_stack_prepare_evidence(struct logtap_tls *tls,
				   struct logtap_now now)
{
	if (!is_due(tls, now.time))
		return false;
	open_room(tls);
	return true;
}

void logtap_stack_expect(struct logtap_tls *tls)
{
	if (__builtin_expect(logtap_evidence_asked(tls) & LOGTAP_ASK_STACKS, 0))
		open_room(tls);
}

/* The end of the memory that is known to lie above @at; @known: of a stack. */
static uintptr_t readable_end(const struct logtap_tls *tls, uintptr_t at,
			      bool *known)
{
	*known = true;
	if (at - tls->alternate_low < tls->alternate_high - tls->alternate_low)
		return tls->alternate_high;
	if (at - tls->frames_low < tls->frames_high - tls->frames_low)
		return tls->frames_high;
	*known = false;
	return (at | (LOGTAP_PAGE_BYTES - 1)) + 1;
}

/* What may be another function's, also where a sanitizer guards it. */
__attribute__((no_sanitize("address", "undefined"))) static void copy_words(
	unsigned char *to, uintptr_t from, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += sizeof(uint64_t)) {
		uint64_t word = *(const volatile uint64_t *)(from + at);
		__builtin_memcpy(to + at, &word, sizeof word);
	}
}

/* Not inlined, and not left before the copy is made: the registers are of
 * this very frame. */
__attribute__((noinline)) void logtap_stack_put(
	struct logtap_tls *tls, const struct logtap_stamp *stamp,
	uint32_t reason)
{
	struct logtap_stamp own = {
		.time = stamp->time,
		.priority = LOGTAP_PRIORITY_NONE,
		.flags = stamp->flags & LOGTAP_CHUNK_COARSE,
		.sink = LOGTAP_SINK_INDEX_UNKNOWN,
		.type = LOGTAP_CHUNK_STACK,
	};
	uint64_t values[LOGTAP_REGISTERS] = {0};
	struct logtap_stack stack = {
		.arch = LOGTAP_REGISTERS_ARCH,
		.registers = LOGTAP_REGISTERS,
		.reason = reason,
	};
	size_t most = (size_t)tls->rings->main.block -
		      LOGTAP_CHUNK_HEADER_BYTES - FIXED_BYTES;
	uint64_t memory_end = logtap_memory_wanted(tls), end;
	bool known;

	logtap_objects_tell(tls, stamp->time);
	logtap_registers(values);
	stack.low = values[LOGTAP_REGISTER_SP];
	uintptr_t high = readable_end(tls, (uintptr_t)stack.low, &known);
	size_t slice = (size_t)(high - stack.low) & ~(size_t)7;
	if (slice > LOGTAP_STACK_SLICE_BYTES)
		slice = LOGTAP_STACK_SLICE_BYTES;
	if (slice > most)
		slice = most & ~(size_t)7;
	stack.high = known ? high : 0;
	stack.slice_bytes = (uint32_t)slice;
	size_t more = memory_end && LOGTAP_MEMORY_CHUNK_BYTES <= most - slice
			      ? LOGTAP_MEMORY_CHUNK_BYTES
			      : 0;
	unsigned char *at = logtap_aside_reserve(
		tls, &own, FIXED_BYTES + slice + more, &end);
	if (!at)
		return;
	stack.sequence = tls->sequence;
	logtap_bytes_copy(at, &stack, sizeof stack);
	logtap_bytes_copy(at + sizeof stack, values, sizeof values);
	copy_words(at + FIXED_BYTES, (uintptr_t)stack.low, slice);
	if (more)
		logtap_memory_put(at + FIXED_BYTES + slice, memory_end);
	logtap_aside_publish(tls, end);
}
