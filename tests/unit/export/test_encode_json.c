/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What our JSON writer says, jansson must read as the same records, in the form
 * that OTLP/JSON asks for.
 */
#include "../../../collector/export/attribute.h"
#include "../../../collector/export/encode.h"

#include "fixture.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *decode(const struct logtap_batch *batch)
{
	struct logtap_bytes out = {0};
	json_error_t error;

	cr_assert_eq(logtap_encode_logs_json(batch, &out), 0);
	cr_assert_null(memchr(out.data, '\n', out.size), "one line only");
	json_t *data =
		json_loadb((char *)out.data, out.size,
			   JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
	cr_assert_not_null(data, "%s at %d", error.text, error.position);
	logtap_bytes_deinit(&out);
	return data;
}

static void check_text(const json_t *value, const char *text, size_t bytes)
{
	cr_assert(json_is_string(value));
	cr_assert_eq(json_string_length(value), bytes);
	cr_assert_eq(memcmp(json_string_value(value), text, bytes), 0);
}

/* 64-bit integers are decimal strings; 0 and NULL are left out. */
static void check_number(const json_t *value, uint64_t number, bool optional)
{
	char text[32];

	if (!number && optional) {
		cr_assert_null(value);
		return;
	}
	snprintf(text, sizeof(text), "%" PRIu64, number);
	check_text(value, text, strlen(text));
}

static void check_small(const json_t *value, uint32_t number)
{
	if (!number) {
		cr_assert_null(value);
		return;
	}
	cr_assert(json_is_integer(value));
	cr_assert_eq(json_integer_value(value), number);
}

static void check_hex(const json_t *value, const unsigned char *id,
		      size_t bytes, bool present)
{
	char text[33];

	if (!present) {
		cr_assert_null(value);
		return;
	}
	for (size_t i = 0; i < bytes; i++)
		snprintf(text + 2 * i, 3, "%02x", id[i]);
	check_text(value, text, 2 * bytes);
}

static void check_base64(const json_t *value, const char *data, size_t bytes)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *text = json_string_value(value);
	size_t length = json_string_length(value), seen = 0;

	cr_assert_eq(length, (bytes + 2) / 3 * 4);
	uint32_t bits = 0;
	for (size_t i = 0; i < length && text[i] != '='; i++) {
		const char *at = strchr(alphabet, text[i]);
		cr_assert_not_null(at);
		bits = bits << 6 | (uint32_t)(at - alphabet);
		if (i % 4) {
			unsigned shift = 6 - 2 * (unsigned)(i % 4);
			cr_assert_lt(seen, bytes);
			cr_assert_eq(bits >> shift & 0xff,
				     (unsigned char)data[seen]);
			seen++;
		}
	}
	cr_assert_eq(seen, bytes);
}

static void check_value(const json_t *value,
			const struct logtap_attribute *want)
{
	cr_assert_eq(json_object_size(value), 1);
	switch (want->kind) {
	case LOGTAP_VALUE_STRING:
		check_text(json_object_get(value, "stringValue"),
			   want->value.string.data, want->value.string.bytes);
		break;
	case LOGTAP_VALUE_BYTES:
		check_base64(json_object_get(value, "bytesValue"),
			     want->value.string.data, want->value.string.bytes);
		break;
	case LOGTAP_VALUE_INT:
		value = json_object_get(value, "intValue");
		cr_assert(json_is_string(value));
		cr_assert_eq(strtoll(json_string_value(value), NULL, 10),
			     want->value.integer);
		break;
	case LOGTAP_VALUE_BOOL:
		value = json_object_get(value, "boolValue");
		cr_assert(json_is_boolean(value));
		cr_assert_eq(json_is_true(value), want->value.boolean);
		break;
	case LOGTAP_VALUE_DOUBLE:
		value = json_object_get(value, "doubleValue");
		cr_assert(json_is_number(value));
		cr_assert(json_number_value(value) == want->value.real);
		break;
	}
}

