/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Starts a shell in a span of logtap.h, one outside of it, and one with a
 * TRACEPARENT that it chose itself; each says what it was given. */
#include <logtap/logtap.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void start_shell(const char *name)
{
	char command[100];
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		snprintf(command, sizeof command,
			 "echo \"%s $TRACEPARENT\" >&2", name);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(1);
	}
	waitpid(pid, &status, 0);
}

int main(void)
{
	logtap_span span = logtap_span_new("work", 0);
	char text[56] = "";

	logtap_span_traceparent(span, text);
	printf("%s\n", text);
	fflush(stdout);
	start_shell("outside");
	logtap_span_enter(span);
	start_shell("inside");
	setenv("TRACEPARENT",
	       "00-11111111111111111111111111111111-2222222222222222-00", 1);
	start_shell("chosen");
	logtap_span_exit(span);
	return 0;
}
