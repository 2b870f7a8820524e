/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What our encoder writes, protobuf-c must read as the same records.
 */
#include "../../../collector/export/attribute.h"
#include "../../../collector/export/encode.h"

#include "fixture.h"
#include "otlp.pb-c.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Otlp__LogsData *decode(const struct logtap_batch *batch)
{
	struct logtap_bytes out = {0};

	cr_assert_eq(logtap_encode_logs(batch, &out), 0);
	Otlp__LogsData *data =
		otlp__logs_data__unpack(NULL, out.size, out.data);
	cr_assert_not_null(data, "protobuf-c refuses our bytes");
	logtap_bytes_deinit(&out);
	return data;
}

static void check_text(const char *decoded, const char *text, size_t bytes)
{
	/* protobuf-c ends strings with a NUL of its own */
	cr_assert_eq(strlen(decoded), bytes);
	cr_assert_eq(memcmp(decoded, text, bytes), 0);
}

static void check_value(const Otlp__AnyValue *value,
			const struct logtap_attribute *want)
{
	switch (want->kind) {
	case LOGTAP_VALUE_STRING:
		cr_assert_eq(value->value_case,
			     OTLP__ANY_VALUE__VALUE_STRING_VALUE);
		check_text(value->string_value, want->value.string.data,
			   want->value.string.bytes);
		break;
	case LOGTAP_VALUE_BYTES:
		cr_assert_eq(value->value_case,
			     OTLP__ANY_VALUE__VALUE_BYTES_VALUE);
		cr_assert_eq(value->bytes_value.len, want->value.string.bytes);
		cr_assert(!want->value.string.bytes ||
			  !memcmp(value->bytes_value.data,
				  want->value.string.data,
				  want->value.string.bytes));
		break;
	case LOGTAP_VALUE_INT:
		cr_assert_eq(value->value_case,
			     OTLP__ANY_VALUE__VALUE_INT_VALUE);
		cr_assert_eq(value->int_value, want->value.integer);
		break;
	case LOGTAP_VALUE_BOOL:
		cr_assert_eq(value->value_case,
			     OTLP__ANY_VALUE__VALUE_BOOL_VALUE);
		cr_assert_eq(!!value->bool_value, want->value.boolean);
		break;
	case LOGTAP_VALUE_DOUBLE:
		cr_assert_eq(value->value_case,
			     OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE);
		cr_assert(value->double_value == want->value.real);
		break;
	}
}

static void check_string_attribute(const Otlp__KeyValue *pair, const char *key,
				   const char *text)
{
	cr_assert_str_eq(pair->key, key);
	cr_assert_eq(pair->value->value_case,
		     OTLP__ANY_VALUE__VALUE_STRING_VALUE);
	cr_assert_str_eq(pair->value->string_value, text);
}

/* Return: how many attributes the record's source gave. */
static size_t check_source(const Otlp__LogRecord *record,
			   const struct logtap_record *want)
{
	char uid[128];

	if (!want->source)
		return 0;
	cr_assert_geq(record->n_attributes, 4);
	check_string_attribute(record->attributes[0], "log.iostream", "stderr");
	cr_assert_str_eq(record->attributes[1]->key, "thread.id");
	cr_assert_eq(record->attributes[1]->value->int_value,
		     want->source->tid);
	check_string_attribute(record->attributes[2], "thread.name",
			       want->source->name);
	fixture_uid(want, uid, sizeof(uid));
	check_string_attribute(record->attributes[3], "log.record.uid", uid);
	return 4;
}

static void check_record(const Otlp__LogRecord *record,
			 const struct logtap_record *want)
{
	cr_assert_eq(record->time_unix_nano, want->time_ns);
	cr_assert_eq(record->observed_time_unix_nano, want->observed_ns);
	cr_assert_eq((uint32_t)record->severity_number, want->severity);
	cr_assert_str_eq(record->severity_text,
			 want->severity_text ? want->severity_text : "");
	cr_assert_not_null(record->body);
	check_value(record->body,
		    &(struct logtap_attribute){
			    .kind = LOGTAP_VALUE_STRING,
			    .value.string = {want->body, want->body_bytes}});
	cr_assert_eq(record->flags, want->flags);
	cr_assert_eq(record->dropped_attributes_count,
		     want->dropped_attributes);
	cr_assert_eq(record->trace_id.len, want->has_trace ? 16 : 0);
	cr_assert_eq(record->span_id.len, want->has_trace ? 8 : 0);
	if (want->has_trace) {
		cr_assert_eq(memcmp(record->trace_id.data, want->trace_id, 16),
			     0);
		cr_assert_eq(memcmp(record->span_id.data, want->span_id, 8), 0);
	}
	cr_assert_str_eq(record->event_name,
			 want->event_name ? want->event_name : "");
	size_t shared = check_source(record, want);
	cr_assert_eq(record->n_attributes, shared + want->attribute_count);
	for (size_t i = 0; i < want->attribute_count; i++) {
		const Otlp__KeyValue *pair = record->attributes[shared + i];
		cr_assert_str_eq(pair->key, want->attributes[i].key);
		check_value(pair->value, &want->attributes[i]);
	}
}

