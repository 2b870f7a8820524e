/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch: see the header.  It is filled by one thread; once it is closed only
 * its count of references changes, from any thread.
 *
 * What records point to is copied into blocks that never move.
 */
#include "batch.h"

#include "../shape/resource.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK_BYTES = 64 << 10,
	FIRST_RECORDS = 64,
	/* Batches that are kept for reuse with their memory: fresh memory
	 * costs more than all that is done with it. */
	SPARES = 4,
	SPARE_RECORDS = 1024,
};

struct block {
	struct block *next;
	size_t used, capacity;
	_Alignas(max_align_t) unsigned char data[];
};

struct logtap_batch {
	atomic_uint references;
	uint64_t serial; /* never 0, never used twice */
	uint64_t opened_ns;
	uint64_t floor;
	size_t bytes;
	size_t count, capacity;
	struct logtap_record *records;
	uint32_t *links;
	size_t group_count, group_capacity;
	struct logtap_batch_group *groups;
	size_t source_count, source_capacity;
	struct logtap_source **sources; /* a reference for each */
	struct block *blocks;
	uint64_t severities[LOGTAP_SEVERITY_CLASSES];
};

static struct {
	pthread_mutex_t lock;
	struct logtap_batch *list[SPARES];
	size_t count;
} spares = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct logtap_batch *logtap_batch_ref(struct logtap_batch *batch)
{
	atomic_fetch_add_explicit(&batch->references, 1, memory_order_relaxed);
	return batch;
}

static void free_blocks(struct block *block)
{
	while (block) {
		struct block *next = block->next;
		free(block);
		block = next;
	}
}

static void batch_free(struct logtap_batch *batch)
{
	free_blocks(batch->blocks);
	free(batch->sources);
	free(batch->groups);
	free(batch->links);
	free(batch->records);
	free(batch);
}

/* Return: true if it was kept. */
static bool put_spare(struct logtap_batch *batch)
{
	struct block *block = batch->blocks;

	if (batch->capacity > SPARE_RECORDS || !block ||
	    block->capacity != BLOCK_BYTES)
		return false;
	free_blocks(block->next);
	block->next = NULL;
	block->used = 0;
	batch->count = 0;
	batch->group_count = 0;
	batch->source_count = 0;
	batch->bytes = 0;
	memset(batch->severities, 0, sizeof(batch->severities));
	pthread_mutex_lock(&spares.lock);
	bool kept = spares.count < SPARES;
	if (kept)
		spares.list[spares.count++] = batch;
	pthread_mutex_unlock(&spares.lock);
	return kept;
}

static struct logtap_batch *take_spare(void)
{
	struct logtap_batch *batch = NULL;

	pthread_mutex_lock(&spares.lock);
	if (spares.count)
		batch = spares.list[--spares.count];
	pthread_mutex_unlock(&spares.lock);
	return batch;
}

