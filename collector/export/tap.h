/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Who looks at requests on their way to a receiver.  Called in the thread that
 * sends; thread-safe.
 */
#ifndef LOGTAP_EXPORT_TAP_H
#define LOGTAP_EXPORT_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct logtap_batch;

/* The two ends of a TCP connection, as numbers; zeros: unknown. */
struct logtap_connection {
	char local[48];
	char peer[48];
	uint16_t local_port;
	uint16_t peer_port;
};

struct logtap_export_end {
	bool answered;
	bool taken;
	long status;  /* of HTTP; 0: no answer */
	size_t bytes; /* of the body, before compression */
	struct logtap_connection connection;
};

enum { LOGTAP_EXPORT_HEADERS = 2, LOGTAP_EXPORT_HEADER_BYTES = 128 };

struct logtap_export_tap {
	void *context;
	/* CLOCK_MONOTONIC until which nothing is to be sent there; 0: send. */
	uint64_t (*hold)(void *context, unsigned destination);
	/* An attempt begins.  Fills headers that the request is to carry.
	 * Return: how many. */
	size_t (*begin)(void *context, unsigned destination,
			const struct logtap_batch *batch,
			char headers[LOGTAP_EXPORT_HEADERS]
				    [LOGTAP_EXPORT_HEADER_BYTES]);
	void (*end)(void *context, unsigned destination,
		    const struct logtap_batch *batch,
		    const struct logtap_export_end *end);
};

#endif