/* Each record must be the next one of its resource's group. */
static void check_batch(const struct logtap_batch *batch,
			const struct logtap_record *records, size_t count)
{
	enum { GROUPS_MAX = 512 };
	const struct logtap_resource *order[GROUPS_MAX];
	size_t next[GROUPS_MAX] = {0}, groups = 0;
	Otlp__LogsData *data = decode(batch);

	for (size_t i = 0; i < count; i++) {
		const struct logtap_resource *resource =
			records[i].source ? records[i].source->resource : NULL;
		size_t g = 0;
		while (g < groups && order[g] != resource)
			g++;
		if (g == groups)
			order[groups++] = resource;
		cr_assert_lt(g, data->n_resource_logs);
		const Otlp__ResourceLogs *group = data->resource_logs[g];
		cr_assert_eq(group->n_scope_logs, 1);
		cr_assert_lt(next[g], group->scope_logs[0]->n_log_records);
		check_record(group->scope_logs[0]->log_records[next[g]++],
			     &records[i]);
	}
	cr_assert_eq(groups, data->n_resource_logs);
	for (size_t g = 0; g < groups; g++) {
		const Otlp__ScopeLogs *scope =
			data->resource_logs[g]->scope_logs[0];
		cr_assert_eq(next[g], scope->n_log_records);
		cr_assert_str_eq(scope->scope->name, "logtap");
		cr_assert_str_eq(scope->scope->version, LOGTAP_VERSION);
	}
	otlp__logs_data__free_unpacked(data, NULL);
}

Test(encode, random_records_of_several_resources_decode_to_the_same)
{
	fixture_check_random(20260101, check_batch);
}

static void check_one(struct logtap_record *record)
{
	struct logtap_batch *batch = fixture_batch(record, 1);

	check_batch(batch, record, 1);
	logtap_batch_unref(batch);
}

Test(encode, bodies_and_attributes_of_every_width_of_length)
{
	static const size_t sizes[] = {
		0,     1,     62,      63,	64,	 120,	  126,
		127,   128,   129,     255,	300,	 16382,	  16383,
		16384, 16385, 2097151, 2097152, 2097153, 1 << 20, 1 << 16,
	};
	char *text = malloc(2097153);

	memset(text, 'a', 2097153);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct logtap_attribute attribute = {
			.key = "key",
			.kind = LOGTAP_VALUE_STRING,
			.value.string = {text, sizes[i]},
		};
		struct logtap_record record = {
			.observed_ns = 1,
			.body = text,
			.body_bytes = sizes[i],
		};
		check_one(&record);
		record.attributes = &attribute;
		record.attribute_count = 1;
		check_one(&record);
		record.body_bytes = 0;
		check_one(&record);
	}
	free(text);
}

/* Copies go a few bytes beyond what they copy: into nothing that matters. */
Test(encode, short_bodies_that_fill_the_batchs_memory)
{
	enum { RECORDS = 1100 };
	struct logtap_record *records = calloc(RECORDS, sizeof(*records));
	char text[126];

	memset(text, 'a', sizeof(text));
	for (size_t bytes = 65; bytes < sizeof(text); bytes += 2) {
		for (uint32_t i = 0; i < RECORDS; i++)
			records[i] = (struct logtap_record){
				.observed_ns = 1 + i,
				.body = text,
				.body_bytes = bytes,
			};
		struct logtap_batch *batch = fixture_batch(records, RECORDS);
		check_batch(batch, records, RECORDS);
		logtap_batch_unref(batch);
	}
	free(records);
}

Test(encode, extreme_numbers_survive)
{
	static const int64_t numbers[] = {0,   1,	  -1,	     127,
					  128, INT64_MAX, INT64_MIN, INT32_MIN};
	struct logtap_resource *resource = fixture_resource(1);
	struct logtap_source *source = fixture_source(resource, UINT32_MAX);

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct logtap_attribute attribute = {
			.key = "n",
			.kind = LOGTAP_VALUE_INT,
			.value.integer = numbers[i],
		};
		struct logtap_record record = {
			.time_ns = UINT64_MAX,
			.observed_ns = UINT64_MAX,
			.severity = 24,
			.flags = UINT32_MAX,
			.sequence = UINT32_MAX,
			.line = UINT32_MAX,
			.dropped_attributes = UINT32_MAX,
			.body = "",
			.source = source,
			.attributes = &attribute,
			.attribute_count = 1,
		};
		check_one(&record);
	}
	logtap_source_unref(source);
	logtap_resource_unref(resource);
}

/* log.record.uid ends with numbers of any length. */
Test(encode, numbers_of_chunks_and_lines)
{
	static const uint32_t numbers[] = {0,	  9,	    10,	       99,
					   100,	  999,	    1000,      9999,
					   10000, 99999,    4711,      5005,
					   70000, 12345678, UINT32_MAX};
	struct logtap_resource *resource = fixture_resource(1);
	struct logtap_source *source = fixture_source(resource, 2);

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct logtap_record record = {
			.observed_ns = 1,
			.body = "text",
			.body_bytes = 4,
			.source = source,
			.sequence = numbers[i],
		};
		check_one(&record);
		record.line = numbers[i];
		check_one(&record);
	}
	logtap_source_unref(source);
	logtap_resource_unref(resource);
}

