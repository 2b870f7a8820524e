/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A segment file that was found and is not open.  The reader's thread.
 */
#ifndef LOGTAP_INTAKE_UNOPENED_H
#define LOGTAP_INTAKE_UNOPENED_H

#include <stdbool.h>
#include <stdint.h>

struct logtap_intake;

/* A bad one is kept so that it is named once. */
struct logtap_unopened {
	char *name;	 /* in the directory */
	uint64_t due_ns; /* UINT64_MAX: never again */
	uint64_t delay_ns;
	bool told;    /* why it is not open */
	bool foreign; /* for another version of logtap, to which it is left */
	bool present; /* in the last scan */
};

/* Opens it, or says why not, and when to try again.  Return: true when the name
 * needs no further try and may be forgotten. */
bool logtap_unopened_try(struct logtap_intake *intake,
			 struct logtap_unopened *unopened);
/* May it still become a segment soon?  Rubbish, or a host that hangs. */
bool logtap_unopened_is_young(const struct logtap_unopened *unopened);
/* Removes what never became a segment, of a host that is not there any more.
 * Return: whether it did. */
bool logtap_unopened_remove(struct logtap_intake *intake,
			    const struct logtap_unopened *unopened);

#endif
