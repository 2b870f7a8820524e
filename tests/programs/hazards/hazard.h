/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Programs that do to themselves what bites a preloaded library, and log.
 *
 *     hazard NAME [ARG]...
 *
 * Those that change the process and then execute another program take it as
 * ARG.
 */
#ifndef HAZARD_H
#define HAZARD_H

struct hazard {
	const char *name;
	int (*run)(char **arguments);
};

extern const struct hazard sandboxes[]; /* sandbox.c */
extern const struct hazard limits[];	/* limits.c */
extern const struct hazard processes[]; /* processes.c */
extern const struct hazard threads[];	/* threads.c */
extern const struct hazard loading[];	/* loading.c */

/* One line to stderr by one write(2): what and number. */
void say(const char *what, long number);
/* Executes; complains and ends if that fails. */
int execute(char **arguments);
/* Says why on stderr, ends. */
void fail(const char *what);

#endif
