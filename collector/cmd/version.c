/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap version: which logtap this is.  Main thread. */
#include "command.h"

#include "../base/options.h"

#include <logtap/abi/version.h>
#include <stdio.h>

int logtap_cmd_version(int argc, char **argv)
{
	static const struct logtap_usage usage = {
		.command = "version",
		.about = "Prints the version of logtap, and of the segment\n"
			 "format that it shares with liblogtap.so.",
	};
	int first;
	int error = logtap_options_parse(&usage, argc, argv, NULL, &first);
	if (error)
		return error > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	printf("logtap %s (segment format %d.%d)\n", LOGTAP_VERSION,
	       LOGTAP_ABI_MAJOR, LOGTAP_ABI_MINOR);
	return LOGTAP_EXIT_GOOD;
}
