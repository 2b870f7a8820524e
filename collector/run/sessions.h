/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The sessions of `logtap run' that are at work now, for commands that look at
 * one from outside.
 */
#ifndef LOGTAP_RUN_SESSIONS_H
#define LOGTAP_RUN_SESSIONS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* The admin endpoint's socket in a session's directory (run --admin). */
#define LOGTAP_SESSION_SOCKET "admin.sock"

/* A directory of a session of this user: at work, or left behind. */
typedef void logtap_sessions_each_fn(void *context, const char *directory);

/* @places: as logtap_sessions_find(). */
void logtap_sessions_each(const char *const *places,
			  logtap_sessions_each_fn *each, void *context);

struct logtap_sessions {
	size_t count;
	char path[PATH_MAX]; /* the directory of the first one */
	char names[512]; /* of all, with spaces between, or as many as fit */
};

/* True: this one counts. */
typedef bool logtap_session_wanted_fn(const char *directory);

/**
 * logtap_sessions_find() - look for sessions of this user
 * @places: directories that sessions are made in, NULL at the end; NULL: where
 *          `logtap run' makes them
 * @wanted: NULL: all of them
 */
void logtap_sessions_find(const char *const *places,
			  logtap_session_wanted_fn *wanted,
			  struct logtap_sessions *out);

/* Where a collector is that serves all programs of a machine. */
#define LOGTAP_SERVICE_DIRECTORY "/run/logtap"

/* The directory that a command looks at: @directory, else $LOGTAP_DIR, else
 * that of the only session, else the service's.  Return: NULL when there are
 * several sessions, which was printed as @command's error. */
const char *logtap_sessions_choose(const char *command, const char *directory);

#endif
