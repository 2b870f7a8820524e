/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The shaper: see the header.  The pipeline's thread. */
#include "../base/log.h"
#include "resource.h"
#include "shaper_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1 << 20 };
#define PARTIAL_FLUSH_NS UINT64_C(1000000000)
/* Between the first line into a pipe and the start of who reads it. */
#define HOLD_NS UINT64_C(2000000000)

struct logtap_shaper *logtap_shaper_new(
	const struct logtap_shaper_options *options, struct logtap_batcher *out)
{
	struct logtap_shaper *shaper = calloc(1, sizeof(*shaper));

	if (!shaper)
		return NULL;
	if (options)
		shaper->options = *options;
	if (!shaper->options.line_max_bytes)
		shaper->options.line_max_bytes = LINE_MAX_BYTES;
	if (!shaper->options.partial_flush_ns)
		shaper->options.partial_flush_ns = PARTIAL_FLUSH_NS;
	shaper->batcher = out;
	shaper->passed = logtap_passed_new(&(struct logtap_passed_options){
		.sinks = &shaper->options.sinks,
		.show = logtap_emit_stream_line,
		.hide = logtap_hidden_line,
		.context = shaper,
		.hold_ns = HOLD_NS,
	});
	if (!shaper->passed) {
		free(shaper);
		return NULL;
	}
	logtap_host_init(&shaper->host);
	shaper->host.instance = shaper->options.instance;
	shaper->host.attributes = shaper->options.attributes;
	shaper->host.attribute_count = shaper->options.attribute_count;
	return shaper;
}

void logtap_shaper_free(struct logtap_shaper *shaper)
{
	if (!shaper)
		return;
	logtap_bytes_deinit(&shaper->repaired);
	logtap_bytes_deinit(&shaper->texts);
	logtap_passed_free(shaper->passed);
	free(shaper);
}

void logtap_shaper_stats(const struct logtap_shaper *shaper,
			 struct logtap_shaper_stats *out)
{
	*out = shaper->stats;
}

/* Bytes went past us: what the stream had begun ends here. */
static int take_gap(struct logtap_shaper *shaper, struct logtap_stream *stream,
		    const struct logtap_chunk_view *chunk)
{
	int error = logtap_unfinished_flush(shaper, stream, true);

	return error ? error : logtap_emit_gap(shaper, stream->source, chunk);
}

static int take(struct logtap_shaper *shaper, struct logtap_thread *thread,
		const struct logtap_chunk_view *chunk)
{
	struct logtap_stream *stream = logtap_stream_of(thread, chunk);
	int error = 0;

	if (!stream)
		return -ENOMEM;
	if (logtap_streams_misses(thread->streams, chunk) ||
	    chunk->type == LOGTAP_CHUNK_HOLE)
		error = logtap_unfinished_break(shaper, thread->streams,
						chunk->nested);
	if (error)
		return error;
	switch (chunk->type) {
	case LOGTAP_CHUNK_DATA:
	case LOGTAP_CHUNK_EVENT:
		return logtap_unfinished_take(shaper, stream, chunk);
	case LOGTAP_CHUNK_GAP:
		return take_gap(shaper, stream, chunk);
	default:
		return logtap_emit_gap(shaper, stream->source, chunk);
	}
}

static int make_resource(struct logtap_shaper *shaper,
			 struct logtap_process *process)
{
	if (process->resource)
		return 0;
	process->resource = logtap_resource_new(process, &shaper->host);
	if (!process->resource)
		return -ENOMEM;
	if (process->resource->attributes_discarded) {
		shaper->stats.discarded_attributes++;
		logtap_log(LOGTAP_LOG_WARN, "shape",
			   "OTEL_RESOURCE_ATTRIBUTES of a process is malformed "
			   "and was left out pid=%u",
			   process->pid);
	}
	return 0;
}

static void show_evidence(struct logtap_shaper *shaper,
			  const struct logtap_thread *thread,
			  const struct logtap_chunk_view *chunk)
{
	const struct logtap_tap *tap = &shaper->options.tap;
	struct logtap_chunk_view placed = *chunk;

	if (chunk->type != LOGTAP_CHUNK_EVIDENCE &&
	    chunk->type != LOGTAP_CHUNK_STACK)
		return;
	placed.stack = logtap_place_of(&shaper->place, thread, chunk);
	if (shaper->options.unwinder)
		logtap_place_take(&shaper->place, shaper->options.unwinder,
				  thread, chunk);
	if (tap->evidence)
		tap->evidence(tap->context, thread, &placed);
}

int logtap_shaper_chunk(struct logtap_shaper *shaper,
			struct logtap_thread *thread,
			const struct logtap_chunk_view *chunk, uint64_t now_ns)
{
	shaper->now_ns = now_ns;
	if (!logtap_chunk_is_wanted(shaper, chunk)) {
		/* its number is taken all the same */
		if (thread->streams)
			logtap_streams_misses(thread->streams, chunk);
		show_evidence(shaper, thread, chunk);
		return 0;
	}
	int error = make_resource(shaper, thread->process);
	shaper->record.stack = logtap_place_of(&shaper->place, thread, chunk);
	if (!error)
		error = take(shaper, thread, chunk);
	shaper->record.stack = NULL;
	return error;
}

int logtap_shaper_note(struct logtap_shaper *shaper,
		       struct logtap_process *process,
		       const struct logtap_shaper_note *note, uint64_t now_ns)
{
	shaper->now_ns = now_ns;
	int error = make_resource(shaper, process);
	if (error)
		return error;
	struct logtap_source *source = logtap_source_new(
		process->resource, &(struct logtap_source_options){0});
	if (!source)
		return -ENOMEM;
	error = logtap_emit_note(shaper, source, note);
	logtap_source_unref(source);
	return error;
}

int logtap_shaper_thread_end(struct logtap_shaper *shaper,
			     struct logtap_thread *thread, uint64_t now_ns)
{
	struct logtap_streams *streams = thread->streams;
	int first_error = 0;

	if (shaper->place.thread == thread)
		shaper->place.thread = NULL;

	if (!streams)
		return 0;
	shaper->now_ns = now_ns;
	for (struct logtap_stream *at = streams->list; at; at = at->next) {
		int error = logtap_unfinished_flush(shaper, at, true);
		if (!first_error)
			first_error = error;
	}
	thread->streams = NULL;
	logtap_streams_free(streams);
	return first_error;
}

void logtap_shaper_process_end(struct logtap_shaper *shaper,
			       struct logtap_process *process)
{
	if (shaper->options.unwinder) {
		shaper->place.thread = NULL;
		logtap_unwinder_forget(shaper->options.unwinder, process);
	}
	logtap_resource_unref(process->resource);
	process->resource = NULL;
}

int logtap_shaper_start(struct logtap_shaper *shaper,
			const struct logtap_program_start *start,
			uint64_t now_ns)
{
	shaper->now_ns = now_ns;
	return logtap_passed_start(shaper->passed, start);
}
