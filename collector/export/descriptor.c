/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes to a file descriptor: see the header.  An exporter's thread, with
 * SIGPIPE and SIGXFSZ blocked. */
#include "descriptor.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum { POLL_MS = 100 };

void logtap_descriptor_init(struct logtap_descriptor *descriptor)
{
	struct stat file;

	descriptor->regular =
		!fstat(descriptor->fd, &file) && S_ISREG(file.st_mode);
}

/* A regular file takes what it can; others may block, so they get no more at
 * a time than a poll has promised. */
static ssize_t write_some(const struct logtap_descriptor *descriptor,
			  const unsigned char *data, size_t bytes)
{
	struct pollfd ready = {.fd = descriptor->fd, .events = POLLOUT};

	if (descriptor->regular)
		return write(descriptor->fd, data, bytes);
	bool late = descriptor->late(descriptor->context);
	while (poll(&ready, 1, late ? 0 : POLL_MS) <= 0) {
		if (late) {
			errno = ETIMEDOUT;
			return -1;
		}
		late = descriptor->late(descriptor->context);
	}
	return write(descriptor->fd, data, bytes < PIPE_BUF ? bytes : PIPE_BUF);
}

static int write_rest(struct logtap_descriptor *descriptor,
		      const struct logtap_bytes *bytes)
{
	while (descriptor->written < bytes->size) {
		ssize_t done = write_some(descriptor,
					  bytes->data + descriptor->written,
					  bytes->size - descriptor->written);
		if (done < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (done < 0)
			return errno;
		if (!done)
			return EIO;
		descriptor->written += (size_t)done;
	}
	return 0;
}

/* Takes the written part out of the file again, so that no half of a line is
 * there while we wait, or if we never come back. */
static void undo(struct logtap_descriptor *descriptor, off_t start)
{
	struct stat now;

	if (!descriptor->undo || start < 0 || !descriptor->written)
		return;
	/* not if somebody has cut or extended the file meanwhile */
	if (fstat(descriptor->fd, &now) ||
	    now.st_size != start + (off_t)descriptor->written)
		return;
	if (!ftruncate(descriptor->fd, start))
		descriptor->written = 0;
}

int logtap_descriptor_write(struct logtap_descriptor *descriptor,
			    const struct logtap_bytes *bytes)
{
	struct stat before = {.st_size = -1};

	if (descriptor->undo && fstat(descriptor->fd, &before))
		before.st_size = -1;
	int error = write_rest(descriptor, bytes);
	if (error)
		undo(descriptor, before.st_size);
	return error;
}
