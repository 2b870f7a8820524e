/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How logtap run will run a program.  Main thread.
 */
#ifndef LOGTAP_CMD_RUN_PLAN_H
#define LOGTAP_CMD_RUN_PLAN_H

#include "../run/channels.h"
#include "../run/target.h"
#include "../run/variables.h"
#include "run_options.h"

#include <limits.h>

/* What was found out about the program and how it will be run. */
struct logtap_run_plan {
	struct logtap_run_options options;
	struct logtap_variables captured;
	struct logtap_variables uncaptured;
	struct logtap_target target;
	unsigned closed; /* standard descriptors, a bit each */
	unsigned piped;	 /* enum logtap_piped: no library in it, but a relay */
	char library[PATH_MAX];
	char directory[PATH_MAX];
	char session[LOGTAP_SESSION_SINKS_BYTES];
};

/* Which of its output goes through pipes, and whether syslog does, enum
 * logtap_piped; says why --deep is of no use. */
unsigned logtap_run_plan_pipes(const struct logtap_run_plan *plan);

/* Each return: 0 or -ENOMEM, or -E2BIG where patterns of --file do not fit. */

/* What the library needs to know, in the program's environment. */
int logtap_run_plan_capture(struct logtap_run_plan *plan);
/* The same in the relay's, which is a logtap and speaks for @command. */
int logtap_run_plan_relay(struct logtap_run_plan *plan, const char *command);
/* --exclude, behind what the environment excludes already. */
int logtap_run_plan_exclude(struct logtap_run_plan *plan);

#endif
