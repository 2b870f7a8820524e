/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Fills a batch with lines that have all else in common, in place: see batch.h.
 * The pipeline's thread. */
#include "../base/copy.h"
#include "batch_private.h"

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How long texts may become in all, the first being as long as @bytes. */
static size_t text_room(const struct logtap_batch *batch,
			const struct logtap_batch_limits *limits, size_t bytes)
{
	const struct logtap_block *block = batch->blocks;
	size_t room = block->capacity - block->used - LOGTAP_COPY_SLACK;

	/* one alone may be longer */
	if (!batch->count && bytes > limits->bytes)
		return bytes;
	return least(room, limits->bytes - batch->bytes);
}

int logtap_batch_open_room(struct logtap_batch *batch,
			   const struct logtap_record *like, size_t bytes,
			   const struct logtap_batch_limits *limits,
			   struct logtap_batch_room *room)
{
	int error = logtap_batch_reserve(batch, bytes + LOGTAP_COPY_SLACK);

	if (error)
		return error;
	struct logtap_batch_run *run = &batch->runs[batch->run_count];
	run->like = *like;
	run->first = (uint32_t)batch->count;
	room->next = batch->lines + batch->count;
	room->end = batch->lines + least(limits->records, batch->capacity);
	room->text = (char *)batch->blocks->data + batch->blocks->used;
	room->text_end = room->text + text_room(batch, limits, bytes);
	return 0;
}

size_t logtap_batch_close_room(struct logtap_batch *batch,
			       const struct logtap_batch_room *room)
{
	struct logtap_block *block = batch->blocks;
	size_t used = (size_t)(room->text - (char *)block->data);
	size_t count = (size_t)(room->next - batch->lines) - batch->count;

	if (!count)
		return 0;
	batch->bytes += used - block->used;
	block->used = used;
	batch->runs[batch->run_count].count = (uint32_t)count;
	logtap_batch_join(batch);
	return count;
}
