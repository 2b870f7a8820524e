/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The streams of one thread: for each kind of output, and for the nested ring
 * apart, the source of its records and the joiner of its bytes.  The
 * pipeline's thread.
 */
#ifndef LOGTAP_SHAPE_STREAM_H
#define LOGTAP_SHAPE_STREAM_H

#include "line.h"

#include <string.h>

/* One ring of one slot in one generation. */
struct logtap_ring_id {
	unsigned char segment_uuid[16];
	uint64_t generation;
	uint32_t slot;
	bool nested;
};

/* Is it a ring of that slot, the main one or the nested one? */
static inline bool logtap_ring_is(const struct logtap_ring_id *ring,
				  const unsigned char segment_uuid[16],
				  uint64_t generation, uint32_t slot)
{
	return ring->slot == slot && ring->generation == generation &&
	       !memcmp(ring->segment_uuid, segment_uuid, 16);
}

struct logtap_stream {
	struct logtap_stream *next; /* of the thread */
	/* those whose joiner is open, so that they are found for a flush */
	struct logtap_stream *next_open, **open_link;
	uint32_t sink_kind; /* enum logtap_sink_kind */
	bool has_sink;
	struct logtap_sink_info sink;
	uint8_t format; /* enum logtap_chunk_format */
	bool nested;
	struct logtap_source *source; /* counted; of @ring and @name */
	struct logtap_ring_id ring;
	char name[LOGTAP_SLOT_NAME_BYTES + 1];
	struct logtap_joiner joiner;
};

enum { LOGTAP_NESTED_SEEN = 64 };

struct logtap_streams {
	struct logtap_stream *list;
	/* the chunk that came last, to see when one is missing */
	bool has_last;
	struct logtap_ring_id last;
	uint32_t last_sequence;
	uint32_t nested[LOGTAP_NESTED_SEEN]; /* numbers the nested ring took */
	unsigned nested_count;
};

/* The stream that the chunk belongs to, made when it is new, its source up to
 * date.  thread->process->resource must be there.  Return: NULL without
 * memory. */
struct logtap_stream *logtap_stream_of(struct logtap_thread *thread,
				       const struct logtap_chunk_view *chunk);
void logtap_streams_free(struct logtap_streams *streams);

/* Notes the chunk's number.  Return: true if chunks before it never came. */
bool logtap_streams_misses(struct logtap_streams *streams,
			   const struct logtap_chunk_view *chunk);

#endif
