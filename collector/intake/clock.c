/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Chunk times: see the header.  Runs in the reader's thread. */
#include "clock.h"

#include "../base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND_NS UINT64_C(1000000000)
/* 2000-01-01: no chunk is older. */
#define EARLIEST_NS (UINT64_C(946684800) * SECOND_NS)
#define FIRST_INTERVAL_NS (4 * SECOND_NS / 1000)

/* So many are exact as a double, and their ns have room. */
#define LINE_TICKS_MOST (UINT64_C(1) << 52)

enum { PAIR_TRIES = 8 };
/* Of the counter's rate, from second to second; no crystal is worse. */
#define RATE_DRIFT 0.001

uint64_t logtap_clock_ticks(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#else
	return 0;
#endif
}

static uint64_t read_ns(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

uint64_t logtap_now_realtime_ns(void)
{
	return read_ns(CLOCK_REALTIME);
}

uint64_t logtap_now_monotonic_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

uint64_t logtap_now_thread_ns(void)
{
	return read_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* The reading of several that was interrupted least. */
static struct logtap_clock_pair take_pair(void)
{
	struct logtap_clock_pair best = {0};
	uint64_t shortest = UINT64_MAX;
	for (int i = 0; i < PAIR_TRIES; i++) {
		struct logtap_clock_pair pair;
		uint64_t before = logtap_clock_ticks();
		pair.raw_ns = read_ns(CLOCK_MONOTONIC_RAW);
		pair.realtime_ns = read_ns(CLOCK_REALTIME);
		uint64_t after = logtap_clock_ticks();
		pair.tsc = before + (after - before) / 2;
		if (after - before < shortest) {
			shortest = after - before;
			best = pair;
		}
	}
	return best;
}

/* 0 or UINT64_MAX when it is out of any range. */
static uint64_t from_pair(const struct logtap_clock_history *clock,
			  const struct logtap_clock_pair *pair, uint64_t time)
{
	bool later = time >= pair->tsc;
	double ns = (double)(later ? time - pair->tsc : pair->tsc - time) *
		    clock->ns_per_tick;
	if (!later)
		return ns < (double)pair->realtime_ns
			       ? pair->realtime_ns - (uint64_t)ns
			       : 0;
	return ns < (double)(INT64_MAX / 2) ? pair->realtime_ns + (uint64_t)ns
					    : UINT64_MAX;
}

static double rate_between(const struct logtap_clock_pair *from,
			   const struct logtap_clock_pair *to)
{
	if (to->tsc <= from->tsc || to->raw_ns <= from->raw_ns)
		return 0;
	return (double)(to->raw_ns - from->raw_ns) /
	       (double)(to->tsc - from->tsc);
}

/* Over all the time since the first pair.  In suspension one of the two clocks
 * may stand still or begin anew, so then it is measured from there on, as it is
 * after a first interval that was too short. */
static void measure_rate(struct logtap_clock_history *clock,
			 const struct logtap_clock_pair *last,
			 const struct logtap_clock_pair *pair)
{
	double rate = rate_between(last, pair);
	bool kept = rate > clock->ns_per_tick * (1 - RATE_DRIFT) &&
		    rate < clock->ns_per_tick * (1 + RATE_DRIFT);

	if (clock->first.tsc != last->tsc && !kept)
		clock->first = *pair;
	else if (rate > 0)
		clock->ns_per_tick = rate_between(&clock->first, pair);
}

static uint64_t magnitude(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

static void measure_error(struct logtap_clock_history *clock)
{
	uint64_t largest = 0;
	for (unsigned i = 0; i < LOGTAP_CLOCK_PAIRS; i++) {
		uint64_t error = magnitude(clock->pairs[i].error_ns);
		if (error > largest)
			largest = error;
	}
	atomic_store_explicit(&clock->error_ns, largest, memory_order_relaxed);
}

void logtap_clock_add(struct logtap_clock_history *clock,
		      const struct logtap_clock_pair *pair)
{
	struct logtap_clock_pair *next =
		&clock->pairs[clock->count % LOGTAP_CLOCK_PAIRS];
	struct logtap_clock_pair added = *pair;
	added.error_ns = 0;
	if (!clock->count) {
		clock->first = added;
	} else {
		const struct logtap_clock_pair *last =
			&clock->pairs[(clock->count - 1) % LOGTAP_CLOCK_PAIRS];
		if (clock->ns_per_tick > 0)
			added.error_ns =
				(int64_t)(added.realtime_ns -
					  from_pair(clock, last, added.tsc));
		measure_rate(clock, last, &added);
	}
	*next = added;
	clock->count++;
	if (magnitude(added.error_ns) > LOGTAP_CLOCK_STEP_NS)
		atomic_fetch_add_explicit(&clock->steps, 1,
					  memory_order_relaxed);
	measure_error(clock);
}

void logtap_clock_sample(struct logtap_clock_history *clock)
{
	struct logtap_clock_pair pair = take_pair();
	logtap_clock_add(clock, &pair);
	int64_t error_ns =
		clock->pairs[(clock->count - 1) % LOGTAP_CLOCK_PAIRS].error_ns;
	if (magnitude(error_ns) > LOGTAP_CLOCK_STEP_NS)
		logtap_log(LOGTAP_LOG_WARN, "clock",
			   "the clock was set, or the machine suspended: times "
			   "of the last second may be off by_ms=%.3f",
			   (double)error_ns / 1e6);
}

static void read_boot_id(unsigned char out[16])
{
	memset(out, 0, 16);
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (!file)
		return;
	unsigned byte;
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			(void)fgetc(file);
		if (fscanf(file, "%2x", &byte) != 1) {
			memset(out, 0, 16);
			break;
		}
		out[i] = (unsigned char)byte;
	}
	fclose(file);
}

void logtap_clock_start(struct logtap_clock_history *clock)
{
	memset(clock, 0, sizeof(*clock));
	read_boot_id(clock->boot_id);
	logtap_clock_sample(clock);
	struct timespec interval = {.tv_nsec = FIRST_INTERVAL_NS};
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &interval, &interval) ==
	       EINTR)
		;
	logtap_clock_sample(clock);
}

