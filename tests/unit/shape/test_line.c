/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks of a stream to lines. */
#include "driver.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Fresh for each test. */
static struct driver d;

static void begin(void)
{
	driver_init(&d, NULL);
}

static void end(void)
{
	driver_deinit(&d);
}

TestSuite(line, .init = begin, .fini = end);

Test(line, one_chunk_may_hold_many_lines)
{
	driver_text(&d, "one\ntwo\r\nthree\n");
	cr_assert_eq(driver_count(&d), 3);
	driver_expect(&d, 0, "one");
	driver_expect(&d, 1, "two");
	driver_expect(&d, 2, "three");
	for (uint32_t i = 0; i < 3; i++) {
		const struct logtap_record *record = driver_record(&d, i);
		cr_assert_eq(record->sequence, 0);
		cr_assert_eq(record->line, i);
		cr_assert_eq(record->time_ns, 1000);
		cr_assert_eq(record->observed_ns, d.now_ns);
		cr_assert_eq(record->position, 64);
		cr_assert_eq(record->severity, 0);
		cr_assert_eq(record->attribute_count, 0);
		cr_assert_str_eq(record->source->stream, "stderr");
		cr_assert_eq(record->source->tid, 4712);
		cr_assert_str_eq(record->source->name, "worker");
	}
}

Test(line, many_chunks_may_make_one_line_that_has_the_place_of_its_first)
{
	driver_text(&d, "zero\nab");
	cr_assert_eq(logtap_shaper_floor(d.shaper), 64);
	driver_text(&d, "cd");
	driver_text(&d, "");
	driver_text(&d, "ef\r");
	cr_assert_eq(driver_count(&d), 1);
	driver_text(&d, "\ngh\n");
	cr_assert_eq(logtap_shaper_floor(d.shaper), UINT64_MAX);
	cr_assert_eq(driver_count(&d), 3);
	driver_expect(&d, 1, "abcdef");
	cr_assert_eq(driver_record(&d, 1)->time_ns, 1000);
	cr_assert_eq(driver_record(&d, 1)->position, 64);
	cr_assert_eq(driver_record(&d, 1)->sequence, 0);
	cr_assert_eq(driver_record(&d, 1)->line, 1);
	driver_expect(&d, 2, "gh");
	cr_assert_eq(driver_record(&d, 2)->sequence, 4);
	cr_assert_eq(driver_record(&d, 2)->line, 1);
}

Test(line, a_line_without_lf_leaves_after_the_flush_interval)
{
	struct logtap_shaper_options options = {.partial_flush_ns = 100};

	driver_renew(&d, &options);
	driver_text(&d, "Password: ");
	d.now_ns += 99;
	cr_assert_eq(logtap_shaper_tick(d.shaper, d.now_ns, false), 0);
	cr_assert_eq(driver_count(&d), 0);
	d.now_ns += 1;
	cr_assert_eq(logtap_shaper_tick(d.shaper, d.now_ns, false), 0);
	cr_assert_eq(driver_count(&d), 1);
	driver_expect(&d, 0, "Password: ");
	cr_assert(!driver_flag(driver_record(&d, 0), "logtap.truncated"));
	driver_text(&d, "\n");
	cr_assert_eq(driver_count(&d), 1, "its late end is no line");
}

Test(line, a_clock_that_was_set_back_does_not_hold_a_line)
{
	driver_text(&d, "partial");
	cr_assert_eq(logtap_shaper_tick(d.shaper, d.now_ns - 1, false), 0);
	cr_assert_eq(driver_count(&d), 1);
}

Test(line, a_flush_does_not_cut_a_character_and_numbers_the_rest_anew)
{
	struct logtap_shaper_options options = {.partial_flush_ns = 100};

	driver_renew(&d, &options);
	driver_text(&d, "x\nprice: \xe2\x82");
	d.now_ns += 100;
	cr_assert_eq(logtap_shaper_tick(d.shaper, d.now_ns, false), 0);
	cr_assert_eq(driver_count(&d), 2);
	driver_expect(&d, 1, "price: ");
	driver_text(&d, "\xac 5\n");
	cr_assert_eq(driver_count(&d), 3);
	driver_expect(&d, 2, "\xe2\x82\xac 5");
	cr_assert(!driver_flag(driver_record(&d, 2), "logtap.encoding_fixed"));
	cr_assert_eq(driver_record(&d, 1)->line, 1);
	cr_assert_eq(driver_record(&d, 2)->sequence, 0);
	cr_assert_eq(driver_record(&d, 2)->line, 2);
	/* half of a character that stays alone leaves in the end */
	driver_text(&d, "\xe2\x82");
	d.now_ns += 100;
	cr_assert_eq(logtap_shaper_tick(d.shaper, d.now_ns, false), 0);
	driver_expect(&d, 3, "\xef\xbf\xbd");
}

