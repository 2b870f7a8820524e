/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Starts a shell in every way that there is, each with an empty environment;
 * the shell names the way on stderr.
 *
 *     scrub WAY     or, without an argument, prints all ways
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char *none[] = {NULL};
static char command[64];
static char *arguments[] = {(char *)"sh", (char *)"-c", command, NULL};

static int shell(void)
{
	return open("/bin/sh", O_RDONLY);
}

static int by_execve(void)
{
	return execve("/bin/sh", arguments, none);
}

static int by_execve_null(void)
{
	return execve("/bin/sh", arguments, NULL);
}

static int by_execv(void)
{
	clearenv();
	return execv("/bin/sh", arguments);
}

static int by_execvp(void)
{
	environ = none;
	return execvp("sh", arguments);
}

static int by_execvpe(void)
{
	return execvpe("sh", arguments, none);
}

static int by_execl(void)
{
	clearenv();
	return execl("/bin/sh", "sh", "-c", command, NULL);
}

static int by_execlp(void)
{
	clearenv();
	return execlp("sh", "sh", "-c", command, NULL);
}

static int by_execle(void)
{
	return execle("/bin/sh", "sh", "-c", command, NULL, none);
}

static int by_fexecve(void)
{
	return fexecve(shell(), arguments, none);
}

static int by_execveat(void)
{
	return execveat(AT_FDCWD, "/bin/sh", arguments, none, 0);
}

static int wait_for(pid_t pid, int error)
{
	int status;

	if (error || waitpid(pid, &status, 0) != pid)
		return 1;
	return status != 0;
}

static int by_posix_spawn(void)
{
	pid_t pid;

	int error = posix_spawn(&pid, "/bin/sh", NULL, NULL, arguments, none);

	return wait_for(pid, error);
}

static int by_posix_spawnp(void)
{
	pid_t pid;

	int error = posix_spawnp(&pid, "sh", NULL, NULL, arguments, none);

	return wait_for(pid, error);
}

static int by_vfork(void)
{
	pid_t pid = vfork();

	if (!pid) {
		execve("/bin/sh", arguments, none);
		_exit(1);
	}
	return wait_for(pid, 0);
}

static const struct {
	const char *name;
	int (*start)(void);
} ways[] = {
	{"execve", by_execve},
	{"execve-null", by_execve_null},
	{"execv", by_execv},
	{"execvp", by_execvp},
	{"execvpe", by_execvpe},
	{"execl", by_execl},
	{"execlp", by_execlp},
	{"execle", by_execle},
	{"fexecve", by_fexecve},
	{"execveat", by_execveat},
	{"posix_spawn", by_posix_spawn},
	{"posix_spawnp", by_posix_spawnp},
	{"vfork", by_vfork},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (argc < 2) {
			puts(ways[i].name);
		} else if (!strcmp(argv[1], ways[i].name)) {
			snprintf(command, sizeof(command), "echo by %s >&2",
				 argv[1]);
			return ways[i].start() ? 4 : 0;
		}
	}
	return argc < 2 ? 0 : 2;
}
