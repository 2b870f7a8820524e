/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Processes of a session that are not captured: who is told of, and when.  The
 * test is the supervisor; the collector is a child of it, as its programs are. */
#include "../../../collector/intake/notes.h"
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static struct directory directory;
static pid_t programs[4];
static size_t program_count;

static void begin(void)
{
	directory_init(&directory);
}

static void end(void)
{
	for (size_t i = 0; i < program_count; i++) {
		kill(programs[i], SIGKILL);
		waitpid(programs[i], NULL, 0);
	}
	directory_deinit(&directory);
}

TestSuite(strangers, .init = begin, .fini = end, .timeout = 30);

/* A program that stands at its first instruction. */
static pid_t start(const char *path, const char *variable)
{
	const char *const environment[] = {variable, NULL};
	int status;
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execle(path, path, NULL, (char *const *)environment);
		_exit(1);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFSTOPPED(status), "%s", path);
	programs[program_count++] = pid;
	return pid;
}

/* As the collector: looks at once, and each time so much later.  Return: how many
 * it told of after each look, in decimal digits. */
static int look_after(const unsigned *ms, size_t count)
{
	struct intake intake;
	int status;

	intake_init(&intake, &directory, 0);
	pid_t pid = fork();
	if (!pid) {
		struct logtap_intake *parts = intake_parts(&intake);
		int told = 0;
		parts->pid = (uint32_t)getpid();
		parts->now_ns = LOGTAP_SECOND_NS;
		for (size_t i = 0; i < count; i++) {
			parts->now_ns += ms[i] * LOGTAP_MS_NS;
			parts->strangers_due_ns = 0;
			logtap_strangers_look(parts);
			told = 10 * told + (int)parts->strangers_told;
		}
		_exit(told);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status), "%x", (unsigned)status);
	intake_deinit(&intake);
	return WEXITSTATUS(status);
}
#define LOOK_AFTER(...)                             \
	look_after((const unsigned[]){__VA_ARGS__}, \
		   sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned))

Test(strangers, one_that_may_yet_be_captured_is_given_time)
{
	start("/bin/cat", "A=B");
	cr_assert_eq(LOOK_AFTER(0, 2999, 1), 1);
}

Test(strangers, one_that_cannot_be_is_told_of_sooner)
{
	start(getenv("LOGTAP_TEST_STATIC"), "A=B");
	cr_assert_eq(LOOK_AFTER(0, 999, 1), 1);
}

Test(strangers, each_is_told_of_once)
{
	start("/bin/cat", "A=B");
	start(getenv("LOGTAP_TEST_STATIC"), "A=B");
	cr_assert_eq(LOOK_AFTER(0, 1000, 2000), 12);
	cr_assert_eq(LOOK_AFTER(0, 5000, 5000), 22);
}

Test(strangers, the_collector_s_own_program_is_none)
{
	pid_t pid = fork();

	if (!pid)
		for (;;)
			pause();
	programs[program_count++] = pid;
	cr_assert_eq(LOOK_AFTER(0, 5000), 0);
}

Test(strangers, those_of_another_session_are_not_looked_for)
{
	start("/bin/cat", "A=B");
	pid_t pid = fork();
	int status;

	/* its supervisor is not ours */
	if (!pid)
		_exit(LOOK_AFTER(0, 5000));
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status) && !WEXITSTATUS(status), "%x",
		  (unsigned)status);
}

/* What the collector has left in its journal. */
static void read_journal(size_t *starts, char *note, size_t room)
{
	const struct logtap_journal_options options = {.dir_fd = directory.fd};
	struct logtap_journal *journal;
	struct logtap_journal_cursor *cursor;
	struct logtap_frame frame;
	const unsigned char *payload;
	uint64_t position;
	char why[256];

	*starts = 0;
	*note = 0;
	cr_assert_eq(logtap_journal_open(&options, &journal, why, sizeof(why)),
		     0, "%s", why);
	cr_assert_eq(logtap_journal_cursor_new(journal, 0, &cursor), 0);
	while (!logtap_journal_next(cursor, &frame, &payload, &position)) {
		size_t head = sizeof(struct logtap_frame_note);
		*starts += frame.type == LOGTAP_FRAME_START;
		if (frame.type == LOGTAP_FRAME_NOTE)
			snprintf(note, room, "%.*s", (int)(frame.length - head),
				 (const char *)payload + head);
	}
	logtap_journal_cursor_free(cursor);
	logtap_journal_close(journal);
}

Test(strangers, the_reason_is_in_the_journal)
{
	char note[256];
	size_t starts;

	start(getenv("LOGTAP_TEST_STATIC"), "LD_PRELOAD=liblogtap.so");
	cr_assert_eq(LOOK_AFTER(0, 1000), 1);
	read_journal(&starts, note, sizeof(note));
	cr_assert_str_eq(note, "this process is not captured: it is statically "
			       "linked");
}

Test(strangers, one_that_cannot_be_captured_and_reads_a_pipe_is_told_at_once)
{
	int input[2], saved = dup(STDIN_FILENO);
	char note[256];
	size_t starts;

	cr_assert_eq(pipe2(input, O_CLOEXEC), 0);
	cr_assert_eq(dup2(input[0], STDIN_FILENO), STDIN_FILENO);
	start(getenv("LOGTAP_TEST_STATIC"), "A=B");
	start("/bin/cat", "A=B"); /* will say so itself */
	dup2(saved, STDIN_FILENO);
	cr_assert_eq(LOOK_AFTER(0, 1), 0);
	read_journal(&starts, note, sizeof(note));
	cr_assert_eq(starts, 1);
}
