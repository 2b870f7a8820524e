/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What proc(5) says of this process, against what libc says. */
#include "../../../shim/segment/procfs.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void read_line(const char *path, char *line, int bytes)
{
	FILE *file = fopen(path, "r");

	cr_assert_not_null(file);
	cr_assert_not_null(fgets(line, bytes, file));
	fclose(file);
}

Test(procfs, stat_is_read_right_whatever_the_name)
{
	static const char *const names[] = {"plain", "a b", "a) S 1 2 (b",
					    ")",     "(((", "fifteen-letters"};
	char line[512];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct logtap_procfs_stat stat;
		unsigned long long start;
		prctl(PR_SET_NAME, names[i]);
		cr_assert(logtap_procfs_stat(&stat));
		read_line("/proc/self/stat", line, sizeof line);
		cr_assert_eq(sscanf(strrchr(line, ')') + 2,
				    "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u "
				    "%*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
				    &start),
			     1);
		cr_assert_eq(stat.start_ticks, start);
		cr_assert_str_eq(stat.comm, names[i]);
		cr_assert_eq(stat.pid, (uint64_t)getpid());
		cr_assert_eq(stat.parent_pid, (uint64_t)getppid());
	}
}

Test(procfs, a_link_is_terminated_and_empty_if_there_is_none)
{
	char to[8] = "xxxxxxx";

	logtap_procfs_link("/nowhere", to, sizeof to);
	cr_assert_str_eq(to, "");
	logtap_procfs_link("/proc/self/exe", to, sizeof to);
	cr_assert_eq(strlen(to), 7, "cut");
	cr_assert_eq(to[0], '/');
}

Test(procfs, a_file_that_is_not_there_is_an_error_and_an_empty_text)
{
	char to[8] = "xxxxxxx";

	cr_assert_eq(logtap_procfs_read("/nowhere", to, sizeof to), -ENOENT);
	cr_assert_str_eq(to, "");
}

Test(procfs, a_filter_is_seen)
{
	struct sock_filter allow = BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {1, &allow};

	cr_assert_not(logtap_procfs_filtered());
	cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	cr_assert_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
	cr_assert(logtap_procfs_filtered());
}
