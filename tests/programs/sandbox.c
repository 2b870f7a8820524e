/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Programs that may do little (seccomp(2)); whatever is not allowed kills.
 *
 *     sandbox strict LINES       nothing but read, write, exit, sigreturn
 *     sandbox filter LINES       the same, and exit_group, by a filter
 *     sandbox exec LINES         a filter is in force when the program starts:
 *                                what is rare is killed for
 *     sandbox say LINES          no filter; what `exec` becomes
 *     sandbox unread COMMAND...  it may not read the memory of others: that is
 *                                refused, and does not kill
 *
 * Lines go to stderr by write(2), each "line N" with some padding, so that a
 * small ring must grow.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LIST_MOST 64

static void say(int lines)
{
	for (int i = 0; i < lines; i++) {
		char line[80];
		int bytes = snprintf(line, sizeof(line), "line %d %60s\n", i,
				     "............................");
		if (write(2, line, (size_t)bytes) != bytes)
			_exit(3);
	}
}

/* Installs: @listed calls get @what, all others @otherwise. */
static int install(const int *listed, unsigned count, unsigned what,
		   unsigned otherwise)
{
	struct sock_filter code[LIST_MOST + 4];
	unsigned at = 0;

	code[at++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (unsigned i = 0; i < count; i++)
		code[at++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned)listed[i],
			(unsigned char)(count - i), 0);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, otherwise);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what);
	struct sock_fprog program = {(unsigned short)at, code};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static const int allowed[] = {SYS_read, SYS_write, SYS_exit_group,
			      SYS_rt_sigreturn};

/* What a program that starts and opens a file never calls. */
static const int refused[] = {
	SYS_madvise,	 SYS_ftruncate,	      SYS_fallocate, SYS_memfd_create,
	SYS_statfs,	 SYS_fstatfs,	      SYS_fchmod,    SYS_readlinkat,
	SYS_getpid,	 SYS_getppid,	      SYS_gettid,    SYS_unlinkat,
	SYS_nanosleep,	 SYS_clock_nanosleep, SYS_fcntl,     SYS_rt_sigprocmask,
	SYS_prctl,	 SYS_getuid,	      SYS_geteuid,   SYS_clock_gettime,
	SYS_sched_yield,
#ifdef SYS_unlink
	SYS_unlink,	 SYS_readlink,	      SYS_chmod,
#endif
};

static int run_unread(char **command)
{
	static const int reading[] = {SYS_process_vm_readv};

	if (install(reading, 1, SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_ALLOW))
		return 77;
	execv(command[0], command);
	return 3;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "unread"))
		return run_unread(argv + 2);
	const char *way = argc == 3 ? argv[1] : "";
	int lines = argc == 3 ? atoi(argv[2]) : 0;

	if (!strcmp(way, "say")) {
		say(lines);
		return 0;
	}
	if (!strcmp(way, "strict")) {
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
			return 77;
		say(lines);
		syscall(SYS_exit, 0);
	}
	if (!strcmp(way, "filter")) {
		if (install(allowed, sizeof(allowed) / sizeof(allowed[0]),
			    SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS))
			return 77;
		say(lines);
		_exit(0);
	}
	if (!strcmp(way, "exec")) {
		char *again[] = {argv[0], (char[]){"say"}, argv[2], NULL};
		if (install(refused, sizeof(refused) / sizeof(refused[0]),
			    SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ALLOW))
			return 77;
		execv(argv[0], again);
		return 3;
	}
	return 2;
}
