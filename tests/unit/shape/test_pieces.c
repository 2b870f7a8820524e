/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Calls in several chunks, each of which says where it stands: what is left of
 * them when some never come ends at a character, says how long it was, and is not
 * glued to anything. */
#include "driver.h"

#include <criterion/criterion.h>
#include <logtap/abi/event.h>
#include <string.h>

enum {
	WHOLE,
	PARTIAL = LOGTAP_CHUNK_PARTIAL,
	TRUNCATED = LOGTAP_CHUNK_TRUNCATED
};

/* A chunk at @offset of a call of @bytes. */
static void piece(struct driver *d, unsigned flags, uint64_t bytes,
		  uint64_t offset, const void *payload, size_t payload_bytes)
{
	struct {
		struct logtap_extension head;
		unsigned char value[sizeof(struct logtap_piece)];
	} item = {{LOGTAP_EXTENSION_PIECE, sizeof(struct logtap_piece)}, {0}};
	struct logtap_piece where = {bytes, offset};

	memcpy(item.value, &where, sizeof(where));
	d->chunk.extension = (unsigned char *)&item;
	d->chunk.extension_bytes = sizeof(item);
	d->chunk.flags =
		(uint8_t)(flags | (offset ? LOGTAP_CHUNK_CONTINUED : 0));
	driver_feed(d, payload, payload_bytes);
	d->chunk.extension = NULL;
	d->chunk.extension_bytes = 0;
}

static void text(struct driver *d, unsigned flags, uint64_t bytes,
		 uint64_t offset, const char *payload)
{
	piece(d, flags, bytes, offset, payload, strlen(payload));
}

static void expect(struct driver *d, size_t index, const char *body,
		   int64_t original)
{
	const struct logtap_record *record = driver_record(d, index);

	driver_expect(d, index, body);
	cr_assert_eq(driver_flag(record, "logtap.truncated"), original > 0);
	cr_assert_eq(driver_int(record, "logtap.original_length"),
		     original ? original : INT64_MIN, "%zu: %ld", index,
		     (long)driver_int(record, "logtap.original_length"));
	cr_assert(!driver_flag(record, "logtap.encoding_fixed"));
}

#define EURO "\xe2\x82\xac"

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

TestSuite(pieces, .init = begin, .fini = end);

Test(pieces, a_call_that_came_is_whole)
{
	text(&d, PARTIAL, 9, 0, "a" EURO);
	d.chunk.nested = true;
	driver_text(&d, "handler\n");
	d.chunk.nested = false;
	d.chunk.sequence++; /* one of a handler, dropped */
	text(&d, WHOLE, 9, 4, "bcd\ne");
	driver_text(&d, "f\n");
	cr_assert_eq(driver_count(&d), 3);
	expect(&d, 0, "handler", 0);
	expect(&d, 1, "a" EURO "bcd", 0);
	expect(&d, 2, "ef", 0);
}

Test(pieces, what_a_host_cut_ends_at_a_character)
{
	driver_text(&d, "begun ");
	text(&d, PARTIAL, 3000, 0, "ab");
	text(&d, TRUNCATED, 3000, 2,
	     "cd"
	     "\xe2\x82");
	driver_text(&d, "next\n");
	cr_assert_eq(driver_count(&d), 2);
	expect(&d, 0, "begun abcd", 3006);
	expect(&d, 1, "next", 0);
	text(&d, TRUNCATED, 3000, 0, "whole\ncut\xc3");
	expect(&d, 2, "whole", 0);
	expect(&d, 3, "cut", 2994);
}

Test(pieces, what_the_ring_had_no_room_for_is_known)
{
	text(&d, PARTIAL, 3000, 0, "ab\xe2");
	d.chunk.sequence += 2;
	driver_text(&d, "\x82\xac next\n");
	cr_assert_eq(driver_count(&d), 2);
	expect(&d, 0, "ab", 3000);
	/* nor by another call of which the beginning never came */
	driver_renew(&d, NULL);
	text(&d, PARTIAL, 3000, 0, "ab");
	d.chunk.sequence += 2;
	text(&d, PARTIAL, 4000, 2, "cd");
	text(&d, WHOLE, 4000, 4, "ef\nnext\n");
	expect(&d, 0, "ab", 3000);
	expect(&d, 1, "cdef", 6);
	expect(&d, 2, "next", 0);
}

Test(pieces, a_call_without_its_beginning_begins_at_a_character)
{
	text(&d, PARTIAL, 3008, 2990, "\x82\xac<3>tail");
	text(&d, WHOLE, 3008, 2999, " of it\nb\n");
	cr_assert_eq(driver_count(&d), 2);
	expect(&d, 0, "<3>tail of it", 3005);
	cr_assert_eq(driver_record(&d, 0)->severity, 0);
	expect(&d, 1, "b", 0);
}

Test(pieces, of_a_call_with_a_hole_both_parts_say_how_long_it_was)
{
	text(&d, PARTIAL, 1000, 0, "front");
	d.chunk.sequence += 3;
	text(&d, WHOLE, 1000, 995, "back\n");
	cr_assert_eq(driver_count(&d), 2);
	expect(&d, 0, "front", 1000);
	expect(&d, 1, "back", 999);
}

Test(pieces, a_host_that_dies_in_the_middle_of_a_call)
{
	text(&d, PARTIAL, 1000, 0, "front\xe2\x82");
	driver_end_thread(&d);
	cr_assert_eq(driver_count(&d), 1);
	expect(&d, 0, "front", 1000);
}

