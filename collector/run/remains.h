/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What sessions left behind whose `logtap run' and collector were killed: their
 * directories hold shared memory, and perhaps records that nobody got.
 *
 * One is left behind when nobody holds a lock there (run has its directory
 * locked, the collector a file in it), when no process has its segments mapped,
 * and when nothing has changed there for a minute.  Another user's are not
 * looked at.  Main thread.
 */
#ifndef LOGTAP_RUN_REMAINS_H
#define LOGTAP_RUN_REMAINS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum {
	LOGTAP_REMAINS_REST_S = 60, /* younger ones are left alone */
	LOGTAP_REMAINS_DAYS = 7,    /* so long undelivered records are kept */
};

struct logtap_remains {
	size_t kept;	      /* with records that were not delivered */
	char path[PATH_MAX];  /* of the first of them */
	char kept_names[512]; /* of as many as fit, with spaces between */
	size_t removed;	      /* that held nothing any more */
	size_t given_up;      /* removed with records, after all those days */
	char given_up_names[512];
};

/* The calling `logtap run' is at work in its directory, until it ends.  Return: a
 * descriptor, or -errno. */
int logtap_remains_guard(const char *directory);

/* Looks, and changes nothing.  @places: as logtap_sessions_find(). */
void logtap_remains_look(const char *const *places, time_t now,
			 struct logtap_remains *out);
/* Removes what holds no record any more, or holds one for too long.  Those that
 * are kept are in @out if somebody is to be told (@tell), once. */
void logtap_remains_sweep(const char *const *places, time_t now, bool tell,
			  struct logtap_remains *out);
/* Sweeps, and says what was given up.  Return: whether there is more room. */
bool logtap_remains_make_room(void);
/* What a sweep found that people should know, on standard error. */
void logtap_remains_tell(const struct logtap_remains *remains);

#endif
