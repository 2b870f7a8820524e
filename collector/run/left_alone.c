/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that the library leaves alone: see the header. */
#include "left_alone.h"

#include "../../shim/admit.h"

static const char *list_of(const struct logtap_variables *variables,
			   const char *name)
{
	const char *list = logtap_variables_get(variables, name);
	return list && *list ? list : NULL;
}

const char *logtap_target_left_alone(const struct logtap_target *target,
				     const struct logtap_variables *variables)
{
	const char *reason = NULL;
	struct logtap_admit program = {
		.only = list_of(variables, "LOGTAP_ONLY"),
		.exclude = list_of(variables, "LOGTAP_EXCLUDE"),
		.file = target->image,
		.executed = target->path,
	};

	return logtap_admit(&program, &reason) == LOGTAP_ADMIT_BUILT_IN ? reason
									: NULL;
}
