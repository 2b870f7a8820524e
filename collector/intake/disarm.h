/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The kill file of logtap/abi/control.h, in a directory that all may write to: root's
 * is for everybody, and anybody else's for his own programs.
 */
#ifndef LOGTAP_INTAKE_DISARM_H
#define LOGTAP_INTAKE_DISARM_H

#include <stdbool.h>
#include <sys/types.h>

struct logtap_intake;

enum { LOGTAP_DISARM_PLACES = 2 };

/* What a collector has found, in each of the two places. */
struct logtap_disarm_found {
	enum {
		LOGTAP_DISARM_NONE,
		LOGTAP_DISARM_FILE,
		LOGTAP_DISARM_TAKEN, /* the name, by what is no such file */
	} what;
	uid_t user;
};

/* Keeps the file @path (of @directory, as in openat) programs of @user from being
 * captured?  The same as the library's own rule.  Any thread. */
bool logtap_disarm_is_for(int directory, const char *path, uid_t user);

/* Looks for it, and says what has changed; the next beat tells hosts.  What a
 * stranger has put under its name, and is no file, is put out of the way.  The
 * reader's thread, as the next. */
void logtap_disarm_look(struct logtap_intake *intake);
/* Are programs whose segments are @user's to stand down? */
bool logtap_disarm_wanted_of(const struct logtap_intake *intake, uid_t user);

#endif
