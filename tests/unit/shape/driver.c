/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* See the header. */
#include "driver.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void collect(void *context, struct logtap_batch *batch)
{
	struct driver *driver = context;

	cr_assert_lt(driver->batch_count, 256);
	driver->batches[driver->batch_count++] = batch;
}

void driver_init(struct driver *driver,
		 const struct logtap_shaper_options *options)
{
	driver_init_limited(driver, options,
			    &(struct logtap_batch_limits){
				    .records = 1000, .bytes = SIZE_MAX / 2});
}

void driver_init_limited(struct driver *driver,
			 const struct logtap_shaper_options *options,
			 const struct logtap_batch_limits *limits)
{
	memset(driver, 0, sizeof(*driver));
	driver->batcher = logtap_batcher_new(limits, collect, driver);
	driver->shaper = logtap_shaper_new(options, driver->batcher);
	driver->process = calloc(1, sizeof(*driver->process));
	driver->process->pid = 4711;
	strcpy(driver->process->executable, "/usr/bin/app");
	driver->thread.process = driver->process;
	driver->thread.tid = 4712;
	strcpy(driver->thread.name, "worker");
	driver->now_ns = UINT64_C(1700000000000000000);
	memset(driver->chunk.segment_uuid, 0xab, 16);
	driver->chunk.slot = 2;
	driver->chunk.generation = 9;
	driver->chunk.type = LOGTAP_CHUNK_DATA;
	driver->chunk.priority = LOGTAP_PRIORITY_NONE;
	driver->chunk.sink_kind = LOGTAP_SINK_STDERR;
	driver->chunk.time_ns = 1000;
	driver->chunk.position = 64;
}

void driver_end_thread(struct driver *driver)
{
	cr_assert_eq(logtap_shaper_thread_end(driver->shaper, &driver->thread,
					      driver->now_ns),
		     0);
	cr_assert_null(driver->thread.streams);
}

void driver_deinit(struct driver *driver)
{
	driver_end_thread(driver);
	cr_assert_eq(logtap_shaper_floor(driver->shaper), UINT64_MAX);
	logtap_shaper_process_end(driver->shaper, driver->process);
	cr_assert_null(driver->process->resource);
	logtap_shaper_free(driver->shaper);
	logtap_batcher_free(driver->batcher);
	while (driver->batch_count)
		logtap_batch_unref(driver->batches[--driver->batch_count]);
	free(driver->process);
}

void driver_renew(struct driver *driver,
		  const struct logtap_shaper_options *options)
{
	driver_deinit(driver);
	driver_init(driver, options);
}

void driver_feed(struct driver *driver, const void *payload, size_t bytes)
{
	struct logtap_chunk_view *chunk = &driver->chunk;
	/* memory of exactly that size, so that a sanitizer sees a byte past
	 * it, and gone afterwards, so that it sees a late look */
	unsigned char *copy = malloc(bytes);

	memcpy(copy, payload, bytes);
	chunk->payload = copy;
	chunk->payload_bytes = bytes;
	cr_assert_eq(logtap_shaper_chunk(driver->shaper, &driver->thread, chunk,
					 driver->now_ns),
		     0);
	free(copy);
	chunk->payload = NULL;
	chunk->sequence++;
	chunk->time_ns += 10;
	chunk->position += 64;
	chunk->flags = 0;
}

void driver_text(struct driver *driver, const char *text)
{
	driver_feed(driver, text, strlen(text));
}

size_t driver_count(struct driver *driver)
{
	size_t count = 0;

	logtap_batcher_flush(driver->batcher, driver->now_ns, true);
	for (size_t i = 0; i < driver->batch_count; i++)
		count += logtap_batch_records(driver->batches[i]);
	return count;
}

const struct logtap_record *driver_record(struct driver *driver, size_t index)
{
	cr_assert_lt(index, driver_count(driver));
	for (size_t i = 0;; i++) {
		size_t records = logtap_batch_records(driver->batches[i]);
		if (index < records)
			return logtap_batch_record(
				driver->batches[i], index,
				&driver->shown[driver->shown_count++ % 8]);
		index -= records;
	}
}

void driver_expect_bytes(struct driver *driver, size_t index, const char *body,
			 size_t bytes)
{
	const struct logtap_record *record = driver_record(driver, index);

	cr_assert(record->body_bytes == bytes &&
			  !memcmp(record->body, body, bytes),
		  "record %zu is \"%.*s\", not \"%.*s\"", index,
		  (int)record->body_bytes, record->body, (int)bytes, body);
}

void driver_expect(struct driver *driver, size_t index, const char *body)
{
	driver_expect_bytes(driver, index, body, strlen(body));
}

const struct logtap_attribute *driver_attribute(
	const struct logtap_record *record, const char *key)
{
	for (size_t i = 0; i < record->attribute_count; i++)
		if (!strcmp(record->attributes[i].key, key))
			return &record->attributes[i];
	return NULL;
}

bool driver_flag(const struct logtap_record *record, const char *key)
{
	const struct logtap_attribute *found = driver_attribute(record, key);

	cr_assert(!found || found->kind == LOGTAP_VALUE_BOOL);
	return found && found->value.boolean;
}

int64_t driver_int(const struct logtap_record *record, const char *key)
{
	const struct logtap_attribute *found = driver_attribute(record, key);

	cr_assert(!found || found->kind == LOGTAP_VALUE_INT);
	return found ? found->value.integer : INT64_MIN;
}

void driver_expect_text(const struct logtap_record *record, const char *key,
			const char *text)
{
	const struct logtap_attribute *found = driver_attribute(record, key);

	if (!text) {
		cr_assert_null(found, "%s is there", key);
		return;
	}
	cr_assert_not_null(found, "%s is missing", key);
	cr_assert_eq(found->kind, LOGTAP_VALUE_STRING);
	cr_assert(found->value.string.bytes == strlen(text) &&
			  !memcmp(found->value.string.data, text, strlen(text)),
		  "%s is \"%.*s\", not \"%s\"", key,
		  (int)found->value.string.bytes, found->value.string.data,
		  text);
}
