/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application that has to do with nothing else: it writes numbered lines to
 * standard error, some a second, until it is told to end.
 *
 *     bystander NAME
 *
 * NAME.pid gets its process, once it has begun; when there is NAME.end, NAME.count gets how many
 * lines it has written, and it ends.
 */
#include <stdio.h>
#include <unistd.h>

/* No divisor or multiple of the time between two exports. */
enum { PERIOD_US = 230000 };

static void put(const char *name, const char *suffix, long number)
{
	char path[4096], making[4200];

	snprintf(path, sizeof(path), "%s.%s", name, suffix);
	snprintf(making, sizeof(making), "%s.new", path);
	FILE *file = fopen(making, "w");
	if (!file)
		return;
	fprintf(file, "%ld\n", number);
	fclose(file);
	rename(making, path);
}

int main(int argc, char **argv)
{
	char end[4096];
	long said = 0;

	if (argc != 2)
		return 2;
	snprintf(end, sizeof(end), "%s.end", argv[1]);
	do {
		fprintf(stderr, "bystander says %ld\n", ++said);
		if (said == 1)
			put(argv[1], "pid", getpid());
		usleep(PERIOD_US);
	} while (access(end, F_OK));
	put(argv[1], "count", said);
	return 0;
}
