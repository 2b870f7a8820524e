/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The relay at work: see the header.  A process of its own; a thread for each
 * stream. */
#include "relay.h"
#include "relay_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

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
		char message = LOGTAP_RELAY_COPIED;
		poll(fds, 2, -1);
		bool asked = fds[1].revents && fds[1].fd >= 0;
		/* What was written before the question is copied before the
		 * answer. */
		if (asked && recv(fd, &message, 1, 0) != 1) {
			fds[1].fd = -1;
			asked = false;
		}
		open = copy_what_is_there(input, output);
		message = open ? LOGTAP_RELAY_COPIED : LOGTAP_RELAY_ENDED;
		if (asked)
			send(fd, &message, 1, MSG_NOSIGNAL);
	}
}

static void *copy_output(void *unused)
{
	(void)unused;
	logtap_relay_copy(LOGTAP_RELAY_OUT_FD, STDOUT_FILENO,
			  LOGTAP_RELAY_OUT_SOCKET_FD);
	/* Who still writes there is to get the broken pipe, as always. */
	close(LOGTAP_RELAY_OUT_FD);
	return NULL;
}

static _Atomic bool streams_closed;

static void *copy_log(void *unused)
{
	(void)unused;
	logtap_relay_copy_log(LOGTAP_RELAY_LOG_FD, LOGTAP_RELAY_LOG_SOCKET_FD,
			      &streams_closed);
	return NULL;
}

static bool start(int fd, void *(*body)(void *), pthread_t *thread)
{
	return fcntl(fd, F_GETFD) >= 0 &&
	       !pthread_create(thread, NULL, body, NULL);
}

void logtap_relay_work(void)
{
	pthread_t out_thread, log_thread;

	/* One that nobody reads must not end the other. */
	signal(SIGPIPE, SIG_IGN);
	bool out = start(LOGTAP_RELAY_OUT_FD, copy_output, &out_thread);
	bool log = start(LOGTAP_RELAY_LOG_FD, copy_log, &log_thread);

	if (fcntl(LOGTAP_RELAY_SOCKET_FD, F_GETFD) >= 0)
		logtap_relay_copy(STDIN_FILENO, STDERR_FILENO,
				  LOGTAP_RELAY_SOCKET_FD);
	close(STDIN_FILENO);
	if (out)
		pthread_join(out_thread, NULL);
	streams_closed = true;
	if (log)
		pthread_join(log_thread, NULL);
}
