/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Chunk times: see the header.  Runs in the reader's thread. */
#include "clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND_NS UINT64_C(1000000000)
/* 2000-01-01: no chunk is older. */
#define EARLIEST_NS (UINT64_C(946684800) * SECOND_NS)
/* A time may lie this far behind our reading of it: two clocks, two CPUs. */
#define AHEAD_NS SECOND_NS
#define FIRST_INTERVAL_NS (4 * SECOND_NS / 1000)

enum { PAIR_TRIES = 8 };

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

void logtap_clock_add(struct logtap_clock_history *clock,
		      const struct logtap_clock_pair *pair)
{
	if (!clock->count)
		clock->first = *pair;
	clock->pairs[clock->count++ % LOGTAP_CLOCK_PAIRS] = *pair;
	uint64_t ticks = pair->tsc - clock->first.tsc;
	uint64_t ns = pair->raw_ns - clock->first.raw_ns;
	if (pair->tsc > clock->first.tsc && ns)
		clock->ns_per_tick = (double)ns / (double)ticks;
}

void logtap_clock_sample(struct logtap_clock_history *clock)
{
	struct logtap_clock_pair pair = take_pair();
	logtap_clock_add(clock, &pair);
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

static uint64_t from_ticks(const struct logtap_clock_history *clock,
			   const struct logtap_segment *header, uint64_t time)
{
	if (clock->ns_per_tick == 0)
		return 0;
	bool same_boot = !memcmp(header->boot_id, clock->boot_id,
				 sizeof(clock->boot_id));
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
	if (ns < EARLIEST_NS || ns > observed_ns + AHEAD_NS)
		return observed_ns;
	return ns;
}
