/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What is wanted of records: see the header.  Main thread. */
#include "wishes.h"

#include "../base/error.h"

#include <stdio.h>
#include <string.h>

/* @value is not @what. */
static bool refuse(const struct logtap_usage *usage, const char *option,
		   const char *value, const char *what)
{
	char why[320];

	snprintf(why, sizeof(why), "\"%.128s\" is %s", value, what);
	logtap_error_print(usage->command, option, why,
			   logtap_options_hint(usage));
	return false;
}

bool logtap_wishes_check(const struct logtap_wishes *wishes,
			 const struct logtap_usage *usage,
			 struct logtap_meant *meant)
{
	char why[160];

	if (wishes->loops && *wishes->loops &&
	    strcmp(wishes->loops, "observe") != 0 &&
	    strcmp(wishes->loops, "probe") != 0)
		return refuse(usage, "--loops", wishes->loops,
			      "neither observe nor probe");
	if (wishes->level && !logtap_levels_parse(wishes->level, &meant->levels,
						  why, sizeof(why))) {
		logtap_error_print(usage->command, "--level", why,
				   logtap_options_hint(usage));
		return false;
	}
	if (wishes->stacks &&
	    !logtap_levels_parse_one(wishes->stacks, &meant->stack_level))
		return refuse(usage, "--stacks", wishes->stacks,
			      "not trace, debug, info, warn, error or fatal");
	return true;
}
