/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Ways out of a write that never returns.
 *
 *     unwind longjmp   a handler leaves blocked writes by siglongjmp
 *     unwind cancel    a thread is cancelled in a blocked write
 *     unwind random    a handler leaves writes by siglongjmp, at any place
 *
 * stderr must be a pipe, its reading end fd 3: what reached it is copied to
 * stdout, so stdout names the lines that should have been captured.
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

enum { READING_END = 3, ROUNDS = 20, RANDOM_ROUNDS = 500 };

static sigjmp_buf jump;

static void leave(int number)
{
	(void)number;
	siglongjmp(jump, 1);
}

static void copy_to_stdout(void)
{
	char data[65536];
	ssize_t got;

	while ((got = read(READING_END, data, sizeof(data))) > 0)
		if (write(1, data, (size_t)got) != got)
			_exit(3);
}

static void fill_stderr(void)
{
	char line[4096];

	memset(line, 'f', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\n';
	fcntl(2, F_SETFL, O_NONBLOCK);
	while (write(2, line, sizeof(line)) > 0)
		;
	fcntl(2, F_SETFL, 0);
}

static void say(const char *text, int round)
{
	char line[96];
	int bytes = snprintf(line, sizeof(line), "%s %d tid=%d\n", text, round,
			     gettid());

	if (write(2, line, (size_t)bytes) != bytes)
		_exit(3);
	copy_to_stdout();
}

static void alarm_after(int microseconds)
{
	struct itimerval soon = {.it_value = {.tv_usec = microseconds}};

	setitimer(ITIMER_REAL, &soon, NULL);
}

static int by_longjmp(void)
{
	char text[] = "never written\n";
	struct iovec part = {text, sizeof(text) - 1};

	for (volatile int round = 0; round < ROUNDS; round++) {
		say("before the jump", round);
		fill_stderr();
		if (!sigsetjmp(jump, 1)) {
			alarm_after(2000);
			if (round % 2)
				(void)!write(2, text, sizeof(text) - 1);
			else
				(void)!writev(2, &part, 1);
			_exit(4);
		}
		copy_to_stdout();
		say("after the jump", round);
	}
	return 0;
}

static int by_random_longjmp(void)
{
	volatile int number = 0;

	for (volatile int round = 0; round < RANDOM_ROUNDS; round++) {
		if (!sigsetjmp(jump, 1)) {
			alarm_after(30 + round % 50);
			for (;;) {
				char line[32];
				int bytes = snprintf(line, sizeof(line),
						     "busy %d\n", number++);
				(void)!write(2, line, (size_t)bytes);
			}
		}
		copy_to_stdout();
		say("after the jump", round);
	}
	return 0;
}

static void *blocked(void *unused)
{
	(void)!write(2, "never written\n", 14);
	return unused;
}

static void *speaks(void *round)
{
	say("a later thread", *(int *)round);
	return NULL;
}

static int by_cancel(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		pthread_t thread;
		void *result;
		fill_stderr();
		if (pthread_create(&thread, NULL, blocked, NULL))
			return 3;
		usleep(2000);
		pthread_cancel(thread);
		pthread_join(thread, &result);
		if (result != PTHREAD_CANCELED)
			return 5;
		copy_to_stdout();
		say("after the cancellation", round);
		pthread_create(&thread, NULL, speaks, &round);
		pthread_join(thread, NULL);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = leave};
	const char *way = argc == 2 ? argv[1] : "";

	sigaction(SIGALRM, &action, NULL);
	fcntl(READING_END, F_SETFL, O_NONBLOCK);
	if (!strcmp(way, "longjmp"))
		return by_longjmp();
	if (!strcmp(way, "cancel"))
		return by_cancel();
	if (!strcmp(way, "random"))
		return by_random_longjmp();
	return 2;
}
