/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the benchmark programs share: the operations that are timed, and the
 * clock they are timed with.
 */
#ifndef LOGTAP_BENCH_H
#define LOGTAP_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* One call that is timed.  @run makes it @count times in a loop of its own, so
 * that the loop costs the same for all. */
struct bench_operation {
	const char *name;
	void (*run)(long count);
	void (*before)(void); /* or NULL: before a round, not timed */
};

extern const struct bench_operation bench_operations[];

/* How often `step` runs the loop: whatever is rare falls into few of them. */
#define BENCH_WINDOWS 7

/* Commands on standard input, answers on standard output:
 *     run NAME COUNT      -> ns of the whole loop
 *     sample NAME COUNT   -> mean, p50, p99, p99.9 of single calls, ns
 *     step NAME COUNT     -> the loop between pairs of SIGUSR1 (for steps)
 *     quit
 * Return: exit status. */
int bench_serve(void);

/* 80 bytes with the line feed: what the goals speak of. */
#define BENCH_LINE_BYTES 80
extern char bench_line[BENCH_LINE_BYTES + 1];

/* The message that snprintf, syslog and the tracer format: 6 arguments. */
#define BENCH_FORMAT "request %d from %s took %u us: status %d, %lu bytes, %s"
#define BENCH_ARGUMENTS(i) \
	(int)(i), "192.0.2.17", 1234u, 200, 45678ul, "upstream app-3 was warm"

static inline uint64_t bench_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Ticks of the cheapest clock; what a tick is follows from bench_now_ns(). */
static inline uint64_t bench_ticks(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#else
	return bench_now_ns();
#endif
}

/* The compiler must not take the loop's body for useless. */
#define BENCH_KEEP(value) __asm__ volatile("" : : "r"(value) : "memory")

static inline void bench_die(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(3);
}

#endif
