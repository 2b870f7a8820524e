/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A worker that encodes a batch of 512 records of 80 bytes, as the collector
 * does it and as protobuf-c does it, beside a copy of the encoded bytes; and
 * that drains a ring of as many chunks, mapped as a busy one is, shapes and
 * encodes them: all of the collector's way but for the journal and HTTP.  One
 * call is one batch. */
#include "../../collector/export/encode.h"
#include "../../collector/intake/ring.h"
#include "../../collector/intake/ring_map.h"
#include "../../collector/shape/run.h"
#include "../../collector/shape/shaper.h"
#include "../unit/export/fixture.h"
#include "bench.h"
#include "otlp.pb-c.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORDS = 512, RING_BYTES = 128 << 10 };

static struct logtap_record records[RECORDS];
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

static struct logtap_ring_producer producer;
static struct logtap_ring_source ring = {.capacity = RING_BYTES,
					 .producer = &producer};
static struct logtap_segment_file file;
static struct logtap_ring_maps maps;
static struct logtap_window window;
static struct logtap_shaper *shaper;
static struct logtap_process process = {.pid = 4711};
static struct logtap_thread thread = {
	.process = &process, .tid = 4712, .name = "worker-4712"};
static const struct logtap_sink_info sinks[LOGTAP_SINKS] = {
	{.kind = LOGTAP_SINK_STDERR, .file_type = S_IFREG, .inode = 1}};
static const unsigned char uuid[16] = {1};

static void shape(const unsigned char *data, size_t bytes)
{
	struct logtap_run run = {
		.thread = &thread,
		.segment_uuid = uuid,
		.sinks = sinks,
		.slot = 3,
		.generation = 7,
		.data = data,
		.bytes = bytes,
	};
	if (logtap_shaper_run(shaper, &run, UINT64_C(1700000000000001000)))
		bench_die("no memory");
}

static void run_drain(long count)
{
	static const struct logtap_frame_ring unread;
	struct logtap_ring_taken taken;
	const char *why;

	for (long i = 0; i < count; i++) {
		if (logtap_ring_take(&ring, &unread, &window, &taken, &why) ||
		    taken.chunks != RECORDS)
			bench_die("the ring cannot be read");
		shape(window.data, taken.bytes);
	}
}

static void encode_and_free(void *context, struct logtap_batch *filled)
{
	(void)context;
	out.size = 0;
	if (logtap_encode_logs(filled, &out))
		bench_die("no memory");
	logtap_batch_unref(filled);
}

/* As a host leaves it: no chunk crosses an eighth of the ring. */
static void fill_ring(unsigned char *data)
{
	struct logtap_chunk chunk = {
		.type = LOGTAP_CHUNK_DATA,
		.format = LOGTAP_FORMAT_STREAM,
		.priority = LOGTAP_PRIORITY_NONE,
		.length = BENCH_LINE_BYTES,
		.time = UINT64_C(1700000000000000000),
	};
	uint64_t at = 0, span = logtap_chunk_span(chunk.length);

	for (; chunk.sequence < RECORDS; chunk.sequence++, chunk.time++) {
		uint64_t left = RING_BYTES / LOGTAP_RING_BLOCKS -
				at % (RING_BYTES / LOGTAP_RING_BLOCKS);
		if (left < span) {
			struct logtap_chunk pad = {
				.type = LOGTAP_CHUNK_PAD,
				.length = (uint32_t)(left - sizeof(pad))};
			memcpy(data + at, &pad, sizeof(pad));
			at += left;
		}
		memcpy(data + at, &chunk, sizeof(chunk));
		memcpy(data + at + sizeof(chunk), bench_line, chunk.length);
		at += span;
	}
	atomic_store(&producer.head, at);
}

/* As the collector does with a ring that much was read from. */
static void map_ring(void)
{
	struct logtap_ring_use use = {0};

	logtap_ring_maps_read(&maps, &file, 0, RING_BYTES, &use,
			      LOGTAP_RING_MAP_AFTER_BYTES, 0);
	ring.map = logtap_ring_maps_find(&maps, &file, 0, &use, 0);
	if (!ring.map)
		bench_die("the ring is not mapped");
}

static void make_ring(void)
{
	struct logtap_batcher *batcher =
		logtap_batcher_new(NULL, encode_and_free, NULL);

	ring.fd = file.fd = memfd_create("ring", 0);
	if (ring.fd < 0 || posix_fallocate(ring.fd, 0, RING_BYTES))
		bench_die("no memory file");
	unsigned char *data = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE,
				   MAP_SHARED, ring.fd, 0);
	shaper = batcher ? logtap_shaper_new(NULL, batcher) : NULL;
	if (data == MAP_FAILED || !shaper || logtap_window_init(&window))
		bench_die("no memory");
	strcpy(process.executable, "/usr/bin/app-4711");
	fill_ring(data);
	map_ring();
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
			fill(scope->log_records[n], &records[n]);
		/* never more: some of our lengths have a byte to spare */
		if (otlp__logs_data__get_packed_size(messages) > encoded.size)
			bench_die("protobuf-c needs more bytes");
		otlp__logs_data__pack(messages, copy);
		BENCH_KEEP(copy);
	}
}

const struct bench_operation bench_operations[] = {
	{"copy", run_copy, NULL},	  {"encode", run_encode, NULL},
	{"drain", run_drain, NULL},	  {"json", run_json, NULL},
	{"protobuf", run_protobuf, NULL}, {NULL, NULL, NULL},
};

static void make_batch(void)
{
	char *body = strndup(bench_line, BENCH_LINE_BYTES - 1);
	struct logtap_resource *resource = fixture_resource(4711);
	struct logtap_source *source = fixture_source(resource, 4712);

	for (uint32_t i = 0; i < RECORDS; i++)
		records[i] = (struct logtap_record){
			.time_ns = UINT64_C(1700000000000000000) + i,
			.observed_ns = UINT64_C(1700000000000001000),
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
	make_ring();
	return bench_serve();
}
