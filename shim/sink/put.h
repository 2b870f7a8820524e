/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Putting chunks into rings: splitting, growing, and what happens when a ring
 * is full.  All of it under the guard.
 */
#ifndef LOGTAP_SINK_PUT_H
#define LOGTAP_SINK_PUT_H

#include "../guard/guard.h"
#include "capture.h"
#include "counters.h"

/* Into the thread's own ring, by the configured policy when it is full. */
bool logtap_put(struct logtap_tls *tls, const struct logtap_stamp *stamp,
		const struct iovec *parts, size_t count, size_t length);

/* Into the small ring of signal handlers. */
bool logtap_put_nested(struct logtap_tls *tls, const struct logtap_stamp *stamp,
		       const struct iovec *parts, size_t count, size_t length);

/* Counts the last @left bytes of a call, of which a chunk holds the rest. */
void logtap_put_cut(struct logtap_tls *tls, size_t left, bool nested);

/* Counts a call of which nothing could be stored. */
void logtap_put_lost(struct logtap_tls *tls, size_t length, bool nested);

/* Counts a call that is nested too deep. */
void logtap_put_refused(struct logtap_tls *tls, size_t length);

/* Makes room for one chunk of @span bytes: waits (not in a handler) or
 * overwrites as configured.  Return: where, or NULL. */
unsigned char *logtap_put_make_room(struct logtap_tls *tls, bool nested,
				    uint64_t span, uint64_t *end);

/* LOGTAP_FULL=block: waits until @need bytes of the thread's own ring are free,
 * while a collector lives, up to the deadline. */
void logtap_put_wait(struct logtap_tls *tls, uint64_t need);

/* Before the guard closes: a ring that @length bytes would not fit into is
 * exchanged for a larger one. */
void logtap_put_open_room_slowly(struct logtap_tls *tls, size_t length);
static inline void logtap_put_open_room(struct logtap_tls *tls, size_t length)
{
	const struct logtap_writer *writer = &tls->rings->main;

	/* without a look at the tail */
	if (__builtin_expect(writer->head + length + length / 4 +
					     writer->block >
				     writer->limit,
			     0))
		logtap_put_open_room_slowly(tls, length);
}

/* Counts a chunk of @bytes and takes its number, before it is published or
 * counted as dropped: one whose call is left in between, by siglongjmp or
 * cancellation, was produced, and the collector finds that it never came.  One
 * instruction where it matters: a handler must not take the same number. */
static inline uint32_t logtap_put_number(struct logtap_tls *tls,
					 struct logtap_slot *slot,
					 uint64_t bytes)
{
	uint32_t one = 1;

#if defined(__x86_64__)
	_Atomic uint64_t *counters = slot->counters;

	__asm__ volatile("addq $1, %1\n\taddq %4, %2\n\txaddl %0, %3"
			 : "+r"(one),
			   "+m"(*(uint64_t *)&counters[LOGTAP_COUNTER_CHUNKS]),
			   "+m"(*(uint64_t *)&counters[LOGTAP_COUNTER_BYTES]),
			   "+m"(tls->sequence)
			 : "er"(bytes)
			 : "cc");
	return one;
#else
	logtap_count_in(slot, LOGTAP_COUNTER_CHUNKS, 1);
	logtap_count_in(slot, LOGTAP_COUNTER_BYTES, bytes);
	return __atomic_fetch_add(&tls->sequence, one, __ATOMIC_RELAXED);
#endif
}

/* Takes a number and counts the chunk: it must be published next. */
static inline void logtap_put_header(struct logtap_tls *tls,
				     const struct logtap_rings *rings,
				     unsigned char *at,
				     const struct logtap_stamp *stamp,
				     size_t length)
{
	struct logtap_chunk *chunk = (void *)at;

	chunk->length = (uint32_t)length;
	chunk->type = stamp->type;
	chunk->flags = stamp->flags;
	chunk->sink = stamp->sink < LOGTAP_SINK_INDEXES
			      ? rings->mapping->sink_index[stamp->sink]
			      : LOGTAP_SINK_INDEX_UNKNOWN;
	chunk->format = stamp->format;
	chunk->time = stamp->time;
	chunk->sequence = logtap_put_number(tls, rings->slot,
					    length - stamp->extension_bytes);
	chunk->priority = stamp->priority;
	chunk->extension_bytes = stamp->extension_bytes;
}

/* After a chunk, when the ring is more than half full. */
void logtap_put_attend(struct logtap_tls *tls);

/* Ends what logtap_guard_enter() began with @frame. */
static inline void logtap_put_leave(struct logtap_tls *tls,
				    const struct logtap_frame *frame)
{
	/* A handler inside may have left for good without leaving the guard. */
	if (logtap_guard_frame(tls) == (uintptr_t)frame)
		logtap_guard_open(tls);
	else
		logtap_guard_leave(tls);
	if (__builtin_expect(tls->rings->main.pressed, 0))
		logtap_put_attend(tls);
}

#endif
