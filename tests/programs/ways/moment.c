/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Moments of a process and of a thread: early, late, interrupted. */
#include "way.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <threads.h>
#include <time.h>

static bool asked_for(const char *name, char **argv)
{
	for (; argv && *argv; argv++)
		if (!strcmp(*argv, name))
			return true;
	return false;
}

static bool late_destructor;

static void before_constructors(int argc, char **argv)
{
	(void)argc;
	if (asked_for("preinit", argv))
		way_put(2, "preinit\n");
}

__attribute__((section(".preinit_array"),
	       used)) static void (*const early)(int,
						 char **) = before_constructors;

__attribute__((constructor(101))) static void first(int argc, char **argv)
{
	way_arguments(&argc, &argv);
	if (asked_for("constructor_101", argv))
		way_put(2, "constructor_101\n");
}

__attribute__((destructor(101))) static void last(void)
{
	if (late_destructor) {
		way_put(2, "destructor write\n");
		fputs("destructor fputs\n", stderr);
	}
}

WAY(preinit, WAY_MAIN)
{
}

WAY(constructor_101, WAY_MAIN)
{
}

WAY(destructor, WAY_MAIN)
{
	late_destructor = true;
}

static void at_exit(void)
{
	fputs("at_exit\n", stderr);
}

WAY(atexit, WAY_MAIN)
{
	atexit(at_exit);
}

WAY(at_quick_exit, WAY_MAIN)
{
	at_quick_exit(at_exit);
	quick_exit(0);
}

WAY(_exit, WAY_MAIN)
{
	way_put(2, "_exit\n");
	_exit(9);
}

WAY(abort, WAY_MAIN)
{
	fputs("abort\n", stderr);
	abort();
}

/* Handlers. */
static void write_handler(int number)
{
	(void)number;
	way_put(2, "handler\n");
}

static sigjmp_buf out;

static void jumping_handler(int number)
{
	(void)number;
	way_put(2, "jumping handler\n");
	siglongjmp(out, 1);
}

static void crash_handler(int number)
{
	(void)number;
	way_put(2, "crash handler\n");
	_exit(11);
}

static void dying_handler(int number)
{
	way_put(2, "dying handler\n");
	signal(number, SIG_DFL);
	raise(number);
}

WAY(handler_write, 0)
{
	signal(SIGUSR2, write_handler);
	raise(SIGUSR2);
	way_put(2, "handler_write after\n");
}

WAY(handler_jumps, 0)
{
	signal(SIGUSR2, jumping_handler);
	if (!sigsetjmp(out, 1))
		raise(SIGUSR2);
	way_put(2, "handler_jumps after\n");
}

static char other_stack[65536];

WAY(handler_on_a_stack, 0)
{
	stack_t stack = {.ss_sp = other_stack, .ss_size = sizeof(other_stack)};
	struct sigaction action = {.sa_handler = write_handler,
				   .sa_flags = SA_ONSTACK};
	sigaltstack(&stack, NULL);
	sigaction(SIGUSR2, &action, NULL);
	raise(SIGUSR2);
	way_put(2, "handler_on_a_stack after\n");
}

static volatile int *volatile nowhere = (int *)8;

WAY(segfault_handler, WAY_MAIN)
{
	signal(SIGSEGV, crash_handler);
	*nowhere = 1;
}

WAY(segfault_dies, WAY_MAIN)
{
	signal(SIGSEGV, dying_handler);
	*nowhere = 1;
}

WAY(segfault, WAY_MAIN)
{
	way_put(2, "segfault soon\n");
	*nowhere = 1;
}

static void notify(union sigval value)
{
	way_put(2, value.sival_ptr);
	*(char *)value.sival_ptr = 'N';
}

WAY(timer_thread, WAY_MAIN)
{
	static char text[] = "notified\n";
	timer_t timer;
	struct sigevent event = {.sigev_notify = SIGEV_THREAD,
				 .sigev_notify_function = notify,
				 .sigev_value.sival_ptr = text};
	struct itimerspec soon = {.it_value.tv_nsec = 1};
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &soon, NULL);
	while (*(volatile char *)text == 'n')
		sched_yield();
}

/* Threads. */
static void *put_text(void *text)
{
	way_put(2, text);
	return NULL;
}

static int put_c11(void *text)
{
	way_put(2, text);
	return 0;
}

static void run(void *(*start)(void *), const char *text)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, start, (void *)text))
		pthread_join(thread, NULL);
}

WAY(pthread, 0)
{
	run(put_text, "pthread\n");
}

WAY(thrd_create, 0)
{
	thrd_t thread;
	thrd_create(&thread, put_c11, (char *)"thrd_create\n");
	thrd_join(thread, NULL);
}

static void clean_up(void *text)
{
	way_put(2, text);
}

static volatile bool begun;

static void *cancelled(void *text)
{
	pthread_cleanup_push(clean_up, text);
	way_put(2, "cancelled begins\n");
	begun = true;
	for (;;)
		pause();
	pthread_cleanup_pop(0);
	return NULL;
}

static void *cancelled_in_write(void *text)
{
	pthread_cleanup_push(clean_up, text);
	pthread_cancel(pthread_self());
	way_put(2, "cancelled_in_write: never\n");
	pthread_cleanup_pop(0);
	return NULL;
}

WAY(cancellation, 0)
{
	pthread_t thread;
	begun = false;
	pthread_create(&thread, NULL, cancelled, (char *)"cleanup handler\n");
	while (!begun)
		sched_yield();
	pthread_cancel(thread);
	pthread_join(thread, NULL);
	way_put(2, "cancellation after\n");
}

WAY(cancelled_write, 0)
{
	run(cancelled_in_write, "cleanup of a cancelled write\n");
	way_put(2, "cancelled_write after\n");
}

static pthread_key_t key;
static int rounds;

static void at_thread_end(void *text)
{
	way_put(2, text);
	if (++rounds < 3)
		pthread_setspecific(key, text);
}

static void *with_key(void *text)
{
	pthread_setspecific(key, text);
	return NULL;
}

WAY(key_destructor, 0)
{
	rounds = 0;
	pthread_key_create(&key, at_thread_end);
	run(with_key, "key_destructor\n");
	pthread_key_delete(key);
}

static void *after_main(void *thread)
{
	pthread_join(*(pthread_t *)thread, NULL);
	way_put(2, "after main's end\n");
	return NULL;
}

WAY(main_ends_first, WAY_MAIN)
{
	static pthread_t self;
	pthread_t thread;
	self = pthread_self();
	pthread_create(&thread, NULL, after_main, &self);
	pthread_exit(NULL);
}

WAY(many_threads, 0)
{
	pthread_t threads[20];
	for (int i = 0; i < 20; i++)
		pthread_create(&threads[i], NULL, put_text,
			       (char *)"many_threads\n");
	for (int i = 0; i < 20; i++)
		pthread_join(threads[i], NULL);
}
