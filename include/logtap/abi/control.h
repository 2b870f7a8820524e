/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The control page: the one page of a segment that flows back to the host.
 *
 * Only the collector writes it.  It lies in the segment itself, so that a
 * collector which comes late reaches hosts that started before it, and a host
 * needs no second file.  A page of zeros means: no collector yet.
 *
 * The heartbeat is kept in two clocks, so that a host compares it with
 * whichever it reads without a system call.  It is stale when the host's clock
 * is more than the matching stale_after past it.
 *
 * A process that makes a segment may copy the heartbeat of another one of its
 * segments, or of the file LOGTAP_BEAT_NAME that the collector keeps beside
 * them, so that its first messages, too, know of the collector.
 */
#ifndef LOGTAP_ABI_CONTROL_H
#define LOGTAP_ABI_CONTROL_H

#include <logtap/abi/version.h>

#define LOGTAP_CONTROL_DIRECTIVES 64
#define LOGTAP_CONTROL_WATCHES 8
#define LOGTAP_CONTROL_HOLDS 4

/* A file of this name in LOGTAP_DIR, or in the folder, that is root's or the
 * user's own: programs that start are left alone, and the collector raises
 * @disarm for those that run. */
#define LOGTAP_DISARM_NAME "disarm"
#define LOGTAP_DISARM_FOLDER "/run/logtap"

/* A severity threshold for targets that start with @prefix (events). */
struct logtap_directive {
	uint32_t severity; /* lowest severity number that passes; 25: off */
	uint32_t prefix_bytes;
	char prefix[40];
};
static_assert(sizeof(struct logtap_directive) == 48, "control ABI");

/* Evidence that is asked for (evidence.h).  Bits that are 0 cost nothing. */
enum logtap_ask {
	LOGTAP_ASK_SENDS = 1u << 0,  /* SEND for each call on an export fd */
	LOGTAP_ASK_HEADS = 1u << 1,  /* ... with the first bytes of it */
	LOGTAP_ASK_STACKS = 1u << 2, /* a stack with each REENTRY */
	LOGTAP_ASK_PATHS = 1u << 3,  /* look for "/v1/logs" in the first bytes
	                              * of connections that begin from now on */
};

/* Stacks are wanted with the records of a thread.  Until: CLOCK_MONOTONIC of
 * the collector; a request ends by itself, so that one which nobody takes back
 * does no harm. */
struct logtap_control_watch {
	_Atomic uint64_t until_ns;
	_Atomic uint32_t tid; /* as its slot has it; 0: free */
	uint32_t reserved;
};
static_assert(sizeof(struct logtap_control_watch) == 16, "control ABI");

/* Sends of a thread on its export connections wait, up to @until_ns or until
 * @tid is 0.  No longer than LOGTAP_HOLD_MOST_NS each, never in a signal
 * handler or under a filter of the host's own, and only while the heartbeat is
 * fresh.  The collector asks for this only where its user allowed it. */
#define LOGTAP_HOLD_MOST_NS UINT64_C(2000000000)
struct logtap_control_hold {
	_Atomic uint64_t until_ns; /* CLOCK_MONOTONIC */
	_Atomic uint32_t tid;	   /* as its slot has it; 0: free */
	uint32_t reserved;
};
static_assert(sizeof(struct logtap_control_hold) == 16, "control ABI");

