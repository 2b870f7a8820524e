/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of Python programs: those of each version that is here, and of a
 * process that may not be read. */
#include "../../../collector/loops/stack/private.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(python, .timeout = 60);

/* A Python of that minor version, if there is one on this machine. */
static const char *interpreter(unsigned minor)
{
	static const char *const places[] = {
		"/usr/bin/python3.%u", "/usr/local/bin/python3.%u",
		"~/.pyenv/versions/3.%u.*/bin/python3"};
	static char found[4096];
	glob_t names;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(found, sizeof(found), places[i], minor);
		if (glob(found, GLOB_TILDE, NULL, &names))
			continue;
		snprintf(found, sizeof(found), "%s", names.gl_pathv[0]);
		globfree(&names);
		return found;
	}
	cr_skip_test("no Python 3.%u", minor);
	return NULL;
}

/* Lines count from 1. */
static const char program[] = "import sys, time\n"
			      "\n"
			      "class Place:\n"
			      "    def inner(self):\n"
			      "        print('ready', flush=True)\n"
			      "        x = 1\n"
			      "        time.sleep(\n"
			      "            1000)\n"
			      "\n"
			      "def by_c(*words, **more):\n"
			      "    Place().inner(\n"
			      "    )\n"
			      "\n"
			      "def made():\n"
			      "    yield by_c(*[])\n"
			      "\n"
			      "def outer(values):\n"
			      "\n"
			      "    return [y for y in made()]\n"
			      "\n"
			      "outer(3)\n";

struct child {
	pid_t pid;
	struct logtap_process process;
	struct logtap_stack_session session;
	struct logtap_stack_view view;
	unsigned char slice[LOGTAP_STACK_SLICE_BYTES];
	unsigned char memory[LOGTAP_STACK_MEMORY_BYTES];
	uint64_t distrust;
};

static pid_t start_python(const char *python, const char *text)
{
	char line[16];
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	pid_t pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], 1);
		execl(python, "python3", "-c", text, NULL);
		_exit(127);
	}
	close(ends[1]);
	ssize_t got = read(ends[0], line, sizeof(line));
	close(ends[0]);
	cr_assert_gt(got, 0);
	return pid;
}

/* Is it in a call that waits? */
static bool is_asleep(pid_t pid)
{
	char path[64], text[64] = "", state = '?';

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	if (fgets(text, sizeof(text), file) && strrchr(text, ')'))
		state = strrchr(text, ')')[2];
	fclose(file);
	return state == 'S';
}

static int read_word(pid_t pid, uint64_t address, uint64_t *out)
{
	struct iovec local = {out, sizeof(*out)};
	struct iovec remote = {(void *)(uintptr_t)address, sizeof(*out)};

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) == sizeof(*out)
		       ? 0
		       : -1;
}

#if defined(__x86_64__)
static void take_values(struct child *child)
{
	struct user_regs_struct r;
	struct iovec all = {&r, sizeof(r)};

	cr_assert_eq(ptrace(PTRACE_GETREGSET, child->pid, 1, &all), 0);
	child->view.arch = LOGTAP_STACK_X86_64;
	child->view.registers = LOGTAP_STACK_REGISTERS_X86_64;
	const uint64_t kept[] = {0, 0, 0, r.rbx, 0,	0,     r.rbp, r.rsp, 0,
				 0, 0, 0, r.r12, r.r13, r.r14, r.r15, r.rip};
	memcpy(child->view.values, kept, sizeof(kept));
	child->view.low = r.rsp;
}
#else
static void take_values(struct child *child)
{
	struct user_regs_struct r;
	struct iovec all = {&r, sizeof(r)};

	cr_assert_eq(ptrace(PTRACE_GETREGSET, child->pid, 1, &all), 0);
	child->view.arch = LOGTAP_STACK_AARCH64;
	child->view.registers = LOGTAP_STACK_REGISTERS_AARCH64;
	memcpy(child->view.values, &r, sizeof(child->view.values));
	child->view.low = r.sp;
}
#endif

