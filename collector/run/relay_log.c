/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The relay of what a program says to the system logger: see the header.  A
 * thread of the relay. */
#include "deep.h"
#include "relay.h"
#include "relay_private.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* LOOK_MS: how often it is asked whether anybody is left. */
enum { LOOK_MS = 500, MESSAGE_BYTES = 1 << 18 };

/* A datagram and who sent it. */
struct message {
	struct iovec text;
	struct msghdr head;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
};

static void prepare(struct message *message, char *buffer, size_t bytes)
{
	memset(message, 0, sizeof(*message));
	message->text = (struct iovec){.iov_base = buffer, .iov_len = bytes};
	message->head.msg_iov = &message->text;
	message->head.msg_iovlen = 1;
	message->head.msg_control = message->control;
	message->head.msg_controllen = sizeof(message->control);
}

/* In the sender's name; if it has ended meanwhile, in ours. */
static void send_on(int fd, struct message *message, size_t bytes)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX,
				      .sun_path = "/dev/log"};

	message->text.iov_len = bytes;
	message->head.msg_name = &address;
	message->head.msg_namelen = sizeof(address);
	message->head.msg_flags = 0;
	if (sendmsg(fd, &message->head, MSG_NOSIGNAL) >= 0)
		return;
	message->head.msg_control = NULL;
	message->head.msg_controllen = 0;
	sendmsg(fd, &message->head, MSG_NOSIGNAL);
}

static void copy_what_is_there(int input, int output, char *buffer)
{
	struct message message;

	for (;;) {
		prepare(&message, buffer, MESSAGE_BYTES);
		ssize_t size = recvmsg(input, &message.head,
				       MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (size < 0)
			return;
		send_on(output, &message, (size_t)size);
	}
}

static bool is_used(void)
{
	const char *directory = getenv("LOGTAP_DIR");

	return directory && logtap_deep_is_used(directory);
}

void logtap_relay_copy_log(int input, int fd, const _Atomic bool *closed)
{
	struct pollfd fds[] = {
		{.fd = input, .events = POLLIN},
		{.fd = fd, .events = POLLIN},
	};
	int output = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char *buffer = malloc(MESSAGE_BYTES);
	bool used = output >= 0 && buffer;

	while (used) {
		char message;
		bool quiet = !poll(fds, 2, LOOK_MS);
		bool asked = fds[1].fd >= 0 && fds[1].revents;
		if (asked && recv(fd, &message, 1, 0) != 1) {
			fds[1].fd = -1;
			asked = false;
		}
		/* Whoever has ended has sent all that it will. */
		if (asked || (quiet && *closed))
			used = is_used();
		copy_what_is_there(input, output, buffer);
		message = used ? LOGTAP_RELAY_COPIED : LOGTAP_RELAY_ENDED;
		if (asked)
			send(fd, &message, 1, MSG_NOSIGNAL);
	}
	free(buffer);
	if (output >= 0)
		close(output);
}
