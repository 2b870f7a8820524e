/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A journal that is read and written in memory: which files are, and that nothing
 * is lost by it when we are killed, or when a file is cut short. */
#include "journal_scene.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(journal_map, .init = setup, .fini = teardown);

enum { PAYLOAD = 4000, FRAMES = 400 }; /* 1.6 MB */

static unsigned mappings(void)
{
	return mappings_of("/journal");
}

static void append_many(uint64_t *number, int count)
{
	for (int i = 0; i < count; i++)
		cr_assert_eq(append((*number)++, PAYLOAD), 0);
}

/* Nor could a call write: it would fail. */
static void forbid_calls(bool forbid)
{
	struct rlimit limit = {.rlim_cur = forbid ? 0 : RLIM_INFINITY,
			       .rlim_max = RLIM_INFINITY};
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The current file is one that was full before, and is empty. */
static void begin_warm_file(uint64_t *number)
{
	append_many(number, FRAMES);
	begin_file();
	logtap_journal_acknowledge(journal, logtap_journal_end(journal));
	cr_assert_eq(directory_count(&directory, "journal.spare"), 1);
	begin_file();
	cr_assert_eq(directory_count(&directory, "journal.spare"), 0);
	logtap_journal_acknowledge(journal, logtap_journal_end(journal));
}

Test(journal_map, a_small_file_is_not_mapped)
{
	uint64_t number = 0;
	append_many(&number, 50);
	cr_assert_eq(mappings(), 0);
	append_many(&number, 50);
	cr_assert_eq(mappings(), 1);
	cr_assert_eq(read_all(0, 0), number);
}

Test(journal_map, what_is_filled_again_is_written_where_it_lies)
{
	uint64_t number = 0;
	begin_warm_file(&number);
	uint64_t first = number, start = logtap_journal_end(journal);
	forbid_calls(true);
	append_many(&number, FRAMES - 1);
	cr_assert_eq(append(number, PAYLOAD), 0);
	number++;
	cr_assert_eq(append(number, PAYLOAD), LOGTAP_JOURNAL_FULL,
		     "what is new to the file needs a call");
	forbid_calls(false);
	append_many(&number, FRAMES);
	cr_assert_eq(read_all(start, first), 2 * FRAMES);
	logtap_journal_close(journal);
	open_journal(0);
	cr_assert_eq(read_all(start, first), 2 * FRAMES);
}

Test(journal_map, a_mapping_goes_with_its_memory)
{
	uint64_t number = 0;
	begin_warm_file(&number);
	append_many(&number, FRAMES);
	cr_assert_eq(mappings(), 1);
	logtap_journal_acknowledge(journal, logtap_journal_end(journal));
	/* What an idle journal does. */
	cr_assert_eq(logtap_journal_rotate_begin(journal, true), 0);
	cr_assert_eq(logtap_journal_rotate_commit(journal), 0);
	cr_assert_eq(mappings(), 0);
}

Test(journal_map, a_rotation_that_is_taken_back_keeps_it)
{
	uint64_t number = 0;
	begin_warm_file(&number);
	append_many(&number, FRAMES);
	begin_file();
	logtap_journal_acknowledge(journal, logtap_journal_end(journal));
	cr_assert_eq(mappings(), 1);
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(logtap_journal_rotate_begin(journal, false), 0);
		cr_assert_eq(append(777, PAYLOAD), 0);
		logtap_journal_rotate_abort(journal);
	}
	uint64_t first = number, start = logtap_journal_end(journal);
	begin_file();
	forbid_calls(true);
	append_many(&number, FRAMES);
	forbid_calls(false);
	cr_assert_eq(read_all(start, first), FRAMES);
}

/* A cursor that is in the file when it begins to be mapped, and when another one
 * follows. */
Test(journal_map, a_cursor_follows_into_memory)
{
	struct logtap_journal_cursor *cursor;
	struct logtap_frame frame;
	const unsigned char *payload;
	uint64_t at, number = 0, seen = 0;
	cr_assert_eq(logtap_journal_cursor_new(journal, 0, &cursor), 0);
	while (number < 4 * FRAMES) {
		append_many(&number, 7);
		while (!logtap_journal_next(cursor, &frame, &payload, &at)) {
			cr_assert_eq(frame.from, seen);
			cr_assert_eq(payload[PAYLOAD - 1], 'a' + seen % 26);
			seen++;
		}
		cr_assert_eq(seen, number);
		if (number % (FRAMES / 50 * 7) == 0) {
			begin_file();
			logtap_journal_acknowledge(
				journal,
				logtap_journal_cursor_position(cursor));
		}
	}
	logtap_journal_cursor_free(cursor);
}

static void cut(void)
{
	char name[64];
	snprintf(name, sizeof(name), "journal-%016llx",
		 (unsigned long long)logtap_journal_start(journal));
	int fd = openat(directory.fd, name, O_RDWR | O_CLOEXEC);
	cr_assert_geq(fd, 0);
	cr_assert_eq(ftruncate(fd, 0), 0);
	close(fd);
}

Test(journal_map, a_file_that_is_cut_short_costs_no_more_than_what_was_in_it)
{
	struct logtap_journal_cursor *cursor;
	struct logtap_frame frame;
	const unsigned char *payload;
	uint64_t at, number = 0;
	begin_warm_file(&number);
	append_many(&number, FRAMES / 2);
	cr_assert_eq(logtap_journal_cursor_new(
			     journal, logtap_journal_start(journal), &cursor),
		     0);
	cr_assert_eq(logtap_journal_next(cursor, &frame, &payload, &at), 0);
	cut();
	append_many(&number, FRAMES / 4);
	uint64_t after = number, start = logtap_journal_end(journal);
	begin_file();
	append_many(&number, FRAMES);
	cr_assert_eq(read_all(start, after), FRAMES);
	cr_assert_eq(logtap_journal_next(cursor, &frame, &payload, &at), 0);
	cr_assert_eq(frame.from, after, "the next file's first");
	logtap_journal_cursor_free(cursor);
}

/* Whoever appends is killed at any moment: what it had appended is there, and
 * nothing that it had not. */
Test(journal_map, who_is_killed_while_it_writes_loses_nothing)
{
	_Atomic uint64_t *done = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(done, MAP_FAILED);
	for (uint64_t round = 0; round < 40; round++) {
		uint64_t number = 0;
		begin_warm_file(&number);
		uint64_t first = number, start = logtap_journal_end(journal);
		atomic_store(done, 0);
		pid_t pid = fork();
		if (!pid) {
			forbid_calls(true);
			while (!append(number++, PAYLOAD))
				atomic_fetch_add(done, 1);
			_exit(0);
		}
		while (atomic_load(done) < 1 + round * 9 &&
		       !waitpid(pid, NULL, WNOHANG))
			sched_yield();
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		uint64_t least = atomic_load(done);
		cr_assert_geq(least, 1 + round * 9);
		logtap_journal_close(journal);
		open_journal(0);
		uint64_t found = read_all(start, first);
		cr_assert(found == least || found == least + 1);
		teardown();
		setup();
	}
	munmap(done, 4096);
}