/* As the library would have copied it.  Return: NULL if that is not allowed
 * here. */
static struct child *sleeping(const char *python, const char *text)
{
	struct child *child = calloc(1, sizeof(*child));
	int status;

	child->pid = start_python(python, text);
	while (!is_asleep(child->pid))
		usleep(1000);
	if (ptrace(PTRACE_SEIZE, child->pid, 0, 0))
		cr_skip_test("ptrace: %s", strerror(errno));
	cr_assert_eq(ptrace(PTRACE_INTERRUPT, child->pid, 0, 0), 0);
	cr_assert_eq(waitpid(child->pid, &status, 0), child->pid);
	take_values(child);
	struct iovec local = {child->slice, sizeof(child->slice)};
	struct iovec remote = {(void *)(uintptr_t)child->view.low,
			       sizeof(child->slice)};
	ssize_t got = process_vm_readv(child->pid, &local, 1, &remote, 1, 0);
	cr_assert_gt(got, 0);
	child->view.slice = child->slice;
	child->view.slice_bytes = (size_t)got;
	cr_assert_eq(ptrace(PTRACE_DETACH, child->pid, 0, 0), 0);
	child->process.pid = (uint32_t)child->pid;
	child->session.process = &child->process;
	child->session.distrust = &child->distrust;
	child->session.view = &child->view;
	cr_assert(logtap_modules_read(&child->session.modules,
				      child->process.pid));
	logtap_stack_collect(&child->session);
	return child;
}

static void end(struct child *child)
{
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	logtap_stack_end_dwfl(&child->session);
	logtap_modules_deinit(&child->session.modules);
	free(child);
}

struct told {
	const char *function;
	unsigned line;
	bool exact;
};

static void is_told(unsigned minor, const struct told *wanted, size_t count)
{
	struct child *child = sleeping(interpreter(minor), program);
	struct logtap_python_trace trace;

	logtap_stack_python(&child->session, &trace);
	cr_assert_eq(trace.status, LOGTAP_PYTHON_READ);
	for (size_t i = 0; i < trace.count && i < count; i++) {
		cr_expect_str_eq(trace.frames[i].function, wanted[i].function);
		cr_expect_str_eq(trace.frames[i].file, "<string>");
		cr_expect_eq(trace.frames[i].line, wanted[i].line);
		cr_expect_eq(trace.frames[i].exact, wanted[i].exact, "%s",
			     wanted[i].function);
	}
	cr_assert_eq(trace.count, count);
	end(child);
}

Test(python, a_sleeping_program_is_told_by_functions_files_and_lines)
{
	static const struct told wanted[] = {
		{"Place.inner", 7, true},
		{"by_c", 11, true},
		{"made", 15, true},
		{"outer.<locals>.<listcomp>", 19, true},
		{"outer", 19, true},
		{"<module>", 21, true},
	};

	is_told(11, wanted, 6);
}

/* Comprehensions are no functions any more. */
static const struct told since_3_12[] = {
	{"Place.inner", 7, true}, {"by_c", 11, true},	  {"made", 15, true},
	{"outer", 19, true},	  {"<module>", 21, true},
};

Test(python, one_of_python_3_12_is_told)
{
	is_told(12, since_3_12, 5);
}

Test(python, one_of_python_3_13_is_told)
{
	is_told(13, since_3_12, 5);
}

/* Goes on, and elsewhere, when it is told to. */
static const char going_on[] =
	"import _signal as signal, time\n"
	"signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])\n"
	"def innermost():\n"
	"    print('ready', flush=True)\n"
	"    signal.sigwait([signal.SIGUSR1])\n"
	"def culprit():\n"
	"    innermost()\n"
	"def called(function, *words, **more):\n"
	"    function(*words, **more)\n"
	"def deep(n):\n"
	"    a = b = c = d = n\n"
	"    if n:\n"
	"        deep(n - 1)\n"
	"    else:\n"
	"        time.sleep(1000)\n"
	"called(culprit)\n"
	"deep(40)\n";

