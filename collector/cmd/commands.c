/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The command table and what is said about it as a whole.  Main thread. */
#include "command.h"

#include "../base/error.h"
#include "../base/nearest.h"

#include <stdio.h>
#include <string.h>

#define COMMAND(command, main, text) \
	{.name = #command, .function = (main), .help = (text)},
static const struct logtap_command commands[] = {
#include "commands.def"
};
#undef COMMAND

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

const struct logtap_command *logtap_command_find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	}
	return NULL;
}

const char *logtap_command_nearest(const char *typed)
{
	struct logtap_nearest nearest = {0};
	for (size_t i = 0; i < COMMANDS; i++) {
		if (commands[i].help)
			logtap_nearest_offer(&nearest, typed, commands[i].name);
	}
	return nearest.word;
}

void logtap_command_list(void)
{
	printf("logtap captures what programs log, without changing them.\n\n"
	       "usage: logtap COMMAND [OPTION]...\n\ncommands:\n");
	for (size_t i = 0; i < COMMANDS; i++) {
		if (commands[i].help)
			printf("  %-10s %s\n", commands[i].name,
			       commands[i].help);
	}
	printf("\n`logtap help COMMAND' explains a command.\n");
}

int logtap_command_unknown(const char *typed)
{
	char next[128] = "`logtap help' lists the commands";
	const char *nearest = logtap_command_nearest(typed);
	if (nearest)
		snprintf(next, sizeof(next), "did you mean `logtap %s'?",
			 nearest);
	logtap_error_print(typed, NULL, "no such command", next);
	return LOGTAP_EXIT_USAGE;
}
