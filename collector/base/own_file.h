/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Files of the collector's own in a directory that anybody may write to: what
 * somebody else has left under their names must neither hold the collector nor
 * be taken for its own.
 *
 * Any thread.
 */
#ifndef LOGTAP_BASE_OWN_FILE_H
#define LOGTAP_BASE_OWN_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

/* A regular file of this user, and under no second name? */
bool logtap_own_file_is(const struct stat *status);

/* Opens a collector's file to be read, by whatever user the collector is: only
 * root, this user and the directory's owner, who could replace it, are believed.
 * Return: a descriptor or -errno; -EPERM: it is somebody else's. */
int logtap_own_file_read(const char *path);
int logtap_own_file_read_at(int dir_fd, const char *name);

/* As openat(), with O_CREAT and O_TRUNC for such a file alone; what is no such
 * file is put out of the way first.  Return: a descriptor or -errno. */
int logtap_own_file_open(int dir_fd, const char *name, int flags, mode_t mode);

/* Puts out of the way what is there and not ours: it is removed, or, as a folder
 * with something in it, renamed; a message says so.  Return: 0 or -errno. */
int logtap_own_file_clear(int dir_fd, const char *name);

#endif
