/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* See the header. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t fixture_random(struct fixture_random *random, uint64_t below)
{
	/* splitmix64 */
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return below ? z % below : z;
}

struct logtap_resource *fixture_resource(uint32_t pid)
{
	struct logtap_host host;
	struct logtap_process *process = calloc(1, sizeof(*process));

	logtap_host_init(&host);
	process->pid = pid;
	process->parent_pid = 1;
	snprintf(process->executable, sizeof(process->executable),
		 "/usr/bin/app-%u", pid);
	struct logtap_resource *resource = logtap_resource_new(process, &host);
	free(process);
	return resource;
}

struct logtap_source *fixture_source(struct logtap_resource *resource,
				     uint32_t tid)
{
	struct logtap_thread thread = {.tid = tid};
	struct logtap_chunk_view chunk = {.slot = 3, .generation = 7};

	snprintf(thread.name, sizeof(thread.name), "worker-%u", tid);
	for (size_t i = 0; i < sizeof(chunk.segment_uuid); i++)
		chunk.segment_uuid[i] = (unsigned char)(0xa0 + i);
	return logtap_source_new(resource, &(struct logtap_source_options){
						   .stream = "stderr",
						   .thread = &thread,
						   .chunk = &chunk,
					   });
}

void fixture_uid(const struct logtap_record *record, char *text, size_t bytes)
{
	int length =
		snprintf(text, bytes, "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf-3.7.%u",
			 record->sequence);

	if (record->line)
		snprintf(text + length, bytes - (size_t)length, ".%u",
			 record->line);
}

void fixture_collect(void *context, struct logtap_batch *batch)
{
	struct fixture_batches *batches = context;

	if (batches->count == sizeof(batches->list) / sizeof(batches->list[0]))
		abort();
	batches->list[batches->count++] = batch;
}

void fixture_batches_deinit(struct fixture_batches *batches)
{
	while (batches->count)
		logtap_batch_unref(batches->list[--batches->count]);
}

struct logtap_batch *fixture_batch(const struct logtap_record *records,
				   size_t count)
{
	struct fixture_batches batches = {.count = 0};
	struct logtap_batch_limits limits = {
		.records = count,
		.bytes = SIZE_MAX / 2,
	};
	struct logtap_batcher *batcher =
		logtap_batcher_new(&limits, fixture_collect, &batches);

	for (size_t i = 0; i < count; i++)
		if (logtap_batcher_append(batcher, &records[i]))
			abort();
	logtap_batcher_free(batcher);
	return batches.count == 1 ? batches.list[0] : NULL;
}

static char *take(struct fixture_memory *memory, size_t bytes)
{
	if (bytes > sizeof(memory->data) - memory->used)
		abort();
	memory->used += bytes;
	return memory->data + memory->used - bytes;
}

/* Valid UTF-8 with all that JSON and protobuf treat specially. */
static const char *random_text(struct fixture_random *random,
			       struct fixture_memory *memory, size_t *bytes)
{
	static const char *const pieces[] = {
		"a",
		"plain words and 0123456789 ",
		"\"",
		"\\",
		"/",
		"\n",
		"\r\n",
		"\t",
		"\x01",
		"\x1f",
		"\x7f",
		"é",
		"\xe2\x80\xa8",
		"€",
		"\xf0\x9f\x98\x80",
	};
	size_t count = fixture_random(random, 12);
	char *text = take(memory, 512);

	*bytes = 0;
	for (size_t i = 0; i < count; i++) {
		const char *piece = pieces[fixture_random(
			random, sizeof(pieces) / sizeof(pieces[0]))];
		memcpy(text + *bytes, piece, strlen(piece));
		*bytes += strlen(piece);
	}
	return text;
}

static void random_attribute(struct fixture_random *random,
			     struct fixture_memory *memory,
			     struct logtap_attribute *attribute, unsigned index)
{
	char *key = take(memory, 16);

