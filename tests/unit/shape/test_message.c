/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks of messages (syslog, datagrams, journal entries) to records. */
#include "driver.h"

#include <criterion/criterion.h>
#include <string.h>
#include <syslog.h>

struct items {
	unsigned char data[256];
	size_t bytes;
};

static void add_item(struct items *items, uint16_t type, const void *value,
		     uint16_t bytes)
{
	struct logtap_extension head = {.type = type, .bytes = bytes};

	memcpy(items->data + items->bytes, &head, sizeof(head));
	memcpy(items->data + items->bytes + sizeof(head), value, bytes);
	items->bytes += sizeof(head) + ((bytes + 3u) & ~3u);
}

static void use_items(struct driver *driver, const struct items *items)
{
	driver->chunk.extension = items->data;
	driver->chunk.extension_bytes = items->bytes;
}

static void init(struct driver *driver, uint8_t format)
{
	driver_init(driver, NULL);
	driver->chunk.sink_kind = LOGTAP_SINK_SYSLOG;
	driver->chunk.format = format;
}

Test(message, one_call_is_one_record_with_its_line_feeds)
{
	struct driver d;

	init(&d, LOGTAP_FORMAT_SYSLOG);
	d.chunk.priority = LOG_AUTH | LOG_CRIT;
	driver_text(&d, "two\nlines\n");
	driver_text(&d, "");
	cr_assert_eq(driver_count(&d), 2);
	driver_expect(&d, 0, "two\nlines");
	driver_expect(&d, 1, "");
	const struct logtap_record *record = driver_record(&d, 0);
	cr_assert_eq(record->severity, 18);
	cr_assert_str_eq(record->severity_text, "crit");
	cr_assert_eq(driver_int(record, "syslog.facility"), 4);
	driver_expect_text(record, "syslog.procid", NULL);
	cr_assert_null(record->source->stream);
	driver_deinit(&d);
}

Test(message, ident_pid_and_trace_come_from_the_extension)
{
	static const unsigned char trace[25] = {
		1, 2, [15] = 3, [16] = 4, [23] = 5, [24] = 1};
	uint32_t options = LOG_PID;
	struct items items = {.bytes = 0};
	struct driver d;

	init(&d, LOGTAP_FORMAT_SYSLOG);
	add_item(&items, LOGTAP_EXTENSION_IDENT, "sshd\xff", 5);
	add_item(&items, 77, "unknown", 7);
	add_item(&items, LOGTAP_EXTENSION_SYSLOG_OPTIONS, &options, 4);
	add_item(&items, LOGTAP_EXTENSION_TRACE, trace, 25);
	use_items(&d, &items);
	driver_text(&d, "hello");
	const struct logtap_record *record = driver_record(&d, 0);
	driver_expect_text(record, "syslog.appname", "sshd\xef\xbf\xbd");
	driver_expect_text(record, "syslog.procid", "4711");
	cr_assert_eq(record->severity, 0, "no priority, no severity");
	cr_assert(record->has_trace);
	cr_assert_eq(record->flags, 1);
	cr_assert_eq(memcmp(record->trace_id, trace, 16), 0);
	cr_assert_eq(memcmp(record->span_id, trace + 16, 8), 0);
	driver_deinit(&d);
}

Test(message, an_extension_is_read_as_far_as_it_is_well_formed)
{
	static const unsigned char zeros[25];
	struct items items = {.bytes = 0};
	struct driver d;

	init(&d, LOGTAP_FORMAT_SYSLOG);
	add_item(&items, LOGTAP_EXTENSION_TRACE, zeros, 25);
	add_item(&items, LOGTAP_EXTENSION_SYSLOG_OPTIONS, "x", 1);
	add_item(&items, LOGTAP_EXTENSION_IDENT, "app", 3);
	/* its length goes past the end of the extension */
	add_item(&items, LOGTAP_EXTENSION_IDENT, "evil", 4);
	items.data[items.bytes - 6] = 200;
	use_items(&d, &items);
	driver_text(&d, "hello");
	const struct logtap_record *record = driver_record(&d, 0);
	driver_expect_text(record, "syslog.appname", "app");
	cr_assert(!record->has_trace, "ids of zeros are none");
	driver_expect_text(record, "syslog.procid", NULL);
	driver_deinit(&d);
}

Test(message, pieces_of_one_call_are_one_record)
{
	struct items items = {.bytes = 0};
	struct driver d;

	init(&d, LOGTAP_FORMAT_SYSLOG);
	add_item(&items, LOGTAP_EXTENSION_IDENT, "app", 3);
	use_items(&d, &items);
	d.chunk.priority = LOG_USER | LOG_INFO;
	d.chunk.flags = LOGTAP_CHUNK_PARTIAL;
	driver_text(&d, "one ");
	use_items(&d, &(struct items){.bytes = 0});
	d.chunk.priority = LOGTAP_PRIORITY_NONE;
	d.chunk.flags = LOGTAP_CHUNK_PARTIAL | LOGTAP_CHUNK_CONTINUED;
	driver_text(&d, "two ");
	cr_assert_eq(driver_count(&d), 0);
	cr_assert_eq(logtap_shaper_floor(d.shaper), 64);
	d.chunk.flags = LOGTAP_CHUNK_CONTINUED;
	driver_text(&d, "three");
	cr_assert_eq(driver_count(&d), 1);
	driver_expect(&d, 0, "one two three");
	const struct logtap_record *record = driver_record(&d, 0);
	cr_assert_eq(record->severity, 9);
	driver_expect_text(record, "syslog.appname", "app");
	cr_assert_eq(record->sequence, 0);
	cr_assert(!driver_flag(record, "logtap.truncated"));
	driver_deinit(&d);
}

