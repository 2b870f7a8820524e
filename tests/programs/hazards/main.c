/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Which hazard it is: see the header. */
#include "hazard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fail(const char *what)
{
	fprintf(stderr, "hazard: %s: %s\n", what, strerror(errno));
	exit(3);
}

void say(const char *what, long number)
{
	char line[96];
	int bytes;

	bytes = snprintf(line, sizeof(line), "%s %ld\n", what, number);
	if (write(2, line, bytes) != bytes)
		_exit(4);
}

int execute(char **arguments)
{
	if (!arguments[0])
		return 0;
	execvp(arguments[0], arguments);
	fail(arguments[0]);
	return 3;
}

/* hazard say N: by write(2) and stdio, nothing else. */
static int just_say(char **arguments)
{
	long count = strtol(arguments[0], NULL, 10);

	for (long i = 0; i < count; i++) {
		say("line", i);
		fprintf(stderr, "by stdio %ld\n", i);
	}
	return 6;
}

int main(int argc, char **argv)
{
	static const struct hazard *const tables[] = {
		sandboxes, limits, processes, threads, loading};

	if (argc > 2 && !strcmp(argv[1], "say"))
		return just_say(argv + 2);
	for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct hazard *entry = tables[i]; entry->name;
		     entry++)
			if (argc > 1 && !strcmp(entry->name, argv[1]))
				return entry->run(argv + 2);
	fprintf(stderr, "hazard: %s: no such hazard\n",
		argc > 1 ? argv[1] : "");
	return 2;
}
