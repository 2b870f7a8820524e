/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The control group of a host: its own, its parent's, or unknown, but never a
 * stranger's. */
#include "../../../collector/intake/facts.h"
#include "../../../collector/intake/liveness.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct logtap_segment header;

/* A group of this test's own in each hierarchy that lets it have one: in that of
 * the root there would be nothing to tell. */
static const char *const places[] = {
	"/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"};
enum { PLACES = sizeof(places) / sizeof(places[0]) };
static char name[64];	 /* "": none */
static bool has[PLACES]; /* a group there */
static bool is_unified;	 /* one of them is of version 2 */

static bool write_group(const char *folder, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/cgroup.procs", folder);
	FILE *file = fopen(path, "w");
	if (!file)
		return false;
	bool written = fputs(text, file) >= 0;
	return !fclose(file) && written;
}

static void enter_group(void)
{
	char group[128], type[160];

	for (int i = 0; i < PLACES; i++) {
		snprintf(group, sizeof(group), "%s/cgroup.procs", places[i]);
		if (access(group, W_OK)) /* no hierarchy */
			continue;
		snprintf(group, sizeof(group), "%s/logtap-facts-%d", places[i],
			 (int)getpid());
		has[i] = !mkdir(group, 0755) && write_group(group, "0");
		if (!has[i]) {
			rmdir(group);
			continue;
		}
		strcpy(name, strrchr(group, '/'));
		snprintf(type, sizeof(type), "%s/cgroup.type", group);
		is_unified = is_unified || !access(type, F_OK);
	}
}

static void leave_group(void)
{
	char group[128];

	for (int i = 0; i < PLACES; i++) {
		if (!has[i])
			continue;
		has[i] = false;
		snprintf(group, sizeof(group), "%s%s", places[i], name);
		cr_assert(write_group(places[i], "0"));
		cr_assert_eq(rmdir(group), 0);
	}
}

TestSuite(facts, .init = enter_group, .fini = leave_group);

static const char *own_group(void)
{
	static struct logtap_segment own;

	own.pid = (uint32_t)getpid();
	logtap_facts_cgroup(&own);
	cr_assert(!name[0] || strstr(own.cgroup, name), "%s", own.cgroup);
	return own.cgroup;
}

/* A pid of which there is no process any more. */
static uint32_t gone(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	return (uint32_t)pid;
}

static void child_of(uint32_t parent, uint64_t start_ticks)
{
	header.pid = gone();
	header.parent_pid = parent;
	header.start_ticks = start_ticks;
	logtap_facts_cgroup(&header);
}

Test(facts, a_child_that_is_gone_began_in_the_group_of_its_parent)
{
	uint32_t self = (uint32_t)getpid();

	child_of(self, logtap_process_start(self) + 1);
	cr_assert_str_eq(header.cgroup, own_group());
	memset(&header, 0, sizeof(header));
	child_of(self, 0);
	cr_assert_str_eq(header.cgroup, own_group(), "a start that is unknown");
}

Test(facts, what_began_after_its_child_is_not_the_parent)
{
	uint32_t self = (uint32_t)getpid();

	child_of(self, logtap_process_start(self) - 1);
	cr_assert_str_eq(header.cgroup, "");
}

Test(facts, of_whom_nobody_is_left_it_is_unknown)
{
	child_of(gone(), 0);
	cr_assert_str_eq(header.cgroup, "");
	child_of(0, 0);
	cr_assert_str_eq(header.cgroup, "");
}

/* A process that waits to be waited for keeps its group, which may be gone. */
Test(facts, a_group_that_was_removed_is_told_by_its_name)
{
	char before[LOGTAP_CGROUP_BYTES];
	siginfo_t end;

	/* Version 1 moves who has ended to the root. */
	if (!is_unified)
		cr_skip_test("no group of version 2 can be made");
	strcpy(before, own_group());
	pid_t pid = fork();
	if (!pid)
		_exit(0);
	cr_assert_eq(waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT), 0);
	leave_group();
	header.parent_pid = (uint32_t)pid;
	header.pid = gone();
	logtap_facts_cgroup(&header);
	cr_assert_str_eq(header.cgroup, before);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

Test(facts, what_is_known_stays)
{
	strcpy(header.cgroup, "/known");
	child_of((uint32_t)getpid(), 0);
	cr_assert_str_eq(header.cgroup, "/known");
}
