/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A directory and a journal in it, and numbered frames: for files whose every test
 * has one of each. */
#ifndef LOGTAP_TESTS_INTAKE_JOURNAL_SCENE_H
#define LOGTAP_TESTS_INTAKE_JOURNAL_SCENE_H

#include "fixture.h"

#include <string.h>

static struct directory directory;
static struct logtap_journal *journal;

static inline void open_journal(uint64_t cap_bytes)
{
	char why[256] = "";
	struct logtap_journal_options options = {.dir_fd = directory.fd,
						 .cap_bytes = cap_bytes};
	cr_assert_eq(logtap_journal_open(&options, &journal, why, sizeof(why)),
		     0, "%s", why);
}

static inline void begin_file(void)
{
	cr_assert_eq(logtap_journal_rotate_begin(journal, false), 0);
	logtap_journal_rotate_commit(journal);
}

static inline void setup(void)
{
	directory_init(&directory);
	open_journal(0);
	begin_file();
}

static inline void teardown(void)
{
	logtap_journal_close(journal);
	directory_deinit(&directory);
}

static inline int append(uint64_t number, uint32_t bytes)
{
	char payload[4096];
	struct logtap_frame frame = {.type = LOGTAP_FRAME_DATA, .from = number};
	memset(payload, (int)('a' + number % 26), sizeof(payload));
	return logtap_journal_append(journal, &frame, payload, bytes);
}

/* Reads all there is from @position's file on; returns how many frames, which
 * must be numbered from @first. */
static inline uint64_t read_all(uint64_t position, uint64_t first)
{
	struct logtap_journal_cursor *cursor;
	struct logtap_frame frame;
	const unsigned char *payload;
	uint64_t at, count = 0;
	cr_assert_eq(logtap_journal_cursor_new(journal, position, &cursor), 0);
	int result;
	while (!(result = logtap_journal_next(cursor, &frame, &payload, &at))) {
		cr_assert_eq(frame.from, first + count);
		for (uint32_t i = 0; i < frame.length; i++)
			cr_assert_eq(payload[i], 'a' + frame.from % 26);
		count++;
	}
	cr_assert_eq(result, LOGTAP_JOURNAL_END);
	logtap_journal_cursor_free(cursor);
	return count;
}

#endif
