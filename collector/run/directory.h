/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The private directory of one session: segments, journal, the collector's log.
 */
#ifndef LOGTAP_RUN_DIRECTORY_H
#define LOGTAP_RUN_DIRECTORY_H

#include <stddef.h>

/* Where sessions are made: here, or else in the directory that this variable
 * names; what their names begin with. */
#define LOGTAP_DIRECTORY_PLACE "/dev/shm"
#define LOGTAP_DIRECTORY_PLACE_VARIABLE "XDG_RUNTIME_DIR"
#define LOGTAP_DIRECTORY_PREFIX "logtap-run-"

/* Positive result of logtap_directory_new(). */
enum { LOGTAP_DIRECTORY_NO_MEMORY = 1 };

/**
 * logtap_directory_new() - make a directory of mode 0700 in shared memory
 * @path: becomes its absolute path, without a space or a colon
 * @why:  on failure: each place that was tried, and what is wrong with it
 *
 * /dev/shm, else $XDG_RUNTIME_DIR; only where it is a tmpfs: on a disk a store
 * to a mapped page can stall a program for milliseconds.
 *
 * Return: 0, or LOGTAP_DIRECTORY_NO_MEMORY: there is no such place.
 */
int logtap_directory_new(char *path, size_t path_bytes, char *why,
			 size_t why_bytes);

/* Removes the directory and the files in it.  Return: 0 or -errno. */
int logtap_directory_remove(const char *path);

#endif
