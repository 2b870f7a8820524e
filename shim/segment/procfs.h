/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the kernel says about this process, read once in the constructor by
 * openat, read and close.  Nothing here allocates or touches errno.
 */
#ifndef LOGTAP_SEGMENT_PROCFS_H
#define LOGTAP_SEGMENT_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* First part of a file, NUL-terminated.  Return: bytes, or -errno. */
long logtap_procfs_read(const char *path, char *to, size_t room);

/* Of /proc/self/stat. */
struct logtap_procfs_stat {
	uint64_t pid;
	uint64_t parent_pid;
	uint64_t start_ticks;
	char comm[16];
};

/* Return: false, and zeros, if it cannot be read. */
bool logtap_procfs_stat(struct logtap_procfs_stat *out);

/* Is a seccomp filter in force?  When it cannot be told: true. */
bool logtap_procfs_filtered(void);

/* Target of a link, NUL-terminated; empty if it cannot be read. */
void logtap_procfs_link(const char *path, char *to, size_t room);
/* The same of a descriptor: the path of its file. */
void logtap_procfs_descriptor(int fd, char *to, size_t room);

#endif