/* The youngest pair that is not younger than @time, or NULL. */
static const struct logtap_clock_pair *pair_before(
	const struct logtap_clock_history *clock, uint64_t time)
{
	unsigned kept = clock->count < LOGTAP_CLOCK_PAIRS ? clock->count
							  : LOGTAP_CLOCK_PAIRS;
	for (unsigned i = 1; i <= kept; i++) {
		const struct logtap_clock_pair *pair =
			&clock->pairs[(clock->count - i) % LOGTAP_CLOCK_PAIRS];
		if (pair->tsc <= time)
			return pair;
	}
	return NULL;
}

static bool is_of_this_boot(const struct logtap_clock_history *clock,
			    const struct logtap_segment *header)
{
	return !memcmp(header->boot_id, clock->boot_id, sizeof(clock->boot_id));
}

static uint64_t from_ticks(const struct logtap_clock_history *clock,
			   const struct logtap_segment *header, uint64_t time)
{
	if (clock->ns_per_tick == 0)
		return 0;
	bool same_boot = is_of_this_boot(clock, header);
	const struct logtap_clock_pair *pair = pair_before(clock, time);
	if (pair && same_boot)
		return from_pair(clock, pair, time);
	/* Older than all we know, or of another boot: the host's own pair. */
	struct logtap_clock_pair theirs = {
		.tsc = header->clock_tsc,
		.realtime_ns = header->clock_realtime_ns,
	};
	if (theirs.tsc && theirs.realtime_ns >= EARLIEST_NS)
		return from_pair(clock, &theirs, time);
	return same_boot ? from_pair(clock, &clock->first, time) : 0;
}

uint64_t logtap_clock_convert(const struct logtap_clock_history *clock,
			      const struct logtap_segment *header,
			      uint8_t flags, uint64_t time,
			      uint64_t observed_ns)
{
	uint64_t ns = time;
	if (header->clock == LOGTAP_CLOCK_TSC && !(flags & LOGTAP_CHUNK_COARSE))
		ns = from_ticks(clock, header, time);
	if (ns < EARLIEST_NS || ns > observed_ns + LOGTAP_CLOCK_AHEAD_NS)
		return observed_ns;
	return ns;
}

struct logtap_clock_line logtap_clock_line(
	const struct logtap_clock_history *clock,
	const struct logtap_segment *header)
{
	struct logtap_clock_line line = {0};
	if (header->clock != LOGTAP_CLOCK_TSC || !clock->count ||
	    !(clock->ns_per_tick > 0 && clock->ns_per_tick < 1000) ||
	    !is_of_this_boot(clock, header))
		return line;
	const struct logtap_clock_pair *pair =
		&clock->pairs[(clock->count - 1) % LOGTAP_CLOCK_PAIRS];
	if (pair->realtime_ns < EARLIEST_NS)
		return line;
	line.tsc = pair->tsc;
	line.ticks_most = LINE_TICKS_MOST;
	line.realtime_ns = pair->realtime_ns;
	line.ns_per_tick = clock->ns_per_tick;
	return line;
}
