/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal to draw on: see the header.  The sequences are those of ECMA-48 and
 * of xterm's alternate screen. */
#include "screen.h"

#include "../base/clock.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[?25h\033[?1049l"
#define EMPTY "\033[H\033[J"

static struct {
	struct termios before;
	sigset_t mask; /* before */
	sigset_t ours;
	int signal_fd;
	int signal;
} screen = {.signal_fd = -1};

static void enter(void)
{
	struct termios quiet = screen.before;

	quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	quiet.c_cc[VMIN] = 0;
	quiet.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet);
	fputs(ENTER, stdout);
	fflush(stdout);
}

static void leave(void)
{
	fputs(LEAVE, stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &screen.before);
}

bool logtap_screen_open(void)
{
	if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &screen.before))
		return false;
	sigemptyset(&screen.ours);
	static const int signals[] = {SIGINT,  SIGTERM,	 SIGHUP,
				      SIGQUIT, SIGWINCH, SIGTSTP};
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&screen.ours, signals[i]);
	sigprocmask(SIG_BLOCK, &screen.ours, &screen.mask);
	screen.signal_fd = signalfd(-1, &screen.ours, SFD_CLOEXEC);
	if (screen.signal_fd < 0) {
		sigprocmask(SIG_SETMASK, &screen.mask, NULL);
		return false;
	}
	screen.signal = 0;
	enter();
	return true;
}

void logtap_screen_close(void)
{
	leave();
	close(screen.signal_fd);
	screen.signal_fd = -1;
	sigprocmask(SIG_SETMASK, &screen.mask, NULL);
}

int logtap_screen_signal(void)
{
	return screen.signal;
}

void logtap_screen_size(int *rows, int *columns)
{
	struct winsize size = {0};
	bool known = !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);

	*rows = known && size.ws_row ? size.ws_row : 24;
	*columns = known && size.ws_col ? size.ws_col : 80;
}

void logtap_screen_begin(void)
{
	fputs(EMPTY, stdout);
}

/* Stopped as any program is, with the terminal as it was. */
static void stop(void)
{
	leave();
	raise(SIGSTOP);
	tcgetattr(STDIN_FILENO, &screen.before);
	enter();
}

static enum logtap_screen_event on_signal(void)
{
	struct signalfd_siginfo what;

	if (read(screen.signal_fd, &what, sizeof(what)) !=
	    (ssize_t)sizeof(what))
		return LOGTAP_SCREEN_DRAW;
	if (what.ssi_signo == SIGTSTP)
		stop();
	if (what.ssi_signo == SIGTSTP || what.ssi_signo == SIGWINCH)
		return LOGTAP_SCREEN_DRAW;
	screen.signal = (int)what.ssi_signo;
	return LOGTAP_SCREEN_LEAVE;
}

/* Return: is it to end?  At the end of its input, too: the terminal is gone. */
static bool is_quit(void)
{
	char keys[64];
	ssize_t count = read(STDIN_FILENO, keys, sizeof(keys));

	for (ssize_t i = 0; i < count; i++)
		if (keys[i] == 'q' || keys[i] == 'Q')
			return true;
	return count <= 0;
}

enum logtap_screen_event logtap_screen_wait(uint64_t until_ns)
{
	for (;;) {
		uint64_t now_ns = logtap_clock_monotonic_ns();
		uint64_t left_ns = until_ns > now_ns ? until_ns - now_ns : 0;
		struct pollfd fds[] = {
			{.fd = screen.signal_fd, .events = POLLIN},
			{.fd = STDIN_FILENO, .events = POLLIN},
		};
		int ready = poll(fds, 2, (int)((left_ns + 999999) / 1000000));

		if (ready <= 0 && logtap_clock_monotonic_ns() >= until_ns)
			return LOGTAP_SCREEN_TIME;
		if (ready > 0 && fds[0].revents)
			return on_signal();
		if (ready > 0 && fds[1].revents && is_quit())
			return LOGTAP_SCREEN_LEAVE;
	}
}
