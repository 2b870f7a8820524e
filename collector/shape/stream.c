/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The streams of a thread: see the header.  The pipeline's thread. */
#include "stream.h"

#include "sink.h"

#include <stdlib.h>
#include <string.h>

static struct logtap_ring_id ring_of(const struct logtap_chunk_view *chunk)
{
	struct logtap_ring_id ring = {
		.generation = chunk->generation,
		.slot = chunk->slot,
		.nested = chunk->nested,
	};

	memcpy(ring.segment_uuid, chunk->segment_uuid,
	       sizeof(ring.segment_uuid));
	return ring;
}

static bool same_slot(const struct logtap_ring_id *ring,
		      const struct logtap_chunk_view *chunk)
{
	return logtap_ring_is(ring, chunk->segment_uuid, chunk->generation,
			      chunk->slot);
}

static const char *iostream_of(const struct logtap_chunk_view *chunk)
{
	switch (chunk->sink_kind) {
	case LOGTAP_SINK_STDERR:
		return "stderr";
	case LOGTAP_SINK_STDOUT:
		return "stdout";
	default:
		return NULL;
	}
}

static bool renew_source(struct logtap_stream *stream,
			 const struct logtap_thread *thread,
			 const struct logtap_chunk_view *chunk)
{
	struct logtap_source *source = logtap_source_new(
		thread->process->resource, &(struct logtap_source_options){
						   .stream = iostream_of(chunk),
						   .thread = thread,
						   .sink = chunk->sink,
						   .chunk = chunk,
					   });

	if (!source)
		return false;
	logtap_source_unref(stream->source);
	stream->source = source;
	stream->ring = ring_of(chunk);
	memcpy(stream->name, thread->name, sizeof(stream->name));
	return true;
}

static struct logtap_stream *stream_new(struct logtap_streams *streams,
					const struct logtap_chunk_view *chunk)
{
	struct logtap_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return NULL;
	stream->sink_kind = chunk->sink_kind;
	stream->has_sink = chunk->sink != NULL;
	if (chunk->sink)
		stream->sink = *chunk->sink;
	stream->format = chunk->format;
	stream->nested = chunk->nested;
	stream->next = streams->list;
	streams->list = stream;
	return stream;
}

static bool is_stream_of(const struct logtap_stream *stream,
			 const struct logtap_chunk_view *chunk)
{
	return stream->sink_kind == chunk->sink_kind &&
	       stream->format == chunk->format &&
	       stream->nested == chunk->nested &&
	       logtap_sink_same(stream->has_sink ? &stream->sink : NULL,
				chunk->sink);
}

struct logtap_stream *logtap_stream_of(struct logtap_thread *thread,
				       const struct logtap_chunk_view *chunk)
{
	if (!thread->streams)
		thread->streams = calloc(1, sizeof(*thread->streams));
	if (!thread->streams)
		return NULL;
	struct logtap_stream *stream = thread->streams->list;
	while (stream && !is_stream_of(stream, chunk))
		stream = stream->next;
	if (!stream)
		stream = stream_new(thread->streams, chunk);
	if (!stream)
		return NULL;
	/* a thread may move to a larger ring, and may be renamed; a process
	 * whose resource was made anew must not keep the old one */
	if (stream->source &&
	    stream->source->resource == thread->process->resource &&
	    same_slot(&stream->ring, chunk) &&
	    !memcmp(stream->name, thread->name, sizeof(stream->name)))
		return stream;
	return renew_source(stream, thread, chunk) ? stream : NULL;
}

void logtap_streams_free(struct logtap_streams *streams)
{
	if (!streams)
		return;
	while (streams->list) {
		struct logtap_stream *stream = streams->list;
		streams->list = stream->next;
		logtap_joiner_deinit(&stream->joiner);
		logtap_source_unref(stream->source);
		free(stream);
	}
	free(streams);
}

/* Numbers between the two that the nested ring took. */
static uint32_t nested_between(const struct logtap_streams *streams,
			       uint32_t first, uint32_t last)
{
	uint32_t count = 0;

	for (unsigned i = 0;
	     i < LOGTAP_NESTED_SEEN && i < streams->nested_count; i++)
		if (streams->nested[i] - first < last - first)
			count++;
	return count;
}

bool logtap_streams_misses(struct logtap_streams *streams,
			   const struct logtap_chunk_view *chunk)
{
	uint32_t expected = streams->last_sequence + 1;
	bool misses = false;

	if (chunk->nested) {
		streams->nested[streams->nested_count++ % LOGTAP_NESTED_SEEN] =
			chunk->sequence;
		return false;
	}
	/* another slot begins where the one before ended; what was lost in
	 * between cannot be told from what was not */
	if (streams->has_last && chunk->sequence != expected &&
	    same_slot(&streams->last, chunk))
		misses = nested_between(streams, expected, chunk->sequence) !=
			 chunk->sequence - expected;
	streams->has_last = true;
	if (!same_slot(&streams->last, chunk))
		streams->last = ring_of(chunk);
	streams->last_sequence = chunk->sequence;
	return misses;
}
