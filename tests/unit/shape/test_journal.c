/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the journal's native protocol. */
#include "../../../collector/shape/journal_fields.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct logtap_attribute *find(
	const struct logtap_journal_entry *entry, const char *key)
{
	for (size_t i = 0; i < entry->count; i++)
		if (!strcmp(entry->attributes[i].key, key))
			return &entry->attributes[i];
	return NULL;
}

static void check_text(const struct logtap_journal_entry *entry,
		       const char *key, const char *text)
{
	const struct logtap_attribute *found = find(entry, key);

	cr_assert_not_null(found, "%s is missing", key);
	cr_assert_eq(found->kind, LOGTAP_VALUE_STRING);
	cr_assert_eq(found->value.string.bytes, strlen(text));
	cr_assert_eq(memcmp(found->value.string.data, text, strlen(text)), 0);
}

static void check_int(const struct logtap_journal_entry *entry, const char *key,
		      int64_t value)
{
	const struct logtap_attribute *found = find(entry, key);

	cr_assert_not_null(found, "%s is missing", key);
	cr_assert_eq(found->kind, LOGTAP_VALUE_INT);
	cr_assert_eq(found->value.integer, value);
}

static struct logtap_journal_entry entry;

Test(journal, fields_become_what_opentelemetry_calls_them)
{
	static const char text[] = "MESSAGE=hello = world\n"
				   "PRIORITY=3\n"
				   "SYSLOG_IDENTIFIER=app\n"
				   "SYSLOG_FACILITY=10\n"
				   "SYSLOG_PID=77\n"
				   "CODE_FILE=src/a.c\n"
				   "CODE_LINE=42\n"
				   "CODE_FUNC=main\n"
				   "MY_FIELD_2=mine\n"
				   "ERRNO=5\n";

	cr_assert_eq(logtap_journal_read(&entry, text, sizeof(text) - 1, false),
		     sizeof(text) - 1);
	cr_assert(entry.has_message);
	cr_assert_eq(entry.message_bytes, strlen("hello = world"));
	cr_assert_eq(memcmp(entry.message, "hello = world", 13), 0);
	cr_assert_eq(entry.priority, 3);
	cr_assert_eq(entry.count, 8);
	check_text(&entry, "syslog.appname", "app");
	check_int(&entry, "syslog.facility", 10);
	check_text(&entry, "syslog.procid", "77");
	check_text(&entry, "code.file.path", "src/a.c");
	check_int(&entry, "code.line.number", 42);
	check_text(&entry, "code.function.name", "main");
	check_text(&entry, "journal.my_field_2", "mine");
	check_text(&entry, "journal.errno", "5");
	cr_assert(!entry.malformed);
	cr_assert_eq(entry.dropped, 0);
}

Test(journal, the_binary_form_may_hold_any_byte)
{
	static const char text[] = "MESSAGE\n"
				   "\x05\0\0\0\0\0\0\0a\nb=c\n"
				   "BLOB\n"
				   "\x02\0\0\0\0\0\0\0\xff\n\n"
				   "PRIORITY=6";

	cr_assert_eq(logtap_journal_read(&entry, text, sizeof(text) - 1, false),
		     sizeof(text) - 1);
	cr_assert_eq(entry.message_bytes, 5);
	cr_assert_eq(memcmp(entry.message, "a\nb=c", 5), 0);
	cr_assert_eq(entry.priority, 6);
	cr_assert_eq(find(&entry, "journal.blob")->kind, LOGTAP_VALUE_BYTES);
	cr_assert_eq(find(&entry, "journal.blob")->value.string.bytes, 2);
	cr_assert(!entry.malformed);
}

Test(journal, a_number_that_is_none_stays_text_under_the_journals_name)
{
	static const char text[] = "CODE_LINE=forty\nPRIORITY=9\n"
				   "SYSLOG_FACILITY=\n";

	logtap_journal_read(&entry, text, sizeof(text) - 1, false);
	cr_assert_eq(entry.priority, -1);
	check_text(&entry, "journal.code_line", "forty");
	check_text(&entry, "journal.priority", "9");
	check_text(&entry, "journal.syslog_facility", "");
}

Test(journal, names_that_the_journal_would_not_take_are_left_out)
{
	static const char text[] = "_PID=1\n1X=2\nlower=3\n=4\nA-B=5\nOK=6\n";

	logtap_journal_read(&entry, text, sizeof(text) - 1, false);
	cr_assert_eq(entry.count, 1);
	check_text(&entry, "journal.ok", "6");
}

Test(journal, a_name_given_twice_counts_once)
{
	static const char text[] = "A=1\nA=2\nMESSAGE=x\nMESSAGE=y\n";

	logtap_journal_read(&entry, text, sizeof(text) - 1, false);
	cr_assert_eq(entry.count, 2);
	check_text(&entry, "journal.a", "1");
	check_text(&entry, "journal.message", "y");
	cr_assert_eq(entry.dropped, 1);
}

Test(journal, attributes_over_the_limit_are_counted)
{
	char text[8192];
	size_t bytes = 0;

	for (unsigned i = 0; i < LOGTAP_JOURNAL_ATTRIBUTES + 30; i++)
		bytes += (size_t)snprintf(text + bytes, sizeof(text) - bytes,
					  "F%u=v\n", i);
	cr_assert_eq(logtap_journal_read(&entry, text, bytes, false), bytes);
	cr_assert_eq(entry.count, LOGTAP_JOURNAL_ATTRIBUTES);
	cr_assert_eq(entry.dropped, 30);
}

Test(journal, an_empty_line_ends_an_entry)
{
	static const char text[] = "MESSAGE=one\n\nMESSAGE=two\n";

	cr_assert_eq(logtap_journal_read(&entry, text, sizeof(text) - 1, false),
		     13);
	cr_assert_eq(memcmp(entry.message, "one", 3), 0);
	cr_assert_eq(logtap_journal_read(&entry, text + 13,
					 sizeof(text) - 1 - 13, false),
		     12);
	cr_assert_eq(memcmp(entry.message, "two", 3), 0);
	cr_assert_eq(logtap_journal_read(&entry, text, 0, false), 0);
}

Test(journal, a_length_past_the_end_is_malformed)
{
	static const char *const texts[] = {
		"A\n\xff\xff\xff\xff\xff\xff\xff\xffxx",
		"A\n\x03\0\0\0\0\0\0\0xx",
		"A\n\x03\0\0\0",
		"A",
	};
	static const size_t sizes[] = {12, 12, 6, 1};

	for (size_t i = 0; i < 4; i++) {
		char *copy = malloc(sizes[i]);
		memcpy(copy, texts[i], sizes[i]);
		cr_assert_eq(logtap_journal_read(&entry, copy, sizes[i], false),
			     sizes[i]);
		cr_assert(entry.malformed);
		cr_assert_eq(entry.count, 0);
		free(copy);
	}
}

Test(journal, every_cut_and_every_changed_byte_is_survived)
{
	static const char text[] = "MESSAGE=x\nB\n\x02\0\0\0\0\0\0\0yy\nC=1\n";
	enum { BYTES = sizeof(text) - 1 };

	for (size_t cut = 0; cut <= BYTES; cut++) {
		for (unsigned change = 0; change < 256 * BYTES; change += 13) {
			char *copy = malloc(cut ? cut : 1);
			memcpy(copy, text, cut);
			if (change / 256 < cut)
				copy[change / 256] = (char)change;
			size_t at = 0, bytes;
			while ((bytes = logtap_journal_read(&entry, copy + at,
							    cut - at, false)))
				at += bytes;
			cr_assert_eq(at, cut);
			free(copy);
		}
	}
}