struct logtap_control {
	_Atomic uint64_t heartbeat_tsc; /* time stamp counter; 0: none */
	_Atomic uint64_t heartbeat_ns;	/* CLOCK_MONOTONIC */
	_Atomic uint64_t stale_after_tsc;
	_Atomic uint64_t stale_after_ns;
	_Atomic uint32_t collector_pid; /* in the collector's namespace */
	_Atomic uint32_t closed; /* not 0: no further claims in this segment */
	_Atomic uint32_t disarm; /* not 0: hooks pass everything through */
	_Atomic uint32_t level;	 /* lowest severity of events; 0: all */
	_Atomic uint32_t stack_level; /* lowest severity that carries a stack;
	                               * 0: never; 1: what has none, too */
	_Atomic uint32_t doorbell;    /* unused: a ring that grows makes a file,
	                               * and that wakes the collector */
	_Atomic uint32_t directive_version; /* odd while they are rewritten */
	_Atomic uint32_t directive_count;
	/* since 1.1 */
	_Atomic uint32_t look; /* not 0: @stack_level or a watch is set, so that
	                        * records are looked at one by one */
	uint32_t reserved_word;
	uint64_t reserved[7];
	struct logtap_directive directives[LOGTAP_CONTROL_DIRECTIVES];
	/* since 1.1 */
	_Atomic uint32_t ask;	      /* enum logtap_ask */
	_Atomic uint32_t watch_count; /* 0: no watch need be looked at */
	_Atomic uint32_t hold_count;
	_Atomic uint32_t stack_interval_us; /* of one thread, between stacks; 0:
	                                     * LOGTAP_STACK_INTERVAL_US */
	struct logtap_control_watch watches[LOGTAP_CONTROL_WATCHES];
	struct logtap_control_hold holds[LOGTAP_CONTROL_HOLDS];
	/* since 1.5: with each stack that watch asks for, what lies before this
	 * address, where an interpreter has its frames (struct
	 * logtap_stack_memory); 0: nothing */
	_Atomic uint64_t memory_ends[LOGTAP_CONTROL_WATCHES];
};
#define LOGTAP_STACK_INTERVAL_US 1000

/* The contents of that file: the first words of a control page, and what else a
 * process that starts would have to ask the kernel for. */
struct logtap_beat {
	uint64_t heartbeat_tsc;
	uint64_t heartbeat_ns;
	uint64_t stale_after_tsc;
	uint64_t stale_after_ns;
	/* 1: the kernel keeps time by the time stamp counter; 0: it does not,
	 * or an older collector does not tell */
	uint32_t counter_is_clock;
	uint32_t reserved;
};
#define LOGTAP_BEAT_BYTES_MIN 32 /* as older collectors write it */
static_assert(offsetof(struct logtap_beat, counter_is_clock) ==
		      LOGTAP_BEAT_BYTES_MIN,
	      "control ABI");
static_assert(sizeof(struct logtap_beat) == 40, "control ABI");
#define LOGTAP_BEAT_NAME "collector.beat"

static_assert(offsetof(struct logtap_control, heartbeat_ns) == 8,
	      "control ABI");
static_assert(offsetof(struct logtap_control, stale_after_tsc) == 16,
	      "control ABI");
static_assert(offsetof(struct logtap_control, stale_after_ns) == 24,
	      "control ABI");
static_assert(offsetof(struct logtap_control, collector_pid) == 32,
	      "control ABI");
static_assert(offsetof(struct logtap_control, closed) == 36, "control ABI");
static_assert(offsetof(struct logtap_control, disarm) == 40, "control ABI");
static_assert(offsetof(struct logtap_control, level) == 44, "control ABI");
static_assert(offsetof(struct logtap_control, stack_level) == 48,
	      "control ABI");
static_assert(offsetof(struct logtap_control, doorbell) == 52, "control ABI");
static_assert(offsetof(struct logtap_control, directive_version) == 56,
	      "control ABI");
static_assert(offsetof(struct logtap_control, directive_count) == 60,
	      "control ABI");
static_assert(offsetof(struct logtap_control, look) == 64, "control ABI");
static_assert(offsetof(struct logtap_control, directives) == 128,
	      "control ABI");
static_assert(offsetof(struct logtap_control, ask) == 3200, "control ABI");
static_assert(offsetof(struct logtap_control, stack_interval_us) == 3212,
	      "control ABI");
static_assert(offsetof(struct logtap_control, watches) == 3216, "control ABI");
static_assert(offsetof(struct logtap_control, holds) == 3344, "control ABI");
static_assert(offsetof(struct logtap_control, memory_ends) == 3408,
	      "control ABI");
static_assert(sizeof(struct logtap_control) <= LOGTAP_PAGE_BYTES, "one page");

#endif
