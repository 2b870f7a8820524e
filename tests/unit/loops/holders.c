/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* See the header. */
#include "holders.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { FDS = 1024, HIGH = 900, READY = HIGH + 3 };

static void keep_only(const int kept[3], int ready)
{
	for (int i = 0; i < 3; i++)
		if (kept[i] >= 0)
			dup2(kept[i], HIGH + i);
	dup3(ready, READY, O_CLOEXEC);
	for (int fd = 0; fd < HIGH; fd++)
		close(fd);
	for (int i = 0; i < 3; i++)
		if (kept[i] >= 0)
			dup2(HIGH + i, i);
	for (int fd = HIGH; fd < FDS; fd++)
		if (fd != READY)
			close(fd);
}

/* A pipe of which we have one end ends when the other one is only open where
 * it is to be. */
pid_t holder(int in, int out, int more, char *const *argv)
{
	const int kept[] = {in, out, more};
	int ready[2];
	char byte;

	cr_assert_eq(pipe2(ready, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		keep_only(kept, ready[1]);
		if (argv)
			execv(argv[0], argv); /* closes it */
		close(READY);
		for (;;)
			pause();
	}
	close(ready[1]);
	cr_assert_eq(read(ready[0], &byte, 1), 0);
	close(ready[0]);
	return pid;
}

void drop(const int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}
