/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of chunks: see the header.  The pipeline's thread.
 *
 * The usual chunk is one line of the stream that the chunk before it belongs
 * to, and meets no unfinished one.  Such lines are gathered and go to the
 * batcher together, with one record that shows what they have in common.  All
 * other chunks go one by one.
 */
#include "run.h"

#include "../base/chunk.h"
#include "resource.h"
#include "scan.h"
#include "shaper_private.h"
#include "utf8.h"

/* Which stream a chunk belongs to, but for its ring: type, flags that matter,
 * sink and format, as they lie in its header. */
typedef uint32_t kind_t;
#define KIND(type, flags, sink, format)           \
	((union {                                 \
		 uint8_t bytes[4];                \
		 kind_t kind;                     \
	 }){.bytes = {type, flags, sink, format}} \
		 .kind)
#define NO_KIND KIND(LOGTAP_CHUNK_NONE, 0xff, 0xff, 0xff)

struct walk {
	struct logtap_shaper *shaper;
	const struct logtap_run *run;
	/* NULL: the thread's last chunk was in another ring, or is unknown */
	struct logtap_streams *streams;
	/* The stream whose lines are gathered; NULL: none may be. */
	struct logtap_stream *stream;
	bool idle;   /* nothing of it is unfinished, or waits for its chunk */
	kind_t kind; /* of its chunks */
	bool shown;  /* on the session's stderr */
	struct logtap_record like;
	struct logtap_batch_room room; /* next NULL: none is open */
	uint64_t written_ns; /* the last line, if on the session's stderr */
	int error;	     /* the first one */
};

static inline kind_t kind_of(const unsigned char *at)
{
	const kind_t matters =
		KIND(0xff,
		     0xff & ~(LOGTAP_CHUNK_DIVERTED | LOGTAP_CHUNK_COARSE),
		     0xff, 0xff);
	kind_t kind;

	memcpy(&kind, at + offsetof(struct logtap_chunk, type), sizeof(kind));
	return kind & matters;
}

static void note_error(struct walk *walk, int error)
{
	if (!walk->error)
		walk->error = error;
}

static void hand_over(struct walk *walk)
{
	if (!walk->room.next)
		return;
	walk->shaper->stats.records +=
		logtap_batcher_close_room(walk->shaper->batcher, &walk->room);
	walk->room.next = NULL;
	logtap_session_written(walk->shaper, walk->written_ns, false);
}

/* Room for a line at @position that is going to be gathered; the batch may have
 * to end for it.  Return: false without memory. */
static __attribute__((noinline)) bool make_room(struct walk *walk, size_t bytes,
						uint64_t position)
{
	hand_over(walk);
	walk->like.position = position;
	if (!logtap_batcher_open_room(walk->shaper->batcher, &walk->like, bytes,
				      &walk->room))
		return true;
	walk->room.next = NULL;
	return false;
}

/* @chunk: what was loaded, and looked at, of what lies @at. */
static struct logtap_chunk_view view_of(const struct logtap_run *run,
					const struct logtap_chunk *chunk,
					const unsigned char *at)
{
	const struct logtap_sink_info *sink =
		logtap_sink_at(run->sinks, chunk->sink);
	const unsigned char *extension = at + sizeof(*chunk);
	struct logtap_chunk_view view = {
		.slot = run->slot,
		.generation = run->generation,
		.nested = run->nested,
		.type = chunk->type,
		.flags = chunk->flags,
		.format = chunk->format,
		.priority = chunk->priority,
		.sequence = chunk->sequence,
		.time_ns = chunk->time,
		.sink_kind = sink ? sink->kind : LOGTAP_SINK_NONE,
		.sink = sink && sink->kind ? sink : NULL,
		.extension = extension,
		.extension_bytes = chunk->extension_bytes,
		.payload = extension + chunk->extension_bytes,
		.payload_bytes = chunk->length - chunk->extension_bytes,
		.position = run->position + (uint64_t)(at - run->data),
	};

	memcpy(view.segment_uuid, run->segment_uuid, sizeof(view.segment_uuid));
	return view;
}

/* Has the stream been left with nothing unfinished, and the thread with no place
 * for its next record?  So it stays while lines are gathered. */
static void see_idle(struct walk *walk)
{
	const struct logtap_joiner *joiner;

	walk->idle = false;
	if (!walk->stream || walk->shaper->place.thread == walk->run->thread)
		return;
	joiner = &walk->stream->joiner;
	walk->idle = !joiner->open && !joiner->call.open && !joiner->call.bytes;
}

/* The streams of the thread, if its last chunk was in this ring. */
static void find_streams(struct walk *walk)
{
	const struct logtap_run *run = walk->run;
	struct logtap_streams *streams = run->thread->streams;

	walk->streams =
		streams && streams->has_last && !run->nested &&
				logtap_ring_is(&streams->last,
					       run->segment_uuid,
					       run->generation, run->slot)
			? streams
			: NULL;
}

static __attribute__((noinline)) void take_one(struct walk *walk,
					       const struct logtap_chunk *chunk,
					       const unsigned char *at)
{
	struct logtap_chunk_view view = view_of(walk->run, chunk, at);

	hand_over(walk);
	note_error(walk, logtap_shaper_chunk(walk->shaper, walk->run->thread,
					     &view, walk->shaper->now_ns));
	see_idle(walk);
	if (walk->streams)
		return;
	find_streams(walk);
	walk->kind = NO_KIND; /* ask again */
}

