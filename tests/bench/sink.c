/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * An OTLP/HTTP receiver that counts log records and says yes to everything: one
 * thread, raw sockets, so that the receiver is not what is measured.
 *
 * Prints its port, then answers each line on standard input with
 * `REQUESTS RECORDS BYTES`.  Ends with its standard input.  Only for clients
 * that are trusted to speak HTTP/1.1 with Content-Length.
 */
#include "bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 64
#define HEAD_BYTES_MAX 16384
#define BODY_BYTES_MAX ((size_t)64 << 20)

struct connection {
	char *data;
	size_t used, room;
	size_t head; /* bytes of the request's head; 0: not yet complete */
	size_t body;
};

static struct connection connections[CONNECTIONS];
static struct pollfd polled[CONNECTIONS + 2]; /* 0: stdin, 1: listener */
static unsigned long requests, records, bytes;

static const unsigned char *read_varint(const unsigned char *at,
					const unsigned char *end,
					uint64_t *value)
{
	unsigned shift = 0;

	*value = 0;
	while (at < end && shift < 64) {
		*value |= (uint64_t)(*at & 0x7f) << shift;
		if (!(*at++ & 0x80))
			return at;
		shift += 7;
	}
	return NULL;
}

/* What field @path[0] of the message holds, @depth levels down, is counted. */
static int count_fields(const unsigned char *at, const unsigned char *end,
			const unsigned *path, unsigned depth)
{
	uint64_t key, size;

	while (at && at < end) {
		at = read_varint(at, end, &key);
		if (!at)
			return -1;
		switch (key & 7) {
		case 0:
			at = read_varint(at, end, &size);
			continue;
		case 1:
			at += 8;
			continue;
		case 5:
			at += 4;
			continue;
		case 2:
			break;
		default:
			return -1;
		}
		at = read_varint(at, end, &size);
		if (!at || size > (uint64_t)(end - at))
			return -1;
		if (key >> 3 == path[0]) {
			if (depth == 1)
				records++;
			else if (count_fields(at, at + size, path + 1,
					      depth - 1))
				return -1;
		}
		at += size;
	}
	return at == end ? 0 : -1;
}

static void drop(struct connection *connection, struct pollfd *poll)
{
	close(poll->fd);
	poll->fd = -1;
	free(connection->data);
	*connection = (struct connection){0};
}

static int say(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t put = write(fd, text, left);
		if (put <= 0)
			return -1;
		text += put;
		left -= (size_t)put;
	}
	return 0;
}

static int read_head(struct connection *connection, int fd)
{
	char *end = memmem(connection->data, connection->used, "\r\n\r\n", 4);
	char *line, *next;

	if (!end)
		return connection->used > HEAD_BYTES_MAX ? -1 : 0;
	connection->head = (size_t)(end - connection->data) + 4;
	for (line = connection->data; line < end; line = next + 2) {
		next = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
		if (!strncasecmp(line, "content-length:", 15))
			connection->body = strtoul(line + 15, NULL, 10);
		if (!strncasecmp(line, "content-encoding:", 17) ||
		    !strncasecmp(line, "transfer-encoding:", 18))
			return say(fd, "HTTP/1.1 415 Plain only\r\n"
				       "Content-Length: 0\r\n\r\n"),
			       -1;
		if (!strncasecmp(line, "expect:", 7) &&
		    say(fd, "HTTP/1.1 100 Continue\r\n\r\n"))
			return -1;
	}
	return connection->body > BODY_BYTES_MAX ? -1 : 0;
}

/* Answers all that is complete.  Return: -1 to hang up. */
static int serve(struct connection *connection, int fd)
{
	static const unsigned path[] = {1, 2, 2}; /* resource, scope, record */

	for (;;) {
		if (!connection->head && read_head(connection, fd))
			return -1;
		size_t all = connection->head + connection->body;
		if (!connection->head || connection->used < all)
			return 0;
		const unsigned char *body =
			(const void *)(connection->data + connection->head);
		if (count_fields(body, body + connection->body, path, 3))
			return -1;
		requests++;
		bytes += connection->body;
		connection->used -= all;
		memmove(connection->data, connection->data + all,
			connection->used);
		connection->head = connection->body = 0;
		if (say(fd, "HTTP/1.1 200 OK\r\nContent-Type: "
			    "application/x-protobuf\r\n"
			    "Content-Length: 0\r\n\r\n"))
			return -1;
	}
}

static void receive(struct connection *connection, struct pollfd *poll)
{
	size_t wanted = connection->head + connection->body + 65536;
	ssize_t got;

	if (connection->room < wanted) {
		connection->data = realloc(connection->data, wanted);
		if (!connection->data)
			bench_die("no memory");
		connection->room = wanted;
	}
	got = read(poll->fd, connection->data + connection->used,
		   connection->room - connection->used);
	if (got > 0) {
		connection->used += (size_t)got;
		got = serve(connection, poll->fd) ? 0 : 1;
	}
	if (got <= 0)
		drop(connection, poll);
}

static void accept_one(int listener)
{
	int fd = accept(listener, NULL, NULL), one = 1;

	for (unsigned i = 0; i < CONNECTIONS && fd >= 0; i++)
		if (polled[i + 2].fd < 0) {
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
				   sizeof one);
			polled[i + 2] = (struct pollfd){fd, POLLIN, 0};
			return;
		}
	if (fd >= 0)
		close(fd);
}

static int listen_anywhere(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (void *)&address, sizeof address) != 0 ||
	    listen(fd, CONNECTIONS) != 0 ||
	    getsockname(fd, (void *)&address, &size) != 0)
		bench_die("cannot listen on 127.0.0.1");
	printf("%u\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

int main(void)
{
	char line[64];

	polled[0] = (struct pollfd){0, POLLIN, 0};
	polled[1] = (struct pollfd){listen_anywhere(), POLLIN, 0};
	for (unsigned i = 0; i < CONNECTIONS; i++)
		polled[i + 2].fd = -1;
	for (;;) {
		if (poll(polled, CONNECTIONS + 2, -1) < 0)
			return 1;
		for (unsigned i = 0; i < CONNECTIONS; i++)
			if (polled[i + 2].fd >= 0 && polled[i + 2].revents)
				receive(&connections[i], &polled[i + 2]);
		if (polled[1].revents)
			accept_one(polled[1].fd);
		if (!polled[0].revents)
			continue;
		if (read(0, line, sizeof line) <= 0)
			return 0;
		printf("%lu %lu %lu\n", requests, records, bytes);
		fflush(stdout);
	}
}
