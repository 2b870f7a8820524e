/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The logtap program: finds the command, one file each in cmd/, and runs it. */
#include "cmd/command.h"
#include "run/preload.h"

#include <string.h>

static const char *command_name(const char *word)
{
	if (!strcmp(word, "--help") || !strcmp(word, "-h"))
		return "help";
	if (!strcmp(word, "--version") || !strcmp(word, "-V"))
		return "version";
	return word;
}

int main(int argc, char **argv)
{
	/* Before anything is printed: what logtap says must not become a
	 * record.  Only what its relay passes on is meant to. */
	if (argc < 2 || strcmp(argv[1], "relay"))
		logtap_preload_shed(argv);

	if (argc < 2) {
		logtap_command_list();
		return LOGTAP_EXIT_USAGE;
	}
	const char *name = command_name(argv[1]);
	const struct logtap_command *command = logtap_command_find(name);
	if (!command)
		return logtap_command_unknown(name);
	return command->function(argc - 1, argv + 1);
}
