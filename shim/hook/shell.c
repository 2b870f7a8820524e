/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * system(3) and what else starts a shell inside libc, where no hook of exec sees
 * it.  The shell gets the process's own environment; where the library is out of
 * reach it is taken out of that.  Any thread; no guard is held.
 *
 * Other threads may read the environment meanwhile, or change it, so one word of
 * it is exchanged, and only if it still is what it was: a reader finds one text or
 * the other, and both stay.  It is done once in a process: nobody can tell when
 * such a text is no longer read.
 */
#include "../bytes.h"
#include "../real.h"
#include "../state.h"
#include "exec.h"

extern char **environ;

static LOGTAP_BSS("4") char others[LOGTAP_EXEC_PRELOAD_BYTES];
static _Atomic uint32_t taken;

static void take_out(char **variable)
{
	char *given = *variable;
	const char *list =
		given ? logtap_bytes_after(given, "LD_PRELOAD=") : NULL;

	if (list && logtap_exec_has_library(list) &&
	    !atomic_exchange(&taken, 1) &&
	    logtap_exec_put_others(others, sizeof others, list) >= 0)
		__atomic_compare_exchange_n(variable, &given, others, false,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

static void before_shell(void)
{
	if (logtap_exec_must_remove(environ))
		for (char **at = environ; at && *at; at++)
			take_out(at);
}

int logtap_on_system(const char *command)
{
	before_shell();
	return logtap_real.system(command);
}

FILE *logtap_on_popen(const char *command, const char *mode)
{
	before_shell();
	return logtap_real.popen(command, mode);
}

int logtap_on_wordexp(const char *words, wordexp_t *to, int flags)
{
	before_shell();
	return logtap_real.wordexp(words, to, flags);
}
