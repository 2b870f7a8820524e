/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Fills a batch with lines that have all else in common: see batch.h.  The
 * pipeline's thread. */
#include "../base/copy.h"
#include "batch_private.h"

#include <string.h>
#include <sys/types.h>

/* Bodies of the lines one behind the other, as many as fit. */
static size_t copy_lines(struct logtap_batch *batch, size_t room,
			 const struct logtap_record *like,
			 const struct logtap_batch_line *lines, size_t count)
{
	struct logtap_block *block = batch->blocks;
	struct logtap_record *own = &batch->records[batch->count];
	uint32_t *links = &batch->links[batch->count];
	uint32_t index = (uint32_t)batch->count;
	unsigned char *at = block->data + block->used;
	const unsigned char *start = at;
	size_t i = 0;

	for (; i < count && lines[i].bytes <= room; i++, own++) {
		const struct logtap_batch_line *line = &lines[i];
		*own = *like;
		own->time_ns = line->time_ns;
		own->body = (const char *)at;
		own->body_bytes = line->bytes;
		own->sequence = line->sequence;
		own->line = line->line;
		own->position = line->position;
		links[i] = ++index;
		logtap_copy_short(at, line->text, line->bytes);
		at += line->bytes;
		room -= line->bytes;
	}
	batch->count += i;
	batch->bytes += (size_t)(at - start);
	block->used += (size_t)(at - start);
	return i;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* As many as there is room for.  Return: how many, or -ENOMEM. */
static ssize_t append_some(struct logtap_batch *batch, size_t bytes,
			   const struct logtap_record *like,
			   const struct logtap_batch_line *lines, size_t count)
{
	uint32_t index = (uint32_t)batch->count;
	int error =
		logtap_batch_reserve(batch, lines[0].bytes + LOGTAP_COPY_SLACK);

	if (error)
		return error;
	size_t room = batch->blocks->capacity - batch->blocks->used -
		      LOGTAP_COPY_SLACK;
	size_t done = copy_lines(batch, least(room, bytes), like, lines,
				 least(count, batch->capacity - index));
	logtap_batch_join(batch, &batch->records[index], index, (uint32_t)done);
	return (ssize_t)done;
}

int logtap_batch_append_lines(struct logtap_batch *batch,
			      const struct logtap_batch_limits *limits,
			      const struct logtap_record *like,
			      const struct logtap_batch_line *lines,
			      size_t *count)
{
	while (*count && batch->count < limits->records) {
		size_t room = limits->bytes > batch->bytes
				      ? limits->bytes - batch->bytes
				      : 0;
		/* one alone may be longer */
		if (!batch->count)
			room = lines[0].bytes > room ? lines[0].bytes : room;
		if (lines[0].bytes > room)
			return 0;
		ssize_t done = append_some(
			batch, room, like, lines,
			least(*count, limits->records - batch->count));
		if (done < 0)
			return (int)done;
		lines += done;
		*count -= (size_t)done;
	}
	return 0;
}
