/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch: see the header.  It is filled by one thread; once it is closed only
 * its count of references changes, from any thread.
 */
#include "../shape/source.h"
#include "batch_private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Batches that are kept for reuse with their memory: fresh memory
	 * costs more than all that is done with it. */
	SPARES = 4,
	SPARE_RECORDS = 1024,
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

static void free_blocks(struct logtap_block *block)
{
	while (block) {
		struct logtap_block *next = block->next;
		free(block);
		block = next;
	}
}

static void batch_free(struct logtap_batch *batch)
{
	free_blocks(batch->blocks);
	free(batch->sources);
	free(batch->groups);
	free(batch->runs);
	free(batch->lines);
	free(batch);
}

/* Return: true if it was kept. */
static bool put_spare(struct logtap_batch *batch)
{
	struct logtap_block *block = batch->blocks;

	if (batch->capacity > SPARE_RECORDS || !block ||
	    block->capacity != LOGTAP_BLOCK_BYTES)
		return false;
	free_blocks(block->next);
	block->next = NULL;
	block->used = 0;
	batch->count = 0;
	batch->run_count = 0;
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

uint64_t logtap_batch_serial(const struct logtap_batch *batch)
{
	return batch->serial;
}

size_t logtap_batch_records(const struct logtap_batch *batch)
{
	return batch->count;
}

size_t logtap_batch_bytes(const struct logtap_batch *batch)
{
	return batch->bytes;
}

size_t logtap_batch_memory(const struct logtap_batch *batch)
{
	return batch->bytes + batch->count * sizeof(*batch->lines) +
	       batch->run_count * sizeof(*batch->runs);
}

const struct logtap_record *logtap_batch_record(
	const struct logtap_batch *batch, size_t index,
	struct logtap_record *out)
{
	size_t run = 0, end = batch->run_count;

	if (index >= batch->count)
		return NULL;
	while (end - run > 1) {
		size_t middle = run + (end - run) / 2;
		if (batch->runs[middle].first <= index)
			run = middle;
		else
			end = middle;
	}
	*out = batch->runs[run].like;
	logtap_batch_fill_in(out, &batch->lines[index]);
	return out;
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
		.lines = batch->lines,
		.runs = batch->runs,
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
