/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap help: the commands, or one of them.  Main thread. */
#include "command.h"

#include "../base/options.h"

#include <string.h>

int logtap_cmd_help(int argc, char **argv)
{
	static const struct logtap_usage usage = {
		.command = "help",
		.operands = "[COMMAND]",
		.about = "Lists the commands, or explains one of them.",
	};
	int first;
	int error = logtap_options_parse(&usage, argc, argv, NULL, &first);
	if (error)
		return error > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	if (first == argc) {
		logtap_command_list();
		return LOGTAP_EXIT_GOOD;
	}
	const struct logtap_command *command = logtap_command_find(argv[first]);
	if (!command)
		return logtap_command_unknown(argv[first]);
	char option[] = "--help";
	char *words[] = {argv[first], option, NULL};
	return command->function(2, words);
}
