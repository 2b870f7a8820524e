/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What open(2) and fopen(3) give: stderr once more (by a name such as
 * /dev/stderr, or by the name of the file that it is), or a log file that
 * LOGTAP_FILES names.
 *
 * For all other names this is a few comparisons; only where the name fits is
 * the kernel asked (fstat), and never under a seccomp filter.  errno is
 * untouched.
 */
#ifndef LOGTAP_FD_OPEN_H
#define LOGTAP_FD_OPEN_H

#include <fcntl.h>
#include <stdbool.h>

/* The path of the file that stderr is now, for comparison; "": unknown. */
void logtap_open_remember(const char *path);

/* In the constructor: log files that the program found open (cmd >>app.log). */
void logtap_open_inherited(void);

/* @fd was opened for writing.  @both: and for reading. */
void logtap_open_noted(int fd, const char *path, bool both);

/* freopen(3) closed the file of @before; @after: the stream's descriptor now,
 * -1 if that failed.  @path: NULL if only the mode changed. */
void logtap_open_again(int before, int after, const char *path, bool both);

/* What an open(2) of any kind gave.  Return: @fd. */
int logtap_open_result(int fd, const char *path, int flags);

static inline bool logtap_open_writes(int flags)
{
	return (flags & O_ACCMODE) != O_RDONLY && !(flags & O_PATH);
}

#endif
