/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* In whose name the relay speaks.  Main thread. */
#include "relay.h"
#include "variables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As in /proc/PID/stat; execve(2) does not change it.  0: unknown. */
static unsigned long long start_ticks(pid_t pid)
{
	char path[64], line[1024] = "";
	unsigned long long ticks = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	const char *at =
		fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	fclose(file);
	if (!at ||
	    sscanf(at + 1,
		   " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%*s %*s %*s %*s %*s %llu",
		   &ticks) != 1)
		return 0;
	return ticks;
}

int logtap_relay_name(struct logtap_variables *environment, pid_t pid,
		      const char *executable)
{
	char *value, *whole = realpath(executable, NULL);
	int size = asprintf(&value, "%d:%llu:%s", (int)pid, start_ticks(pid),
			    whole ? whole : executable);
	free(whole);
	if (size < 0)
		return -ENOMEM;
	int error = logtap_variables_set(environment, "LOGTAP_FOR", value);
	free(value);
	return error;
}
