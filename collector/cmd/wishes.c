/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What is wanted of records: see the header.  Main thread. */
#include "wishes.h"

#include "../base/error.h"

#include <stdio.h>
#include <string.h>

const char *logtap_wishes_read(const struct logtap_wishes *wishes,
			       struct logtap_meant *meant, char *why,
			       size_t why_bytes)
{
	if (wishes->loops && *wishes->loops &&
	    strcmp(wishes->loops, "observe") != 0 &&
	    strcmp(wishes->loops, "probe") != 0) {
		snprintf(why, why_bytes,
			 "\"%.128s\" is neither observe nor probe",
			 wishes->loops);
		return "--loops";
	}
	if (wishes->level &&
	    !logtap_levels_parse(wishes->level, &meant->levels, why, why_bytes))
		return "--level";
	if (wishes->stacks &&
	    !logtap_levels_parse_one(wishes->stacks, &meant->stack_level)) {
		snprintf(why, why_bytes,
			 "\"%.128s\" is not trace, debug, info, warn, error "
			 "or fatal",
			 wishes->stacks);
		return "--stacks";
	}
	return NULL;
}

bool logtap_wishes_check(const struct logtap_wishes *wishes,
			 const struct logtap_usage *usage,
			 struct logtap_meant *meant)
{
	char why[LOGTAP_WISHES_WHY_BYTES];
	const char *option =
		logtap_wishes_read(wishes, meant, why, sizeof(why));

	if (option)
		logtap_error_print(usage->command, option, why,
				   logtap_options_hint(usage));
	return !option;
}
