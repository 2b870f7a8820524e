/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A signal handler that logs, at a high rate, into a thread that logs, through
 * write(2) alone (which a handler may use): every line of both arrives whole.
 *
 *     handler LINES     ends when main and handler have each written LINES
 *
 * The count of each goes to stdout.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t handled, limit;

static void put(const char *who, long number)
{
	char line[64], digits[24];
	size_t bytes = 0, count = 0;

	do
		digits[count++] = (char)('0' + number % 10);
	while (number /= 10);
	for (const char *c = who; *c; c++)
		line[bytes++] = *c;
	while (count)
		line[bytes++] = digits[--count];
	line[bytes++] = '\n';
	if (write(2, line, bytes) != (ssize_t)bytes)
		_exit(3);
}

static void on_timer(int number)
{
	(void)number;
	if (handled < limit)
		put("handler ", handled++);
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_timer,
				   .sa_flags = SA_RESTART};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGRTMIN};
	struct itimerspec times = {.it_interval = {.tv_nsec = 20000},
				   .it_value = {.tv_nsec = 20000}};
	timer_t timer;
	long written = 0;

	limit = argc > 1 ? atoi(argv[1]) : 1000;
	sigaction(SIGRTMIN, &action, NULL);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) ||
	    timer_settime(timer, 0, &times, NULL))
		return 3;
	while (written < limit || handled < limit)
		put("main ", written++);
	timer_delete(timer);
	printf("%ld %d\n", written, (int)handled);
	return 0;
}
