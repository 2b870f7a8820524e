/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The relay of one program's output, seen by who starts it: see the header.
 * Main thread. */
#include "relay.h"

#include "deep.h"
#include "descriptors.h"
#include "library.h"
#include "relay_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* A descriptor that nobody reads must not keep us for ever. */
enum { FLUSH_MS = 10000 };

/* The real descriptor of each stream. */
static const int real[] = {
	[LOGTAP_RELAY_ERROR] = STDERR_FILENO,
	[LOGTAP_RELAY_OUTPUT] = STDOUT_FILENO,
	[LOGTAP_RELAY_LOG] = -1,
};

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void logtap_relay_init(struct logtap_relay *relay)
{
	relay->pid = -1;
	for (int i = 0; i < LOGTAP_RELAY_STREAMS; i++)
		relay->streams[i] = (struct logtap_relay_stream){
			.input = -1,
			.output = -1,
			.screen = -1,
			.socket = {-1, -1},
		};
}

static void close_all(struct logtap_relay *relay)
{
	for (int i = 0; i < LOGTAP_RELAY_STREAMS; i++) {
		struct logtap_relay_stream *stream = &relay->streams[i];
		close_one(&stream->input);
		close_one(&stream->output);
		close_one(&stream->screen);
		close_one(&stream->socket[0]);
		close_one(&stream->socket[1]);
	}
	relay->pid = -1;
}

/* Return: whether @terminal had another size. */
static bool make_as_large(int terminal, int as)
{
	struct winsize size, old;

	if (ioctl(as, TIOCGWINSZ, &size) || ioctl(terminal, TIOCGWINSZ, &old) ||
	    !memcmp(&size, &old, sizeof(size)))
		return false;
	return !ioctl(terminal, TIOCSWINSZ, &size);
}

/* The real terminal does what is to be done with the bytes, not this one. */
static void make_alike(int terminal, int as)
{
	struct termios modes;

	if (!tcgetattr(as, &modes)) {
		modes.c_oflag &= ~(tcflag_t)OPOST;
		modes.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(terminal, TCSANOW, &modes);
	}
	make_as_large(terminal, as);
}

static int open_terminal(struct logtap_relay_stream *stream, int as)
{
	char name[64];

	stream->output = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (stream->output < 0)
		return -errno;
	if (!grantpt(stream->output) && !unlockpt(stream->output) &&
	    !ptsname_r(stream->output, name, sizeof(name)))
		stream->input = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (stream->input >= 0) {
		make_alike(stream->input, as);
		stream->screen = fcntl(stream->output, F_DUPFD_CLOEXEC, 0);
		return 0;
	}
	int error = errno ? -errno : -ENOENT;
	close_one(&stream->output);
	return error;
}

static int open_pipe(struct logtap_relay_stream *stream)
{
	int data[2];

	if (pipe2(data, O_CLOEXEC))
		return -errno;
	stream->output = data[0];
	stream->input = data[1];
	return 0;
}

static int open_stream(struct logtap_relay_stream *stream, int as)
{
	int result = -ENOTTY;

	if (isatty(as))
		result = open_terminal(stream, as);
	if (result)
		result = open_pipe(stream);
	if (!result && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				  stream->socket))
		result = -errno;
	return result;
}

static int open_log(struct logtap_relay_stream *stream, const char *path)
{
	int fd = logtap_deep_socket(path);

	if (fd < 0)
		return fd;
	stream->output = fd;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			  stream->socket)
		       ? -errno
		       : 0;
}

int logtap_relay_open(struct logtap_relay *relay, bool out, const char *log)
{
	int error =
		open_stream(&relay->streams[LOGTAP_RELAY_ERROR], STDERR_FILENO);

	if (!error && out)
		error = open_stream(&relay->streams[LOGTAP_RELAY_OUTPUT],
				    STDOUT_FILENO);
	if (!error && log)
		error = open_log(&relay->streams[LOGTAP_RELAY_LOG], log);
	if (error)
		close_all(relay);
	return error;
}

