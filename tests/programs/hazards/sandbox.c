/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Seccomp, clocks that are forbidden, memory that may not become code. */
#include "hazard.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <wordexp.h>

#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define LOAD_NUMBER \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define IS(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1)

static const struct {
	const char *name;
	int number;
} calls[] = {
#define CALL(name) {#name, SYS_##name},
	CALL(madvise) CALL(ftruncate) CALL(fallocate) CALL(memfd_create) CALL(
		fchmod) CALL(unlinkat) CALL(gettid) CALL(getppid) CALL(statfs)
		CALL(readlinkat) CALL(rt_sigprocmask) CALL(clock_gettime)
			CALL(sched_getaffinity) CALL(futex) CALL(prctl)
				CALL(sigaltstack) CALL(getuid) CALL(geteuid)
					CALL(get_robust_list)
						CALL(inotify_init1) CALL(socket)
#undef CALL
};

static int number_of(const char *name)
{
	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(calls[i].name, name))
			return calls[i].number;
	fprintf(stderr, "hazard: %s: not in the table\n", name);
	exit(2);
}

static void install(struct sock_filter *filter, unsigned short count)
{
	struct sock_fprog program = {.len = count, .filter = filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		fail("seccomp");
}

static int strict(char **arguments)
{
	(void)arguments;
	say("before", 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		fail("seccomp");
	for (int i = 0; i < 100; i++)
		say("strict", i);
	syscall(SYS_exit, 7);
	return 0;
}

/* Writing and ending, nothing else: for the thread alone, or by seccomp(2)
 * through syscall(3). */
static int only_write(char **arguments)
{
	struct sock_filter filter[] = {
		LOAD_NUMBER,	    IS(SYS_write), ALLOW,
		IS(SYS_exit_group), ALLOW,	   KILL,
	};
	struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]),
				     .filter = filter};

	say("before", 0);
	fprintf(stderr, "also before\n");
	if (!arguments[0]) {
		install(filter, program.len);
	} else {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
			fail("seccomp");
	}
	for (int i = 0; i < 2000; i++)
		say("filtered", i);
	for (int i = 0; i < 100; i++)
		fprintf(stderr, "by stdio %d\n", i);
	_exit(7);
}

/* hazard deny CALL[,CALL]... CMD: executed under a filter that kills on each */
static int deny(char **arguments)
{
	struct sock_filter filter[64] = {LOAD_NUMBER};
	unsigned short count = 1;

	for (char *name = strtok(arguments[0], ","); name;
	     name = strtok(NULL, ",")) {
		struct sock_filter is = IS((unsigned)number_of(name));
		struct sock_filter kill = KILL;
		filter[count++] = is;
		filter[count++] = kill;
	}
	struct sock_filter allow = ALLOW;
	filter[count++] = allow;
	install(filter, count);
	return execute(arguments + 1);
}

/* hazard allow CMD: executed under a filter that allows what an ordinary
 * program needs to start, to write and to end, and kills on all else. */
static int allow(char **arguments)
{
	static const int allowed[] = {
		SYS_execve,
		SYS_brk,
		SYS_mmap,
		SYS_mprotect,
		SYS_munmap,
		SYS_openat,
		SYS_read,
		SYS_pread64,
		SYS_close,
		SYS_newfstatat,
		SYS_fstat,
		SYS_set_tid_address,
		SYS_set_robust_list,
		SYS_prlimit64,
		SYS_getrandom,
		SYS_write,
		SYS_exit_group,
#ifdef SYS_rseq
		SYS_rseq,
#endif
#ifdef SYS_access
		SYS_access,
#endif
#ifdef SYS_arch_prctl
		SYS_arch_prctl,
#endif
		SYS_faccessat,
	};
	struct sock_filter filter[64] = {LOAD_NUMBER}, yes = ALLOW, no = KILL;
	unsigned short count = 1;

	for (unsigned i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		struct sock_filter is = IS((unsigned)allowed[i]);
		filter[count++] = is;
		filter[count++] = yes;
	}
	filter[count++] = no;
	install(filter, count);
	return execute(arguments);
}

/* hazard sealed-root DIRECTORY CMD: in another root, and then under a filter */
static int sealed_root(char **arguments)
{
	struct sock_filter filter[] = {ALLOW};

	if (chroot(arguments[0]) || chdir("/"))
		fail(arguments[0]);
	install(filter, 1);
	return execute(arguments + 1);
}

/* hazard shell-root DIRECTORY CMD: in another root, by a shell of libc's own: three
 * times, by system(3), popen(3) and wordexp(3) */
static int shell_root(char **arguments)
{
	const char *command = arguments[1];
	char line[256], words[256];
	wordexp_t found;

	if (chroot(arguments[0]) || chdir("/"))
		fail(arguments[0]);
	if (system(command))
		fail("system");
	FILE *pipe = popen(command, "r");
	while (pipe && fgets(line, sizeof line, pipe))
		fputs(line, stdout);
	if (!pipe || pclose(pipe))
		fail("popen");
	snprintf(words, sizeof words, "$(%s)", command);
	if (wordexp(words, &found, WRDE_SHOWERR))
		fail("wordexp");
	for (size_t i = 0; i < found.we_wordc; i++)
		puts(found.we_wordv[i]);
	wordfree(&found);
	return 0;
}

static int no_tsc(char **arguments)
{
	say("before", 0);
#ifdef PR_SET_TSC
	if (prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0))
		fail("PR_SET_TSC");
#endif
	for (int i = 0; i < 100; i++)
		say("without a time stamp counter", i);
	return execute(arguments);
}

static int mdwe(char **arguments)
{
	enum { SET_MDWE = 65, REFUSE_EXEC_GAIN = 1 };

	if (prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0))
		return 77;
	say("memory that is written is never code", 0);
	return execute(arguments);
}

static int no_new_privileges(char **arguments)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		fail("prctl");
	say("not dumpable", 0);
	return execute(arguments);
}

const struct hazard sandboxes[] = {
	{"strict", strict},
	{"only-write", only_write},
	{"deny", deny},
	{"allow", allow},
	{"sealed-root", sealed_root},
	{"shell-root", shell_root},
	{"no-tsc", no_tsc},
	{"mdwe", mdwe},
	{"no-new-privileges", no_new_privileges},
	{0},
};