static size_t check_source(const json_t *list, const struct logtap_record *want)
{
	char uid[128];

	if (!want->source)
		return 0;
	fixture_uid(want, uid, sizeof(uid));
	const struct logtap_attribute shared[] = {
		{.kind = LOGTAP_VALUE_STRING, .value.string = {"stderr", 6}},
		{.kind = LOGTAP_VALUE_INT, .value.integer = want->source->tid},
		{.kind = LOGTAP_VALUE_STRING,
		 .value.string = {want->source->name,
				  strlen(want->source->name)}},
		{.kind = LOGTAP_VALUE_STRING,
		 .value.string = {uid, strlen(uid)}},
	};
	static const char *const keys[] = {"log.iostream", "thread.id",
					   "thread.name", "log.record.uid"};
	for (size_t i = 0; i < 4; i++) {
		const json_t *pair = json_array_get(list, i);
		cr_assert_str_eq(
			json_string_value(json_object_get(pair, "key")),
			keys[i]);
		check_value(json_object_get(pair, "value"), &shared[i]);
	}
	return 4;
}

static void check_record(const json_t *record, const struct logtap_record *want)
{
	check_number(json_object_get(record, "timeUnixNano"), want->time_ns,
		     true);
	check_number(json_object_get(record, "observedTimeUnixNano"),
		     want->observed_ns, false);
	check_small(json_object_get(record, "severityNumber"), want->severity);
	const json_t *text = json_object_get(record, "severityText");
	if (want->severity_text)
		check_text(text, want->severity_text,
			   strlen(want->severity_text));
	else
		cr_assert_null(text);
	check_text(json_object_get(json_object_get(record, "body"),
				   "stringValue"),
		   want->body, want->body_bytes);
	check_small(json_object_get(record, "flags"), want->flags);
	check_small(json_object_get(record, "droppedAttributesCount"),
		    want->dropped_attributes);
	check_hex(json_object_get(record, "traceId"), want->trace_id, 16,
		  want->has_trace);
	check_hex(json_object_get(record, "spanId"), want->span_id, 8,
		  want->has_trace);
	text = json_object_get(record, "eventName");
	if (want->event_name)
		check_text(text, want->event_name, strlen(want->event_name));
	else
		cr_assert_null(text);
	const json_t *list = json_object_get(record, "attributes");
	size_t shared = check_source(list, want);
	cr_assert_eq(json_array_size(list), shared + want->attribute_count);
	for (size_t i = 0; i < want->attribute_count; i++) {
		const json_t *pair = json_array_get(list, shared + i);
		cr_assert_str_eq(
			json_string_value(json_object_get(pair, "key")),
			want->attributes[i].key);
		check_value(json_object_get(pair, "value"),
			    &want->attributes[i]);
	}
}

static void check_batch(const struct logtap_batch *batch,
			const struct logtap_record *records, size_t count)
{
	enum { GROUPS_MAX = 8 };
	const struct logtap_resource *order[GROUPS_MAX];
	size_t next[GROUPS_MAX] = {0}, groups = 0;
	json_t *data = decode(batch);
	const json_t *list = json_object_get(data, "resourceLogs");

	for (size_t i = 0; i < count; i++) {
		const struct logtap_resource *resource =
			records[i].source ? records[i].source->resource : NULL;
		size_t g = 0;
		while (g < groups && order[g] != resource)
			g++;
		if (g == groups)
			order[groups++] = resource;
		const json_t *scopes =
			json_object_get(json_array_get(list, g), "scopeLogs");
		cr_assert_eq(json_array_size(scopes), 1);
		const json_t *in = json_object_get(json_array_get(scopes, 0),
						   "logRecords");
		check_record(json_array_get(in, next[g]++), &records[i]);
	}
	cr_assert_eq(groups, json_array_size(list));
	for (size_t g = 0; g < groups; g++) {
		const json_t *scope = json_array_get(
			json_object_get(json_array_get(list, g), "scopeLogs"),
			0);
		cr_assert_eq(next[g], json_array_size(json_object_get(
					      scope, "logRecords")));
		scope = json_object_get(scope, "scope");
		cr_assert_str_eq(
			json_string_value(json_object_get(scope, "name")),
			"logtap");
		cr_assert_str_eq(
			json_string_value(json_object_get(scope, "version")),
			LOGTAP_VERSION);
	}
	json_decref(data);
}

