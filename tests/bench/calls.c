/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A worker that makes the calls which logtap hooks, and those that they are
 * compared with.  It knows nothing of logtap: the driver preloads it or not,
 * and gives it as standard error what is to be written to. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#define FILE_BYTES_MAX (8 << 20)

static int unrelated = -1;
static char **child_environment;

static __attribute__((noinline)) void nothing(void)
{
	__asm__ volatile("");
}

static void run_nothing(long count)
{
	for (long i = 0; i < count; i++)
		nothing();
}

/* A file that only grows would measure the disk. */
static void before_write(void)
{
	struct stat status;

	if (fstat(2, &status) == 0 && S_ISREG(status.st_mode) &&
	    status.st_size > FILE_BYTES_MAX && ftruncate(2, 0) != 0)
		bench_die("cannot truncate the file");
}

static void run_write(long count)
{
	for (long i = 0; i < count; i++)
		if (write(2, bench_line, BENCH_LINE_BYTES) != BENCH_LINE_BYTES)
			bench_die("write fails");
}

static void run_unrelated(long count)
{
	for (long i = 0; i < count; i++)
		if (write(unrelated, bench_line, BENCH_LINE_BYTES) < 0)
			bench_die("write to /dev/zero fails");
}

/* To fd -1: the kernel refuses at once, so that what a hook adds stands out. */
static void run_refused(long count)
{
	for (long i = 0; i < count; i++)
		BENCH_KEEP(write(-1, bench_line, BENCH_LINE_BYTES));
}

static void run_fprintf(long count)
{
	for (long i = 0; i < count; i++)
		fprintf(stderr, BENCH_FORMAT "\n", BENCH_ARGUMENTS(i));
}

static void run_syslog(long count)
{
	for (long i = 0; i < count; i++)
		syslog(LOG_INFO, BENCH_FORMAT, BENCH_ARGUMENTS(i));
}

static void run_snprintf(long count)
{
	char text[256];

	for (long i = 0; i < count; i++) {
		snprintf(text, sizeof text, BENCH_FORMAT, BENCH_ARGUMENTS(i));
		BENCH_KEEP(text);
	}
}

/* The least that a record takes: its time, its bytes, and that it is there. */
static void run_stamp(long count)
{
	for (long i = 0; i < count; i++)
		BENCH_KEEP(bench_ticks());
}

static inline void put_least(void)
{
	static char ring[1 << 15];
	static _Atomic uint64_t written;
	uint64_t at = atomic_load_explicit(&written, memory_order_relaxed);
	uint64_t now = bench_ticks();

	memcpy(ring + at, &now, sizeof now);
	memcpy(ring + at + sizeof now, bench_line, BENCH_LINE_BYTES);
	atomic_store_explicit(&written, (at + 104) & (sizeof ring / 2 - 1),
			      memory_order_release);
}

static void run_least(long count)
{
	for (long i = 0; i < count; i++)
		put_least();
}

static void run_least_write(long count)
{
	for (long i = 0; i < count; i++) {
		put_least();
		if (write(2, bench_line, BENCH_LINE_BYTES) != BENCH_LINE_BYTES)
			bench_die("write fails");
	}
}

static void *silent(void *argument)
{
	return argument;
}

static void *speaks(void *argument)
{
	run_write(1);
	return argument;
}

static void threads(long count, void *(*start)(void *))
{
	pthread_t thread;

	for (long i = 0; i < count; i++)
		if (pthread_create(&thread, NULL, start, NULL) != 0 ||
		    pthread_join(thread, NULL) != 0)
			bench_die("pthread_create fails");
}

static void run_thread(long count)
{
	threads(count, silent);
}

static void run_thread_speaks(long count)
{
	threads(count, speaks);
}

/* CHILD_NAME=VALUE in our environment is NAME=VALUE in the child's. */
static void before_spawn(void)
{
	extern char **environ;
	size_t count = 0, used = 0;

	if (child_environment)
		return;
	while (environ[count])
		count++;
	child_environment = calloc(count + 1, sizeof *child_environment);
	if (!child_environment)
		bench_die("no memory");
	for (size_t i = 0; i < count; i++)
		child_environment[used++] = strncmp(environ[i], "CHILD_", 6)
						    ? environ[i]
						    : environ[i] + 6;
}

static void run_spawn(long count)
{
	char name[] = "true";
	char *argv[] = {name, getenv("BENCH_SPAWN_ARGUMENT"), NULL};
	const char *path = getenv("BENCH_SPAWN");
	pid_t pid;
	int status;

	for (long i = 0; i < count; i++)
		if (posix_spawn(&pid, path ? path : "/bin/true", NULL, NULL,
				argv, child_environment) != 0 ||
		    waitpid(pid, &status, 0) != pid || status != 0)
			bench_die("posix_spawn fails");
}

const struct bench_operation bench_operations[] = {
	{"nothing", run_nothing, NULL},
	{"write", run_write, before_write},
	{"unrelated", run_unrelated, NULL},
	{"refused", run_refused, NULL},
	{"fprintf", run_fprintf, before_write},
	{"syslog", run_syslog, NULL},
	{"snprintf", run_snprintf, NULL},
	{"stamp", run_stamp, NULL},
	{"least", run_least, NULL},
	{"least_write", run_least_write, before_write},
	{"thread", run_thread, before_write},
	{"thread_speaks", run_thread_speaks, before_write},
	{"spawn", run_spawn, before_spawn},
	{NULL, NULL, NULL},
};

int main(void)
{
	/* Not the file that standard error is; takes what it is given, too. */
	unrelated = open("/dev/zero", O_WRONLY | O_CLOEXEC);
	if (unrelated < 0)
		bench_die("cannot open /dev/zero");
	openlog("bench", LOG_PID, LOG_DAEMON);
	return bench_serve();
}
