/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Many threads, one after the other and at once; storms of signals; stacks that
 * are as small as can be. */
#include "hazard.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_barrier_t barrier;

static void *one_line(void *number)
{
	say("thread", (long)number);
	return NULL;
}

static void *one_line_together(void *number)
{
	pthread_barrier_wait(&barrier);
	say("thread", (long)number);
	pthread_barrier_wait(&barrier);
	return NULL;
}

static int in_sequence(char **arguments)
{
	long count = strtol(arguments[0], NULL, 10);

	for (long i = 0; i < count; i++) {
		pthread_t thread;
		if (pthread_create(&thread, NULL, one_line, (void *)i))
			fail("pthread_create");
		pthread_join(thread, NULL);
	}
	return 0;
}

static int at_once(char **arguments)
{
	long count = strtol(arguments[0], NULL, 10);
	pthread_t *all = calloc((size_t)count, sizeof(*all));
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	pthread_barrier_init(&barrier, NULL, (unsigned)count);
	for (long i = 0; i < count; i++)
		if (pthread_create(&all[i], &attributes, one_line_together,
				   (void *)i))
			fail("pthread_create");
	for (long i = 0; i < count; i++)
		pthread_join(all[i], NULL);
	free(all);
	return 0;
}

static int detached(char **arguments)
{
	long count = strtol(arguments[0], NULL, 10);
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	for (long i = 0; i < count; i++) {
		pthread_t thread;
		while (pthread_create(&thread, &attributes, one_line,
				      (void *)i))
			usleep(1000);
	}
	pthread_exit(NULL);
}

static atomic_long handled;
static long wanted;

static void on_signal(int number)
{
	long mine = atomic_fetch_add(&handled, 1);

	(void)number;
	if (mine < wanted)
		say("handler", mine);
}

static void *storm(void *target)
{
	while (atomic_load(&handled) < wanted)
		pthread_kill(*(pthread_t *)target, SIGUSR1);
	return NULL;
}

/* Two threads that send as fast as they can to one that logs; not for ever, where
 * few of their signals are let through. */
enum { LINES_MOST = 20000 };

static int signals(char **arguments)
{
	pthread_t main_thread = pthread_self(), senders[2];
	struct sigaction action = {.sa_handler = on_signal,
				   .sa_flags = SA_RESTART};
	long lines = 0;

	wanted = strtol(arguments[0], NULL, 10);
	sigaction(SIGUSR1, &action, NULL);
	for (int i = 0; i < 2; i++)
		pthread_create(&senders[i], NULL, storm, &main_thread);
	while (atomic_load(&handled) < wanted)
		if (lines < LINES_MOST)
			say("main", lines++);
	for (int i = 0; i < 2; i++)
		pthread_join(senders[i], NULL);
	printf("%ld\n", lines);
	return 0;
}

/* In a child that shares the memory and the stack of its parent, and by a call
 * that makes one. */
static void *start_shells(void *none)
{
	char *const shell[] = {(char *)"/bin/sh", (char *)"-c",
			       (char *)"echo from a small stack >&2", NULL};
	pid_t child = vfork();
	int ended;

	if (!child) {
		execve(shell[0], shell, none);
		_exit(1);
	}
	waitpid(child, &ended, 0);
	say("vfork: status", ended);
	posix_spawn(&child, shell[0], NULL, NULL, shell, none);
	waitpid(child, &ended, 0);
	say("posix_spawn: status", ended);
	return none;
}

static void start_shell_in_handler(int number)
{
	static char *none[] = {NULL};

	(void)number;
	start_shells(none);
}

/* Below it lies a page that cannot be touched. */
static char *small_stack(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, page + bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || mprotect(memory, page, PROT_NONE))
		fail("a small stack");
	return memory + page;
}

/* hazard small-stacks: a thread and a handler with the smallest stacks there are
 * start programs whose environment is empty. */
static int small_stacks(char **arguments)
{
	static char *none[] = {NULL};
	struct sigaction action = {.sa_handler = start_shell_in_handler,
				   .sa_flags = SA_ONSTACK};
	size_t alternate = (size_t)SIGSTKSZ;
	stack_t stack = {.ss_sp = small_stack(alternate), .ss_size = alternate};
	pthread_attr_t attributes;
	pthread_t thread;

	(void)arguments;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, (size_t)PTHREAD_STACK_MIN);
	if (pthread_create(&thread, &attributes, start_shells, none))
		fail("pthread_create");
	pthread_join(thread, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaltstack(&stack, NULL);
	raise(SIGUSR1);
	return 0;
}

const struct hazard threads[] = {
	{"threads", in_sequence},	{"threads-at-once", at_once},
	{"threads-detached", detached}, {"signals", signals},
	{"small-stacks", small_stacks}, {0},
};
