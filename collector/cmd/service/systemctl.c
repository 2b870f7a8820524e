/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* systemctl(1): see the header.  Main thread. */
#include "systemctl.h"

#include <errno.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

bool logtap_systemd_runs(void)
{
	struct stat status;

	return !lstat("/run/systemd/system", &status) &&
	       S_ISDIR(status.st_mode);
}

int logtap_systemctl(const char *verb, const char *unit)
{
	const char *words[] = {"systemctl", "--quiet", verb, "--", unit, NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status, error;

	if (posix_spawn_file_actions_init(&actions))
		return -ENOMEM;
	error = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO,
						 STDOUT_FILENO);
	if (!error)
		error = posix_spawnp(&pid, words[0], &actions, NULL,
				     (char *const *)words, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		return -error;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
