/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: what is appended is read back, survives, and goes when it is
 * acknowledged. */
#include "journal_scene.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(journal, .init = setup, .fini = teardown);

Test(journal, frames_are_read_back_over_files)
{
	for (uint64_t i = 0; i < 50; i++) {
		cr_assert_eq(append(i, (uint32_t)(i * 80)), 0);
		if (i % 10 == 9)
			begin_file();
	}
	cr_assert_eq(read_all(0, 0), 50);
	cr_assert_eq(directory_count(&directory, ""), 2 + 6 + 1);
}

Test(journal, a_cursor_sees_what_is_appended_after_it_came_to_the_end)
{
	struct logtap_journal_cursor *cursor;
	struct logtap_frame frame;
	const unsigned char *payload;
	uint64_t at;
	cr_assert_eq(logtap_journal_cursor_new(journal, 0, &cursor), 0);
	for (uint64_t i = 0; i < 20; i++) {
		cr_assert_eq(logtap_journal_next(cursor, &frame, &payload, &at),
			     LOGTAP_JOURNAL_END);
		append(i, 100);
		if (i % 3 == 0)
			begin_file();
		cr_assert_eq(logtap_journal_next(cursor, &frame, &payload, &at),
			     0);
		cr_assert_eq(frame.from, i);
	}
	logtap_journal_cursor_free(cursor);
}

Test(journal, what_was_appended_is_there_for_the_next_collector)
{
	for (uint64_t i = 0; i < 10; i++)
		append(i, 1000);
	uint64_t end = logtap_journal_end(journal);
	logtap_journal_close(journal);
	open_journal(0);
	cr_assert_eq(logtap_journal_end(journal), end);
	begin_file();
	append(10, 5);
	cr_assert_eq(read_all(0, 0), 11);
}

static void tear(off_t at, const char *with)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/journal-%016x", directory.path, 0);
	int fd = open(path, O_RDWR);
	cr_assert_geq(fd, 0);
	if (with)
		cr_assert_eq(pwrite(fd, with, strlen(with), at),
			     (ssize_t)strlen(with));
	else
		cr_assert_eq(ftruncate(fd, at), 0);
	close(fd);
}

Test(journal, a_torn_last_frame_is_cut_off)
{
	append(0, 100);
	uint64_t end = logtap_journal_end(journal);
	append(1, 100);
	uint64_t torn_end = logtap_journal_end(journal);
	for (uint64_t at = end; at < torn_end; at += 8) {
		logtap_journal_close(journal);
		tear((off_t)at, NULL);
		open_journal(0);
		cr_assert_eq(logtap_journal_end(journal), end);
		begin_file();
		cr_assert_eq(read_all(0, 0), 1);
	}
}

Test(journal, a_last_frame_with_a_damaged_header_is_cut_off)
{
	append(0, 100);
	uint64_t end = logtap_journal_end(journal);
	append(1, 100);
	logtap_journal_close(journal);
	tear((off_t)end + 20, "?");
	open_journal(0);
	cr_assert_eq(logtap_journal_end(journal), end);
	begin_file();
	append(1, 7);
	cr_assert_eq(read_all(0, 0), 2);
}

Test(journal, damage_in_an_earlier_file_costs_the_rest_of_that_file)
{
	append(0, 100);
	uint64_t damaged = logtap_journal_end(journal);
	append(9, 100);
	begin_file();
	append(1, 100);
	tear((off_t)damaged + 8, "????");
	cr_assert_eq(read_all(0, 0), 2);
}

Test(journal, files_below_the_acknowledged_position_are_removed)
{
	uint64_t starts[5];
	for (uint64_t i = 0; i < 5; i++) {
		starts[i] = logtap_journal_end(journal);
		append(i, 3000);
		begin_file();
	}
	cr_assert_eq(logtap_journal_acknowledge(journal, starts[3] + 1), 0);
	cr_assert_eq(logtap_journal_start(journal), starts[3]);
	cr_assert_eq(read_all(0, 3), 2);
	logtap_journal_close(journal);
	open_journal(0);
	cr_assert_eq(logtap_journal_acknowledged(journal), starts[3] + 1);
	cr_assert_eq(logtap_journal_start(journal), starts[3]);
	begin_file();
	cr_assert_eq(read_all(starts[3] + 1, 3), 2);
}

