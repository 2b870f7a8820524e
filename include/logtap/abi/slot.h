/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A slot: what one thread of a host and the collector share.
 *
 * A slot is eight cache lines in the segment's slot table; no line has two
 * writers at a time.  Its two rings (the thread's own, and a small nested one
 * for signal handlers that interrupt a copy) lie in the segment's data area.
 *
 * Identity is the slot's, not the segment's: a forked child may live in the
 * segment of its parent.
 */
#ifndef LOGTAP_ABI_SLOT_H
#define LOGTAP_ABI_SLOT_H

#include <logtap/abi/ring.h>

/* The low byte of logtap_slot.state; the upper 56 bits are the generation. */
enum logtap_slot_state {
	LOGTAP_SLOT_FREE = 0,	 /* may be claimed by compare-and-swap */
	LOGTAP_SLOT_CLAIMED = 1, /* taken; its identity is being written */
	LOGTAP_SLOT_LIVE = 2,	 /* identity complete; chunks may follow */
	LOGTAP_SLOT_MOVED = 3,	 /* the thread went on to a larger ring; the
	                          * slot stays its own until the thread ends */
};

#define LOGTAP_SLOT_STATE_MASK UINT64_C(0xff)
#define LOGTAP_SLOT_GENERATION_SHIFT 8

static inline uint64_t logtap_slot_word(uint64_t generation, unsigned state)
{
	return generation << LOGTAP_SLOT_GENERATION_SHIFT | state;
}

enum logtap_slot_flag {
	LOGTAP_SLOT_NO_DEATH_MARK = 1u << 0, /* the death word will not be set:
	                                      * ask for pid and start time */
	LOGTAP_SLOT_INTERNAL = 1u << 1,	 /* thread marked as telemetry's own */
	LOGTAP_SLOT_FOREIGN = 1u << 2,	 /* claimed at the first chunk */
	LOGTAP_SLOT_FORKED = 1u << 3,	 /* claimed by a forked child */
	LOGTAP_SLOT_RAW_FORK = 1u << 4,	 /* ... that libc did not see */
	LOGTAP_SLOT_CONTINUES = 1u << 5, /* the thread had an earlier slot:
	                                  * drain that one first */
	LOGTAP_SLOT_MAIN = 1u << 6,	 /* the process's first thread */
};

/* Counters, each written by the slot's thread alone, read by anyone.
 * produced = published + dropped by the host + unfinished; units are chunks and
 * bytes of payload.  Since 1.4 a chunk is counted before it is published, so that
 * one of a call which never returned (siglongjmp, cancellation) counts as
 * produced, and never came.  What a flight recorder overwrote the host cannot
 * count exactly (the consumer may be reading it): the collector does, by the gaps
 * in the chunks' sequence, less the drops counted here. */
enum logtap_counter {
	LOGTAP_COUNTER_CHUNKS,	       /* produced: chunks */
	LOGTAP_COUNTER_BYTES,	       /* produced: payload bytes */
	LOGTAP_COUNTER_DROPPED_CHUNKS, /* ring full, newest dropped */
	LOGTAP_COUNTER_DROPPED_BYTES,
	LOGTAP_COUNTER_NESTED_DROPPED_CHUNKS, /* nested ring full or too deep */
	LOGTAP_COUNTER_NESTED_DROPPED_BYTES,
	LOGTAP_COUNTER_NESTED_CHUNKS, /* of the produced: nested ring */
	LOGTAP_COUNTER_OVERWROTE,     /* since 1.4: times that the oldest of a
	                               * full ring were given up */
	LOGTAP_COUNTER_REENTRANT,     /* calls inside a callback: passed on */
	LOGTAP_COUNTER_SUPPRESSED,    /* calls on a marked thread */
	LOGTAP_COUNTER_STALE_GUARDS,  /* guards left by longjmp or cancel */
	LOGTAP_COUNTER_GAP_BYTES,     /* reached the sink, not captured */
	LOGTAP_COUNTER_TRUNCATED,     /* calls of which a part was dropped */
	LOGTAP_COUNTER_GROWN,	      /* moves to a larger ring */
	LOGTAP_COUNTER_FALLBACK,      /* divert: calls that were written */
	LOGTAP_COUNTER_BLOCKED_NS,    /* block policy: time waited */
	LOGTAP_COUNTERS
};
static_assert(LOGTAP_COUNTERS == 16, "two cache lines of counters");

/* @sequence: of the first chunk that is @uid's; those before have the owner of
 * before. */
static inline uint64_t logtap_owner_word(uint32_t uid, uint32_t sequence)
{
	return (uint64_t)uid << 32 | sequence;
}

#define LOGTAP_SLOT_NAME_BYTES 16
#define LOGTAP_SLOT_LIBRARY_BYTES 48

