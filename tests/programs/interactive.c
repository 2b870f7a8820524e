/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A program at a terminal, statically linked: obeys the letters that it reads
 * from standard input, and says on standard error what happens to it.
 *
 *     o  a line on standard output, and one on standard error
 *     r  raw mode, until the end
 *     d  a child that outlives it says something later, when nobody reads its
 *        standard input any more
 *     t  dies by SIGTERM
 *     q  ends with status 7, as at the end of its input
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t resized = 1;

static void on_resize(int number)
{
	(void)number;
	resized = 1;
}

static void say(const char *text)
{
	if (write(2, text, strlen(text)) < 0)
		_exit(9);
}

static void say_size(void)
{
	struct winsize size = {0};
	char text[64];

	resized = 0;
	ioctl(2, TIOCGWINSZ, &size);
	snprintf(text, sizeof text, "size %d %d\n", size.ws_row, size.ws_col);
	say(text);
}

static void go_raw(struct termios *before)
{
	struct termios raw;

	tcgetattr(0, before);
	raw = *before;
	cfmakeraw(&raw);
	tcsetattr(0, TCSANOW, &raw);
	say("raw\r\n");
}

static void leave_a_child(void)
{
	char nothing;
	int end[2];

	if (pipe(end) || fork())
		exit(0);
	/* Until its parent has gone. */
	close(end[1]);
	setsid();
	close(0);
	close(1);
	while (getppid() != 1 && read(end[0], &nothing, 1) > 0)
		;
	sleep(1);
	say("from one that lives on\n");
	exit(0);
}

/* Says each size; SIGWINCH comes in here only, so that none is missed between
 * the look and the wait. */
static void wait_for_input(const sigset_t *unblocked)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};

	do {
		if (resized)
			say_size();
	} while (ppoll(&input, 1, NULL, unblocked) < 0 && errno == EINTR);
}

int main(void)
{
	struct sigaction action = {.sa_handler = on_resize};
	sigset_t resizes, unblocked;
	struct termios before;
	int raw = 0;
	char letter;

	sigemptyset(&resizes);
	sigaddset(&resizes, SIGWINCH);
	sigprocmask(SIG_BLOCK, &resizes, &unblocked);
	sigaction(SIGWINCH, &action, NULL);
	for (;;) {
		wait_for_input(&unblocked);
		ssize_t got = read(0, &letter, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || letter == 'q')
			break;
		if (letter == 'o') {
			say("on stderr\n");
			puts("on stdout");
			fflush(stdout);
		} else if (letter == 'r') {
			go_raw(&before);
			raw = 1;
		} else if (letter == 'd') {
			leave_a_child();
		} else if (letter == 't') {
			raise(SIGTERM);
		} else if (letter != '\n') {
			char text[] = "key ?\r\n";
			text[4] = letter == 3 ? 'C' : letter;
			say(text);
		}
	}
	if (raw)
		tcsetattr(0, TCSANOW, &before);
	say("ends\n");
	return 7;
}