Test(pieces, what_a_host_claims_need_not_be_so)
{
	text(&d, TRUNCATED, 2, 1, "more than that");
	text(&d, TRUNCATED, UINT64_MAX, 0, "a");
	text(&d, TRUNCATED, UINT64_MAX, UINT64_MAX - 1, "a");
	text(&d, PARTIAL, 5, UINT64_MAX, "a");
	text(&d, PARTIAL, 1ull << 56, 0, "a");
	text(&d, PARTIAL, 1ull << 56, 1ull << 55, "a");
	driver_text(&d, "next\n");
	driver_expect(&d, driver_count(&d) - 1, "next");
}

Test(pieces, a_message_says_how_long_it_was)
{
	d.chunk.format = LOGTAP_FORMAT_SYSLOG;
	d.chunk.sink_kind = LOGTAP_SINK_SYSLOG;
	text(&d, TRUNCATED, 100000, 0, "in one chunk \xf0\x9f\x98");
	text(&d, PARTIAL, 100000, 0, "in two ");
	text(&d, TRUNCATED, 100000, 7,
	     "chunks"
	     "\xf0");
	text(&d, PARTIAL, 100000, 0, "no end");
	driver_text(&d, "next");
	expect(&d, 0, "in one chunk ", 100000);
	expect(&d, 1, "in two chunks", 100000);
	expect(&d, 2, "no end", 100000);
	expect(&d, 3, "next", 0);
	text(&d, WHOLE, 15, 6, "\xa9 no head");
	expect(&d, 4, " no head", 15);
}

Test(pieces,
     a_datagram_or_journal_entry_without_its_beginning_is_shown_as_it_is)
{
	d.chunk.format = LOGTAP_FORMAT_DATAGRAM;
	text(&d, WHOLE, 100, 90, "<3>a: text");
	expect(&d, 0, "<3>a: text", 100);
	d.chunk.format = LOGTAP_FORMAT_JOURNAL;
	text(&d, WHOLE, 100, 94, "A=2\nB=");
	driver_expect(&d, 1, "A=2\nB=");
}

Test(pieces, a_journal_field_that_was_cut_is_the_message_all_the_same)
{
	static const char entry[] = "PRIORITY=4\nMESSAGE\n"
				    "\x0a\0\0\0\0\0\0\0"
				    "one\ntwo\xc3";

	d.chunk.format = LOGTAP_FORMAT_JOURNAL;
	piece(&d, TRUNCATED, 4000, 0, entry, sizeof(entry) - 1);
	expect(&d, 0, "one\ntwo", 4000);
	cr_assert_eq(driver_record(&d, 0)->severity, 13);
}

Test(pieces, an_event_that_was_cut_keeps_what_is_there)
{
	unsigned char event[200];
	struct logtap_event_header header = {
		.severity = 9, .name_bytes = 4, .attributes = 3};
	struct logtap_event_attribute first = {LOGTAP_EVENT_INT, 0, 1, 8};
	struct logtap_event_attribute body = {LOGTAP_EVENT_BODY, 0, 0, 5000};
	int64_t value = 42;
	size_t at = 0;

#define ADD(from, bytes) (memcpy(event + at, from, bytes), at += (bytes))
	ADD(&header, sizeof(header));
	ADD("name", 4);
	ADD(&first, sizeof(first));
	ADD("n", 1);
	ADD(&value, 8);
	ADD(&body, sizeof(body));
	ADD("text \xe2\x82", 7);
#undef ADD
	d.chunk.type = LOGTAP_CHUNK_EVENT;
	d.chunk.format = LOGTAP_FORMAT_EVENT;
	piece(&d, TRUNCATED, 6000, 0, event, at);
	expect(&d, 0, "text ", 5000);
	cr_assert_eq(driver_int(driver_record(&d, 0), "n"), 42);
	cr_assert_str_eq(driver_record(&d, 0)->event_name, "name");
	cr_assert_eq(driver_record(&d, 0)->dropped_attributes, 1);
	/* its end alone cannot be read */
	text(&d, WHOLE, 6000, 5990, "the bitter");
	expect(&d, 1, "the bitter", 6000);
}

/* The rest of a call may be late, where there is no room for it. */
Test(pieces, a_line_that_leaves_amid_its_call_says_so)
{
	struct logtap_shaper_options options = {.partial_flush_ns = 100};

	driver_renew(&d, &options);
	text(&d, PARTIAL, 12, 0, "ab");
	d.now_ns += 99;
	text(&d, PARTIAL, 12, 2, "cd");
	d.now_ns += 99;
	cr_assert_eq(logtap_shaper_tick(d.shaper, d.now_ns, false), 0);
	cr_assert_eq(driver_count(&d), 0, "it goes on");
	d.now_ns += 1;
	cr_assert_eq(logtap_shaper_tick(d.shaper, d.now_ns, false), 0);
	expect(&d, 0, "abcd", 12);
	text(&d, PARTIAL, 12, 4, "efg");
	text(&d, WHOLE, 12, 7, "hi\nj\n");
	expect(&d, 1, "efghi", 9);
	expect(&d, 2, "j", 0);
}

Test(pieces, no_character_is_lost_where_a_line_leaves_amid_its_call)
{
	struct logtap_shaper_options options = {.partial_flush_ns = 100};

	driver_renew(&d, &options);
	text(&d, PARTIAL, 9, 0, "a" EURO "\xe2");
	d.now_ns += 100;
	cr_assert_eq(logtap_shaper_tick(d.shaper, d.now_ns, false), 0);
	expect(&d, 0, "a" EURO, 9);
	text(&d, WHOLE, 9, 5,
	     "\x82\xac"
	     "b\n");
	expect(&d, 1, EURO "b", 8);
	cr_assert_eq(driver_count(&d), 2);
}