Test(line, the_end_of_a_thread_flushes_what_it_left)
{
	driver_text(&d, "last words");
	driver_end_thread(&d);
	cr_assert_eq(driver_count(&d), 1);
	driver_expect(&d, 0, "last words");
}

Test(line, empty_lines_are_records_only_on_request)
{
	struct logtap_shaper_options options = {.keep_empty_lines = true};
	struct logtap_shaper_stats stats;

	driver_text(&d, "\n\r\na\n\n<3>\n");
	cr_assert_eq(driver_count(&d), 1);
	cr_assert_eq(driver_record(&d, 0)->line, 2);
	logtap_shaper_stats(d.shaper, &stats);
	cr_assert_eq(stats.empty, 4);
	cr_assert_eq(stats.records, 1);
	driver_renew(&d, &options);
	driver_text(&d, "\n\r\na\n\n<3>\n");
	cr_assert_eq(driver_count(&d), 5);
	driver_expect(&d, 1, "");
}

/* 10 bytes of limit, with and without a character across it. */
static void check_long_line(const char *const *chunks, const char *body,
			    int64_t original)
{
	struct logtap_shaper_options options = {.line_max_bytes = 10};

	driver_renew(&d, &options);
	for (; *chunks; chunks++)
		driver_text(&d, *chunks);
	cr_assert_eq(driver_count(&d), 2);
	driver_expect(&d, 0, body);
	cr_assert_eq(driver_int(driver_record(&d, 0), "logtap.original_length"),
		     original);
	driver_expect(&d, 1, "next");
	cr_assert_eq(driver_record(&d, 1)->attribute_count, 0);
}

Test(line, a_long_line_is_cut_between_characters_and_says_how_long_it_was)
{
	check_long_line((const char *[]){"0123456789ab\nnext\n", NULL},
			"0123456789", 12);
	check_long_line((const char *[]){"0123456", "789abcd", "efg\nnext\n",
					 NULL},
			"0123456789", 17);
	check_long_line((const char *[]){"01234567\xe2\x82\xac!\nnext\n", NULL},
			"01234567", 12);
	check_long_line((const char *[]){"01234567\xe2", "\x82\xac!",
					 "\nnext\n", NULL},
			"01234567", 12);
	/* exactly the limit is whole */
	check_long_line((const char *[]){"01234", "56789\r\nnext\n", NULL},
			"0123456789", INT64_MIN);
	check_long_line((const char *[]){"01234", "56789", "\nnext\n", NULL},
			"0123456789", INT64_MIN);
}

Test(line, a_mebibyte_is_the_default_limit)
{
	enum { MIB = 1 << 20 };
	char *text = malloc(MIB + 2);

	memset(text, 'a', MIB + 2);
	text[MIB] = '\n';
	driver_feed(&d, text, MIB + 1);
	text[MIB] = 'a';
	text[MIB + 1] = '\n';
	driver_feed(&d, text, MIB + 2);
	cr_assert_eq(driver_count(&d), 2);
	cr_assert_eq(driver_record(&d, 0)->body_bytes, MIB);
	cr_assert_eq(driver_record(&d, 0)->attribute_count, 0);
	cr_assert_eq(driver_record(&d, 1)->body_bytes, MIB);
	cr_assert_eq(driver_int(driver_record(&d, 1), "logtap.original_length"),
		     MIB + 1);
	free(text);
}

Test(line, streams_and_the_nested_ring_do_not_mix)
{
	driver_text(&d, "err-");
	d.chunk.sink_kind = LOGTAP_SINK_STDOUT;
	driver_text(&d, "out-");
	d.chunk.sink_kind = LOGTAP_SINK_STDERR;
	d.chunk.nested = true;
	driver_text(&d, "handler\n");
	d.chunk.nested = false;
	driver_text(&d, "err\n");
	d.chunk.sink_kind = LOGTAP_SINK_STDOUT;
	driver_text(&d, "out\n");
	cr_assert_eq(driver_count(&d), 3);
	driver_expect(&d, 0, "handler");
	driver_expect(&d, 1, "err-err");
	driver_expect(&d, 2, "out-out");
	cr_assert_str_eq(driver_record(&d, 2)->source->stream, "stdout");
	cr_assert(!driver_flag(driver_record(&d, 1), "logtap.truncated"));
}

