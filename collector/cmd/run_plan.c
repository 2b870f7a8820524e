/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
#include "run_plan.h"

#include "../base/error.h"
#include "../run/clocksource.h"
#include "../run/deep.h"
#include "../run/preload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int set_preload(struct logtap_run_plan *plan, const char *list)
{
	char *with = logtap_preload_with(list, plan->library);
	if (!with)
		return -ENOMEM;
	int error = logtap_variables_set(&plan->captured, "LD_PRELOAD", with);
	free(with);
	return error;
}

int logtap_run_plan_capture(struct logtap_run_plan *plan)
{
	struct logtap_variables *environment = &plan->captured;
	const struct logtap_target *target = &plan->target;
	int error = logtap_variables_set(environment, "LOGTAP_DIR",
					 plan->directory);
	if (!error)
		error = logtap_variables_set(environment, "LOGTAP_FOLLOW", "1");
	if (!error && plan->options.wishes.level)
		error = logtap_variables_set(environment, "LOGTAP_LEVEL",
					     plan->options.wishes.level);
	if (!error && plan->options.wishes.stacks)
		error = logtap_variables_set(environment, "LOGTAP_STACKS",
					     plan->options.wishes.stacks);
	if (!error && plan->options.divert)
		error = logtap_variables_set(environment, "LOGTAP_MODE",
					     "divert");
	if (!error)
		error = logtap_channels_set(
			environment, &(struct logtap_channels){
					     .out = plan->options.out,
					     .files = &plan->options.files,
					     .session = plan->session,
				     });
	/* The library leaves /dev/null alone unless it is told not to. */
	if (!error && (!strcmp(plan->options.sinks, "all") ||
		       logtap_variables_get(environment, "LOGTAP_SINKS")))
		error = logtap_variables_set(environment, "LOGTAP_SINKS",
					     plan->options.sinks);
	/* Asked here once, and not by everything that the program starts. */
	if (!error && logtap_counter_is_clock())
		error = logtap_variables_set(environment, "LOGTAP_CLOCK",
					     "tsc");
	if (error || !logtap_target_loads_preload(target))
		return error;
	return set_preload(plan, logtap_preload_original());
}

int logtap_run_plan_exclude(struct logtap_run_plan *plan)
{
	const struct logtap_option_list *exclude = &plan->options.exclude;
	static const char name[] = "LOGTAP_EXCLUDE";
	for (size_t i = 0; i < exclude->count; i++) {
		const char *list = logtap_variables_get(&plan->captured, name);
		char *longer;
		if (asprintf(&longer, "%s%s%s", list ? list : "",
			     list && *list ? ":" : "", exclude->items[i]) < 0)
			return -ENOMEM;
		int error = logtap_variables_set(&plan->captured, name, longer);
		free(longer);
		if (error)
			return error;
	}
	return 0;
}

/* Who speaks for the program is named like the program. */
static int set_relay_service(struct logtap_run_plan *plan, const char *command)
{
	char name[NAME_MAX + 32];
	const char *slash = strrchr(command, '/');
	if (logtap_variables_get(&plan->captured, "OTEL_SERVICE_NAME") ||
	    logtap_variables_get(&plan->captured, "OTEL_RESOURCE_ATTRIBUTES"))
		return 0;
	snprintf(name, sizeof(name), "unknown_service:%s",
		 slash ? slash + 1 : command);
	return logtap_variables_set(&plan->captured, "OTEL_SERVICE_NAME", name);
}

int logtap_run_plan_relay(struct logtap_run_plan *plan, const char *command)
{
	int error = logtap_run_plan_capture(plan);
	logtap_variables_unset(&plan->captured, "LOGTAP_ONLY");
	logtap_variables_unset(&plan->captured, "LOGTAP_EXCLUDE");
	if (!error)
		error = set_preload(plan, NULL);
	return error ? error : set_relay_service(plan, command);
}

/* Can it have a /dev/log of its own?  Says why not. */
static bool goes_deep(const struct logtap_run_plan *plan, bool piped)
{
	const char *why =
		piped ? logtap_deep_obstacle()
		      : "it is for programs that no library is loaded into";
	if (!plan->options.deep)
		return false;
	if (why)
		logtap_error_print("run", "--deep", why,
				   piped ? "syslog is not captured"
					 : "the others are captured anyhow");
	return !why;
}

unsigned logtap_run_plan_pipes(const struct logtap_run_plan *plan)
{
	bool out =
		plan->options.out || logtap_channels_have_out(&plan->captured);
	bool piped = logtap_target_needs_pipe(&plan->target) &&
		     !(plan->closed & 1U << STDERR_FILENO);
	unsigned how = piped ? LOGTAP_PIPED_ERROR : LOGTAP_PIPED_NOT;
	if (piped && out && !(plan->closed & 1U << STDOUT_FILENO))
		how |= LOGTAP_PIPED_OUTPUT;
	if (goes_deep(plan, piped))
		how |= LOGTAP_PIPED_LOG;
	return how;
}