Test(message, a_message_that_is_not_whole_says_so)
{
	uint64_t length = 5000;
	struct items items = {.bytes = 0};
	struct driver d;

	init(&d, LOGTAP_FORMAT_SYSLOG);
	d.chunk.flags = LOGTAP_CHUNK_PARTIAL;
	driver_text(&d, "no end");
	driver_text(&d, "whole");
	d.chunk.flags = LOGTAP_CHUNK_CONTINUED;
	driver_text(&d, "no beginning");
	add_item(&items, LOGTAP_EXTENSION_ORIGINAL_LENGTH, &length, 8);
	use_items(&d, &items);
	d.chunk.flags = LOGTAP_CHUNK_TRUNCATED;
	driver_text(&d, "cut by the host");
	use_items(&d, &(struct items){.bytes = 0});
	d.chunk.flags = LOGTAP_CHUNK_PARTIAL;
	driver_text(&d, "killed half-way");
	driver_end_thread(&d);
	static const bool lost[] = {true, false, true, true, true};
	cr_assert_eq(driver_count(&d), 5);
	driver_expect(&d, 0, "no end");
	driver_expect(&d, 1, "whole");
	for (size_t i = 0; i < 5; i++)
		cr_assert_eq(driver_flag(driver_record(&d, i),
					 "logtap.truncated"),
			     lost[i]);
	cr_assert_eq(driver_int(driver_record(&d, 3), "logtap.original_length"),
		     5000);
	driver_deinit(&d);
}

Test(message, a_datagram_gives_severity_ident_and_body)
{
	struct driver d;

	init(&d, LOGTAP_FORMAT_DATAGRAM);
	driver_text(&d, "<36>Nov 22 09:00:00 sshd\xff[812]: failed \xff\n");
	driver_text(&d, "<165>1 - - app 5 ID [a b=\"c\"] text");
	driver_expect(&d, 0, "failed \xef\xbf\xbd");
	const struct logtap_record *record = driver_record(&d, 0);
	cr_assert_eq(record->severity, 13);
	cr_assert_eq(driver_int(record, "syslog.facility"), 4);
	driver_expect_text(record, "syslog.appname", "sshd\xef\xbf\xbd");
	driver_expect_text(record, "syslog.procid", "812");
	cr_assert(driver_flag(record, "logtap.encoding_fixed"));
	driver_expect(&d, 1, "text");
	record = driver_record(&d, 1);
	driver_expect_text(record, "syslog.msgid", "ID");
	driver_expect_text(record, "syslog.structured_data", "[a b=\"c\"]");
	driver_deinit(&d);
}

Test(message, a_journal_entry_gives_its_fields)
{
	struct logtap_shaper_stats stats;
	struct driver d;

	init(&d, LOGTAP_FORMAT_JOURNAL);
	d.chunk.sink_kind = LOGTAP_SINK_JOURNAL;
	driver_text(&d, "PRIORITY=4\nMESSAGE=a\nCODE_LINE=7\nX=\xc3\xa9\n\n"
			"MESSAGE=b\n");
	driver_text(&d, "broken");
	cr_assert_eq(driver_count(&d), 3);
	driver_expect(&d, 0, "a");
	const struct logtap_record *record = driver_record(&d, 0);
	cr_assert_eq(record->severity, 13);
	cr_assert_eq(driver_int(record, "syslog.facility"), INT64_MIN);
	cr_assert_eq(driver_int(record, "code.line.number"), 7);
	driver_expect_text(record, "journal.x", "\xc3\xa9");
	driver_expect(&d, 1, "b");
	cr_assert_eq(driver_record(&d, 1)->line, 1);
	driver_expect(&d, 2, "broken");
	logtap_shaper_stats(d.shaper, &stats);
	cr_assert_eq(stats.malformed, 1);
	driver_deinit(&d);
}

Test(message, an_unfinished_message_leaves_after_the_flush_interval)
{
	struct driver d;

	init(&d, LOGTAP_FORMAT_SYSLOG);
	d.chunk.flags = LOGTAP_CHUNK_PARTIAL;
	driver_text(&d, "half");
	d.now_ns += UINT64_C(1000000000);
	cr_assert_eq(logtap_shaper_tick(d.shaper, d.now_ns, false), 0);
	cr_assert_eq(driver_count(&d), 1);
	cr_assert(driver_flag(driver_record(&d, 0), "logtap.truncated"));
	cr_assert_eq(logtap_shaper_floor(d.shaper), UINT64_MAX);
	driver_deinit(&d);
}
