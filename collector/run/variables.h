/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The environment of a program to be started, made from our own.
 */
#ifndef LOGTAP_RUN_VARIABLES_H
#define LOGTAP_RUN_VARIABLES_H

#include <stddef.h>

struct logtap_variables {
	char **items; /* as environ(7): NAME=VALUE, ended by NULL; owned */
	size_t count;
};

/* A copy of @from.  Return: 0 or -ENOMEM, like all that return int here. */
int logtap_variables_init(struct logtap_variables *variables,
			  char *const *from);
void logtap_variables_deinit(struct logtap_variables *variables);
/* An existing variable keeps its place in the order. */
int logtap_variables_set(struct logtap_variables *variables, const char *name,
			 const char *value);
void logtap_variables_unset(struct logtap_variables *variables,
			    const char *name);
/* Borrowed; NULL: not set. */
const char *logtap_variables_get(const struct logtap_variables *variables,
				 const char *name);

/* Takes LOGTAP_* variables out whose value the library would not understand,
 * and says so on standard error. */
void logtap_variables_check(struct logtap_variables *variables);

#endif
