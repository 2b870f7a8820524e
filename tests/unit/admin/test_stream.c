/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What /logs/stream sends. */
#include "../../../collector/admin/stream_text.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

static const char *word(enum logtap_logs_format format, const char *name,
			uint64_t missed)
{
	static struct logtap_bytes out;
	const struct logtap_logs_state state = {
		.oldest_seq = 5, .newest_seq = 9, .dropped_on_retention = 4};
	const struct logtap_stream_word said = {name, "me", 7, missed, &state};

	out.size = 0;
	cr_assert_eq(logtap_stream_put_word(&out, format, &said), 0);
	cr_assert_eq(logtap_bytes_append(&out, "", 1), 0);
	return (const char *)out.data;
}

Test(stream, a_word_in_json_is_a_line_with_all_its_numbers)
{
	const char *line = word(LOGTAP_LOGS_JSON, "missed", 3);
	json_error_t why;
	json_t *object = json_loads(line, 0, &why);

	cr_assert_not_null(object, "%s", why.text);
	cr_assert_eq(strchr(line, '\n'), line + strlen(line) - 1);
	cr_assert_str_eq(json_string_value(json_object_get(object, "stream")),
			 "missed");
	cr_assert_eq(json_integer_value(json_object_get(object, "missed")), 3);
	cr_assert_eq(json_integer_value(json_object_get(object, "next_seq")),
		     7);
	cr_assert_eq(json_integer_value(json_object_get(object, "oldest_seq")),
		     5);
	cr_assert_null(json_object_get(object, "seq"));
	json_decref(object);
}

Test(stream, a_word_as_an_event_is_named_and_ends_with_an_empty_line)
{
	const char *text = word(LOGTAP_LOGS_EVENTS, "alive", 0);

	cr_assert(!strncmp(text, "event: alive\ndata: {", 20), "%s", text);
	cr_assert_str_eq(text + strlen(text) - 3, "}\n\n");
}

Test(stream, a_word_in_text_cannot_be_taken_for_a_record)
{
	cr_assert_str_eq(word(LOGTAP_LOGS_TEXT, "begin", 0), "");
	cr_assert_str_eq(word(LOGTAP_LOGS_TEXT, "missed", 12), "# missed 12\n");
	cr_assert_str_eq(word(LOGTAP_LOGS_TEXT, "end", 0), "# end\n");
}

Test(stream, a_record_as_an_event_has_its_number_as_id)
{
	const struct logtap_record record = {
		.observed_ns = 1, .body = "a\nb", .body_bytes = 3};
	struct logtap_log_entry *entry = logtap_log_entry_new(&record);
	struct logtap_bytes out = {0};

	entry->seq = 42;
	cr_assert_eq(logtap_stream_put_record(&out, LOGTAP_LOGS_EVENTS, entry),
		     0);
	cr_assert_eq(logtap_bytes_append(&out, "", 1), 0);
	const char *text = (const char *)out.data;
	cr_assert(!strncmp(text, "id: 42\ndata: {\"seq\":42,", 23), "%s", text);
	cr_assert_str_eq(strchr(text + 7, '\n'), "\n\n");
	logtap_log_entry_unref(entry);
	logtap_bytes_deinit(&out);
}
