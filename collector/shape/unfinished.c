/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that are begun and wait for their end: which streams have one, how long it
 * is waited for, and what is to be kept for it.  The pipeline's thread. */
#include "shaper_private.h"

/* A line that went into a pipe. */
static int pass_line(void *context, const struct logtap_line *line)
{
	struct logtap_shaper *shaper = context;

	return logtap_passed_line(shaper->passed, shaper->sink, line,
				  shaper->now_ns);
}

/* Keeps the list of streams with an unfinished line in step with the joiner. */
static void track(struct logtap_shaper *shaper, struct logtap_stream *stream)
{
	if (stream->joiner.open == (stream->open_link != NULL))
		return;
	if (stream->joiner.open) {
		stream->next_open = shaper->open;
		stream->open_link = &shaper->open;
		if (shaper->open)
			shaper->open->open_link = &stream->next_open;
		shaper->open = stream;
		return;
	}
	*stream->open_link = stream->next_open;
	if (stream->next_open)
		stream->next_open->open_link = stream->open_link;
	stream->open_link = NULL;
}

static logtap_line_fn *emitter_of(uint8_t format)
{
	switch (format) {
	case LOGTAP_FORMAT_SYSLOG:
		return logtap_emit_syslog;
	case LOGTAP_FORMAT_DATAGRAM:
		return logtap_emit_datagram;
	case LOGTAP_FORMAT_JOURNAL:
		return logtap_emit_journal;
	case LOGTAP_FORMAT_EVENT:
		return logtap_emit_event;
	default:
		return logtap_emit_stream_line;
	}
}

static struct logtap_joiner_options joiner_options(struct logtap_shaper *shaper,
						   struct logtap_stream *stream)
{
	bool followed =
		stream->has_sink &&
		logtap_shaper_follows(shaper, &stream->sink, stream->format);

	shaper->sink = &stream->sink;
	return (struct logtap_joiner_options){
		.line_max_bytes = shaper->options.line_max_bytes,
		.emit = followed ? pass_line : emitter_of(stream->format),
		.context = shaper,
	};
}

int logtap_unfinished_flush(struct logtap_shaper *shaper,
			    struct logtap_stream *stream, bool final)
{
	struct logtap_joiner_options options = joiner_options(shaper, stream);
	int error = logtap_joiner_flush(&stream->joiner, &options,
					shaper->now_ns, final);

	track(shaper, stream);
	return error;
}

int logtap_unfinished_take(struct logtap_shaper *shaper,
			   struct logtap_stream *stream,
			   const struct logtap_chunk_view *chunk)
{
	struct logtap_joiner_options options = joiner_options(shaper, stream);
	int error =
		chunk->format == LOGTAP_FORMAT_STREAM
			? logtap_joiner_stream(&stream->joiner, &options, chunk,
					       stream->source, shaper->now_ns)
			: logtap_joiner_message(&stream->joiner, &options,
						chunk, stream->source,
						shaper->now_ns);

	track(shaper, stream);
	return error;
}

int logtap_unfinished_break(struct logtap_shaper *shaper,
			    struct logtap_streams *streams, bool nested)
{
	int first_error = 0;

	for (struct logtap_stream *at = streams->list; at; at = at->next) {
		if (at->nested != nested)
			continue;
		struct logtap_joiner_options options =
			joiner_options(shaper, at);
		int error = logtap_joiner_break(&at->joiner, &options);
		track(shaper, at);
		if (!first_error)
			first_error = error;
	}
	return first_error;
}

int logtap_shaper_tick(struct logtap_shaper *shaper, uint64_t now_ns,
		       bool final)
{
	struct logtap_stream *next;
	int error = 0;

	shaper->now_ns = now_ns;
	for (struct logtap_stream *at = shaper->open; at && !error; at = next) {
		uint64_t since_ns = at->joiner.since_ns;
		next = at->next_open;
		/* a clock that was set back must not hold a line for as long */
		if (now_ns < since_ns ||
		    now_ns - since_ns >= shaper->options.partial_flush_ns)
			error = logtap_unfinished_flush(shaper, at, false);
	}
	int more = logtap_passed_tick(shaper->passed, now_ns, final);
	return error ? error : more;
}

int logtap_shaper_relieve(struct logtap_shaper *shaper, uint64_t now_ns,
			  uint64_t limit)
{
	uint64_t passed = logtap_passed_floor(shaper->passed);
	struct logtap_stream *oldest = NULL;

	shaper->now_ns = now_ns;
	for (struct logtap_stream *at = shaper->open; at; at = at->next_open)
		if (!oldest ||
		    at->joiner.origin.position < oldest->joiner.origin.position)
			oldest = at;
	if (passed < limit &&
	    (!oldest || passed < oldest->joiner.origin.position)) {
		logtap_passed_unpin(shaper->passed);
		return 0;
	}
	if (!oldest || oldest->joiner.origin.position >= limit)
		return 0;
	struct logtap_joiner_options options = joiner_options(shaper, oldest);
	int error = logtap_joiner_relieve(&oldest->joiner, &options, now_ns);
	track(shaper, oldest);
	return error;
}

uint64_t logtap_shaper_floor(const struct logtap_shaper *shaper)
{
	uint64_t floor = logtap_passed_floor(shaper->passed);

	for (struct logtap_stream *at = shaper->open; at; at = at->next_open)
		if (at->joiner.origin.position < floor)
			floor = at->joiner.origin.position;
	return floor;
}