Test(journal, an_acknowledgement_never_goes_back)
{
	append(0, 100);
	logtap_journal_acknowledge(journal, 50);
	logtap_journal_acknowledge(journal, 20);
	cr_assert_eq(logtap_journal_acknowledged(journal), 50);
}

Test(journal, a_rotation_that_is_taken_back_was_never_seen)
{
	append(0, 100);
	uint64_t end = logtap_journal_end(journal);
	cr_assert_eq(logtap_journal_rotate_begin(journal, false), 0);
	append(77, 100);
	cr_assert_eq(logtap_journal_end(journal), end);
	logtap_journal_rotate_abort(journal);
	append(1, 100);
	cr_assert_eq(read_all(0, 0), 2);
}

/* What a file holds from an earlier use is never read again: not by a cursor
 * that comes to the end of the file, nor by the next collector. */
Test(journal, a_file_that_is_filled_again_holds_nothing_of_before)
{
	uint64_t number = 0, first, start;
	for (int file = 0; file < 3; file++) {
		for (int i = 0; i < 100; i++)
			cr_assert_eq(append(number++, 1000), 0);
		cr_assert_eq(read_all(logtap_journal_start(journal),
				      number - 100),
			     100);
		start = logtap_journal_end(journal);
		begin_file();
		cr_assert_eq(logtap_journal_acknowledge(journal, start), 0);
	}
	cr_assert_eq(directory_count(&directory, "journal.spare"), 1);
	begin_file(); /* in the spare one */
	cr_assert_eq(directory_count(&directory, "journal.spare"), 0);
	start = logtap_journal_end(journal);
	first = number;
	for (int i = 0; i < 10; i++)
		cr_assert_eq(append(number++, 1000), 0);
	/* The next begins where stale frames lie in this one. */
	begin_file();
	cr_assert_eq(append(number++, 500), 0);
	cr_assert_eq(read_all(start, first), 11);
	logtap_journal_close(journal);
	open_journal(0);
	cr_assert_eq(read_all(start, first), 11);
	begin_file();
	cr_assert_eq(append(number++, 500), 0);
	cr_assert_eq(read_all(start, first), 12);
}

/* Of a frame whose end was not written no byte is believed. */
Test(journal, a_frame_without_its_end_is_cut_off)
{
	char name[64], nothing[8] = {0};
	uint64_t end;
	cr_assert_eq(append(1, 1000), 0);
	end = logtap_journal_end(journal);
	cr_assert_eq(append(2, 1000), 0);
	uint64_t all = logtap_journal_end(journal);
	logtap_journal_close(journal);
	snprintf(name, sizeof(name), "journal-%016x", 0);
	int fd = openat(directory.fd, name, O_RDWR | O_CLOEXEC);
	cr_assert_geq(fd, 0);
	cr_assert_eq(pwrite(fd, nothing, sizeof(nothing), (off_t)all - 8), 8);
	close(fd);
	open_journal(0);
	cr_assert_eq(logtap_journal_end(journal), end);
	begin_file();
	cr_assert_eq(read_all(0, 1), 1);
}

/* Frames of 4000 bytes until the file is to end.  Return: how many bytes. */
static uint64_t fill_file(void)
{
	uint64_t start = logtap_journal_end(journal);
	while (!logtap_journal_wants_rotation(journal, false))
		cr_assert_eq(append(0, 4000), 0);
	return logtap_journal_end(journal) - start;
}

Test(journal, a_file_with_a_large_head_holds_more)
{
	uint64_t usual = fill_file();
	cr_assert_leq(usual, (6 << 20) + 4096);
	for (int head = 128; head <= 2048; head *= 2) { /* KiB */
		cr_assert_eq(logtap_journal_rotate_begin(journal, false), 0);
		for (int i = 0; i < head / 4; i++)
			append(0, 4000);
		cr_assert_eq(logtap_journal_rotate_commit(journal), 0);
		uint64_t bytes = fill_file();
		cr_assert_geq(bytes, usual);
		cr_assert_leq(bytes, (16 << 20) + 4096);
		if (head == 512)
			cr_assert_gt(bytes, usual);
		logtap_journal_acknowledge(journal,
					   logtap_journal_end(journal));
	}
}
