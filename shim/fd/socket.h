/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Sockets that lead to a logger: /dev/log and the journal's.
 *
 * A descriptor is marked when it is connected to one; a datagram to one may
 * also name its address itself.  libc's own syslog(3) passes no hook on its way
 * to its socket, so nothing is captured twice.
 */
#ifndef LOGTAP_FD_SOCKET_H
#define LOGTAP_FD_SOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Sink of the process for the logger at @address, LOGTAP_SINK_INDEX_UNKNOWN if
 * it is none. */
uint8_t logtap_socket_sink(const struct sockaddr *address, socklen_t bytes);

/* @fd is connected to @address now. */
void logtap_socket_connected(int fd, const struct sockaddr *address,
			     socklen_t bytes);

/* Could @address be a logger's?  Cheap, for the way out. */
static inline bool logtap_socket_is_local(const struct sockaddr *address)
{
	return address && address->sa_family == AF_UNIX;
}

#endif
