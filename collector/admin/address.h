/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where the admin endpoint is: "[ADDRESS:]PORT" with an address in numbers
 * (IPv6 in brackets) or "localhost", or "unix:PATH".  Main thread.
 */
#ifndef LOGTAP_ADMIN_ADDRESS_H
#define LOGTAP_ADMIN_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/un.h>

struct logtap_address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un local;
	} name;
	socklen_t name_bytes;
	bool loopback;	/* only this machine can connect */
	char text[160]; /* as a client writes it */
};

/* Return: NULL, or what is wrong with @text. */
const char *logtap_address_parse(const char *text,
				 struct logtap_address *address);
/* A listening socket; for port 0 @address becomes the one that was chosen.  A
 * socket file is for its user alone; one that nobody listens on is replaced.
 * Return: the descriptor, or -errno. */
int logtap_address_listen(struct logtap_address *address);

#endif
