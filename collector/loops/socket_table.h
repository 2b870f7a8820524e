/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * /proc/PID/net/tcp and tcp6: the TCP sockets of a network namespace.
 * Any thread.
 */
#ifndef LOGTAP_LOOPS_SOCKET_TABLE_H
#define LOGTAP_LOOPS_SOCKET_TABLE_H

#include <stdbool.h>
#include <stdint.h>

/* Without holes: ends are compared as bytes. */
struct logtap_socket_end {
	unsigned char address[16]; /* of IPv6; IPv4 is mapped into it */
	uint16_t port;
};

struct logtap_socket {
	struct logtap_socket_end local, remote;
	uint64_t inode; /* 0: of no process any more */
	bool listens;
};

/* @address: in network order. */
void logtap_socket_end_v4(struct logtap_socket_end *end, uint32_t address);

/* Calls @each for all sockets of the namespace that process @pid ("self", or a
 * number) is in, until it returns false. */
void logtap_socket_table_read(const char *pid,
			      bool (*each)(void *context,
					   const struct logtap_socket *socket),
			      void *context);

#endif
