/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The relay: stands between a program that no library can be loaded into and
 * its standard error, and its standard output if that is wanted, too.
 *
 * It is a logtap process with liblogtap.so preloaded, which copies a pipe to
 * the real descriptor: so what the program says is captured as anything is
 * that the relay writes.  Each descriptor has a thread of its own, so that a
 * reader of one who is slow does not delay the other.  It lives as long as
 * anyone holds a pipe.
 */
#ifndef LOGTAP_RUN_RELAY_H
#define LOGTAP_RUN_RELAY_H

#include <stdbool.h>
#include <sys/types.h>

enum {
	LOGTAP_RELAY_ERROR,  /* standard error */
	LOGTAP_RELAY_OUTPUT, /* standard output */
	LOGTAP_RELAY_LOG,    /* /dev/log: datagrams, see deep.h */
	LOGTAP_RELAY_STREAMS,
};

/* Descriptors; -1: closed, or not there. */
struct logtap_relay_stream {
	int input;     /* the end for the program; none of the log */
	int output;    /* its other end, for the relay */
	int screen;    /* that of a terminal, which is kept */
	int socket[2]; /* to ask what has been copied; [1]: for the relay */
};

struct logtap_relay {
	pid_t pid; /* -1: not started */
	struct logtap_relay_stream streams[LOGTAP_RELAY_STREAMS];
};

struct logtap_variables;

/* Puts into the relay's @environment that it speaks for the process @pid, which
 * executes @executable.  Return: 0 or -ENOMEM. */
int logtap_relay_name(struct logtap_variables *environment, pid_t pid,
		      const char *executable);

/* No pipe. */
void logtap_relay_init(struct logtap_relay *relay);
/* Makes the pipes, so that the program can be forked with its ends of them;
 * where the real descriptor is a terminal, one of our own, as large as that.
 * @out: standard output, too.  @log: NULL, or where to make a socket that takes
 * the place of /dev/log.  Return: 0 or -errno. */
int logtap_relay_open(struct logtap_relay *relay, bool out, const char *log);
/* Once the program has been forked: its ends are closed here, and the relay
 * started, with @environment.  Return: 0 or -errno. */
int logtap_relay_start(struct logtap_relay *relay, char *const *environment);
/* The real terminal may have another size now.  Return: whether one of ours
 * was changed for it. */
bool logtap_relay_resize(const struct logtap_relay *relay);
/* Waits until all that is in the pipes has been copied, and for the end of the
 * relay if nobody holds them any more.  Also of one that was not opened or not
 * started. */
void logtap_relay_end(struct logtap_relay *relay);

/* The relay itself, with what logtap_relay_start() gave it, until all pipes
 * have ended. */
void logtap_relay_work(void);
/* The datagrams at the socket @input, until nobody can send any: they are sent
 * on to /dev/log, with their senders' names.  @fd: the socket for questions.
 * @closed: set when the other streams have ended. */
void logtap_relay_copy_log(int input, int fd, const _Atomic bool *closed);
/* One stream of it: until the pipe at @input ends, or who reads @output.
 * @fd: the socket for questions. */
void logtap_relay_copy(int input, int output, int fd);

#endif