/* What all records of the stream's lines have in common. */
static void set_like(struct walk *walk)
{
	struct logtap_source *source = walk->stream->source;
	const struct logtap_trace_context *start = &source->resource->start;

	walk->like = (struct logtap_record){
		.observed_ns = walk->shaper->now_ns,
		.source = source,
		.has_trace = start->valid,
	};
	if (!start->valid)
		return;
	memcpy(walk->like.trace_id, start->trace_id, 16);
	memcpy(walk->like.span_id, start->span_id, 8);
	walk->like.flags = start->flags;
}

/* Turns to the stream of the chunk, if its lines may be gathered. */
static __attribute__((noinline)) void turn_to(struct walk *walk,
					      const struct logtap_chunk *chunk,
					      const unsigned char *at)
{
	const struct logtap_shaper_options *options = &walk->shaper->options;
	struct logtap_thread *thread = walk->run->thread;

	hand_over(walk);
	walk->stream = NULL;
	walk->idle = false;
	walk->kind = kind_of(at);
	if (walk->kind != KIND(LOGTAP_CHUNK_DATA, 0,
			       at[offsetof(struct logtap_chunk, sink)],
			       LOGTAP_FORMAT_STREAM) ||
	    !walk->streams || !thread->process->resource || options->tap.record)
		return;
	struct logtap_chunk_view view = view_of(walk->run, chunk, at);
	if (logtap_sink_is_hidden(&options->sinks, view.sink))
		return;
	walk->stream = logtap_stream_of(thread, &view);
	walk->shown = logtap_sink_is_stderr(&options->sinks, view.sink);
	if (!walk->stream)
		return;
	set_like(walk);
	see_idle(walk);
}

/* Is it the next chunk of its ring, with nothing else to say? */
static inline bool is_usual(const struct walk *walk,
			    const struct logtap_chunk *chunk)
{
	return walk->idle &&
	       chunk->sequence == walk->streams->last_sequence + 1 &&
	       !chunk->extension_bytes;
}

/* Is it no more than one, and can it stay as it is? */
static bool is_line(const char *text, size_t bytes)
{
	return !memchr(text, '\n', bytes) && logtap_utf8_valid(text, bytes);
}

/* The line is gathered if it is one, and needs no look at what it says. */
static inline bool gather(struct walk *walk, const struct logtap_chunk *chunk,
			  const unsigned char *at)
{
	const char *text = (const char *)at + sizeof(*chunk);
	size_t bytes = chunk->length;

	if (bytes < 2 || bytes > walk->shaper->options.line_max_bytes ||
	    text[--bytes] != '\n' || text[0] == '<')
		return false;
	if (text[bytes - 1] == '\r' && !--bytes)
		return false;
	struct logtap_batch_room *room = &walk->room;
	if ((!room->next || room->next == room->end ||
	     bytes > (size_t)(room->text_end - room->text)) &&
	    (!is_line(text, bytes) ||
	     !make_room(walk, bytes,
			walk->run->position +
				(uint64_t)(at - walk->run->data))))
		return false;
	if (!logtap_copy_plain(room->text, text, bytes) &&
	    !is_line(text, bytes))
		return false;
	*room->next++ = (struct logtap_batch_line){
		.text = room->text,
		.bytes = bytes,
		.time_ns = chunk->time,
		.sequence = chunk->sequence,
	};
	room->text += bytes;
	walk->streams->last_sequence = chunk->sequence;
	if (walk->shown && !(chunk->flags & LOGTAP_CHUNK_DIVERTED)) {
		walk->shaper->stats.session_bytes += chunk->length;
		if (walk->written_ns < chunk->time)
			walk->written_ns = chunk->time;
	}
	return true;
}

static inline void take(struct walk *walk, const struct logtap_chunk *chunk,
			const unsigned char *at)
{
	/* Copies, or the usual one would have to lie in memory as well. */
	if (walk->kind != kind_of(at)) {
		const struct logtap_chunk first = *chunk;
		turn_to(walk, &first, at);
	}
	if (!is_usual(walk, chunk) || !gather(walk, chunk, at)) {
		const struct logtap_chunk one = *chunk;
		take_one(walk, &one, at);
	}
}

int logtap_shaper_run(struct logtap_shaper *shaper,
		      const struct logtap_run *run, uint64_t now_ns)
{
	struct walk walk;

	walk.shaper = shaper;
	walk.run = run;
	walk.stream = NULL;
	walk.idle = false;
	walk.kind = NO_KIND;
	walk.room.next = NULL;
	walk.written_ns = 0;
	walk.error = 0;
	shaper->now_ns = now_ns;
	find_streams(&walk);
	for (uint64_t at = 0; at + sizeof(struct logtap_chunk) <= run->bytes;) {
		struct logtap_chunk chunk = logtap_chunk_load(run->data + at);
		uint64_t span = logtap_chunk_span(chunk.length);
		if (span > run->bytes - at ||
		    chunk.extension_bytes > chunk.length)
			break;
		if (run->position + at >= run->start)
			take(&walk, &chunk, run->data + at);
		at += span;
	}
	hand_over(&walk);
	return walk.error;
}
