/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The status that a collector keeps in its directory.  Main thread.
 */
#ifndef LOGTAP_CMD_STATUS_FILE_H
#define LOGTAP_CMD_STATUS_FILE_H

#include <jansson.h>
#include <stddef.h>

/**
 * logtap_status_read() - what the collector of a directory has said last
 * @directory: of LOGTAP_DIR
 * @error:     becomes 0 or -errno; -ENOENT: there is none, -EBADMSG: what is
 *             there is no status
 *
 * Believes a file of root, of this user or of the directory's owner alone.
 *
 * Return: an object, the caller's; or NULL.
 */
json_t *logtap_status_read(const char *directory, int *error);

/* Why @command could not read it, and what next, as base/error.h has it. */
void logtap_status_why(const char *command, const char *directory, int error,
		       char *out, size_t out_bytes);

#endif
