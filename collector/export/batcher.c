/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Fills batches and closes them by count, bytes or age: see batch.h.  The
 * pipeline's thread. */
#include "batch_private.h"

#include <errno.h>
#include <stdlib.h>

struct logtap_batcher {
	struct logtap_batch_limits limits;
	logtap_batch_sink_fn *sink;
	void *context;
	/* NULL, or at least one record, but while room is open in it */
	struct logtap_batch *open;
};

struct logtap_batcher *logtap_batcher_new(
	const struct logtap_batch_limits *limits, logtap_batch_sink_fn *sink,
	void *context)
{
	struct logtap_batcher *batcher = calloc(1, sizeof(*batcher));

	if (!batcher)
		return NULL;
	if (limits)
		batcher->limits = *limits;
	if (!batcher->limits.records)
		batcher->limits.records = 512;
	if (batcher->limits.records > UINT32_MAX)
		batcher->limits.records = UINT32_MAX;
	if (!batcher->limits.bytes)
		batcher->limits.bytes = 1 << 20;
	if (!batcher->limits.age_ns)
		batcher->limits.age_ns = UINT64_C(1000000000);
	batcher->sink = sink;
	batcher->context = context;
	return batcher;
}

void logtap_batcher_free(struct logtap_batcher *batcher)
{
	if (!batcher)
		return;
	logtap_batch_unref(batcher->open);
	free(batcher);
}

static void close_open(struct logtap_batcher *batcher)
{
	struct logtap_batch *batch = batcher->open;

	batcher->open = NULL;
	batcher->sink(batcher->context, batch);
}

static bool is_full(const struct logtap_batcher *batcher)
{
	return batcher->open->count >= batcher->limits.records ||
	       batcher->open->bytes >= batcher->limits.bytes;
}

/* Sees to a batch with room for @bytes more, as far as limits go.
 * Return: 0 or -ENOMEM. */
static int open_for(struct logtap_batcher *batcher, size_t bytes,
		    uint64_t observed_ns)
{
	struct logtap_batch *batch = batcher->open;

	if (batch && (bytes > batcher->limits.bytes ||
		      batch->bytes > batcher->limits.bytes - bytes))
		close_open(batcher);
	if (!batcher->open)
		batcher->open = logtap_batch_new(observed_ns);
	return batcher->open ? 0 : -ENOMEM;
}

/* Something was appended, or could not be. */
static void settle(struct logtap_batcher *batcher)
{
	if (is_full(batcher)) {
		close_open(batcher);
	} else if (!batcher->open->count) {
		logtap_batch_unref(batcher->open);
		batcher->open = NULL;
	}
}

int logtap_batcher_append(struct logtap_batcher *batcher,
			  const struct logtap_record *record)
{
	size_t content = record->body_bytes;

	if (record->attribute_count)
		content += logtap_batch_attribute_bytes(record);
	int error = open_for(batcher, content, record->observed_ns);
	if (error)
		return error;
	error = logtap_batch_append(batcher->open, record, content);
	settle(batcher);
	return error;
}

int logtap_batcher_open_room(struct logtap_batcher *batcher,
			     const struct logtap_record *like, size_t bytes,
			     struct logtap_batch_room *room)
{
	int error = open_for(batcher, bytes, like->observed_ns);

	if (error)
		return error;
	error = logtap_batch_open_room(batcher->open, like, bytes,
				       &batcher->limits, room);
	if (error)
		settle(batcher);
	return error;
}

size_t logtap_batcher_close_room(struct logtap_batcher *batcher,
				 const struct logtap_batch_room *room)
{
	size_t count = logtap_batch_close_room(batcher->open, room);

	settle(batcher);
	return count;
}

void logtap_batcher_flush(struct logtap_batcher *batcher, uint64_t now_ns,
			  bool force)
{
	if (!batcher->open)
		return;
	uint64_t opened_ns = logtap_batch_opened_ns(batcher->open);
	/* a clock that was set back must not hold records for as long */
	if (force || now_ns < opened_ns ||
	    now_ns - opened_ns >= batcher->limits.age_ns)
		close_open(batcher);
}

uint64_t logtap_batcher_floor(const struct logtap_batcher *batcher)
{
	return batcher->open ? logtap_batch_floor(batcher->open) : UINT64_MAX;
}