void logtap_batch_unref(struct logtap_batch *batch)
{
	/* pairs with itself: the last one sees all that others did */
	if (!batch || atomic_fetch_sub_explicit(&batch->references, 1,
						memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < batch->source_count; i++)
		logtap_source_unref(batch->sources[i]);
	if (!put_spare(batch))
		batch_free(batch);
}

size_t logtap_batch_records(const struct logtap_batch *batch)
{
	return batch->count;
}

size_t logtap_batch_bytes(const struct logtap_batch *batch)
{
	return batch->bytes;
}

const struct logtap_record *logtap_batch_record(
	const struct logtap_batch *batch, size_t index)
{
	return index < batch->count ? &batch->records[index] : NULL;
}

uint64_t logtap_batch_opened_ns(const struct logtap_batch *batch)
{
	return batch->opened_ns;
}

uint64_t logtap_batch_floor(const struct logtap_batch *batch)
{
	return batch->floor;
}

const uint64_t *logtap_batch_severities(const struct logtap_batch *batch)
{
	return batch->severities;
}

struct logtap_batch_view logtap_batch_view(const struct logtap_batch *batch)
{
	return (struct logtap_batch_view){
		.records = batch->records,
		.links = batch->links,
		.groups = batch->groups,
		.group_count = batch->group_count,
	};
}

struct logtap_batch *logtap_batch_new(uint64_t opened_ns)
{
	static atomic_uint_fast64_t last_serial;
	struct logtap_batch *batch = take_spare();

	if (!batch)
		batch = calloc(1, sizeof(*batch));
	if (!batch)
		return NULL;
	atomic_init(&batch->references, 1);
	batch->serial = atomic_fetch_add(&last_serial, 1) + 1;
	batch->opened_ns = opened_ns;
	batch->floor = UINT64_MAX;
	return batch;
}

/* Room for one more element behind @count.  Return: the array or NULL. */
static void *grown(void *array, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity)
		return array;
	size_t more = *capacity ? 2 * *capacity : FIRST_RECORDS;
	void *moved = reallocarray(array, more, size);
	if (moved)
		*capacity = more;
	return moved;
}

size_t logtap_batch_content_bytes(const struct logtap_record *record)
{
	size_t bytes = record->body_bytes;

	for (size_t i = 0; i < record->attribute_count; i++) {
		const struct logtap_attribute *at = &record->attributes[i];
		bytes += strlen(at->key);
		bytes += at->kind == LOGTAP_VALUE_STRING ||
					 at->kind == LOGTAP_VALUE_BYTES
				 ? at->value.string.bytes
				 : sizeof(at->value.integer);
	}
	return bytes;
}

/* Room for all that logtap_batch_append() copies, so that it cannot fail half-way. */
static int reserve_block(struct logtap_batch *batch, size_t bytes)
{
	struct block *block = batch->blocks;

	if (block && bytes <= block->capacity - block->used)
		return 0;
	size_t capacity = bytes < BLOCK_BYTES ? BLOCK_BYTES : bytes;
	block = malloc(sizeof(*block) + capacity);
	if (!block)
		return -ENOMEM;
	block->used = 0;
	block->capacity = capacity;
	block->next = batch->blocks;
	batch->blocks = block;
	return 0;
}

static void *take(struct logtap_batch *batch, size_t bytes)
{
	void *data = batch->blocks->data + batch->blocks->used;
	batch->blocks->used += bytes;
	return data;
}

static const char *copy(struct logtap_batch *batch, const char *text,
			size_t bytes)
{
	char *data = take(batch, bytes);
	if (bytes)
		memcpy(data, text, bytes);
	return data;
}

static int reserve(struct logtap_batch *batch,
		   const struct logtap_record *record, size_t content)
{
	size_t old = batch->capacity, same = old;
	void *array =
		grown(batch->links, batch->count, &same, sizeof(uint32_t));

	if (!array)
		return -ENOMEM;
	batch->links = array;
	array = grown(batch->records, batch->count, &batch->capacity,
		      sizeof(*batch->records));
	if (!array)
		return -ENOMEM;
	batch->records = array;
	array = grown(batch->groups, batch->group_count, &batch->group_capacity,
		      sizeof(*batch->groups));
	if (!array)
		return -ENOMEM;
	batch->groups = array;
	array = grown(batch->sources, batch->source_count,
		      &batch->source_capacity, sizeof(struct logtap_source *));
	if (!array)
		return -ENOMEM;
	batch->sources = array;
	/* keys and the event's name with their NULs, and the alignment */
	return reserve_block(
		batch,
		content +
			record->attribute_count *
				(sizeof(struct logtap_attribute) + 1) +
			(record->event_name ? strlen(record->event_name) + 1
					    : 0) +
			_Alignof(struct logtap_attribute));
}