Test(encode, a_source_may_lack_everything)
{
	struct logtap_resource *resource = fixture_resource(1);
	struct logtap_source *source = logtap_source_new(
		resource, &(struct logtap_source_options){.stream = NULL});
	struct logtap_record record = {
		.observed_ns = 1,
		.body = "x",
		.body_bytes = 1,
		.source = source,
		.sequence = 5,
	};
	struct logtap_batch *batch = fixture_batch(&record, 1);
	Otlp__LogsData *data = decode(batch);

	cr_assert_eq(data->resource_logs[0]
			     ->scope_logs[0]
			     ->log_records[0]
			     ->n_attributes,
		     0);
	otlp__logs_data__free_unpacked(data, NULL);
	logtap_batch_unref(batch);
	logtap_source_unref(source);
	logtap_resource_unref(resource);
}

Test(encode, the_resource_is_that_of_the_process)
{
	struct logtap_resource *resource = fixture_resource(77);
	struct logtap_source *source = fixture_source(resource, 78);
	struct logtap_record record = {
		.observed_ns = 1,
		.body = "x",
		.body_bytes = 1,
		.source = source,
	};
	struct logtap_batch *batch = fixture_batch(&record, 1);
	Otlp__LogsData *data = decode(batch);
	const Otlp__Resource *decoded = data->resource_logs[0]->resource;
	bool pid = false, service = false;

	for (size_t i = 0; i < decoded->n_attributes; i++) {
		const Otlp__KeyValue *pair = decoded->attributes[i];
		if (!strcmp(pair->key, "process.pid"))
			pid = pair->value->int_value == 77;
		if (!strcmp(pair->key, "service.name"))
			service = !strcmp(pair->value->string_value,
					  "unknown_service:app-77");
	}
	cr_assert(pid);
	cr_assert(service);
	otlp__logs_data__free_unpacked(data, NULL);
	logtap_batch_unref(batch);
	logtap_source_unref(source);
	logtap_resource_unref(resource);
}

Test(encode, many_resources_each_have_a_group)
{
	enum { RESOURCES = 400 };
	struct logtap_resource *resources[RESOURCES];
	struct logtap_source *sources[RESOURCES];
	struct logtap_record *records = calloc(2 * RESOURCES, sizeof(*records));

	for (uint32_t i = 0; i < RESOURCES; i++) {
		resources[i] = fixture_resource(i + 1);
		sources[i] = fixture_source(resources[i], i + 1);
	}
	for (uint32_t i = 0; i < 2 * RESOURCES; i++)
		records[i] = (struct logtap_record){
			.observed_ns = i + 1,
			.body = "x",
			.body_bytes = 1,
			.source = sources[i * 7 % RESOURCES],
			.sequence = i,
		};
	struct logtap_batch *batch = fixture_batch(records, 2 * RESOURCES);
	check_batch(batch, records, 2 * RESOURCES);
	logtap_batch_unref(batch);
	for (size_t i = 0; i < RESOURCES; i++) {
		logtap_source_unref(sources[i]);
		logtap_resource_unref(resources[i]);
	}
	free(records);
}

Test(encode, bytes_are_appended_behind_what_is_there)
{
	struct logtap_record record = {
		.observed_ns = 1,
		.body = "x",
		.body_bytes = 1,
	};
	struct logtap_batch *batch = fixture_batch(&record, 1);
	struct logtap_bytes out = {0}, alone = {0};

	cr_assert_eq(logtap_encode_logs(batch, &alone), 0);
	cr_assert_eq(logtap_bytes_append(&out, "head", 4), 0);
	cr_assert_eq(logtap_encode_logs(batch, &out), 0);
	cr_assert_eq(out.size, 4 + alone.size);
	cr_assert_eq(memcmp(out.data, "head", 4), 0);
	cr_assert_eq(memcmp(out.data + 4, alone.data, alone.size), 0);
	logtap_bytes_deinit(&out);
	logtap_bytes_deinit(&alone);
	logtap_batch_unref(batch);
}

static void check_decimal(uint32_t value)
{
	unsigned char digits[LOGTAP_DECIMAL_MAX];
	char expected[LOGTAP_DECIMAL_MAX + 1];
	int bytes = snprintf(expected, sizeof(expected), "%u", value);

	cr_assert_eq(logtap_decimal_end(digits, value) - digits, bytes);
	cr_assert(!memcmp(digits, expected, (size_t)bytes), "%u", value);
}

Test(encode, numbers_of_any_length_are_written_in_decimal)
{
	for (uint64_t power = 1; power <= UINT32_MAX; power *= 10)
		for (uint32_t off = 0; off < 3; off++) {
			check_decimal((uint32_t)power - 1 + off);
			check_decimal((uint32_t)(power * 4 / 3) + off);
		}
	check_decimal(UINT32_MAX);
}
