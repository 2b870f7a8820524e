/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Which sessions are at work now. */
#include "../../../collector/run/session.h"
#include "../../../collector/run/sessions.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
	cr_assert_eq(logtap_session_lock(fd), 0);
	find(NULL);
	cr_assert_eq(sessions.count, 1);
	cr_assert_str_eq(strrchr(sessions.path, '/'), "/logtap-run-first");
	cr_assert_str_eq(sessions.names, sessions.path);
}

Test(sessions, other_directories_are_none)
{
	cr_assert_eq(logtap_session_lock(make("somebody-else")), 0);
	find(NULL);
	cr_assert_eq(sessions.count, 0);
}

Test(sessions, another_users_directory_is_none)
{
	char path[128];
	if (geteuid())
		cr_skip("only root can make one");
	cr_assert_eq(logtap_session_lock(make("logtap-run-other")), 0);
	snprintf(path, sizeof(path), "%s/logtap-run-other", folder);
	cr_assert_eq(chown(path, 65534, 65534), 0);
	find(NULL);
	cr_assert_eq(sessions.count, 0);
}

Test(sessions, all_are_named_and_the_caller_chooses_which_count)
{
	cr_assert_eq(logtap_session_lock(make("logtap-run-first")), 0);
	cr_assert_eq(logtap_session_lock(make("logtap-run-second")), 0);
	find(NULL);
	cr_assert_eq(sessions.count, 2);
	cr_assert_not_null(strstr(sessions.names, "first"));
	cr_assert_not_null(strstr(sessions.names, "second"));
	find(is_second);
	cr_assert_eq(sessions.count, 1);
	cr_assert_str_eq(strrchr(sessions.path, '/'), "/logtap-run-second");
}

Test(sessions, who_looks_at_what_is_left_is_no_collector)
{
	int fd = make("logtap-run-first");
	cr_assert_eq(logtap_session_lock_to_look(fd), 0);
	find(NULL);
	cr_assert_eq(sessions.count, 0);
}

static _Atomic bool looking_ends;

static void *look_all_the_time(void *directory)
{
	while (!atomic_load(&looking_ends))
		logtap_session_is_live(directory);
	return NULL;
}

/* It would say that another one is at work there, and end. */
Test(sessions, who_looks_keeps_no_collector_from_starting)
{
	char path[128], directory[64];
	pthread_t looker;
	close(make("logtap-run-first"));
	snprintf(directory, sizeof(directory), "%s/logtap-run-first", folder);
	snprintf(path, sizeof(path), "%s/" LOGTAP_SESSION_LOCK, directory);
	cr_assert_eq(
		pthread_create(&looker, NULL, look_all_the_time, directory), 0);
	for (int i = 0; i < 20000; i++) {
		int fd = open(path, O_RDWR);
		cr_assert_geq(fd, 0);
		cr_assert_eq(logtap_session_lock(fd), 0, "at start %d", i);
		close(fd);
	}
	atomic_store(&looking_ends, true);
	pthread_join(looker, NULL);
}
