/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The relay of one program's standard error: see the header.  Main thread, and
 * a process of its own. */
#include "relay.h"

#include "descriptors.h"
#include "library.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* The other end of the socket, in the relay.  FLUSH_MS: a standard error that
 * nobody reads must not keep us for ever. */
enum { RELAY_FD = 3, FLUSH_MS = 10000 };

/* What the relay answers. */
enum { COPIED = 'c', ENDED = 'e' };

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void logtap_relay_init(struct logtap_relay *relay)
{
	*relay = (struct logtap_relay){
		.pid = -1,
		.input = -1,
		.output = -1,
		.socket = {-1, -1},
	};
}

static void close_all(struct logtap_relay *relay)
{
	close_one(&relay->input);
	close_one(&relay->output);
	close_one(&relay->socket[0]);
	close_one(&relay->socket[1]);
	relay->pid = -1;
}

/* The real terminal does what is to be done with the bytes, not this one. */
static void make_alike(int terminal)
{
	struct termios modes;
	struct winsize size;

	if (!tcgetattr(STDERR_FILENO, &modes)) {
		modes.c_oflag &= ~(tcflag_t)OPOST;
		modes.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(terminal, TCSANOW, &modes);
	}
	if (!ioctl(STDERR_FILENO, TIOCGWINSZ, &size))
		ioctl(terminal, TIOCSWINSZ, &size);
}

static int open_terminal(struct logtap_relay *relay)
{
	char name[64];

	relay->output = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (relay->output < 0)
		return -errno;
	if (!grantpt(relay->output) && !unlockpt(relay->output) &&
	    !ptsname_r(relay->output, name, sizeof(name)))
		relay->input = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (relay->input >= 0) {
		make_alike(relay->input);
		return 0;
	}
	int error = errno ? -errno : -ENOENT;
	close_one(&relay->output);
	return error;
}

static int open_pipe(struct logtap_relay *relay)
{
	int data[2];

	if (pipe2(data, O_CLOEXEC))
		return -errno;
	relay->output = data[0];
	relay->input = data[1];
	return 0;
}

int logtap_relay_open(struct logtap_relay *relay)
{
	int result = -ENOTTY;

	if (isatty(STDERR_FILENO))
		result = open_terminal(relay);
	if (result)
		result = open_pipe(relay);
	if (result)
		return result;
	if (!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			relay->socket))
		return 0;
	int error = -errno;
	close_all(relay);
	return error;
}

static _Noreturn void be_relay(int input, int fd, char *const *environment)
{
	char path[PATH_MAX];
	char *argv[] = {(char *)"logtap", (char *)"relay", NULL};
	sigset_t none;

	/* Nothing that the terminal sends to the job may end it early. */
	setsid();
	/* Above what is about to be overwritten. */
	input = fcntl(input, F_DUPFD, RELAY_FD + 1);
	fd = fcntl(fd, F_DUPFD, RELAY_FD + 1);
	if (dup2(input, 0) < 0 || dup2(fd, RELAY_FD) < 0 || dup2(2, 1) < 0)
		_exit(1);
	logtap_descriptors_close_from(RELAY_FD + 1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!logtap_program_path(path, sizeof(path)))
		execve(path, argv, environment);
	execve("/proc/self/exe", argv, environment);
	_exit(1);
}

int logtap_relay_start(struct logtap_relay *relay, char *const *environment)
{
	close_one(&relay->input);
	relay->pid = fork();
	if (relay->pid < 0)
		return -errno;
	if (!relay->pid)
		be_relay(relay->output, relay->socket[1], environment);
	close_one(&relay->output);
	close_one(&relay->socket[1]);
	return 0;
}

void logtap_relay_end(struct logtap_relay *relay)
{
	struct pollfd fd = {.fd = relay->socket[0], .events = POLLIN};
	char answer = ENDED;

	/* Where it is gone already, send and recv find an end. */
	if (relay->pid > 0 &&
	    send(relay->socket[0], &answer, 1, MSG_NOSIGNAL) == 1) {
		if (poll(&fd, 1, FLUSH_MS) != 1)
			answer = COPIED;
		else if (recv(relay->socket[0], &answer, 1, 0) != 1)
			answer = ENDED;
	}
	if (relay->pid > 0 && answer == ENDED)
		while (waitpid(relay->pid, NULL, 0) < 0 && errno == EINTR)
			;
	close_all(relay);
}

static bool write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t written = write(fd, data, size);
		if (written < 0 && errno == EAGAIN) {
			struct pollfd poller = {.fd = fd, .events = POLLOUT};
			poll(&poller, 1, -1);
			continue;
		}
		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			data += written;
			size -= (size_t)written;
		}
	}
	return true;
}

/* Return: false at the end of the pipe or terminal, or of who reads us. */
static bool copy_what_is_there(int input, int output)
{
	char buffer[65536];
	for (;;) {
		ssize_t size = read(input, buffer, sizeof(buffer));
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return errno == EAGAIN;
		if (!size || !write_all(output, buffer, (size_t)size))
			return false;
	}
}

void logtap_relay_copy(int input, int output, int fd)
{
	struct pollfd fds[] = {
		{.fd = input, .events = POLLIN},
		{.fd = fd, .events = POLLIN},
	};
	bool open = true;

	fcntl(input, F_SETFL, O_NONBLOCK);
	while (open) {
		char message = COPIED;
		poll(fds, 2, -1);
		bool asked = fds[1].revents && fds[1].fd >= 0;
		/* What was written before the question is copied before the
		 * answer. */
		if (asked && recv(fd, &message, 1, 0) != 1) {
			fds[1].fd = -1;
			asked = false;
		}
		open = copy_what_is_there(input, output);
		message = open ? COPIED : ENDED;
		if (asked)
			send(fd, &message, 1, MSG_NOSIGNAL);
	}
}