Test(line, a_line_over_a_truncated_chunk_says_so_and_is_not_spliced)
{
	d.chunk.flags = LOGTAP_CHUNK_TRUNCATED;
	driver_text(&d, "whole\ncut he");
	driver_text(&d, "another\n");
	cr_assert_eq(driver_count(&d), 3);
	cr_assert(!driver_flag(driver_record(&d, 0), "logtap.truncated"));
	driver_expect(&d, 1, "cut he");
	cr_assert(driver_flag(driver_record(&d, 1), "logtap.truncated"));
	driver_expect(&d, 2, "another");
	cr_assert(!driver_flag(driver_record(&d, 2), "logtap.truncated"));
}

Test(line, a_call_whose_end_never_came_is_not_spliced_with_the_next)
{
	d.chunk.flags = LOGTAP_CHUNK_PARTIAL;
	driver_text(&d, "begins ");
	d.chunk.flags = LOGTAP_CHUNK_PARTIAL | LOGTAP_CHUNK_CONTINUED;
	driver_text(&d, "and goes on ");
	d.chunk.sequence++;
	driver_text(&d, "other\n");
	cr_assert_eq(driver_count(&d), 2);
	driver_expect(&d, 0, "begins and goes on ");
	cr_assert(driver_flag(driver_record(&d, 0), "logtap.truncated"));
	driver_expect(&d, 1, "other");
	cr_assert(!driver_flag(driver_record(&d, 1), "logtap.truncated"));
}

Test(line, a_call_whose_beginning_was_overwritten_says_so)
{
	d.chunk.flags = LOGTAP_CHUNK_CONTINUED;
	driver_text(&d, "tail\nwhole\n");
	cr_assert_eq(driver_count(&d), 2);
	cr_assert(driver_flag(driver_record(&d, 0), "logtap.truncated"));
	cr_assert(!driver_flag(driver_record(&d, 1), "logtap.truncated"));
}

Test(line, a_missing_number_ends_the_line_it_fell_into)
{
	driver_text(&d, "ab");
	d.chunk.sequence++;
	driver_text(&d, "cd\nwhole\n");
	driver_text(&d, "ef");
	driver_text(&d, "gh\n");
	cr_assert_eq(driver_count(&d), 4);
	driver_expect(&d, 0, "ab");
	driver_expect(&d, 1, "cd");
	driver_expect(&d, 3, "efgh");
	cr_assert(driver_flag(driver_record(&d, 0), "logtap.truncated"));
	for (size_t i = 1; i < 4; i++)
		cr_assert(
			!driver_flag(driver_record(&d, i), "logtap.truncated"));
}

Test(line, a_number_that_the_nested_ring_took_is_not_missing)
{
	d.chunk.sequence = UINT32_MAX;
	driver_text(&d, "ab");
	d.chunk.nested = true;
	driver_text(&d, "handler\n");
	d.chunk.nested = false;
	driver_text(&d, "cd\n");
	cr_assert_eq(driver_count(&d), 2);
	driver_expect(&d, 1, "abcd");
	cr_assert(!driver_flag(driver_record(&d, 1), "logtap.truncated"));
}

Test(line, bad_bytes_are_replaced_and_marked_where_they_are)
{
	driver_text(&d, "good\nb\xff"
			"d\nfine \xc3\xa9\n");
	driver_expect(&d, 0, "good");
	cr_assert(!driver_flag(driver_record(&d, 0), "logtap.encoding_fixed"));
	driver_expect(&d, 1,
		      "b\xef\xbf\xbd"
		      "d");
	cr_assert(driver_flag(driver_record(&d, 1), "logtap.encoding_fixed"));
	cr_assert(!driver_flag(driver_record(&d, 2), "logtap.encoding_fixed"));
}

Test(line, nul_and_control_characters_stay)
{
	driver_feed(&d, "a\0b\x1b[0m\x7f\n", 9);
	driver_expect_bytes(&d, 0, "a\0b\x1b[0m\x7f", 8);
	cr_assert_eq(driver_record(&d, 0)->attribute_count, 0);
}

Test(line, a_leading_priority_sets_the_severity_and_is_taken_off)
{
	driver_text(&d, "<3>broken\n<30>with facility\n<200>no\n<x>no\n");
	driver_expect(&d, 0, "broken");
	cr_assert_eq(driver_record(&d, 0)->severity, 17);
	cr_assert_str_eq(driver_record(&d, 0)->severity_text, "err");
	cr_assert_eq(driver_int(driver_record(&d, 0), "syslog.facility"),
		     INT64_MIN);
	driver_expect(&d, 1, "with facility");
	cr_assert_eq(driver_record(&d, 1)->severity, 9);
	cr_assert_eq(driver_int(driver_record(&d, 1), "syslog.facility"), 3);
	driver_expect(&d, 2, "<200>no");
	driver_expect(&d, 3, "<x>no");
	cr_assert_eq(driver_record(&d, 3)->severity, 0);
}

