/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * May a program be captured?  The rule of LOGTAP_ONLY, LOGTAP_EXCLUDE and of
 * the list that is built in.
 *
 * Pure, and without libc: the library asks in its constructor, the collector
 * when it explains.  A list holds patterns separated by colons (fd/glob.h has
 * what a pattern is).  A pattern without a slash is of the last part of the
 * path.  Behind a space there may be a second one, of an argument.
 */
#ifndef LOGTAP_SHIM_ADMIT_H
#define LOGTAP_SHIM_ADMIT_H

#include <stdbool.h>

enum logtap_admission {
	LOGTAP_ADMITTED = 0,
	LOGTAP_ADMIT_NOT_ONLY, /* not in LOGTAP_ONLY */
	LOGTAP_ADMIT_EXCLUDED, /* in LOGTAP_EXCLUDE */
	LOGTAP_ADMIT_BUILT_IN, /* in logtap/exclusions.def */
};

struct logtap_admit {
	const char *only;    /* NULL: not set */
	const char *exclude; /* NULL: not set */
	/* Two names of one program: the file that runs, and what was executed,
	 * which is the script where the file is its interpreter.  Either may
	 * be NULL or empty. */
	const char *file;
	const char *executed;
	const char *const *argv; /* NULL-terminated, or NULL */
};

/* @reason: receives a constant where the built-in list says no; or NULL. */
enum logtap_admission logtap_admit(const struct logtap_admit *program,
				   const char **reason);

/* Is there at least one pattern in @list, and none too long? */
bool logtap_admit_list_good(const char *list);

#endif
