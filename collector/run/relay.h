/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The relay: stands between a program that no library can be loaded into and
 * its standard error.
 *
 * It is a logtap process with liblogtap.so preloaded, which copies a pipe to
 * the real standard error: so what the program says is captured as anything is
 * that the relay writes.  It lives as long as anyone holds the pipe.
 */
#ifndef LOGTAP_RUN_RELAY_H
#define LOGTAP_RUN_RELAY_H

#include <sys/types.h>

struct logtap_relay {
	pid_t pid;     /* -1: not started */
	int input;     /* the pipe's end for the program; -1: closed */
	int output;    /* its other end, for the relay; -1: closed */
	int socket[2]; /* to ask what has been copied; [1]: for the relay */
};

struct logtap_variables;

/* Puts into the relay's @environment that it speaks for the process @pid, which
 * executes @executable.  Return: 0 or -ENOMEM. */
int logtap_relay_name(struct logtap_variables *environment, pid_t pid,
		      const char *executable);

/* No pipe. */
void logtap_relay_init(struct logtap_relay *relay);
/* Makes the pipe, so that the program can be forked with its end of it; where
 * standard error is a terminal, one of our own, as large as that.
 * Return: 0 or -errno. */
int logtap_relay_open(struct logtap_relay *relay);
/* Once the program has been forked: its end is closed here, and the relay
 * started, with @environment.  Return: 0 or -errno. */
int logtap_relay_start(struct logtap_relay *relay, char *const *environment);
/* Waits until all that is in the pipe has been copied, and for the end of the
 * relay if nobody holds the pipe any more.  Also of one that was not opened or
 * not started. */
void logtap_relay_end(struct logtap_relay *relay);

/* The relay itself, until the pipe at @input ends. */
void logtap_relay_copy(int input, int output, int fd);

#endif
