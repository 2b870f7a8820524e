/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Connections to OTLP endpoints: which descriptors they are, and what a thread
 * does with them.
 *
 * A descriptor is marked when it is connected (fd/table.h); a call on one that
 * is not costs nothing.  That there is a connection is always told; what is
 * sent on it only while the collector asks.  errno is as the real call left it.
 */
#ifndef LOGTAP_FEEDBACK_SENDING_H
#define LOGTAP_FEEDBACK_SENDING_H

#include "../ring/clock.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* @fd was connected to @address, or is about to be; @error: the errno of the
 * call, 0 if it succeeded. */
void logtap_sending_connected(int fd, const struct sockaddr *address,
			      socklen_t bytes, int error);
/* @fd, which is marked, ends. */
void logtap_sending_closing(int fd);

/* One call that sends. */
struct logtap_sending {
	struct logtap_now now;
	uint32_t held_us;
	bool quiet; /* nobody asks for it: no time was taken */
};

/* Before the real call: a send that the collector holds waits here
 * (logtap_control_hold has the rules). */
struct logtap_sending logtap_sending_begin(void);
/* After it.  @put: what it returned; @parts: at least that many bytes. */
void logtap_sending_tell(const struct logtap_sending *sending, int fd,
			 const struct iovec *parts, size_t count, ssize_t put);
static inline void logtap_sending_end(const struct logtap_sending *sending,
				      int fd, const struct iovec *parts,
				      size_t count, ssize_t put)
{
	if (__builtin_expect(!sending->quiet, 0))
		logtap_sending_tell(sending, fd, parts, count, put);
}

#endif
