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
	struct logtap_batch *open; /* NULL, or at least one record */
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

int logtap_batcher_append(struct logtap_batcher *batcher,
			  const struct logtap_record *record)
{
	size_t content = record->body_bytes;
	struct logtap_batch *batch = batcher->open;

	if (record->attribute_count)
		content += logtap_batch_attribute_bytes(record);
	if (batch && (content > batcher->limits.bytes ||
		      batch->bytes > batcher->limits.bytes - content))
		close_open(batcher);
	if (!batcher->open)
		batch = logtap_batch_new(record->observed_ns);
	if (!batch)
		return -ENOMEM;
	int error = logtap_batch_append(batch, record, content);
	if (error) {
		if (!batcher->open)
			logtap_batch_unref(batch);
		return error;
	}
	batcher->open = batch;
	if (is_full(batcher))
		close_open(batcher);
	return 0;
}

int logtap_batcher_append_lines(struct logtap_batcher *batcher,
				const struct logtap_record *like,
				const struct logtap_batch_line *lines,
				size_t count)
{
	while (count) {
		struct logtap_batch *batch = batcher->open;
		size_t left = count;
		if (!batch)
			batch = logtap_batch_new(like->observed_ns);
		if (!batch)
			return -ENOMEM;
		int error = logtap_batch_append_lines(batch, &batcher->limits,
						      like, lines, &left);
		if (batch->count)
			batcher->open = batch;
		else
			logtap_batch_unref(batch);
		if (error)
			return error;
		if (left || is_full(batcher))
			close_open(batcher);
		lines += count - left;
		count = left;
	}
	return 0;
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
