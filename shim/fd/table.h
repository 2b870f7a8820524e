/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which descriptor is what: one byte each, 0 for all that are none of ours.
 * Those of loggers' sockets are marked by fd/socket.h.
 *
 * fd 2 of the start is stderr (and fd 1 is stdout, if that is wanted, too), and
 * so are the descriptors duplicated from it; a descriptor that is duplicated onto
 * fd 2 makes a new sink of it.  Closing ends it: whatever open(2) or socket(2) puts there later is not stderr.
 * Reading is one load and safe everywhere; changes follow the system call that
 * made them.  Before the constructor, and while logtap is inert, all is 0.
 */
#ifndef LOGTAP_FD_TABLE_H
#define LOGTAP_FD_TABLE_H

#include "../state.h"

#include <stdbool.h>
#include <stdint.h>

#define LOGTAP_FDS 4096

/* 0, the sink of the process + 1, or enum logtap_fd_export. */
extern unsigned char logtap_fds[LOGTAP_FDS] LOGTAP_HIDDEN;

/* No log, but a connection on which telemetry may leave the process
 * (feedback/sending.h). */
enum logtap_fd_export {
	LOGTAP_FD_MAYBE = 0xf0, /* its first bytes will tell */
	LOGTAP_FD_BY_PORT = 0xf1,
	LOGTAP_FD_CONFIGURED = 0xf2,
	LOGTAP_FD_BY_PATH = 0xf3,
	/* HTTP/2, of which so many calls more are looked at for gRPC's path */
	LOGTAP_FD_HTTP2_LAST = 0xf4,
	LOGTAP_FD_HTTP2 = 0xfb,
};
static_assert(LOGTAP_SINK_INDEXES + 1 < LOGTAP_FD_MAYBE,
	      "a sink is no connection");

/* 0: nothing to us. */
static inline unsigned logtap_fd(int fd)
{
	return (unsigned)fd < LOGTAP_FDS ? logtap_fds[fd] : 0;
}

static inline bool logtap_fd_is_export(int fd)
{
	return logtap_fd(fd) >= LOGTAP_FD_MAYBE;
}

/* One of which that is not known yet? */
static inline bool logtap_fd_is_undecided(int fd)
{
	unsigned value = logtap_fd(fd);

	return value == LOGTAP_FD_MAYBE || value >= LOGTAP_FD_HTTP2_LAST;
}

/* The sink + 1 of what is a log, else 0. */
static inline unsigned logtap_fd_log(int fd)
{
	unsigned value = logtap_fd(fd);

	return value < LOGTAP_FD_MAYBE ? value : 0;
}

/* What a descriptor of @sink has there. */
static inline unsigned logtap_fd_value(uint8_t sink)
{
	return sink < LOGTAP_SINK_INDEXES ? sink + 1u
					  : LOGTAP_SINK_INDEXES + 1u;
}

static inline uint8_t logtap_fd_sink(int fd)
{
	return (uint8_t)(logtap_fd(fd) - 1);
}

/* fd 2, and fd 1 when stdout is captured, too: what is put there is one of
 * ours, whatever it is. */
static inline bool logtap_fd_is_standard(int fd)
{
	return fd == 2 || (fd == 1 && logtap_state.config.out);
}

/* In the constructor: what fd 2 is now. */
void logtap_fd_init(void);

/* @fd leads to @sink from now on. */
void logtap_fd_opened(int fd, uint8_t sink);
/* @fd may be a terminal that was opened by its name for reading, too: a user
 * interface's, unless it is put onto fd 2 (or fd 1, if that is wanted), which
 * was that terminal before, and nowhere else.  libuv does that to make it
 * non-blocking for itself alone, and goes on writing to @fd. */
void logtap_fd_reopened(int fd);
/* @fd is a connection: enum logtap_fd_export, or 0. */
void logtap_fd_marked(int fd, unsigned value);
/* @to is now the same as @from. */
void logtap_fd_duplicated(int from, int to);
/* @fd, a standard one, is the file @path from now on. */
void logtap_fd_renewed(int fd, const char *path);
/* Before @fd is closed. */
void logtap_fd_closing(int fd);
void logtap_fd_closing_range(unsigned first, unsigned last);
/* Is one of the range ours? */
bool logtap_fd_any(unsigned first, unsigned last);

#endif
