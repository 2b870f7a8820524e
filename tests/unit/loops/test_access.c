/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Why a process may not be read: of what is known of both sides, and of real
 * ones. */
#include "../../../collector/loops/stack/access.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(access, .timeout = 30);

#define PTRACE (UINT64_C(1) << CAP_SYS_PTRACE)

static const struct logtap_access same = {
	.own = {.users = {7, 7, 7}, .groups = {7, 7, 7}},
	.other = {.users = {7, 7, 7}, .groups = {7, 7, 7}},
	.owner = 7,
	.attach = true,
};

static void is_why(const struct logtap_access *access, const char *part)
{
	const char *why = logtap_access_why(access);

	cr_expect(strstr(why, part), "%s: %s", part, why);
	cr_expect_eq(strncmp(why, "permission: ", 12), 0);
}

Test(access, each_rule_of_the_kernel_is_told)
{
	struct logtap_access access = same;

	is_why(&access, "security module");
	access.own.seccomp = 2;
	is_why(&access, "filter of the collector");
	access.yama = 1;
	is_why(&access, "ptrace_scope, and the collector has no");
	access.yama = 3;
	is_why(&access, "ptrace_scope is 3");
	access.attach = false;
	is_why(&access, "filter of the collector");
	access.owner = 0;
	is_why(&access, "DUMPABLE");
	access.other.permitted = 2;
	is_why(&access, "capabilities");
	access.other.groups[2] = 8;
	is_why(&access, "another user");
	access.other.groups[2] = 7;
	access.other.users[1] = 8;
	is_why(&access, "another user");
	access.own.effective = access.own.permitted = PTRACE;
	is_why(&access, "filter of the collector");
	access.attach = true;
	is_why(&access, "ptrace_scope is 3");
	access.yama = 2;
	is_why(&access, "filter of the collector");
	access.no_call = true;
	is_why(&access, "process_vm_readv is not there");
}

enum difference { USER, CAPABILITY, NOT_DUMPABLE };

static void become(enum difference difference)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (difference != CAPABILITY && (setgid(65534) || setuid(65534)))
		_exit(2);
	if (difference == NOT_DUMPABLE && prctl(PR_SET_DUMPABLE, 0))
		_exit(2);
}

static void lose_capability(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		_exit(3);
	data[0].effective &= ~(uint32_t)PTRACE;
	data[0].permitted &= ~(uint32_t)PTRACE;
	if (syscall(SYS_capset, &head, data))
		_exit(3);
}

static pid_t start(enum difference difference)
{
	int ends[2];
	char ready;

	cr_assert_eq(pipe(ends), 0);
	pid_t pid = fork();
	if (!pid) {
		become(difference);
		if (write(ends[1], "", 1) != 1)
			_exit(2);
		for (;;)
			pause();
	}
	close(ends[1]);
	cr_assert_eq(read(ends[0], &ready, 1), 1);
	close(ends[0]);
	return pid;
}

/* In a child that may less than the other.  Return: 0 if it is told. */
static int refused(pid_t pid, enum difference difference, const char *part)
{
	static char there, here;
	struct iovec local = {&here, 1}, remote = {&there, 1};
	int status;

	pid_t child = fork();
	if (!child) {
		lose_capability();
		if (difference == NOT_DUMPABLE)
			become(USER);
		if (process_vm_readv(pid, &local, 1, &remote, 1, 0) != -1)
			_exit(4);
		_exit(!strstr(logtap_access_denied((uint32_t)pid, true, errno),
			      part));
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	return status;
}

Test(access, real_processes_are_told_apart)
{
	static const struct {
		enum difference difference;
		const char *part;
	} cases[] = {
		{USER, "another user"},
		{CAPABILITY, "capabilities"},
		{NOT_DUMPABLE, "DUMPABLE"},
	};

	if (geteuid() != 0)
		cr_skip_test("not root");
	for (size_t i = 0; i < 3; i++) {
		pid_t pid = start(cases[i].difference);
		int got = refused(pid, cases[i].difference, cases[i].part);
		cr_expect_eq(got, 0, "%s: %x", cases[i].part, (unsigned)got);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}
