/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Logs from known places: in the first thread, in another one, from a stack of
 * its own making, in a signal handler on an alternate stack.  Built without
 * frame pointers. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <ucontext.h>

static ucontext_t outside, inside;

__attribute__((noinline)) int failing_function(const char *where);
__attribute__((noinline)) int failing_function(const char *where)
{
	syslog(LOG_ERR, "error in %s", where);
	fprintf(stderr, "line in %s\n", where);
	return 1;
}

__attribute__((noinline)) int calling_function(const char *where);
__attribute__((noinline)) int calling_function(const char *where)
{
	return failing_function(where) + 1;
}

static void *thread_function(void *argument)
{
	calling_function("thread");
	return argument;
}

static void coroutine_function(void)
{
	calling_function("coroutine");
}

static void handler_function(int number)
{
	(void)number;
	calling_function("handler");
}

static void on_a_signal(void)
{
	stack_t stack = {.ss_size = 1 << 16, .ss_sp = malloc(1 << 16)};
	struct sigaction action = {.sa_handler = handler_function,
				   .sa_flags = SA_ONSTACK};

	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

static void in_a_coroutine(void)
{
	getcontext(&inside);
	inside.uc_stack.ss_size = 1 << 16;
	inside.uc_stack.ss_sp = malloc(inside.uc_stack.ss_size);
	inside.uc_link = &outside;
	makecontext(&inside, coroutine_function, 0);
	swapcontext(&outside, &inside);
}

int main(void)
{
	pthread_t thread;

	calling_function("main");
	pthread_create(&thread, NULL, thread_function, NULL);
	pthread_join(thread, NULL);
	on_a_signal();
	in_a_coroutine();
	return 0;
}
