/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Says for each line "SEVERITY TARGET" of stdin whether such an event would
 * pass, and emits it; in a child for a line that begins with a '+'. */
#include <logtap/logtap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void try_event(const char *line)
{
	char target[80] = "";
	int severity = 0, evaluated = 0;

	if (sscanf(line, "%d %79s", &severity, target) < 1)
		return;
	logtap_event(severity, target, "tried", LOGTAP_INT("n", ++evaluated),
		     LOGTAP_END);
	printf("%d\n", evaluated);
	fflush(stdout);
}

int main(void)
{
	char line[100];

	while (fgets(line, sizeof line, stdin)) {
		if (*line != '+') {
			try_event(line);
			continue;
		}
		pid_t pid = fork();
		if (pid == 0) {
			try_event(line + 1);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	return 0;
}