Test(encode_json, random_records_of_several_resources_are_read_as_the_same)
{
	fixture_check_random(20260202, check_batch);
}

/* Each byte at each place of a word, among plain ones. */
Test(encode_json, every_ascii_character_survives_at_every_place)
{
	for (unsigned c = 0; c < 128; c++)
		for (size_t place = 0; place < 17; place++) {
			char text[17];
			memset(text, 'x', sizeof(text));
			text[place] = (char)c;
			struct logtap_record record = {
				.observed_ns = 1,
				.body = text,
				.body_bytes = sizeof(text),
			};
			struct logtap_batch *batch = fixture_batch(&record, 1);
			check_batch(batch, &record, 1);
			logtap_batch_unref(batch);
		}
}

Test(encode_json, a_long_body_of_escapes_survives)
{
	enum { BYTES = 1 << 20 };
	char *text = malloc(BYTES);

	for (size_t i = 0; i < BYTES; i++)
		text[i] = (char)(i % 5 ? 1 + i % 31 : 'a');
	struct logtap_record record = {
		.observed_ns = 1,
		.body = text,
		.body_bytes = BYTES,
	};
	struct logtap_batch *batch = fixture_batch(&record, 1);
	check_batch(batch, &record, 1);
	logtap_batch_unref(batch);
	free(text);
}

static void check_double(double value, const char *want)
{
	struct logtap_attribute attribute = {
		.key = "d",
		.kind = LOGTAP_VALUE_DOUBLE,
		.value.real = value,
	};
	struct logtap_bytes out = {0};
	char text[128];

	snprintf(text, sizeof(text),
		 "{\"key\":\"d\",\"value\":{\"doubleValue\":%s}}", want);
	cr_assert_eq(logtap_attribute_json(&out, &attribute), 0);
	cr_assert_eq(out.size, strlen(text));
	cr_assert_eq(memcmp(out.data, text, out.size), 0);
	logtap_bytes_deinit(&out);
}

Test(encode_json, numbers_that_json_lacks_are_strings)
{
	check_double(NAN, "\"NaN\"");
	check_double(INFINITY, "\"Infinity\"");
	check_double(-INFINITY, "\"-Infinity\"");
	check_double(0.5, "0.5");
	check_double(-1e300, "-1.0000000000000001e+300");
}

Test(encode_json, the_form_is_the_one_that_receivers_know)
{
	struct logtap_record record = {
		.time_ns = UINT64_C(1544712660300000000),
		.observed_ns = 2,
		.severity = 10,
		.severity_text = "notice",
		.body = "a \"quoted\"\tbody\x01",
		.body_bytes = 16,
	};
	struct logtap_batch *batch = fixture_batch(&record, 1);
	struct logtap_bytes out = {0};
	static const char want[] =
		"{\"resourceLogs\":[{\"resource\":{},\"scopeLogs\":[{"
		"\"scope\":{\"name\":\"logtap\",\"version\":\"" LOGTAP_VERSION
		"\"},\"logRecords\":[{"
		"\"observedTimeUnixNano\":\"2\","
		"\"timeUnixNano\":\"1544712660300000000\","
		"\"severityNumber\":10,"
		"\"severityText\":\"notice\",\"body\":{\"stringValue\":"
		"\"a \\\"quoted\\\"\\tbody\\u0001\"},\"attributes\":[]}]}]}]}";

	cr_assert_eq(logtap_encode_logs_json(batch, &out), 0);
	cr_assert(out.size == sizeof(want) - 1 &&
			  !memcmp(out.data, want, out.size),
		  "%.*s", (int)out.size, (char *)out.data);
	logtap_bytes_deinit(&out);
	logtap_batch_unref(batch);
}
