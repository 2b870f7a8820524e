/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Everything at once: threads that log, start short threads, fork children
 * that log and fork again, copy and close stderr, while a timer's handler logs.
 *
 *     storm ROUNDS
 *
 * Each line is unlike any other.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4 };

static _Atomic unsigned long next;
static int rounds;

static size_t put_number(char *to, unsigned long number)
{
	char digits[24];
	size_t count = 0, bytes = 0;

	do
		digits[count++] = (char)('0' + number % 10);
	while (number /= 10);
	while (count)
		to[bytes++] = digits[--count];
	return bytes;
}

/* "WHO PID N", with what a handler may use. */
static size_t make_line(char *line, const char *who)
{
	size_t bytes = strlen(who);

	memcpy(line, who, bytes);
	line[bytes++] = ' ';
	bytes += put_number(line + bytes, (unsigned long)getpid());
	line[bytes++] = ' ';
	bytes += put_number(line + bytes, atomic_fetch_add(&next, 1));
	line[bytes++] = '\n';
	return bytes;
}

static void say(int fd, const char *who)
{
	char line[64];
	size_t bytes = make_line(line, who);

	if (write(fd, line, bytes) != (ssize_t)bytes)
		_exit(3);
}

static void say_in_parts(const char *who)
{
	char line[64];
	size_t bytes = make_line(line, who);
	struct iovec parts[] = {{line, 2}, {line + 2, bytes - 2}};

	if (writev(2, parts, 2) != (ssize_t)bytes)
		_exit(3);
}

static void on_timer(int number)
{
	(void)number;
	say(2, "handler");
}

static void wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) != child)
		;
	if (status)
		_exit(4);
}

static void fork_one(int depth)
{
	pid_t child = fork();

	if (child < 0)
		_exit(5);
	if (child) {
		wait_for(child);
		return;
	}
	say(2, "child");
	if (depth)
		fork_one(depth - 1);
	say_in_parts("child");
	_exit(0);
}

static void *short_thread(void *unused)
{
	say(2, "short");
	return unused;
}

static void start_one(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, short_thread, NULL))
		_exit(5);
	pthread_join(thread, NULL);
}

static void copy_one(void)
{
	int copy = dup(2);

	if (copy < 0)
		_exit(5);
	say(copy, "copy");
	close(copy);
}

static void *work(void *unused)
{
	for (int round = 0; round < rounds; round++) {
		say(2, "write");
		say_in_parts("writev");
		if (round % 4 == 0)
			copy_one();
		if (round % 8 == 0)
			start_one();
		if (round % 16 == 0)
			fork_one(round % 32 == 0);
	}
	return unused;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_timer,
				   .sa_flags = SA_RESTART};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGRTMIN};
	struct itimerspec times = {.it_interval = {.tv_nsec = 500000},
				   .it_value = {.tv_nsec = 500000}};
	pthread_t threads[THREADS];
	timer_t timer;

	rounds = argc == 2 ? atoi(argv[1]) : 0;
	sigaction(SIGRTMIN, &action, NULL);
	if (!rounds || timer_create(CLOCK_MONOTONIC, &event, &timer) ||
	    timer_settime(timer, 0, &times, NULL))
		return 2;
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, NULL))
			return 5;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
