/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Ends by a signal, or with a status, after a line: dies HOW.  A core file is
 * not wanted. */
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rlimit none = {0, 0};
	volatile int *volatile nowhere = (int *)8;
	const char *how = argc > 1 ? argv[1] : "";

	setrlimit(RLIMIT_CORE, &none);
	fprintf(stderr, "the last line before %s\n", how);
	if (!strcmp(how, "segv"))
		*nowhere = 1;
	else if (!strcmp(how, "abort"))
		abort();
	else if (!strcmp(how, "assert"))
		assert(!"reached");
	else if (!strcmp(how, "kill"))
		kill(getpid(), SIGKILL);
	else if (!strcmp(how, "term"))
		raise(SIGTERM);
	else if (!strcmp(how, "pipe"))
		raise(SIGPIPE);
	else if (!strcmp(how, "_exit"))
		_exit(77);
	else if (!strcmp(how, "quick_exit"))
		quick_exit(78);
	return 42;
}
