/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Chunk times in nanoseconds since the epoch.
 *
 * Hosts stamp with the time stamp counter where they can.  The collector keeps
 * pairs of (counter, CLOCK_REALTIME), one a second, and the counter's rate
 * measured against CLOCK_MONOTONIC_RAW; a time is computed from the youngest
 * pair that is not younger, so that a step of the clock changes only what came
 * after it.  How far off such times are is measured with each pair: by what the
 * one before it foretold.  Owned by the reader's thread.
 */
#ifndef LOGTAP_INTAKE_CLOCK_H
#define LOGTAP_INTAKE_CLOCK_H

#include <logtap/abi/chunk.h>
#include <logtap/abi/segment.h>
#include <stdbool.h>

enum { LOGTAP_CLOCK_PAIRS = 64 };

/* A second for which times are further off than this has seen a step: of NTP,
 * of a person, or by suspension. */
#define LOGTAP_CLOCK_STEP_NS UINT64_C(1000000)

/* A time may lie this far behind our reading of it: two clocks, two CPUs. */
#define LOGTAP_CLOCK_AHEAD_NS UINT64_C(1000000000)

struct logtap_clock_pair {
	uint64_t tsc;
	uint64_t raw_ns;      /* CLOCK_MONOTONIC_RAW */
	uint64_t realtime_ns; /* CLOCK_REALTIME */
	/* of times that were computed from the pair before, when this one was
	 * taken: true minus computed; 0 for the first */
	int64_t error_ns;
};

struct logtap_clock_history {
	struct logtap_clock_pair first; /* that the rate is measured from */
	struct logtap_clock_pair pairs[LOGTAP_CLOCK_PAIRS]; /* a ring */
	unsigned count;					    /* ever taken */
	double ns_per_tick;	   /* 0: there is no counter here */
	_Atomic uint64_t error_ns; /* the largest of @pairs; any thread */
	_Atomic uint64_t steps;	   /* ever; any thread */
	unsigned char boot_id[16]; /* zeros: unknown */
};

/* The time stamp counter; 0 on machines without one. */
uint64_t logtap_clock_ticks(void);
/* CLOCK_REALTIME and CLOCK_MONOTONIC in ns. */
uint64_t logtap_now_realtime_ns(void);
uint64_t logtap_now_monotonic_ns(void);
/* What this thread has used of the CPU. */
uint64_t logtap_now_thread_ns(void);

/* Takes the first pairs; lasts some milliseconds. */
void logtap_clock_start(struct logtap_clock_history *clock);
/* Takes a pair; call about once a second. */
void logtap_clock_sample(struct logtap_clock_history *clock);
/* Adds a pair that was taken elsewhere; its error is found out. */
void logtap_clock_add(struct logtap_clock_history *clock,
		      const struct logtap_clock_pair *pair);

/**
 * logtap_clock_convert() - the time of a chunk
 * @header:      of its segment
 * @flags:       of the chunk
 * @time:        of the chunk, in the segment's unit
 * @observed_ns: CLOCK_REALTIME when it was read: what an absurd or missing
 *               time becomes
 */
uint64_t logtap_clock_convert(const struct logtap_clock_history *clock,
			      const struct logtap_segment *header,
			      uint8_t flags, uint64_t time,
			      uint64_t observed_ns);

/* The youngest pair, for many chunks of one segment: they were written since, as
 * a rule. */
struct logtap_clock_line {
	uint64_t tsc;
	uint64_t ticks_most; /* behind @tsc; 0: it does not do */
	uint64_t realtime_ns;
	double ns_per_tick;
};
struct logtap_clock_line logtap_clock_line(
	const struct logtap_clock_history *clock,
	const struct logtap_segment *header);

/* The same as logtap_clock_convert(), for which it asks where @line does not do. */
static inline uint64_t logtap_clock_along(
	const struct logtap_clock_line *line,
	const struct logtap_clock_history *clock,
	const struct logtap_segment *header, uint8_t flags, uint64_t time,
	uint64_t observed_ns)
{
	uint64_t ticks = time - line->tsc;
	if (ticks >= line->ticks_most || flags & LOGTAP_CHUNK_COARSE)
		return logtap_clock_convert(clock, header, flags, time,
					    observed_ns);
	double ns = (double)(int64_t)ticks * line->ns_per_tick;
	uint64_t at_ns = line->realtime_ns + (uint64_t)(int64_t)ns;
	return at_ns > observed_ns + LOGTAP_CLOCK_AHEAD_NS ? observed_ns
							   : at_ns;
}

#endif
