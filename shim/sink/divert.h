/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Divert mode: captured instead of written.
 *
 * Content is kept, errors are not: a diverted write meets no EPIPE, EAGAIN or
 * ENOSPC.  Streams and syslog(3) are diverted; a datagram to a logger's socket
 * is sent, because its sender looks at the result.  A call is diverted only
 * when all of it is in the ring and a collector lives; else it goes where it
 * would have gone, and only there while a collector lives: a line comes out in
 * one of the two places.  A child that a handler forks in the middle of this
 * writes its copy.  Without a collector it is as in tee mode.
 */
#ifndef LOGTAP_SINK_DIVERT_H
#define LOGTAP_SINK_DIVERT_H

#include "../state.h"
#include "capture.h"

enum logtap_diverted {
	LOGTAP_DIVERT_TEE = 0,	 /* write it, and capture it */
	LOGTAP_DIVERT_TAKEN = 1, /* do neither: it is in the ring */
	LOGTAP_DIVERT_WRITE = 2, /* write it, and do not capture it */
};

/* Diverting, and the clock is the counter: read as it is, like logtap_fds. */
extern bool logtap_diverts_at_once LOGTAP_HIDDEN;

/* Settles it: in the constructor, and when the clock changes. */
void logtap_divert_settle(void);

/* It cannot be taken though a collector lives: counted. */
enum logtap_diverted logtap_divert_refuse(struct logtap_tls *tls);
enum logtap_diverted logtap_divert_bytes(struct logtap_now now, uint8_t sink,
					 int fd, const void *bytes,
					 size_t length);
enum logtap_diverted logtap_divert_slow(const struct logtap_stamp *stamp,
					int fd, const struct iovec *parts,
					size_t count, size_t length);
enum logtap_diverted logtap_divert_parts_slow(const struct logtap_stamp *stamp,
					      int fd, const struct iovec *parts,
					      int count, ssize_t *put);

/* @fd: checked to be open, -1 for what has none. */
static inline enum logtap_diverted logtap_divert(struct logtap_now now,
						 uint8_t sink, int fd,
						 const void *bytes,
						 size_t length)
{
	if (__builtin_expect(logtap_state.config.mode == LOGTAP_MODE_TEE, 1))
		return LOGTAP_DIVERT_TEE;
	return logtap_divert_bytes(now, sink, fd, bytes, length);
}

static inline enum logtap_diverted logtap_divert_parts(
	const struct logtap_stamp *stamp, int fd, const struct iovec *parts,
	int count, ssize_t *put)
{
	if (__builtin_expect(logtap_state.config.mode == LOGTAP_MODE_TEE, 1) ||
	    !logtap_sink_diverts[stamp->sink])
		return LOGTAP_DIVERT_TEE;
	return logtap_divert_parts_slow(stamp, fd, parts, count, put);
}

#endif
