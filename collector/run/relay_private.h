/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What both sides of the relay agree on: relay.c starts it, relay_copy.c is it.
 */
#ifndef LOGTAP_RUN_RELAY_PRIVATE_H
#define LOGTAP_RUN_RELAY_PRIVATE_H

/* Descriptors of the relay: the pipe of standard error is its standard input. */
enum {
	LOGTAP_RELAY_SOCKET_FD = 3,
	LOGTAP_RELAY_OUT_FD = 4,
	LOGTAP_RELAY_OUT_SOCKET_FD = 5,
	LOGTAP_RELAY_LOG_FD = 6,
	LOGTAP_RELAY_LOG_SOCKET_FD = 7,
	LOGTAP_RELAY_FDS = 8,
};

/* What it answers. */
enum { LOGTAP_RELAY_COPIED = 'c', LOGTAP_RELAY_ENDED = 'e' };

#endif
