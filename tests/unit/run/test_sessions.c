/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Which sessions are at work now. */
#include "../../../collector/run/session.h"
#include "../../../collector/run/sessions.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/logtap-test-XXXXXX";
static struct logtap_sessions sessions;

static void begin(void)
{
	cr_assert_not_null(mkdtemp(folder));
}

static void end(void)
{
	char command[64];
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

/* Return: the lock file, not locked. */
static int make(const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	cr_assert_eq(mkdir(path, 0700), 0);
	strcat(path, "/" LOGTAP_SESSION_LOCK);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	cr_assert_geq(fd, 0);
	return fd;
}

static void find(logtap_session_wanted_fn *wanted)
{
	const char *places[] = {folder, "/nonexistent", NULL};
	logtap_sessions_find(places, wanted, &sessions);
}

static bool is_second(const char *directory)
{
	return strstr(directory, "second");
}

TestSuite(sessions, .init = begin, .fini = end);

Test(sessions, only_those_with_a_collector_at_work_count)
{
	int fd = make("logtap-run-first");
	find(NULL);
	cr_assert_eq(sessions.count, 0);
	cr_assert_eq(flock(fd, LOCK_EX), 0);
	find(NULL);
	cr_assert_eq(sessions.count, 1);
	cr_assert_str_eq(strrchr(sessions.path, '/'), "/logtap-run-first");
	cr_assert_str_eq(sessions.names, sessions.path);
}

Test(sessions, other_directories_are_none)
{
	cr_assert_eq(flock(make("somebody-else"), LOCK_EX), 0);
	find(NULL);
	cr_assert_eq(sessions.count, 0);
}

Test(sessions, another_users_directory_is_none)
{
	char path[128];
	if (geteuid())
		cr_skip("only root can make one");
	cr_assert_eq(flock(make("logtap-run-other"), LOCK_EX), 0);
	snprintf(path, sizeof(path), "%s/logtap-run-other", folder);
	cr_assert_eq(chown(path, 65534, 65534), 0);
	find(NULL);
	cr_assert_eq(sessions.count, 0);
}

Test(sessions, all_are_named_and_the_caller_chooses_which_count)
{
	cr_assert_eq(flock(make("logtap-run-first"), LOCK_EX), 0);
	cr_assert_eq(flock(make("logtap-run-second"), LOCK_EX), 0);
	find(NULL);
	cr_assert_eq(sessions.count, 2);
	cr_assert_not_null(strstr(sessions.names, "first"));
	cr_assert_not_null(strstr(sessions.names, "second"));
	find(is_second);
	cr_assert_eq(sessions.count, 1);
	cr_assert_str_eq(strrchr(sessions.path, '/'), "/logtap-run-second");
}
