/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of Python programs: those of this machine's /usr/bin/python3, of a
 * process that may not be read, and of memory that holds anything. */
#include "../../../collector/loops/stack/private.h"
#include "../../../collector/loops/stack/python_private.h"

#include <criterion/criterion.h>
#include <errno.h>
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

#define INTERPRETER "/usr/bin/python3"

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
	uint64_t distrust;
};

static pid_t start_python(const char *text)
{
	char line[16];
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	pid_t pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], 1);
		execl(INTERPRETER, "python3", "-c", text, NULL);
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
static struct child *sleeping(const char *text)
{
	struct child *child = calloc(1, sizeof(*child));
	int status;

	child->pid = start_python(text);
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

static bool is_known(void)
{
	return system(INTERPRETER " -c 'import sys; sys.exit(not("
				  "sys.version_info[:2] == (3, 11)))'") == 0;
}

Test(python, a_sleeping_program_is_told_by_functions_files_and_lines)
{
	static const struct {
		const char *function;
		unsigned line;
		bool exact;
	} wanted[] = {
		{"Place.inner", 7, true},
		{"by_c", 11, true},
		{"made", 15, true},
		{"outer.<locals>.<listcomp>", 19, false},
		{"outer", 19, true},
		{"<module>", 21, true},
	};
	struct logtap_python_trace trace;

	if (!is_known())
		cr_skip_test("this version of Python is not read");
	struct child *child = sleeping(program);
	logtap_stack_python(&child->session, &trace);
	cr_assert_eq(trace.status, LOGTAP_PYTHON_READ);
	cr_assert_eq(trace.count, 6);
	for (size_t i = 0; i < trace.count; i++) {
		cr_expect_str_eq(trace.frames[i].function, wanted[i].function);
		cr_expect_str_eq(trace.frames[i].file, "<string>");
		cr_expect_eq(trace.frames[i].line, wanted[i].line);
		cr_expect_eq(trace.frames[i].exact, wanted[i].exact);
	}
	end(child);
}

Test(python, a_process_that_may_not_be_read_is_told_from_one_that_has_ended)
{
	struct logtap_python_trace trace;

	if (!is_known() || geteuid() != 0)
		cr_skip_test("not root, or a version that is not read");
	struct child *child = sleeping(program);
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
	cr_assert_null(logtap_python_layout(0x030a07f0));
	cr_assert_null(logtap_python_layout(0x030f00f0));
	cr_assert_null(logtap_python_layout(0));
	cr_assert_null(logtap_python_layout(UINT64_MAX));
	cr_assert_null(logtap_python_layout(0x1030b07f0));
}

/* Memory of which any part says what it likes, or may not be read. */

enum { LOW = 0x100000, WORDS = 8192, TYPE = 0x7000 };
static uint64_t words[WORDS];
static uint64_t state = 88172645463325252u;

static uint64_t any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

static bool read_words(void *context, uint64_t address, void *to, size_t bytes)
{
	size_t *reads = context;

	++*reads;
	if (address < LOW || address - LOW > sizeof(words) ||
	    bytes > sizeof(words) - (address - LOW))
		return false;
	memcpy(to, (char *)words + (address - LOW), bytes);
	return true;
}

static uint64_t inside(void)
{
	return LOW + any() % sizeof(words);
}

static uint64_t value(void)
{
	switch (any() % 8) {
	case 0:
		return any();
	case 1:
		return any() % 256;
	case 2:
		return TYPE;
	case 3:
		return 0xe5; /* a string's state, or small numbers */
	case 4:
		return any() % 64 << 32 | any() % 64;
	default:
		return inside() & ~UINT64_C(15);
	}
}

Test(python, any_memory_ends_in_a_trace_or_none)
{
	struct logtap_python_trace trace;
	size_t codes = 0;

	for (int i = 0; i < 2000; i++) {
		struct logtap_python_activation activations[6];
		uint64_t own[6][44], registers[6][10];
		size_t reads = 0;
		const struct logtap_python_memory memory = {read_words, &reads};
		struct logtap_python python = {
			.layout = logtap_python_layout(0x030b0000),
			.code_type = TYPE,
			.string_type = TYPE,
			.bytes_type = TYPE,
		};
		for (size_t j = 0; j < WORDS; j++)
			words[j] = value();
		for (size_t j = 0; j < 6; j++) {
			for (size_t k = 0; k < 44; k++)
				own[j][k] = value();
			for (size_t k = 0; k < 10; k++)
				registers[j][k] = inside() & ~UINT64_C(1);
			activations[j] = (struct logtap_python_activation){
				.own = {(unsigned char *)own[j], LOW + 512 * j,
					any() % 45},
				.registers = {(unsigned char *)registers[j], 0,
					      10},
			};
		}
		logtap_python_read(&python, &memory, activations, any() % 7,
				   &trace);
		cr_assert_leq(trace.count, LOGTAP_PYTHON_FRAMES);
		cr_assert_lt(reads, 200000);
		codes += python.codes[0].address != 0;
	}
	cr_assert_gt(codes, 0, "some of it looks like code");
}

/* A table of lines of any bytes, and one that is cut short. */
Test(python, any_table_of_lines_ends)
{
	size_t reads = 0;
	const struct logtap_python_memory memory = {read_words, &reads};
	const struct logtap_python python = {
		.layout = logtap_python_layout(0x030b0000),
		.bytes_type = TYPE,
	};
	const struct logtap_python_code code = {.lines = LOW, .first_line = 7};
	struct logtap_python_place place;
	unsigned char *table = (unsigned char *)words + 32;

	words[1] = TYPE;
	for (int i = 0; i < 20000; i++) {
		words[2] = any() % 64;
		for (size_t j = 0; j < 64; j++)
			table[j] = (unsigned char)(any() | 0x80);
		logtap_python_line(&python, &memory, &code, any() % 64, &place);
	}
	/* two units on the first line, one two lines further down */
	const unsigned char known[] = {0x80 | 0 << 3 | 1, 0, 0x80 | 12 << 3 | 0,
				       0, 0};
	memcpy(table, known, sizeof(known));
	words[2] = sizeof(known);
	cr_assert(logtap_python_line(&python, &memory, &code, 1, &place));
	cr_assert_eq(place.line, 7);
	cr_assert_eq(place.units, 2);
	cr_assert(logtap_python_line(&python, &memory, &code, 2, &place));
	cr_assert_eq(place.line, 9);
	cr_assert_not(logtap_python_line(&python, &memory, &code, 3, &place));
}
