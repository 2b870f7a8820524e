/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The sink table of the process, and of its segments. */
#include "../../../shim/segment/create.h"
#include "../../../shim/sink/capture.h"
#include "fixture.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct logtap_sink *sink_in(uint32_t mapping, unsigned index)
{
	return &logtap_state.mappings[mapping].segment->sinks[index];
}

static uint8_t add_sink(enum logtap_sink_kind kind, uint64_t device,
			uint64_t inode, uint32_t file_type, const char *path)
{
	return logtap_segment_sink(&(struct logtap_sink_description){
		.kind = kind,
		.device = device,
		.inode = inode,
		.file_type = file_type,
		.path = path,
	});
}

static void begin(void)
{
	shim_begin((struct shim_options){0});
}

TestSuite(sinks, .init = begin, .fini = shim_end);

Test(sinks, the_first_two_are_stderr_and_syslog)
{
	cr_assert_eq(sink_in(0, 0)->kind, LOGTAP_SINK_STDERR);
	cr_assert_eq(sink_in(0, 0)->device, 1);
	cr_assert_eq(sink_in(0, 0)->inode, 2);
	cr_assert_eq(sink_in(0, 1)->kind, LOGTAP_SINK_SYSLOG);
	cr_assert_eq(sink_in(0, 2)->state, LOGTAP_SINK_EMPTY);
}

Test(sinks, a_new_one_is_appended_to_every_segment)
{
	long error;

	cr_assert_not_null(logtap_segment_create(1, 4096, &error));
	uint8_t sink = add_sink(LOGTAP_SINK_STDERR, 7, 8, 0100000, "/p");
	cr_assert_eq(sink, 2);
	for (uint32_t i = 0; i < 2; i++) {
		cr_assert_eq(sink_in(i, 2)->state, LOGTAP_SINK_READY);
		cr_assert_eq(sink_in(i, 2)->inode, 8);
		cr_assert_eq(sink_in(i, 2)->file_type, 0100000);
		cr_assert_str_eq(sink_in(i, 2)->path, "/p");
	}
	/* and is in those that are made later */
	cr_assert_not_null(logtap_segment_create(1, 4096, &error));
	cr_assert_eq(sink_in(2, 2)->inode, 8);
}

Test(sinks, the_same_one_is_found_again)
{
	uint8_t first = add_sink(LOGTAP_SINK_STDERR, 7, 8, 0, "a");

	cr_assert_eq(add_sink(LOGTAP_SINK_STDERR, 7, 8, 0, "b"), first);
	cr_assert_neq(add_sink(LOGTAP_SINK_SYSLOG, 7, 8, 0, ""), first);
	cr_assert_neq(add_sink(LOGTAP_SINK_STDERR, 7, 9, 0, ""), first);
}

Test(sinks, the_format_follows_the_kind)
{
	uint8_t datagram = add_sink(LOGTAP_SINK_SYSLOG, 0, 1, 0, "/dev/log");
	uint8_t journal = add_sink(LOGTAP_SINK_JOURNAL, 0, 5, 0, "");

	cr_assert_eq(logtap_stamp_for(0).format, LOGTAP_FORMAT_STREAM);
	cr_assert_eq(logtap_stamp_for(datagram).format, LOGTAP_FORMAT_DATAGRAM);
	cr_assert_eq(logtap_stamp_for(journal).format, LOGTAP_FORMAT_JOURNAL);
}

static void fill_table(void)
{
	for (uint64_t i = 2; i < LOGTAP_SINKS; i++)
		cr_assert_eq(add_sink(LOGTAP_SINK_STDERR, 9, i, S_IFREG, ""),
			     i);
}

Test(sinks, of_many_it_is_still_known_what_they_are)
{
	struct ring_reader from = reader_of_main(logtap_tls.rings);
	const uint8_t first = LOGTAP_SINK_FURTHER;
	struct chunk chunk;

	fill_table();
	cr_assert_eq(add_sink(LOGTAP_SINK_STDERR, 9, 99, S_IFREG, "/x"), first);
	cr_assert_eq(add_sink(LOGTAP_SINK_STDERR, 9, 98, S_IFCHR, "/y"), first);
	cr_assert_eq(add_sink(LOGTAP_SINK_STDERR, 9, 97, S_IFIFO, ""),
		     first + LOGTAP_SINK_FURTHER_HIDDEN);
	cr_assert_eq(add_sink(LOGTAP_SINK_STDOUT, 9, 96, S_IFREG, "/z"),
		     first + LOGTAP_SINK_FURTHER_STDOUT);
	cr_assert_eq(add_sink(LOGTAP_SINK_STDOUT, 9, 95, S_IFSOCK, ""),
		     first + LOGTAP_SINK_FURTHER_STDOUT +
			     LOGTAP_SINK_FURTHER_HIDDEN);
	/* Those that have a place are found there. */
	cr_assert_eq(add_sink(LOGTAP_SINK_STDERR, 9, 5, S_IFREG, ""), 5);
	cr_assert_eq(logtap_segment_sink_kind(first), LOGTAP_SINK_STDERR);
	cr_assert_eq(
		logtap_segment_sink_kind(first + LOGTAP_SINK_FURTHER_STDOUT),
		LOGTAP_SINK_STDOUT);
	cr_assert_eq(logtap_segment_sink_kind(LOGTAP_SINK_INDEXES),
		     LOGTAP_SINK_NONE);
	logtap_capture_stream(logtap_clock_now(), first, "x", 1);
	cr_assert(reader_next(&from, &chunk));
	cr_assert_eq(chunk.header.sink, first);
}

