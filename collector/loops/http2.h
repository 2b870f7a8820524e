/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The beginning of what a client sends in HTTP/2, as gRPC does: is it a call?
 *
 * The bytes are any; pure, any thread.
 */
#ifndef LOGTAP_LOOPS_HTTP2_H
#define LOGTAP_LOOPS_HTTP2_H

#include <stdbool.h>
#include <stddef.h>

struct logtap_http2 {
	bool call;	 /* headers of a request begin in it */
	bool control;	 /* nothing but settings, pings, windows and the like */
	bool message;	 /* a message of gRPC begins behind the headers ... */
	bool compressed; /* ... which cannot be read */
};

/* All is false of what are no whole frames. */
struct logtap_http2 logtap_http2_look(const unsigned char *data, size_t bytes);

#endif
