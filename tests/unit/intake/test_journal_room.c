/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A journal that has no room: at its cap, on a full file system, in its reserve, in
 * memory. */
#include "journal_scene.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

TestSuite(journal_room, .init = setup, .fini = teardown);

Test(journal_room, at_its_cap_it_takes_nothing_until_space_is_free)
{
	logtap_journal_close(journal);
	open_journal(64 << 10);
	begin_file();
	uint64_t count = 0;
	int result;
	while (!(result = append(count, 4000))) {
		count++;
		if (logtap_journal_wants_rotation(journal, false))
			begin_file();
	}
	cr_assert_eq(result, LOGTAP_JOURNAL_FULL);
	cr_assert_eq(count, 16);
	cr_assert_eq(read_all(0, 0), 16);
	logtap_journal_acknowledge(journal, logtap_journal_end(journal));
	cr_assert_eq(append(count, 4000), 0);
}

Test(journal_room, a_full_disk_is_a_full_journal_and_leaves_no_torn_frame)
{
	/* /dev/full cannot be a journal; a limit on file sizes can. */
	struct rlimit limit = {.rlim_cur = 10000, .rlim_max = RLIM_INFINITY};
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	uint64_t count = 0;
	int result;
	while (!(result = append(count, 4000)))
		count++;
	cr_assert_eq(result, LOGTAP_JOURNAL_FULL);
	cr_assert_eq(count, 2);
	limit.rlim_cur = RLIM_INFINITY;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_assert_eq(append(count, 4000), 0);
	cr_assert_eq(read_all(0, 0), 3);
}

static void append_all_of(uint64_t *number, int count)
{
	for (int i = 0; i < count; i++)
		cr_assert_eq(append((*number)++, 1000), 0);
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Frames of @bytes until there is no room.  Return: how many. */
static uint64_t append_all(uint64_t *number, uint32_t bytes)
{
	uint64_t first = *number;
	while (!append(*number, bytes))
		++*number;
	cr_assert(logtap_journal_refuses(journal));
	cr_assert(logtap_journal_lacks_space(journal));
	return *number - first;
}

Test(journal_room, where_there_is_no_room_it_goes_on_in_its_reserve)
{
	uint64_t number = 0;
	logtap_journal_reserve(journal, 0);
	cr_assert_eq(directory_count(&directory, "journal.spare"), 1);
	limit_files(10000);
	for (int file = 0; file < 10; file++) {
		uint64_t first = number;
		cr_assert_eq(append_all(&number, 4000), 2);
		cr_assert(logtap_journal_wants_rotation(journal, false));
		begin_file();
		cr_assert(!logtap_journal_wants_rotation(journal, false));
		cr_assert_eq(read_all(0, first), 2);
		/* The file that is settled is the next reserve. */
		cr_assert_eq(directory_count(&directory, "journal.spare"), 0);
		logtap_journal_acknowledge(journal,
					   logtap_journal_end(journal));
		cr_assert_eq(directory_count(&directory, "journal.spare"), 1);
	}
	cr_assert_eq(append(number, 100), 0);
	cr_assert(!logtap_journal_refuses(journal));
}

Test(journal_room, a_reserve_outlives_its_collector)
{
	logtap_journal_reserve(journal, 0);
	logtap_journal_close(journal);
	limit_files(10000); /* nor could another one be made */
	open_journal(0);
	begin_file();
	cr_assert_eq(directory_count(&directory, "journal.spare"), 0);
	cr_assert_eq(append(0, 4000), 0);
}

/* A head that has no room in the reserve: the reserve is not lost. */
Test(journal_room, a_rotation_that_is_taken_back_gives_its_reserve_back)
{
	uint64_t number = 0;
	logtap_journal_reserve(journal, 0);
	limit_files(10000);
	append_all(&number, 4000);
	cr_assert_eq(logtap_journal_rotate_begin(journal, false), 0);
	uint64_t ignored = 77;
	append_all(&ignored, 4000);
	logtap_journal_rotate_abort(journal);
	cr_assert_eq(directory_count(&directory, "journal.spare"), 1);
	cr_assert(!logtap_journal_wants_rotation(journal, false),
		  "once it has failed it is left alone");
	/* Nothing would give room, when all of it is settled. */
	cr_assert(!logtap_journal_wants_memory(journal));
	logtap_journal_acknowledge(journal, logtap_journal_end(journal));
	cr_assert(logtap_journal_wants_memory(journal));
	cr_assert_eq(read_all(0, 0), number);
}

Test(journal_room, in_memory_it_is_read_and_goes_as_in_the_directory)
{
	uint64_t number = 0;
	append_all_of(&number, 5);
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(logtap_journal_rotate_begin_in_memory(journal), 0);
		cr_assert_eq(logtap_journal_rotate_commit(journal), 0);
		cr_assert(logtap_journal_in_memory(journal));
		append_all_of(&number, 5);
	}
	cr_assert_eq(directory_count(&directory, ""), 2 + 1 + 1);
	begin_file();
	cr_assert(!logtap_journal_in_memory(journal));
	append_all_of(&number, 5);
	cr_assert_eq(read_all(0, 0), number);
	uint64_t end = logtap_journal_end(journal);
	logtap_journal_acknowledge(journal, end - 1);
	cr_assert_eq(read_all(0, number - 5), 5);
	logtap_journal_close(journal);
	open_journal(0);
	cr_assert_eq(logtap_journal_end(journal), end);
	begin_file();
	cr_assert_eq(read_all(0, number - 5), 5);
}

/* As after a kill: positions go on, and what was only in memory is gone. */
Test(journal_room, what_was_in_memory_dies_with_its_collector)
{
	uint64_t number = 0;
	append_all_of(&number, 5);
	cr_assert_eq(logtap_journal_rotate_begin_in_memory(journal), 0);
	logtap_journal_rotate_commit(journal);
	append_all_of(&number, 5);
	uint64_t end = logtap_journal_end(journal);
	logtap_journal_acknowledge(journal, end);
	logtap_journal_close(journal);
	open_journal(0);
	cr_assert_eq(logtap_journal_end(journal), end);
	begin_file();
	number = 10;
	append_all_of(&number, 5);
	cr_assert_eq(read_all(end, 10), 5);
}
