/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Divert mode: captured instead of written.
 *
 * Content is kept, errors are not: a diverted write meets no EPIPE, EAGAIN or
 * ENOSPC.  Streams and syslog(3) are diverted; a datagram to a logger's socket
 * is sent, because its sender looks at the result.  A call is diverted only
 * when all of it is in the ring and a collector lives; else it goes where it
 * would have gone.
 */
#ifndef LOGTAP_SINK_DIVERT_H
#define LOGTAP_SINK_DIVERT_H

#include "../state.h"
#include "capture.h"

/* Diverting, and the clock is the counter: read as it is, like logtap_fds. */
extern bool logtap_diverts_at_once;

/* Settles it: in the constructor, and when the clock changes. */
void logtap_divert_settle(void);

bool logtap_divert_bytes(struct logtap_now now, uint8_t sink, int fd,
			 const void *bytes, size_t length);
bool logtap_divert_slow(const struct logtap_stamp *stamp, int fd,
			const struct iovec *parts, size_t count, size_t length);
bool logtap_divert_parts_slow(const struct logtap_stamp *stamp, int fd,
			      const struct iovec *parts, int count,
			      ssize_t *put);

/* Return: true if the bytes were taken and the real call must not be made.
 * @fd: checked to be open, -1 for what has none. */
static inline bool logtap_divert(struct logtap_now now, uint8_t sink, int fd,
				 const void *bytes, size_t length)
{
	return __builtin_expect(logtap_state.config.mode != LOGTAP_MODE_TEE,
				0) &&
	       logtap_divert_bytes(now, sink, fd, bytes, length);
}

static inline bool logtap_divert_parts(const struct logtap_stamp *stamp, int fd,
				       const struct iovec *parts, int count,
				       ssize_t *put)
{
	if (__builtin_expect(logtap_state.config.mode == LOGTAP_MODE_TEE, 1) ||
	    stamp->format != LOGTAP_FORMAT_STREAM)
		return false;
	return logtap_divert_parts_slow(stamp, fd, parts, count, put);
}

#endif