struct logtap_slot {
	/* line 0: claimed by hosts, freed by the collector, both by CAS */
	_Alignas(LOGTAP_CACHE_LINE_BYTES) _Atomic uint64_t state;
	uint64_t reserved0[7];

	/* line 1: written by the claimer between CLAIMED and LIVE */
	_Alignas(LOGTAP_CACHE_LINE_BYTES) uint32_t pid; /* in its namespace */
	uint32_t tid;
	uint64_t thread_start; /* clock unit of the segment; with pid and tid it
	                        * names the thread across its slots */
	uint64_t
		start_ticks; /* of the process, as in /proc/PID/stat; 0: unknown */
	uint32_t flags;	     /* enum logtap_slot_flag */
	uint32_t parent_tid;	 /* thread that created this one; 0: unknown */
	uint64_t start_routine;	 /* address in the host; 0: unknown */
	uint32_t parent_pid;	 /* for a forked child: its parent */
	uint32_t first_sequence; /* of the first chunk in this slot */
	uint32_t uid;		 /* effective, of the image when it began */
	uint32_t reserved1;
	/* since 1.7: whose the process has become (setuid(2)), written later, by
	 * any of its threads: logtap_owner_word(); 0: nobody else's */
	_Atomic uint64_t owner;

	/* line 2: names; @name may change later, torn reads are harmless */
	_Alignas(LOGTAP_CACHE_LINE_BYTES) char name[LOGTAP_SLOT_NAME_BYTES];
	char library[LOGTAP_SLOT_LIBRARY_BYTES]; /* holds the start routine */

	/* line 3: the producer's positions */
	_Alignas(LOGTAP_CACHE_LINE_BYTES) struct logtap_ring_producer main;
	struct logtap_ring_producer nested;
	/* since 1.2: a bit for each user metric that the thread has touched */
	_Atomic uint64_t metrics;
	uint64_t reserved3[3];

	/* lines 4 and 5: the producer's counters */
	_Alignas(LOGTAP_CACHE_LINE_BYTES) _Atomic uint64_t
		counters[LOGTAP_COUNTERS];

	/* line 6: the consumer's positions */
	_Alignas(LOGTAP_CACHE_LINE_BYTES) _Atomic uint64_t main_tail;
	_Atomic uint64_t nested_tail;
	uint64_t reserved6[6];

	/* line 7: a robust process-shared mutex of the host's libc, taken once
	 * and never released.  The kernel sets FUTEX_OWNER_DIED in its futex
	 * word when the thread ends, however it ends (set_robust_list(2)).
	 * The word's place is logtap_segment.death_offset. */
	_Alignas(LOGTAP_CACHE_LINE_BYTES) unsigned char death[64];
};
static_assert(offsetof(struct logtap_slot, state) == 0, "slot ABI");
static_assert(offsetof(struct logtap_slot, pid) == 64, "slot ABI");
static_assert(offsetof(struct logtap_slot, tid) == 68, "slot ABI");
static_assert(offsetof(struct logtap_slot, thread_start) == 72, "slot ABI");
static_assert(offsetof(struct logtap_slot, start_ticks) == 80, "slot ABI");
static_assert(offsetof(struct logtap_slot, flags) == 88, "slot ABI");
static_assert(offsetof(struct logtap_slot, parent_tid) == 92, "slot ABI");
static_assert(offsetof(struct logtap_slot, start_routine) == 96, "slot ABI");
static_assert(offsetof(struct logtap_slot, parent_pid) == 104, "slot ABI");
static_assert(offsetof(struct logtap_slot, first_sequence) == 108, "slot ABI");
static_assert(offsetof(struct logtap_slot, uid) == 112, "slot ABI");
static_assert(offsetof(struct logtap_slot, owner) == 120, "slot ABI");
static_assert(offsetof(struct logtap_slot, name) == 128, "slot ABI");
static_assert(offsetof(struct logtap_slot, library) == 144, "slot ABI");
static_assert(offsetof(struct logtap_slot, main) == 192, "slot ABI");
static_assert(offsetof(struct logtap_slot, nested) == 208, "slot ABI");
static_assert(offsetof(struct logtap_slot, metrics) == 224, "slot ABI");
static_assert(offsetof(struct logtap_slot, counters) == 256, "slot ABI");
static_assert(offsetof(struct logtap_slot, main_tail) == 384, "slot ABI");
static_assert(offsetof(struct logtap_slot, nested_tail) == 392, "slot ABI");
static_assert(offsetof(struct logtap_slot, death) == 448, "slot ABI");
static_assert(sizeof(struct logtap_slot) == 512, "slot ABI");

#define LOGTAP_SLOT_BYTES 512

/* Bits of the death word (futex(2), "Robust futexes"). */
#define LOGTAP_DEATH_OWNER_DIED UINT32_C(0x40000000)
#define LOGTAP_DEATH_TID_MASK UINT32_C(0x3fffffff)

#endif
