/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Writes bytes to a file descriptor that may be a file on a full disk, a pipe
 * that nobody reads or a terminal that was stopped.  One thread a descriptor.
 */
#ifndef LOGTAP_EXPORT_DESCRIPTOR_H
#define LOGTAP_EXPORT_DESCRIPTOR_H

#include "../base/bytes.h"

#include <stdbool.h>

struct logtap_descriptor {
	int fd; /* borrowed */
	/* A regular file that only we write: what part of the bytes got in
	 * before an error is taken out again. */
	bool undo;
	/* Is it too late to wait any longer for a reader? */
	bool (*late)(void *context);
	void *context;
	bool regular;	/* a write never waits for anybody */
	size_t written; /* of the bytes at work; the caller sets it to 0 */
};

/* Sets @descriptor->regular. */
void logtap_descriptor_init(struct logtap_descriptor *descriptor);

/**
 * logtap_descriptor_write() - write what is left of @bytes
 * Return: 0, or an errno value (positive): a further call goes on where this
 *         one ended.  ETIMEDOUT: it was late, and nobody reads.
 */
int logtap_descriptor_write(struct logtap_descriptor *descriptor,
			    const struct logtap_bytes *bytes);

#endif
