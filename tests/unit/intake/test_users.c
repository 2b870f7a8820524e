/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What processes have to do with a directory, and how long they are waited for. */
#include "../../../collector/intake/users.h"
#include "fixture.h"

#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct directory directory;

static void setup(void)
{
	directory_init(&directory);
}

static void teardown(void)
{
	directory_deinit(&directory);
}

TestSuite(users, .init = setup, .fini = teardown);

static void path_of(char path[PATH_MAX])
{
	char link[64];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", directory.fd);
	ssize_t length = readlink(link, path, PATH_MAX - 1);
	cr_assert_gt(length, 0);
	path[length] = 0;
}

static pid_t start_with(char *const envp[])
{
	char name[] = "sleep", seconds[] = "60";
	char *argv[] = {name, seconds, NULL};
	pid_t pid;
	cr_assert_eq(posix_spawn(&pid, "/bin/sleep", NULL, NULL, argv, envp),
		     0);
	return pid;
}

static enum logtap_use use_of(pid_t pid)
{
	char path[PATH_MAX];
	path_of(path);
	return logtap_process_use((uint32_t)pid, path);
}

static void end_one(pid_t pid)
{
	kill(pid, SIGKILL);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

/* A process that has the directory in its environment and nothing mapped: it may
 * be about to (a child whose parent's segment was closed), or never be captured.
 * It is known as that a moment after posix_spawn(3) has returned. */
static pid_t start_one(void)
{
	char path[PATH_MAX], variable[PATH_MAX + 16];
	char *envp[] = {variable, NULL};
	enum logtap_use use;
	path_of(path);
	snprintf(variable, sizeof(variable), "LOGTAP_DIR=%s", path);
	pid_t pid = start_with(envp);
	while ((use = use_of(pid)) == LOGTAP_USE_UNCLEAR)
		;
	cr_assert_eq(use, LOGTAP_USE_STARTING);
	return pid;
}

/* As one whose image the kernel is loading: it may be anybody's. */
Test(users, a_process_without_an_environment_is_unclear)
{
	char *nothing[] = {NULL};
	pid_t pid = start_with(nothing);
	cr_assert_eq(use_of(pid), LOGTAP_USE_UNCLEAR);
	end_one(pid);
}

Test(users, whoever_starts_is_waited_for_and_not_for_ever)
{
	struct intake intake;
	intake_init(&intake, &directory, 0);
	cr_assert_eq(intake_drain(&intake), 0);
	pid_t pid = start_one();
	cr_assert_eq(intake_drain(&intake), 1);
	cr_assert_eq(intake_drain(&intake), 1);
	cr_assert_eq(intake_drain(&intake), 0, "it does not start any more");
	end_one(pid);
	cr_assert_eq(intake_drain(&intake), 0);
	intake_deinit(&intake);
}
