/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where the records of a session go when nobody said it.
 */
#ifndef LOGTAP_RUN_OUTPUT_H
#define LOGTAP_RUN_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * logtap_output_default() - choose a file that does not exist yet
 * @command:   the program's name as it was given
 * @pid:       of the program
 * @path:      becomes logtap-COMMAND-PID.otlp.jsonl in the working directory,
 *             with .1, .2, ... where that exists
 * @elsewhere: becomes true where the working directory cannot be written: the
 *             file is then in a new directory under $TMPDIR or /tmp
 *
 * Return: 0 or -errno.
 */
int logtap_output_default(const char *command, pid_t pid, char *path,
			  size_t path_bytes, bool *elsewhere);

/* Removes the file if nothing was written to it, and the directory that was
 * made for it. */
void logtap_output_drop_empty(const char *path, bool elsewhere);

#endif
