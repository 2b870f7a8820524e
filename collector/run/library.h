/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where the files of this installation are: the program itself and the
 * liblogtap.so that belongs to it.
 */
#ifndef LOGTAP_RUN_LIBRARY_H
#define LOGTAP_RUN_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/* The program's own file, absolute.  Return: 0 or -errno (no /proc). */
int logtap_program_path(char *path, size_t path_bytes);

/**
 * logtap_library_find() - find liblogtap.so
 *
 * $LOGTAP_LIBRARY if set; else beside the program: in the build tree, or in
 * the library folders of the prefix that it is installed in.
 *
 * Return: 0 and its absolute path in @path; -ENOENT with the reason, and what
 *         to do, in @why.
 */
int logtap_library_find(char *path, size_t path_bytes, char *why,
			size_t why_bytes);

/**
 * logtap_library_widen() - one name for the libraries of all libcs
 *
 * Where the build for musl is installed beside the one at @path, there is a
 * folder any/ with links to both: glibc's loader replaces $LIB in LD_PRELOAD by
 * the system's library folder, musl's takes it for a name.
 *
 * Return: true if @path is that name now.
 */
bool logtap_library_widen(char *path, size_t path_bytes);

#endif
