/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A timer's handler forks while a process writes its first long line:
 *
 *     growth COUNT
 *
 * COUNT processes, one after the other.  Each writes "call N ..." and at its end
 * "after N"; the handler's child goes on with the call, or begins behind it, and
 * writes "grown N".
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_BYTES 6000

static volatile sig_atomic_t forked, is_child;

static void on_alarm(int number)
{
	pid_t child = fork();

	(void)number;
	if (child < 0)
		_exit(3);
	is_child = child == 0;
	forked = 1;
}

static void put(const char *line, size_t bytes)
{
	if (write(2, line, bytes) != (ssize_t)bytes)
		_exit(4);
}

static void put_short(const char *who, int number)
{
	char line[64];

	put(line, (size_t)sprintf(line, "%s %d\n", who, number));
}

static void run(int number, int delay_us)
{
	struct itimerval soon = {.it_value = {0, 1 + delay_us}};
	static char line[LINE_BYTES];
	int head = sprintf(line, "call %d ", number), status;

	memset(line + head, 'x', sizeof line - (size_t)head - 1);
	line[sizeof line - 1] = '\n';
	setitimer(ITIMER_REAL, &soon, NULL);
	put(line, sizeof line);
	while (!forked)
		;
	put_short(is_child ? "grown" : "after", number);
	if (!is_child && (wait(&status) < 0 || status))
		_exit(5);
	_exit(0);
}

int main(int argc, char **argv)
{
	int count = argc == 2 ? atoi(argv[1]) : 0;
	int status;

	signal(SIGALRM, on_alarm);
	for (int i = 0; i < count; i++) {
		pid_t child = fork();

		if (child == 0)
			run(i, i % 150);
		if (child < 0 || waitpid(child, &status, 0) < 0 || status)
			return 6;
	}
	return 0;
}
