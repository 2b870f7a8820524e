/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The program, from fork to exec.
 *
 * It is forked before anything is set up for it, so that it inherits what
 * `logtap run` itself was given, and held until its capture is ready.
 */
#ifndef LOGTAP_RUN_CHILD_H
#define LOGTAP_RUN_CHILD_H

#include "signals.h"

enum logtap_child_start {
	LOGTAP_CHILD_CAPTURED = 'c',
	LOGTAP_CHILD_UNCAPTURED = 'u',
};

struct logtap_child {
	pid_t pid;
	int hold;  /* a byte here lets it go; -1: closed */
	int error; /* an errno value comes back here when exec fails */
};

/* Its command line, and the environments of the two ways to start it. */
struct logtap_child_image {
	char **argv;
	char **captured;
	char **uncaptured;
	int error_fd;	 /* its standard error when captured; -1: as it is */
	int output_fd;	 /* its standard output, likewise */
	const char *log; /* when captured: its /dev/log; or NULL */
};

/* Return: 0 or -errno. */
int logtap_child_fork(struct logtap_child *child,
		      const struct logtap_child_image *image,
		      const struct logtap_signals *signals);
void logtap_child_release(struct logtap_child *child,
			  enum logtap_child_start start);
/* It ends without having executed anything; waits for that. */
void logtap_child_abandon(struct logtap_child *child);
/* Of an ended child: the errno value of exec, 0 if that succeeded. */
int logtap_child_exec_error(struct logtap_child *child);

/* Replaces this process, within the limits that it was given.  Return: only on
 * failure, the positive errno value. */
int logtap_child_exec(char **argv, char **environment);
/* The exit status of a shell for a program that cannot be executed, after
 * saying so. */
int logtap_child_complain(const char *command, int error);

#endif
