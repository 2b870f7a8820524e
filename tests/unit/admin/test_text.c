/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Retained records as text and as JSON. */
#include "../../../collector/admin/logs.h"

#include "../export/fixture.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static struct logtap_bytes text_of(const struct logtap_record *record)
{
	struct logtap_log_entry *entry = logtap_log_entry_new(record);
	struct logtap_bytes out = {0};

	entry->seq = 12;
	cr_assert_eq(logtap_log_text(entry, &out), 0);
	logtap_log_entry_unref(entry);
	cr_assert_eq(logtap_bytes_append(&out, "", 1), 0);
	return out;
}

Test(text, a_line_has_number_time_level_source_and_body)
{
	struct logtap_resource *resource = fixture_resource(17);
	struct logtap_source *source = fixture_source(resource, 18);
	struct logtap_record record = {
		.time_ns = UINT64_C(1700000000000000007),
		.observed_ns = 1,
		.severity = 18,
		.body = "what it said",
		.body_bytes = 12,
		.source = source,
	};
	char expected[256];

	snprintf(expected, sizeof(expected),
		 "12 2023-11-14T22:13:20.000000007Z ERROR2 %s[17/18] what it "
		 "said\tlog.iostream=\"stderr\"\tthread.name=\"worker-18\"\n",
		 resource->service);
	struct logtap_bytes out = text_of(&record);
	cr_assert_str_eq((char *)out.data, expected);
	logtap_bytes_deinit(&out);
	logtap_source_unref(source);
	logtap_resource_unref(resource);
}

Test(text, no_record_steers_a_terminal_or_breaks_a_line)
{
	struct fixture_random random = {.state = 7};
	static struct fixture_memory memory;
	struct logtap_record record = {
		.observed_ns = 1,
		.body = "a\033[2J\n\r\t\\\x7f\xc2\x9b"
			"\xc3\xa9z",
		.body_bytes = 15,
	};
	struct logtap_bytes out = text_of(&record);

	cr_assert_str_eq((char *)out.data,
			 "12 1970-01-01T00:00:00.000000001Z - -[0/0] "
			 "a\\u001b[2J\\n\\r\\t\\\\\\u007f\\u009b"
			 "\xc3\xa9z\n");
	logtap_bytes_deinit(&out);
	for (int i = 0; i < 60; i++) {
		fixture_random_record(&random, &memory, NULL, &record);
		out = text_of(&record);
		size_t bytes = out.size - 2;
		cr_assert_eq(out.data[bytes], '\n');
		for (size_t j = 0; j < bytes; j++)
			cr_assert(out.data[j] == '\t' ||
				  (out.data[j] >= ' ' && out.data[j] != 0x7f));
		logtap_bytes_deinit(&out);
	}
}

Test(text, attributes_are_told_as_in_json)
{
	const struct logtap_attribute list[] = {
		{"text",
		 LOGTAP_VALUE_STRING,
		 0,
		 {.string = {"a \"b\"\n\x7f", 7}}},
		{"bytes", LOGTAP_VALUE_BYTES, 0, {.string = {"\x00\xff", 2}}},
		{"number", LOGTAP_VALUE_INT, 0, {.integer = -5}},
		{"real", LOGTAP_VALUE_DOUBLE, 0, {.real = 0.5}},
		{"flag", LOGTAP_VALUE_BOOL, 0, {.boolean = true}},
	};
	struct logtap_record record = {
		.observed_ns = 1,
		.severity = 9,
		.body = "",
		.scope = "a.logger",
		.event_name = "an.event",
		.has_trace = true,
		.trace_id = {1, 2},
		.span_id = {3},
		.attributes = list,
		.attribute_count = 5,
	};
	struct logtap_bytes out = text_of(&record);

	cr_assert_str_eq((char *)out.data,
			 "12 1970-01-01T00:00:00.000000001Z INFO -[0/0] "
			 "\tscope=\"a.logger\"\tevent=\"an.event\""
			 "\ttrace_id=01020000000000000000000000000000"
			 "\tspan_id=0300000000000000"
			 "\ttext=\"a \\\"b\\\"\\n\\u007f\"\tbytes=00ff"
			 "\tnumber=-5\treal=0.5\tflag=true\n");
	logtap_bytes_deinit(&out);
}

Test(text, json_is_one_object_whatever_the_record)
{
	struct fixture_random random = {.state = 3};
	static struct fixture_memory memory;
	struct logtap_resource *resource = fixture_resource(17);
	struct logtap_source *source = fixture_source(resource, 18);

	for (int i = 0; i < 60; i++) {
		struct logtap_record record;
		struct logtap_bytes out = {0};
		json_error_t why;
		fixture_random_record(&random, &memory, i % 2 ? source : NULL,
				      &record);
		struct logtap_log_entry *entry = logtap_log_entry_new(&record);
		entry->seq = (uint64_t)i + 1;
		cr_assert_eq(logtap_log_json(entry, &out), 0);
		json_t *object = json_loadb((char *)out.data, out.size,
					    JSON_REJECT_DUPLICATES, &why);
		cr_assert_not_null(object, "%s", why.text);
		cr_assert_eq(json_integer_value(json_object_get(object, "seq")),
			     i + 1);
		const json_t *body = json_object_get(
			json_object_get(json_object_get(object, "record"),
					"body"),
			"stringValue");
		cr_assert_eq(json_string_length(body), record.body_bytes);
		cr_assert_arr_eq(json_string_value(body), record.body,
				 record.body_bytes);
		if (i % 2)
			cr_assert_eq(json_integer_value(
					     json_object_get(object, "tid")),
				     18);
		json_decref(object);
		logtap_bytes_deinit(&out);
		logtap_log_entry_unref(entry);
	}
	logtap_source_unref(source);
	logtap_resource_unref(resource);
}
