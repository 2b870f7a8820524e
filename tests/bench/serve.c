/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's loop: waits for a command, times a round, answers.  The driver
 * keeps one such process for each way of running (bare, tee, ...) and lets them
 * take turns, so that all of them see the same machine. */
#include "bench.h"

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SAMPLES_MAX 200000

char bench_line[BENCH_LINE_BYTES + 1] =
	"2026-01-01T00:00:00Z INFO worker 7: request 4711 took 1234 us, status "
	"200, warm\n";

static const struct bench_operation *find(const char *name)
{
	const struct bench_operation *at = bench_operations;

	while (at->name && strcmp(at->name, name))
		at++;
	return at->name ? at : NULL;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void answer_run(const struct bench_operation *operation, long count)
{
	uint64_t begin = bench_now_ns();

	operation->run(count);
	printf("%llu\n", (unsigned long long)(bench_now_ns() - begin));
}

static void answer_sample(const struct bench_operation *operation, long count)
{
	static uint64_t samples[SAMPLES_MAX];
	uint64_t begin_ns, ticks = 0, begin_ticks;
	double ns;

	if (count < 1 || count > SAMPLES_MAX)
		bench_die("sample: the count is out of range");
	begin_ns = bench_now_ns();
	begin_ticks = bench_ticks();
	for (long i = 0; i < count; i++) {
		uint64_t begin = bench_ticks();
		operation->run(1);
		samples[i] = bench_ticks() - begin;
		ticks += samples[i];
	}
	ns = (double)(bench_now_ns() - begin_ns) /
	     (double)(bench_ticks() - begin_ticks);
	qsort(samples, (size_t)count, sizeof samples[0], by_value);
	printf("%.2f %.2f %.2f %.2f\n", (double)ticks * ns / (double)count,
	       (double)samples[count / 2] * ns,
	       (double)samples[count * 99 / 100] * ns,
	       (double)samples[count * 999 / 1000] * ns);
}

/* Straight to the kernel: a hooked kill() would be counted with the loop. */
static void mark(void)
{
	syscall(SYS_kill, syscall(SYS_getpid), SIGUSR1);
}

static void answer_step(const struct bench_operation *operation, long count)
{
	operation->run(count ? count : 1); /* bind symbols, warm up */
	for (int i = 0; i < BENCH_WINDOWS; i++) {
		mark();
		operation->run(count);
		mark();
	}
	printf("stepped\n");
}

static int command(const char *line)
{
	const struct bench_operation *operation;
	char verb[16], name[32];
	long count;

	if (sscanf(line, "%15s %31s %ld", verb, name, &count) != 3)
		return -1;
	operation = find(name);
	if (!operation)
		return -1;
	if (operation->before)
		operation->before();
	if (!strcmp(verb, "run"))
		answer_run(operation, count);
	else if (!strcmp(verb, "sample"))
		answer_sample(operation, count);
	else if (!strcmp(verb, "step"))
		answer_step(operation, count);
	else
		return -1;
	return fflush(stdout);
}

int bench_serve(void)
{
	char line[128];

	if (strlen(bench_line) != BENCH_LINE_BYTES)
		bench_die("the line has not the length it should have");
	while (fgets(line, sizeof line, stdin)) {
		if (!strcmp(line, "quit\n"))
			return 0;
		if (command(line) != 0) {
			fprintf(stderr, "bench: unknown command: %s", line);
			return 2;
		}
	}
	return 0;
}
