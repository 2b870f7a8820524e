/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The environment of a program to be started, made from our own.
 */
#ifndef LOGTAP_RUN_ENVIRONMENT_H
#define LOGTAP_RUN_ENVIRONMENT_H

#include <stddef.h>

struct logtap_environment {
	char **items; /* as environ(7): NAME=VALUE, ended by NULL; owned */
	size_t count;
};

/* A copy of @from.  Return: 0 or -ENOMEM, like all that return int here. */
int logtap_environment_init(struct logtap_environment *environment,
			    char *const *from);
void logtap_environment_deinit(struct logtap_environment *environment);
/* An existing variable keeps its place in the order. */
int logtap_environment_set(struct logtap_environment *environment,
			   const char *name, const char *value);
void logtap_environment_unset(struct logtap_environment *environment,
			      const char *name);
/* Borrowed; NULL: not set. */
const char *logtap_environment_get(const struct logtap_environment *environment,
				   const char *name);

/* Takes LOGTAP_* variables out whose value the library would not understand,
 * and says so on standard error. */
void logtap_environment_check(struct logtap_environment *environment);

#endif
