/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Fills a batch: see batch.h.  The pipeline's thread. */
#include "../base/copy.h"
#include "batch_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_RECORDS = 64 };

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

size_t logtap_batch_attribute_bytes(const struct logtap_record *record)
{
	size_t bytes = 0;

	for (size_t i = 0; i < record->attribute_count; i++) {
		const struct logtap_attribute *at = &record->attributes[i];
		bytes += logtap_attribute_key_bytes(at);
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
	struct logtap_block *block = batch->blocks;

	if (block && bytes <= block->capacity - block->used)
		return 0;
	size_t capacity =
		bytes < LOGTAP_BLOCK_BYTES ? LOGTAP_BLOCK_BYTES : bytes;
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

static __attribute__((noinline)) int reserve_more(struct logtap_batch *batch,
						  size_t bytes)
{
	void *array = grown(batch->lines, batch->count, &batch->capacity,
			    sizeof(*batch->lines));

	if (!array)
		return -ENOMEM;
	batch->lines = array;
	array = grown(batch->runs, batch->run_count, &batch->run_capacity,
		      sizeof(*batch->runs));
	if (!array)
		return -ENOMEM;
	batch->runs = array;
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
	return reserve_block(batch, bytes);
}

/* Bytes of strings besides the content: keys and names with their NULs, and the
 * alignment of attributes. */
static size_t string_bytes(const struct logtap_record *record)
{
	return record->attribute_count * (sizeof(struct logtap_attribute) + 1) +
	       (record->event_name ? strlen(record->event_name) + 1 : 0) +
	       (record->scope ? strlen(record->scope) + 1 : 0) +
	       _Alignof(struct logtap_attribute);
}

int logtap_batch_reserve(struct logtap_batch *batch, size_t bytes)
{
	struct logtap_block *block = batch->blocks;

	if (__builtin_expect(
		    batch->count < batch->capacity &&
			    batch->run_count < batch->run_capacity &&
			    batch->group_count < batch->group_capacity &&
			    batch->source_count < batch->source_capacity &&
			    block && bytes <= block->capacity - block->used,
		    1))
		return 0;
	return reserve_more(batch, bytes);
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
		size_t bytes = logtap_attribute_key_bytes(&list[i]);
		copies[i].key = copy(batch, list[i].key, bytes + 1);
		copies[i].key_bytes = (uint32_t)bytes;
		if (list[i].kind == LOGTAP_VALUE_STRING ||
		    list[i].kind == LOGTAP_VALUE_BYTES)
			copies[i].value.string.data =
				copy(batch, list[i].value.string.data,
				     list[i].value.string.bytes);
	}
	return copies;
}

static void copy_strings(struct logtap_batch *batch, struct logtap_record *own,
			 const struct logtap_record *record)
{
	if (record->event_name)
		own->event_name = copy(batch, record->event_name,
				       strlen(record->event_name) + 1);
	if (record->scope)
		own->scope =
			copy(batch, record->scope, strlen(record->scope) + 1);
	if (record->attribute_count)
		own->attributes = copy_attributes(batch, record->attributes,
						  record->attribute_count);
}

/* What is not in its line, member by member: the caller has just written them one
 * by one, and a wide load would wait until those stores are done. */
static void copy_record(struct logtap_record *own,
			const struct logtap_record *record)
{
	own->observed_ns = record->observed_ns;
	own->severity = record->severity;
	own->severity_text = record->severity_text;
	own->flags = record->flags;
	own->has_trace = record->has_trace;
	if (record->has_trace) {
		memcpy(own->trace_id, record->trace_id, sizeof(own->trace_id));
		memcpy(own->span_id, record->span_id, sizeof(own->span_id));
	}
	own->source = record->source;
	own->attribute_count = record->attribute_count;
	own->dropped_attributes = record->dropped_attributes;
	own->position = record->position;
}

int logtap_batch_append(struct logtap_batch *batch,
			const struct logtap_record *record,
			size_t content_bytes)
{
	/* whoever reads the last body reads beyond it */
	size_t bytes = content_bytes + LOGTAP_COPY_SLACK;
	bool more = record->attribute_count | (uintptr_t)record->event_name |
		    (uintptr_t)record->scope;
	int error = logtap_batch_reserve(
		batch, more ? bytes + string_bytes(record) : bytes);

	if (error)
		return error;
	struct logtap_batch_run *run = &batch->runs[batch->run_count];
	struct logtap_batch_line *line = &batch->lines[batch->count];
	struct logtap_record *own = &run->like;
	*line = logtap_batch_line_of(record);
	line->text = copy(batch, record->body, record->body_bytes);
	batch->bytes += content_bytes;
	if (logtap_batch_prolong(batch, record))
		return 0;
	run->first = (uint32_t)batch->count;
	run->count = 1;
	copy_record(own, record);
	own->event_name = NULL;
	own->scope = NULL;
	own->attributes = NULL;
	if (more)
		copy_strings(batch, own, record);
	logtap_batch_join(batch);
	return 0;
}