Test(line, another_slot_or_name_makes_another_source)
{
	driver_text(&d, "a\n");
	driver_text(&d, "b\nc");
	d.chunk.slot = 3;
	driver_text(&d, "d\ne\n");
	strcpy(d.thread.name, "renamed");
	driver_text(&d, "f\n");
	cr_assert_eq(driver_record(&d, 0)->source,
		     driver_record(&d, 1)->source);
	driver_expect(&d, 2, "cd");
	cr_assert_eq(driver_record(&d, 2)->source, driver_record(&d, 1)->source,
		     "a line is of the slot in which it began");
	cr_assert_neq(driver_record(&d, 3)->source,
		      driver_record(&d, 2)->source);
	cr_assert_str_eq(driver_record(&d, 4)->source->name, "renamed");
	cr_assert_eq(driver_record(&d, 4)->source->resource,
		     driver_record(&d, 0)->source->resource);
}

Test(line, floor_is_that_of_the_oldest_unfinished_line)
{
	driver_text(&d, "a");
	d.chunk.sink_kind = LOGTAP_SINK_STDOUT;
	driver_text(&d, "b");
	cr_assert_eq(logtap_shaper_floor(d.shaper), 64);
	d.chunk.sink_kind = LOGTAP_SINK_STDERR;
	driver_text(&d, "\n");
	cr_assert_eq(logtap_shaper_floor(d.shaper), 128);
	d.chunk.sink_kind = LOGTAP_SINK_STDOUT;
	driver_text(&d, "\n");
	cr_assert_eq(logtap_shaper_floor(d.shaper), UINT64_MAX);
}

Test(line, gap_and_hole_become_records_of_their_own)
{
	struct logtap_shaper_stats stats;
	uint64_t words[2] = {1234, 567};

	driver_text(&d, "before");
	d.chunk.type = LOGTAP_CHUNK_GAP;
	driver_feed(&d, words, 8);
	d.chunk.type = LOGTAP_CHUNK_HOLE;
	driver_feed(&d, words, 16);
	driver_feed(&d, words, 15);
	cr_assert_eq(driver_count(&d), 3);
	driver_expect(&d, 0, "before");
	driver_expect(&d, 1, "gap of 1234 bytes");
	cr_assert_eq(driver_int(driver_record(&d, 1), "logtap.gap_bytes"),
		     1234);
	cr_assert_eq(driver_record(&d, 1)->severity, 0);
	driver_expect(&d, 2, "hole of 567 bytes in 1234 chunks");
	cr_assert_eq(driver_int(driver_record(&d, 2), "logtap.hole_chunks"),
		     1234);
	cr_assert_eq(driver_int(driver_record(&d, 2), "logtap.hole_bytes"),
		     567);
	logtap_shaper_stats(d.shaper, &stats);
	cr_assert_eq(stats.gap_bytes, 1234);
	cr_assert_eq(stats.hole_chunks, 1234);
	cr_assert_eq(stats.malformed, 1);
}

Test(line, a_hole_ends_the_line_it_fell_into)
{
	uint64_t words[2] = {1, 5};

	driver_text(&d, "ab");
	d.chunk.type = LOGTAP_CHUNK_HOLE;
	driver_feed(&d, words, 16);
	d.chunk.type = LOGTAP_CHUNK_DATA;
	driver_text(&d, "cd\n");
	driver_expect(&d, 0, "ab");
	cr_assert(driver_flag(driver_record(&d, 0), "logtap.truncated"));
	driver_expect(&d, 2, "cd");
}

Test(line, types_that_are_not_for_the_shaper_are_counted)
{
	struct logtap_shaper_stats stats;

	for (unsigned type = 0; type < 256; type++) {
		if (type == LOGTAP_CHUNK_DATA || type == LOGTAP_CHUNK_GAP ||
		    type == LOGTAP_CHUNK_HOLE)
			continue;
		d.chunk.type = (uint8_t)type;
		driver_text(&d, "\xff\xff\xff");
	}
	d.chunk.type = LOGTAP_CHUNK_DATA;
	d.chunk.format = 200;
	driver_text(&d, "?");
	cr_assert_eq(driver_count(&d), 0);
	logtap_shaper_stats(d.shaper, &stats);
	cr_assert_eq(stats.events, 1);
	cr_assert_eq(stats.evidence, 1);
	cr_assert_eq(stats.stacks, 1);
	cr_assert_eq(stats.unknown, 251);
}
