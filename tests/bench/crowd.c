/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Many threads that log a little.
 *
 *     crowd THREADS
 *
 * Starts them, each writes one line; prints the nanoseconds a thread that this
 * took.  Then, for each `COUNT` on standard input, every thread writes COUNT
 * lines; prints the CPU nanoseconds a line.  Ends with its standard input.
 */
#include "bench.h"

#include <pthread.h>
#include <unistd.h>

char bench_line[BENCH_LINE_BYTES + 1] = "2026-01-01T00:00:00Z INFO crowd: one "
					"of many, request handled, 200 OK, "
					"12 us ..\n";

static pthread_barrier_t begin, end;
static long count = 1;
static _Atomic uint64_t spent_ns;

static uint64_t thread_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void *log_a_little(void *argument)
{
	for (;;) {
		uint64_t from = thread_ns();
		for (long i = 0; i < count; i++)
			if (write(2, bench_line, BENCH_LINE_BYTES) < 0)
				bench_die("write fails");
		spent_ns += thread_ns() - from;
		pthread_barrier_wait(&end);
		pthread_barrier_wait(&begin);
	}
	return argument;
}

static void start(long threads)
{
	pthread_attr_t small;
	pthread_t thread;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	pthread_barrier_init(&begin, NULL, (unsigned)threads + 1);
	pthread_barrier_init(&end, NULL, (unsigned)threads + 1);
	for (long i = 0; i < threads; i++)
		if (pthread_create(&thread, &small, log_a_little, NULL))
			bench_die("pthread_create fails");
	pthread_barrier_wait(&end);
}

int main(int argc, char **argv)
{
	long threads = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
	uint64_t from = bench_now_ns();
	char line[32];

	if (threads < 1)
		return 2;
	start(threads);
	printf("%.0f\n", (double)(bench_now_ns() - from) / (double)threads);
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		count = strtol(line, NULL, 10);
		spent_ns = 0;
		pthread_barrier_wait(&begin);
		pthread_barrier_wait(&end);
		printf("%.2f\n",
		       (double)spent_ns / (double)count / (double)threads);
		fflush(stdout);
	}
	return 0;
}
