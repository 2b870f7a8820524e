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

/* A group of this test's own, as far as it may make one: in that of the root
 * there would be nothing to tell. */
static char group[128];

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
	static const char *const places[] = {"/sys/fs/cgroup/systemd",
					     "/sys/fs/cgroup/unified",
					     "/sys/fs/cgroup"};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(group, sizeof(group), "%s/logtap-facts-%d", places[i],
			 (int)getpid());
		if (!mkdir(group, 0755) && write_group(group, "0"))
			return;
		rmdir(group);
	}
	group[0] = '\0';
}

static void leave_group(void)
{
	char parent[sizeof(group)];

	if (!group[0])
		return;
	strcpy(parent, group);
	*strrchr(parent, '/') = '\0';
	cr_assert(write_group(parent, "0"));
	cr_assert_eq(rmdir(group), 0);
}

TestSuite(facts, .init = enter_group, .fini = leave_group);

static const char *own_group(void)
{
	static struct logtap_segment own;

	own.pid = (uint32_t)getpid();
	logtap_facts_cgroup(&own);
	cr_assert(!group[0] || strstr(own.cgroup, strrchr(group, '/')), "%s",
		  own.cgroup);
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

Test(facts, what_is_known_stays)
{
	strcpy(header.cgroup, "/known");
	child_of((uint32_t)getpid(), 0);
	cr_assert_str_eq(header.cgroup, "/known");
}
