/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A worker that encodes a batch of 512 records of 80 bytes, as the collector
 * does it and as protobuf-c does it, beside a copy of the encoded bytes.  One
 * call is one batch. */
#include "../../collector/export/encode.h"
#include "../unit/export/fixture.h"
#include "bench.h"
#include "otlp.pb-c.h"

#include <string.h>

enum { RECORDS = 512 };

static struct logtap_batch *batch;
static struct logtap_bytes encoded;
static struct logtap_bytes out;
static unsigned char *copy;
static Otlp__LogsData *messages;

static void run_encode(long count)
{
	for (long i = 0; i < count; i++) {
		out.size = 0;
		if (logtap_encode_logs(batch, &out))
			bench_die("no memory");
		BENCH_KEEP(out.data);
	}
}

static void run_json(long count)
{
	for (long i = 0; i < count; i++) {
		out.size = 0;
		if (logtap_encode_logs_json(batch, &out))
			bench_die("no memory");
		BENCH_KEEP(out.data);
	}
}

static void run_copy(long count)
{
	for (long i = 0; i < count; i++) {
		memcpy(copy, encoded.data, encoded.size);
		BENCH_KEEP(copy);
	}
}

/* The messages anew from what the record holds; memory is there already. */
static void fill(Otlp__LogRecord *to, const struct logtap_record *from)
{
	Otlp__AnyValue *body = to->body;
	char *text = body->string_value; /* ends with NUL, as it must here */
	size_t attributes = to->n_attributes;
	Otlp__KeyValue **list = to->attributes;

	otlp__log_record__init(to);
	otlp__any_value__init(body);
	body->value_case = OTLP__ANY_VALUE__VALUE_STRING_VALUE;
	body->string_value = text;
	to->body = body;
	to->time_unix_nano = from->time_ns;
	to->observed_time_unix_nano = from->observed_ns;
	for (size_t i = 0; i < attributes; i++) {
		Otlp__AnyValue *value = list[i]->value, copied = *value;
		char *key = list[i]->key;
		otlp__any_value__init(value);
		otlp__key_value__init(list[i]);
		*value = copied;
		list[i]->key = key;
		list[i]->value = value;
	}
	to->n_attributes = attributes;
	to->attributes = list;
}

static void run_protobuf(long count)
{
	Otlp__ScopeLogs *scope = messages->resource_logs[0]->scope_logs[0];

	for (long i = 0; i < count; i++) {
		for (size_t n = 0; n < RECORDS; n++)
			fill(scope->log_records[n],
			     logtap_batch_record(batch, n));
		/* never more: some of our lengths have a byte to spare */
		if (otlp__logs_data__get_packed_size(messages) > encoded.size)
			bench_die("protobuf-c needs more bytes");
		otlp__logs_data__pack(messages, copy);
		BENCH_KEEP(copy);
	}
}

const struct bench_operation bench_operations[] = {
	{"copy", run_copy, NULL}, {"encode", run_encode, NULL},
	{"json", run_json, NULL}, {"protobuf", run_protobuf, NULL},
	{NULL, NULL, NULL},
};

static void make_batch(void)
{
	static struct logtap_record records[RECORDS];
	char *body = strndup(bench_line, BENCH_LINE_BYTES - 1);
	struct logtap_resource *resource = fixture_resource(4711);
	struct logtap_source *source = fixture_source(resource, 4712);

	for (uint32_t i = 0; i < RECORDS; i++)
		records[i] = (struct logtap_record){
			.time_ns = UINT64_C(1700000000000000000) + i,
			.observed_ns = UINT64_C(1700000000000001000) + i,
			.body = body,
			.body_bytes = BENCH_LINE_BYTES - 1,
			.source = source,
			.sequence = i,
		};
	batch = fixture_batch(records, RECORDS);
	if (logtap_encode_logs(batch, &encoded))
		bench_die("no memory");
	messages = otlp__logs_data__unpack(NULL, encoded.size,
					   (void *)encoded.data);
	copy = malloc(encoded.size);
	if (!messages || !copy || messages->n_resource_logs != 1 ||
	    messages->resource_logs[0]->scope_logs[0]->n_log_records != RECORDS)
		bench_die("protobuf-c cannot read what was encoded");
}

int main(void)
{
	make_batch();
	return bench_serve();
}