	snprintf(key, 16, "key.%u", index);
	attribute->key = key;
	attribute->key_bytes = index % 2 ? (uint32_t)strlen(key) : 0;
	attribute->kind = (enum logtap_value_kind)fixture_random(random, 5);
	switch (attribute->kind) {
	case LOGTAP_VALUE_STRING:
		attribute->value.string.data = random_text(
			random, memory, &attribute->value.string.bytes);
		break;
	case LOGTAP_VALUE_BYTES:
		attribute->value.string.bytes = fixture_random(random, 9);
		key = take(memory, 8);
		for (size_t i = 0; i < 8; i++)
			key[i] = (char)fixture_random(random, 256);
		attribute->value.string.data = key;
		break;
	case LOGTAP_VALUE_INT:
		attribute->value.integer =
			(int64_t)(fixture_random(random, 0) >>
				  fixture_random(random, 64));
		if (fixture_random(random, 2))
			attribute->value.integer = -attribute->value.integer;
		break;
	case LOGTAP_VALUE_BOOL:
		attribute->value.boolean = fixture_random(random, 2);
		break;
	case LOGTAP_VALUE_DOUBLE:
		attribute->value.real =
			(double)(int64_t)fixture_random(random, 0) / 1048576;
		break;
	}
}

void fixture_random_record(struct fixture_random *random,
			   struct fixture_memory *memory,
			   struct logtap_source *source,
			   struct logtap_record *record)
{
	static const char *const texts[] = {NULL, "info", "emerg", ""};
	enum { ATTRIBUTES_MAX = 5 };
	struct logtap_attribute *list;

	take(memory, -memory->used % _Alignof(struct logtap_attribute));
	list = (void *)take(memory, ATTRIBUTES_MAX * sizeof(*list));
	memset(record, 0, sizeof(*record));
	record->time_ns =
		fixture_random(random, 3) ? fixture_random(random, 0) : 0;
	record->observed_ns = 1 + fixture_random(random, 1u << 30);
	record->severity = (uint32_t)fixture_random(random, 25);
	record->severity_text = texts[fixture_random(random, 4)];
	record->body = random_text(random, memory, &record->body_bytes);
	record->flags = (uint32_t)fixture_random(random, 2);
	record->has_trace = fixture_random(random, 2);
	for (size_t i = 0; i < sizeof(record->trace_id); i++)
		record->trace_id[i] = (unsigned char)fixture_random(random, 0);
	for (size_t i = 0; i < sizeof(record->span_id); i++)
		record->span_id[i] = (unsigned char)fixture_random(random, 0);
	record->event_name = fixture_random(random, 4) ? NULL : "an.event";
	record->source = source;
	record->sequence = (uint32_t)fixture_random(random, 1u << 20);
	record->line = (uint32_t)(fixture_random(random, 2) *
				  fixture_random(random, 3000));
	record->attributes = list;
	record->attribute_count = fixture_random(random, ATTRIBUTES_MAX + 1);
	for (unsigned i = 0; i < record->attribute_count; i++)
		random_attribute(random, memory, &list[i], i);
	record->dropped_attributes =
		(uint32_t)(fixture_random(random, 2) * 300);
	record->position = fixture_random(random, 1000);
}

void fixture_check_random(uint64_t seed, fixture_check_fn *check)
{
	enum { RECORDS = 40, RESOURCES = 3, ROUNDS = 60 };
	struct fixture_random random = {.state = seed};
	struct fixture_memory *memory = malloc(sizeof(*memory));
	struct logtap_resource *resources[RESOURCES];
	struct logtap_source *sources[RESOURCES + 1] = {NULL};

	for (uint32_t i = 0; i < RESOURCES; i++) {
		resources[i] = fixture_resource(100 + i);
		sources[i] = fixture_source(resources[i], 1000 + i);
	}
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct logtap_record records[RECORDS];
		memory->used = 0;
		for (size_t i = 0; i < RECORDS; i++)
			fixture_random_record(
				&random, memory,
				sources[fixture_random(&random, RESOURCES + 1)],
				&records[i]);
		struct logtap_batch *batch = fixture_batch(records, RECORDS);
		check(batch, records, RECORDS);
		logtap_batch_unref(batch);
	}
	for (uint32_t i = 0; i < RESOURCES; i++) {
		logtap_source_unref(sources[i]);
		logtap_resource_unref(resources[i]);
	}
	free(memory);
}
