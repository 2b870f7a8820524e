/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The application of the end-to-end measurements: lines of 80 bytes, one call
 * each, every call timed.
 *
 *     app write|syslog LINES PER_SECOND    (0: as fast as it can)
 *
 * After the first line it waits for a line on standard input.  Prints mean, p50, p99, p99.9 and longest call in ns, the wall time and its
 * own CPU time in seconds, to standard output.
 */
#include "bench.h"

#include <string.h>
#include <sys/resource.h>
#include <syslog.h>
#include <unistd.h>

/* 16 buckets to each power of two: within 6 %. */
#define BUCKETS (64 * 16)
static uint64_t histogram[BUCKETS];

static unsigned bucket_of(uint64_t value)
{
	unsigned power;

	if (value < 16)
		return (unsigned)value;
	power = 63 - (unsigned)__builtin_clzll(value);
	return (power - 3) * 16 + (unsigned)(value >> (power - 4) & 15);
}

static double middle_of(unsigned bucket)
{
	unsigned power = bucket / 16 + 3;

	if (bucket < 16)
		return bucket;
	return (double)(16 + bucket % 16) * (double)(1ull << (power - 4)) +
	       (double)(1ull << (power - 4)) / 2;
}

static double percentile(uint64_t total, double share)
{
	uint64_t seen = 0;

	for (unsigned i = 0; i < BUCKETS; i++) {
		seen += histogram[i];
		if ((double)seen >= (double)total * share)
			return middle_of(i);
	}
	return 0;
}

static char line[BENCH_LINE_BYTES + 1] =
	"2026-01-01T00:00:00Z INFO app: request handled, 200 OK, 12 us, id "
	"0000000000 ..\n";

static void number(unsigned long n)
{
	for (unsigned at = BENCH_LINE_BYTES - 5; n; at--, n /= 10)
		line[at] = (char)('0' + n % 10);
}

/* Spins: after a sleep a call would be measured with the wake-up's cold caches,
 * and a timer cannot be this fine. */
static void pace(uint64_t begin_ns, unsigned long done, unsigned long rate)
{
	uint64_t due = begin_ns + done * 1000000000ull / rate;

	while (bench_now_ns() < due)
		__asm__ volatile("" : : : "memory");
}

static void call(int use_syslog)
{
	if (use_syslog)
		syslog(LOG_INFO, "%.79s", line);
	else if (write(2, line, BENCH_LINE_BYTES) != BENCH_LINE_BYTES)
		exit(4);
}

int main(int argc, char **argv)
{
	struct rusage usage;

	if (argc != 4)
		return 2;
	int use_syslog = !strcmp(argv[1], "syslog");
	unsigned long lines = strtoul(argv[2], NULL, 10);
	unsigned long rate = strtoul(argv[3], NULL, 10);
	uint64_t ticks = 0, longest = 0;

	if (strlen(line) != BENCH_LINE_BYTES)
		return 5;
	openlog("app", LOG_PID, LOG_USER);
	call(use_syslog); /* connect, claim, bind */
	if (getchar() != '\n')
		return 6;
	uint64_t begin_ns = bench_now_ns(), begin_ticks = bench_ticks();
	for (unsigned long i = 1; i < lines; i++) {
		number(i);
		if (rate)
			pace(begin_ns, i, rate);
		uint64_t begin = bench_ticks();
		call(use_syslog);
		uint64_t took = bench_ticks() - begin;
		histogram[bucket_of(took)]++;
		ticks += took;
		if (took > longest)
			longest = took;
	}
	double wall_ns = (double)(bench_now_ns() - begin_ns);
	double ns = wall_ns / (double)(bench_ticks() - begin_ticks);
	getrusage(RUSAGE_SELF, &usage);
	printf("%.1f %.1f %.1f %.1f %.1f %.6f %.6f\n",
	       (double)ticks * ns / (double)(lines - 1),
	       percentile(lines - 1, 0.5) * ns,
	       percentile(lines - 1, 0.99) * ns,
	       percentile(lines - 1, 0.999) * ns, (double)longest * ns,
	       wall_ns / 1e9,
	       (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		       (double)(usage.ru_utime.tv_usec +
				usage.ru_stime.tv_usec) /
			       1e6);
	return 0;
}
