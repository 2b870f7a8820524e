/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A thread's slot: claiming one, and moving on to a larger ring.
 *
 * No lock; makes system calls only when a new segment is needed, and none at
 * all under a seccomp filter.  errno is untouched.
 */
#ifndef LOGTAP_SEGMENT_CLAIM_H
#define LOGTAP_SEGMENT_CLAIM_H

#include "../guard/tls.h"
#include "../ring/clock.h"
#include "../state.h"

/* Gives the calling thread a slot.  Return: tls->life == LOGTAP_LIVE. */
bool logtap_claim_birth(struct logtap_tls *tls);

/* A slot that one thread claims for another, which is yet to begin: so many that
 * begin at once find their slots, instead of making a segment each. */
struct logtap_place {
	struct logtap_slot *slot; /* NULL: none */
	struct logtap_mapping *mapping;
	uint64_t word; /* of the slot, as it was claimed */
	uint32_t pid;  /* a forked child must not have it */
};

/* In the thread that is there.  Return: without a slot if there is none. */
struct logtap_place logtap_claim_place(void);
/* In the one that begins: logtap_claim_birth(), with that slot. */
bool logtap_claim_birth_at(struct logtap_tls *tls,
			   const struct logtap_place *place);
/* There is no new thread after all. */
void logtap_claim_leave(const struct logtap_place *place);

/* A thread that has filled half of its first ring, or that has long texts, will
 * write more than four times as much. */
#define LOGTAP_RING_BYTES_SECOND 65536u

/* Moves the calling thread to a ring that holds @bytes, within the configured
 * limit.  Only with the guard open: the system calls of it take long.  Signals
 * wait meanwhile; where they cannot be blocked, a handler records into the ring
 * that is still in use.
 * @frame: the caller's, to tell a growth that a siglongjmp ended.
 * Return: false if it stays where it is. */
bool logtap_claim_grow(struct logtap_tls *tls, uint64_t bytes, uintptr_t frame);

/* Before the directory goes out of reach: slots for threads to come. */
void logtap_claim_reserve(struct logtap_tls *tls, uintptr_t frame);

/* The calling thread is a forked child's: its slot is its parent's. */
void logtap_claim_forget(struct logtap_tls *tls);

/* Does a collector read this thread's segment now? */
bool logtap_claim_has_collector(const struct logtap_tls *tls);

/* The same; the record path is told until when that holds, unless the collector
 * takes its heartbeat back. */
bool logtap_claim_sees_collector(struct logtap_tls *tls);

/* Does the heartbeat still count, at @counter of the time stamp counter? */
static inline bool logtap_claim_beats_at(const struct logtap_control *control,
					 uint64_t counter)
{
	uint64_t beat = atomic_load_explicit(&control->heartbeat_tsc,
					     memory_order_relaxed);
	uint64_t after = atomic_load_explicit(&control->stale_after_tsc,
					      memory_order_relaxed);

	/* No heartbeat yet (0) is as long ago as can be. */
	return (int64_t)(counter - beat) <= (int64_t)after;
}

/* Counts a call that found no slot, where any segment is mapped. */
void logtap_claim_uncaptured(uint64_t bytes);

#endif
