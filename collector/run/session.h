/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The session of `logtap run`: its parts, and the session that it may already
 * be part of.
 */
#ifndef LOGTAP_RUN_SESSION_H
#define LOGTAP_RUN_SESSION_H

#include "child.h"
#include "sidecar.h"

enum {
	LOGTAP_EXIT_LOOP = 3,	 /* feedback, and --fail-on-loop */
	LOGTAP_EXIT_SETUP = 125, /* the program was not started, or, with
				  * --fail-on-loop, nobody looked for feedback */
};

/* Of logtap_session_supervise(): the program is yet to be started. */
enum { LOGTAP_SESSION_UNSTARTED = -1 };

struct logtap_session {
	struct logtap_child_image image; /* its descriptors are not looked at */
	char **relay;	/* environment of a relay of its output; NULL: it needs
		       * none */
	bool relay_out; /* and of its standard output */
	bool relay_log; /* and of what it says to the system logger */
	const char *executable; /* of the program, for the relay */
	struct logtap_sidecar_options sidecar; /* .output: NULL: the default */
	bool to_file; /* false: no default file, all goes to .otlp */
	bool quiet;
	bool fail_on_loop;
};

/**
 * logtap_session_supervise() - start the collector and the program, and stay
 * until the program has ended and all that it left is delivered
 * @why: of LOGTAP_SESSION_UNSTARTED, the reason
 *
 * Where there is no collector to be had the program runs uncaptured, and that
 * was said; but not if the command line asked for what cannot be given.
 *
 * Return: the exit status for this process, or LOGTAP_SESSION_UNSTARTED: this
 * process cannot supervise, and is as it was before.  If the program was killed
 * by a signal, does not return but dies by it, too.  Removes the directory of
 * the session, unless processes live on.
 */
int logtap_session_supervise(const struct logtap_session *session, char *why,
			     size_t why_bytes);

/* The collector of a directory has this file locked.  The lock is one of an open
 * file (F_OFD_SETLK), which, other than flock(2)'s, can be asked about by who
 * does not take it. */
#define LOGTAP_SESSION_LOCK "collector.lock"

/* Locks that file, open at @fd for writing, until the last copy of @fd is closed.
 * Return: 0, -EBUSY where another one has it, or -errno. */
int logtap_session_lock(int fd);
/* The same for who keeps collectors from starting for a moment, and is none:
 * logtap_session_is_live() does not take it for one.  Begin with an exclusive
 * flock(2) of the directory, which a collector waits for. */
int logtap_session_lock_to_look(int fd);

/* True if a collector is at work in @directory (of LOGTAP_DIR). */
bool logtap_session_is_live(const char *directory);

#endif
