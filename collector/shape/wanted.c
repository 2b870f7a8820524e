/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Which chunks become records; what does not is counted.  The pipeline's
 * thread. */
#include "shaper_private.h"

#include <string.h>

static void count_hidden(struct logtap_shaper *shaper, uint64_t bytes,
			 uint64_t lines)
{
	shaper->stats.hidden_chunks++;
	shaper->stats.hidden_bytes += bytes;
	shaper->stats.hidden_lines += lines;
}

int logtap_hidden_line(void *context, const struct logtap_line *line)
{
	count_hidden(context, line->bytes + 1, 1);
	return 0;
}

/* Is this a chunk that becomes a record?  Counts it if not. */
static bool is_ours(struct logtap_shaper *shaper,
		    const struct logtap_chunk_view *chunk)
{
	switch (chunk->type) {
	case LOGTAP_CHUNK_DATA:
		if (chunk->format < LOGTAP_FORMATS)
			return true;
		break;
	case LOGTAP_CHUNK_GAP:
	case LOGTAP_CHUNK_HOLE:
		return true;
	case LOGTAP_CHUNK_EVENT:
		shaper->stats.events++;
		return chunk->format == LOGTAP_FORMAT_EVENT;
	case LOGTAP_CHUNK_EVIDENCE:
		shaper->stats.evidence++;
		return false;
	case LOGTAP_CHUNK_STACK:
		shaper->stats.stacks++;
		return false;
	}
	shaper->stats.unknown++;
	return false;
}

/* Bytes that the chunk stands for. */
static uint64_t bytes_of(const struct logtap_chunk_view *chunk)
{
	uint64_t bytes = chunk->payload_bytes;

	if (chunk->type == LOGTAP_CHUNK_GAP && bytes >= sizeof(bytes))
		memcpy(&bytes, chunk->payload, sizeof(bytes));
	return bytes;
}

static void hide_chunk(struct logtap_shaper *shaper,
		       const struct logtap_chunk_view *chunk)
{
	const unsigned char *at = chunk->payload;
	const unsigned char *end = at + chunk->payload_bytes;
	uint64_t lines = 0;

	if (chunk->type != LOGTAP_CHUNK_GAP)
		while (at < end && (at = memchr(at, '\n', (size_t)(end - at))))
			at++, lines++;
	count_hidden(shaper, bytes_of(chunk), lines);
}

/* Of what is not known it is believed. */
static bool ends_line(const struct logtap_chunk_view *chunk)
{
	return chunk->type != LOGTAP_CHUNK_DATA || !chunk->payload_bytes ||
	       chunk->flags & LOGTAP_CHUNK_TRUNCATED ||
	       ((const char *)chunk->payload)[chunk->payload_bytes - 1] == '\n';
}

static void count_session(struct logtap_shaper *shaper,
			  const struct logtap_chunk_view *chunk)
{
	shaper->stats.session_bytes += bytes_of(chunk);
	logtap_session_written(shaper, chunk->time_ns, !ends_line(chunk));
}

bool logtap_chunk_is_wanted(struct logtap_shaper *shaper,
			    const struct logtap_chunk_view *chunk)
{
	if (!is_ours(shaper, chunk))
		return false;
	if (logtap_sink_is_stderr(&shaper->options.sinks, chunk->sink) &&
	    !(chunk->flags & LOGTAP_CHUNK_DIVERTED))
		count_session(shaper, chunk);
	if (chunk->type == LOGTAP_CHUNK_HOLE ||
	    !logtap_sink_is_hidden(&shaper->options.sinks, chunk->sink))
		return true;
	if (chunk->type == LOGTAP_CHUNK_DATA &&
	    logtap_shaper_follows(shaper, chunk->sink, chunk->format))
		return true;
	hide_chunk(shaper, chunk);
	return false;
}
