/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where the admin endpoint is: see the header.  Main thread. */
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNIX_PREFIX "unix:"

static const char *parse_path(const char *path, struct logtap_address *address)
{
	struct sockaddr_un *name = &address->name.local;
	size_t bytes = strlen(path);

	if (!bytes)
		return "names no socket file";
	if (bytes >= sizeof(name->sun_path))
		return "the path is too long for a socket (107 bytes)";
	name->sun_family = AF_UNIX;
	memcpy(name->sun_path, path, bytes + 1);
	address->name_bytes = sizeof(*name);
	address->loopback = true;
	snprintf(address->text, sizeof(address->text), UNIX_PREFIX "%s", path);
	return NULL;
}

static void set_text(struct logtap_address *address)
{
	char host[INET6_ADDRSTRLEN];

	if (address->name.any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address->name.v4.sin_addr, host,
			  sizeof(host));
		snprintf(address->text, sizeof(address->text), "%s:%u", host,
			 ntohs(address->name.v4.sin_port));
	} else if (address->name.any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &address->name.v6.sin6_addr, host,
			  sizeof(host));
		snprintf(address->text, sizeof(address->text), "[%s]:%u", host,
			 ntohs(address->name.v6.sin6_port));
	}
}

static const char *parse_host(const char *host, uint16_t port,
			      struct logtap_address *address)
{
	struct sockaddr_in *v4 = &address->name.v4;
	struct sockaddr_in6 *v6 = &address->name.v6;
	size_t bytes = strlen(host);

	if (!bytes || !strcmp(host, "localhost"))
		host = "127.0.0.1";
	if (host[0] == '[' && host[bytes - 1] == ']') {
		char inner[INET6_ADDRSTRLEN];
		snprintf(inner, sizeof(inner), "%.*s", (int)bytes - 2,
			 host + 1);
		if (inet_pton(AF_INET6, inner, &v6->sin6_addr) != 1)
			return "not an IPv6 address in the brackets";
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		address->name_bytes = sizeof(*v6);
		address->loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
	} else {
		if (inet_pton(AF_INET, host, &v4->sin_addr) != 1)
			return "not an address in numbers, nor localhost";
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		address->name_bytes = sizeof(*v4);
		address->loopback = ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	}
	set_text(address);
	return NULL;
}

const char *logtap_address_parse(const char *text,
				 struct logtap_address *address)
{
	char host[64];

	memset(address, 0, sizeof(*address));
	if (!strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX)))
		return parse_path(text + strlen(UNIX_PREFIX), address);
	const char *colon = strrchr(text, ':');
	const char *digits = colon ? colon + 1 : text;
	char *end;
	unsigned long port = strtoul(digits, &end, 10);
	if (digits[0] < '0' || digits[0] > '9' || *end || port > 65535)
		return "does not end with a port, 0 to 65535";
	size_t bytes = colon ? (size_t)(colon - text) : 0;
	if (bytes >= sizeof(host))
		return "not an address in numbers, nor localhost";
	memcpy(host, text, bytes);
	host[bytes] = 0;
	return parse_host(host, (uint16_t)port, address);
}

/* The file of a collector that has died; never of one that lives, and nothing
 * that is not a socket. */
static void remove_stale(const struct logtap_address *address)
{
	const char *path = address->name.local.sun_path;
	struct stat file;

	if (lstat(path, &file) || !S_ISSOCK(file.st_mode))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, &address->name.any, address->name_bytes) &&
	    errno == ECONNREFUSED)
		unlink(path);
	close(fd);
}

static int bind_one(int fd, struct logtap_address *address)
{
	bool local = address->name.any.sa_family == AF_UNIX;
	int on = 1;

	if (local)
		remove_stale(address);
	else
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	mode_t mask = local ? umask(0177) : 0;
	int result = bind(fd, &address->name.any, address->name_bytes);
	int error = errno;
	if (local)
		umask(mask);
	errno = error;
	return result || listen(fd, SOMAXCONN) ? -errno : 0;
}

int logtap_address_listen(struct logtap_address *address)
{
	int fd = socket(address->name.any.sa_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	int result = bind_one(fd, address);
	if (result) {
		close(fd);
		return result;
	}
	if (address->name.any.sa_family != AF_UNIX) {
		socklen_t bytes = sizeof(address->name);
		getsockname(fd, &address->name.any, &bytes);
		set_text(address);
	}
	return fd;
}