static const struct logtap_attribute *copy_attributes(
	struct logtap_batch *batch, const struct logtap_attribute *list,
	size_t count)
{
	size_t align = _Alignof(struct logtap_attribute);
	size_t off = batch->blocks->used % align;

	if (off)
		take(batch, align - off);
	struct logtap_attribute *copies =
		take(batch, count * sizeof(struct logtap_attribute));
	memcpy(copies, list, count * sizeof(*copies));
	for (size_t i = 0; i < count; i++) {
		copies[i].key =
			copy(batch, list[i].key, strlen(list[i].key) + 1);
		if (list[i].kind == LOGTAP_VALUE_STRING ||
		    list[i].kind == LOGTAP_VALUE_BYTES)
			copies[i].value.string.data =
				copy(batch, list[i].value.string.data,
				     list[i].value.string.bytes);
	}
	return copies;
}

/* The resource remembers its group in the batch that is being filled, so that
 * no search is needed however many processes write. */
static void join_group(struct logtap_batch *batch, struct logtap_source *source,
		       uint32_t index)
{
	struct logtap_resource *resource = source ? source->resource : NULL;
	struct logtap_batch_group *group = NULL;

	if (resource && resource->batch == batch->serial) {
		group = &batch->groups[resource->group];
	} else if (!resource) {
		for (size_t i = 0; i < batch->group_count && !group; i++)
			if (!batch->groups[i].resource)
				group = &batch->groups[i];
	}
	if (group) {
		batch->links[group->last] = index;
	} else {
		group = &batch->groups[batch->group_count];
		*group = (struct logtap_batch_group){.resource = resource,
						     .first = index};
		if (resource) {
			resource->batch = batch->serial;
			resource->group = (uint32_t)batch->group_count;
		}
		batch->group_count++;
	}
	group->last = index;
	group->count++;
	batch->links[index] = index;
}

static unsigned severity_class(uint32_t severity)
{
	if (severity == 0 || severity > 24)
		return 0;
	return severity < 9 ? 1 : 2 + (severity - 9) / 4;
}

/* Member by member: the caller has just written them one by one, and a wide
 * load would wait until those stores are done. */
static void copy_record(struct logtap_record *own,
			const struct logtap_record *record)
{
	own->time_ns = record->time_ns;
	own->observed_ns = record->observed_ns;
	own->severity = record->severity;
	own->severity_text = record->severity_text;
	own->body_bytes = record->body_bytes;
	own->flags = record->flags;
	own->has_trace = record->has_trace;
	if (record->has_trace) {
		memcpy(own->trace_id, record->trace_id, sizeof(own->trace_id));
		memcpy(own->span_id, record->span_id, sizeof(own->span_id));
	}
	own->source = record->source;
	own->sequence = record->sequence;
	own->line = record->line;
	own->attribute_count = record->attribute_count;
	own->dropped_attributes = record->dropped_attributes;
	own->position = record->position;
}

int logtap_batch_append(struct logtap_batch *batch,
			const struct logtap_record *record,
			size_t content_bytes)
{
	int error = reserve(batch, record, content_bytes);

	if (error)
		return error;
	size_t index = batch->count++;
	struct logtap_record *own = &batch->records[index];
	copy_record(own, record);
	own->body = copy(batch, record->body, record->body_bytes);
	own->event_name = record->event_name
				  ? copy(batch, record->event_name,
					 strlen(record->event_name) + 1)
				  : NULL;
	own->attributes = record->attribute_count
				  ? copy_attributes(batch, record->attributes,
						    record->attribute_count)
				  : NULL;
	if (record->source &&
	    (!batch->source_count ||
	     batch->sources[batch->source_count - 1] != record->source))
		batch->sources[batch->source_count++] =
			logtap_source_ref(record->source);
	join_group(batch, record->source, (uint32_t)index);
	if (record->position < batch->floor)
		batch->floor = record->position;
	batch->severities[severity_class(record->severity)]++;
	batch->bytes += content_bytes;
	return 0;
}