bool logtap_relay_resize(const struct logtap_relay *relay)
{
	bool changed = false;

	for (int i = 0; i < LOGTAP_RELAY_STREAMS; i++)
		if (relay->streams[i].screen >= 0)
			changed |= make_as_large(relay->streams[i].screen,
						 real[i]);
	return changed;
}

/* Above what is about to be overwritten. */
static void put_above(int *fd)
{
	if (*fd >= 0)
		*fd = fcntl(*fd, F_DUPFD, LOGTAP_RELAY_FDS);
}

static void put_at(int from, int to)
{
	if (from < 0)
		close(to);
	else if (dup2(from, to) < 0)
		_exit(1);
}

static void take_descriptors(struct logtap_relay *relay)
{
	/* Its pipe or socket, and the socket for questions. */
	static const int places[][2] = {
		[LOGTAP_RELAY_ERROR] = {STDIN_FILENO, LOGTAP_RELAY_SOCKET_FD},
		[LOGTAP_RELAY_OUTPUT] = {LOGTAP_RELAY_OUT_FD,
					 LOGTAP_RELAY_OUT_SOCKET_FD},
		[LOGTAP_RELAY_LOG] = {LOGTAP_RELAY_LOG_FD,
				      LOGTAP_RELAY_LOG_SOCKET_FD},
	};
	struct logtap_relay_stream *streams = relay->streams;
	bool has_out = streams[LOGTAP_RELAY_OUTPUT].output >= 0;

	for (int i = 0; i < LOGTAP_RELAY_STREAMS; i++) {
		put_above(&streams[i].output);
		put_above(&streams[i].socket[1]);
	}
	for (int i = 0; i < LOGTAP_RELAY_STREAMS; i++) {
		put_at(streams[i].output, places[i][0]);
		put_at(streams[i].socket[1], places[i][1]);
	}
	if (!has_out)
		put_at(STDERR_FILENO, STDOUT_FILENO);
	logtap_descriptors_close_from(LOGTAP_RELAY_FDS);
}

static _Noreturn void be_relay(struct logtap_relay *relay,
			       char *const *environment)
{
	char path[PATH_MAX];
	char *argv[] = {(char *)"logtap", (char *)"relay", NULL};
	sigset_t none;

	/* Nothing that the terminal sends to the job may end it early. */
	setsid();
	take_descriptors(relay);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!logtap_program_path(path, sizeof(path)))
		execve(path, argv, environment);
	execve("/proc/self/exe", argv, environment);
	_exit(1);
}

int logtap_relay_start(struct logtap_relay *relay, char *const *environment)
{
	for (int i = 0; i < LOGTAP_RELAY_STREAMS; i++)
		close_one(&relay->streams[i].input);
	relay->pid = fork();
	if (relay->pid < 0)
		return -errno;
	if (!relay->pid)
		be_relay(relay, environment);
	for (int i = 0; i < LOGTAP_RELAY_STREAMS; i++) {
		close_one(&relay->streams[i].output);
		close_one(&relay->streams[i].socket[1]);
	}
	return 0;
}

/* Waits until what is in the pipe has been copied.  Return: whether that was
 * its end.  Where the relay is gone already, send and recv find an end. */
static bool flush(struct logtap_relay_stream *stream)
{
	struct pollfd fd = {.fd = stream->socket[0], .events = POLLIN};
	char answer = LOGTAP_RELAY_ENDED;

	if (stream->socket[0] < 0 ||
	    send(stream->socket[0], &answer, 1, MSG_NOSIGNAL) != 1)
		return true;
	if (poll(&fd, 1, FLUSH_MS) != 1)
		return false;
	return recv(stream->socket[0], &answer, 1, 0) != 1 ||
	       answer == LOGTAP_RELAY_ENDED;
}

void logtap_relay_end(struct logtap_relay *relay)
{
	bool ended = true;

	for (int i = 0; relay->pid > 0 && i < LOGTAP_RELAY_STREAMS; i++)
		ended &= flush(&relay->streams[i]);
	if (relay->pid > 0 && ended)
		while (waitpid(relay->pid, NULL, 0) < 0 && errno == EINTR)
			;
	close_all(relay);
}
