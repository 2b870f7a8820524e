/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The command table, generated from commands.def.
 */
#ifndef LOGTAP_CMD_COMMAND_H
#define LOGTAP_CMD_COMMAND_H

#include <stddef.h>

/* Exit statuses of every command but run. */
enum {
	LOGTAP_EXIT_GOOD = 0,
	LOGTAP_EXIT_BAD = 1,
	LOGTAP_EXIT_USAGE = 2,
};

struct logtap_command {
	const char *name;
	int (*function)(int argc, char **argv);
	const char *help; /* NULL: not shown */
};

#define COMMAND(name, function, help) int function(int argc, char **argv);
#include "commands.def"
#undef COMMAND

/* NULL when there is none of that name. */
const struct logtap_command *logtap_command_find(const char *name);
/* The name that @typed was probably meant to be, or NULL. */
const char *logtap_command_nearest(const char *typed);
/* Prints the usage of logtap as a whole, to standard output. */
void logtap_command_list(void);
/* Says on standard error that @typed is no command.  Return: exit status. */
int logtap_command_unknown(const char *typed);

#endif