Test(sinks, a_full_table_gives_unknown_and_the_chunk_says_so)
{
	struct ring_reader from = reader_of_main(logtap_tls.rings);
	struct chunk chunk;

	fill_table();
	cr_assert_eq(add_sink(LOGTAP_SINK_FILE, 9, 99, S_IFREG, "/log"),
		     LOGTAP_SINK_INDEX_UNKNOWN);
	logtap_capture_stream(logtap_clock_now(), LOGTAP_SINK_INDEXES, "x", 1);
	cr_assert(reader_next(&from, &chunk));
	cr_assert_eq(chunk.header.sink, LOGTAP_SINK_INDEX_UNKNOWN);
}

Test(sinks, of_a_path_that_is_too_long_the_end_is_kept)
{
	char path[300];

	memset(path, 'p', sizeof path - 1);
	path[0] = '/';
	path[sizeof path - 2] = 'e';
	path[sizeof path - 1] = '\0';
	add_sink(LOGTAP_SINK_STDERR, 3, 4, 0, path);
	cr_assert_eq(strlen(sink_in(0, 2)->path), LOGTAP_SINK_PATH_BYTES - 1);
	cr_assert_eq(sink_in(0, 2)->path[0], 'p');
	cr_assert_eq(sink_in(0, 2)->path[LOGTAP_SINK_PATH_BYTES - 2], 'e');
}

Test(sinks, a_log_file_is_the_same_one_when_it_was_rotated)
{
	uint8_t first = add_sink(LOGTAP_SINK_FILE, 3, 4, 0, "/a.log");

	cr_assert_eq(add_sink(LOGTAP_SINK_FILE, 3, 5, 0, "/a.log"), first);
	cr_assert_neq(add_sink(LOGTAP_SINK_FILE, 3, 4, 0, "/b.log"), first);
}

Test(sinks, only_the_sessions_streams_may_be_diverted)
{
	uint8_t any = add_sink(LOGTAP_SINK_STDERR, 3, 4, 0, "");

	cr_assert(logtap_sink_diverts[any], "no session is known");
	logtap_state.config.session[0] = (struct logtap_file_id){5, 6};
	logtap_state.config.session[1] = (struct logtap_file_id){5, 7};
	cr_assert(!logtap_sink_diverts[add_sink(LOGTAP_SINK_STDERR, 8, 6, 0,
						"")]);
	cr_assert(
		logtap_sink_diverts[add_sink(LOGTAP_SINK_STDERR, 5, 6, 0, "")]);
	cr_assert(
		logtap_sink_diverts[add_sink(LOGTAP_SINK_STDOUT, 5, 7, 0, "")]);
	cr_assert(!logtap_sink_diverts[add_sink(LOGTAP_SINK_FILE, 5, 7, 0,
						"/f")]);
}

enum { THREADS = 4 };
static pthread_barrier_t barrier;

static void *add_and_create(void *argument)
{
	uint64_t number = (uint64_t)(uintptr_t)argument;
	long error;

	pthread_barrier_wait(&barrier);
	if (number % 2)
		cr_assert_not_null(logtap_segment_create(1, 4096, &error));
	else
		cr_assert_neq(add_sink(LOGTAP_SINK_STDERR, 50, number, 0, ""),
			      LOGTAP_SINK_INDEX_UNKNOWN);
	return NULL;
}

Test(sinks, every_segment_knows_a_sink_that_came_at_the_same_time)
{
	pthread_t threads[THREADS];

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (uint64_t round = 0; round < 6; round++) {
		for (uint64_t i = 0; i < THREADS; i++)
			pthread_create(
				&threads[i], NULL, add_and_create,
				(void *)(uintptr_t)(round * THREADS + i));
		for (uint64_t i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
	}
	for (uint32_t i = 0; i < logtap_state.mapping_count; i++)
		for (unsigned sink = 0; sink < 2 + 6 * THREADS / 2; sink++) {
			const struct logtap_mapping *mapping =
				&logtap_state.mappings[i];
			uint8_t index = mapping->sink_index[sink];
			cr_assert_lt(index, LOGTAP_SINKS, "mapping %u sink %u",
				     i, sink);
			cr_assert_eq(mapping->segment->sinks[index].state,
				     LOGTAP_SINK_READY);
		}
}

Test(diagnostics, they_are_kept_in_the_first_segment_and_no_more_than_fit)
{
	const struct logtap_diagnostic *kept;

	begin();
	kept = logtap_state.mappings[0].segment->diagnostics;
	for (int i = 0; i < LOGTAP_DIAGNOSTICS + 5; i++)
		logtap_segment_diagnose(100 + i, "what and why");
	for (int i = 0; i < LOGTAP_DIAGNOSTICS; i++) {
		cr_assert_eq(kept[i].state, 2);
		cr_assert_eq(kept[i].error, 100 + i);
		cr_assert_str_eq(kept[i].text, "what and why");
	}
	shim_end();
}

Test(diagnostics, programs_leave_room_for_others)
{
	const struct logtap_diagnostic *kept;
	char name[16];

	begin();
	kept = logtap_state.mappings[0].segment->diagnostics;
	for (int i = 0; i < 2 * LOGTAP_DIAGNOSTICS; i++) {
		snprintf(name, sizeof(name), "program %d", i % 20);
		logtap_segment_diagnose(LOGTAP_DIAGNOSTIC_PROGRAM, name);
	}
	logtap_segment_diagnose(1, "what and why");
	for (int i = 0; i < LOGTAP_DIAGNOSTICS / 2; i++)
		cr_assert_eq(kept[i].error, LOGTAP_DIAGNOSTIC_PROGRAM);
	cr_assert_str_eq(kept[LOGTAP_DIAGNOSTICS / 2].text, "what and why");
	cr_assert_eq(kept[LOGTAP_DIAGNOSTICS / 2 + 1].state, 0);
	shim_end();
}