/* What lies around its frames, as the library would have copied it. */
static void take_memory(struct child *child, uint64_t frame)
{
	struct logtap_stack_view *view = &child->view;
	uint64_t low = frame & ~UINT64_C(4095);
	struct iovec local = {child->memory, 4096};
	struct iovec remote = {(void *)(uintptr_t)low, 4096};

	cr_assert_eq(process_vm_readv(child->pid, &local, 1, &remote, 1, 0),
		     4096);
	view->memory_low = low;
	view->memory = child->memory;
	view->memory_bytes = 4096;
}

static void is_told_though_gone(unsigned minor)
{
	static const struct told wanted[] = {
		{"innermost", 5, true},
		{"culprit", 7, true},
		{"called", 9, true},
		{"<module>", 16, true},
	};
	struct child *child = sleeping(interpreter(minor), going_on);
	struct logtap_python_trace trace;
	uint64_t fallen;

	logtap_stack_python(&child->session, &trace);
	cr_assert_neq(trace.frame, 0);
	take_memory(child, trace.frame);
	kill(child->pid, SIGUSR1);
	do {
		usleep(1000);
		cr_assert_eq(read_word(child->pid, trace.frame, &fallen), 0);
	} while (!memcmp(child->memory + (trace.frame & 4095), &fallen, 8) ||
		 !is_asleep(child->pid));
	/* nor is anything known from before */
	child->session.python_looked = false;
	logtap_stack_python(&child->session, &trace);
	cr_assert_eq(trace.status, LOGTAP_PYTHON_READ);
	cr_assert_eq(trace.count, 4);
	for (size_t i = 0; i < 4; i++) {
		cr_expect_str_eq(trace.frames[i].function, wanted[i].function);
		cr_expect_eq(trace.frames[i].line, wanted[i].line);
		cr_expect_eq(trace.frames[i].exact, wanted[i].exact, "%s",
			     wanted[i].function);
	}
	/* without the copy they cannot be */
	child->session.python_looked = false;
	child->view.memory_bytes = 0;
	logtap_stack_python(&child->session, &trace);
	cr_assert(trace.count < 4 ||
		  strcmp(trace.frames[1].function, "culprit") != 0);
	end(child);
}

Test(python, frames_that_came_with_the_stack_are_told_when_they_are_gone)
{
	is_told_though_gone(11);
}

Test(python, those_of_python_3_12_as_well)
{
	is_told_though_gone(12);
}

Test(python, those_of_python_3_13_as_well)
{
	is_told_though_gone(13);
}

Test(python, a_process_that_may_not_be_read_is_told_from_one_that_has_ended)
{
	struct logtap_python_trace trace;

	if (geteuid() != 0)
		cr_skip_test("not root");
	struct child *child = sleeping(interpreter(11), program);
	pid_t other = fork();
	if (!other) {
		if (setgid(65534) || setuid(65534))
			_exit(2);
		logtap_stack_python(&child->session, &trace);
		_exit(trace.status == LOGTAP_PYTHON_DENIED && !trace.count ? 0
									   : 1);
	}
	int status;
	cr_assert_eq(waitpid(other, &status, 0), other);
	cr_assert_eq(status, 0);
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	logtap_stack_python(&child->session, &trace);
	cr_assert_eq(trace.status, LOGTAP_PYTHON_GONE);
	cr_assert_eq(trace.count, 0);
	end(child);
}

Test(python, a_version_that_is_not_known_is_not_guessed)
{
	cr_assert(logtap_python_layout(0x030b07f0));
	cr_assert(logtap_python_layout(0x030c01f0));
	cr_assert(logtap_python_layout(0x030d00f0));
	cr_assert_null(logtap_python_layout(0x030a07f0));
	cr_assert_null(logtap_python_layout(0x030e00f0));
	cr_assert_null(logtap_python_layout(0));
	cr_assert_null(logtap_python_layout(UINT64_MAX));
	cr_assert_null(logtap_python_layout(0x1030b07f0));
}
