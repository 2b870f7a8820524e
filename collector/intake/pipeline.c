/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline: see the header. */
#include "pipeline.h"

#include "../base/log.h"
#include "../shape/run.h"
#include "clock.h"
#include "sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct logtap_pipeline {
	struct logtap_pipeline_options with;
	struct logtap_journal_cursor *cursor;
	struct logtap_sources *sources;
	uint64_t start;	 /* what lies below was settled by an earlier run */
	uint64_t strays; /* chunks of threads that nothing introduced */
	bool told_memory;
	bool told_unacknowledged;
};

int logtap_pipeline_new(const struct logtap_pipeline_options *options,
			struct logtap_pipeline **out)
{
	struct logtap_pipeline *pipeline = calloc(1, sizeof(*pipeline));
	if (!pipeline)
		return -ENOMEM;
	pipeline->with = *options;
	pipeline->start = logtap_journal_acknowledged(options->journal);
	pipeline->sources = logtap_sources_new(options->shaper);
	int result = pipeline->sources
			     ? logtap_journal_cursor_new(options->journal,
							 pipeline->start,
							 &pipeline->cursor)
			     : -ENOMEM;
	if (result) {
		logtap_pipeline_free(pipeline);
		return result;
	}
	*out = pipeline;
	return 0;
}

void logtap_pipeline_free(struct logtap_pipeline *pipeline)
{
	if (!pipeline)
		return;
	logtap_sources_free(pipeline->sources);
	logtap_journal_cursor_free(pipeline->cursor);
	free(pipeline);
}

static void check(struct logtap_pipeline *pipeline, int error)
{
	if (!error || pipeline->told_memory)
		return;
	pipeline->told_memory = true;
	logtap_log(LOGTAP_LOG_ERROR, "pipeline",
		   "out of memory: records are lost error=%s",
		   strerror(-error));
}

static void shape_frame(struct logtap_pipeline *pipeline,
			const struct logtap_frame *frame,
			const unsigned char *payload, uint64_t position)
{
	struct logtap_source_segment segment;
	struct logtap_thread *thread =
		logtap_sources_find(pipeline->sources, frame, &segment);
	if (!thread) {
		if (!pipeline->strays++)
			logtap_log(LOGTAP_LOG_ERROR, "pipeline",
				   "left out data of an unknown thread "
				   "position=%llu",
				   (unsigned long long)position);
		return;
	}
	struct logtap_run run = {
		.thread = thread,
		.segment_uuid = segment.uuid,
		.sinks = segment.sinks,
		.slot = frame->slot,
		.generation = frame->generation,
		.nested = frame->ring,
		.data = payload,
		.bytes = frame->length,
		.position = position + sizeof(*frame),
		.start = pipeline->start,
	};
	check(pipeline, logtap_shaper_run(pipeline->with.shaper, &run,
					  logtap_now_realtime_ns()));
}

static void shape_note(struct logtap_pipeline *pipeline,
		       const struct logtap_frame *frame,
		       const unsigned char *payload, uint64_t position)
{
	static const char *const kinds[] = {
		[LOGTAP_NOTE_DIAGNOSTIC] = "diagnostic",
		[LOGTAP_NOTE_COVERAGE] = "coverage",
		[LOGTAP_NOTE_UNCAPTURED] = "uncaptured",
		[LOGTAP_NOTE_STRANGER] = "process",
	};
	struct logtap_frame_note head;
	struct logtap_process *process =
		logtap_sources_creator(pipeline->sources, frame);
	if (!process || frame->length < sizeof(head) ||
	    position < pipeline->start)
		return;
	memcpy(&head, payload, sizeof(head));
	if (head.kind >= sizeof(kinds) / sizeof(kinds[0]) || !kinds[head.kind])
		return;
	struct logtap_shaper_note note = {
		.kind = kinds[head.kind],
		.text = (const char *)payload + sizeof(head),
		.bytes = frame->length - sizeof(head),
		.time_ns = frame->observed_ns,
		.position = position,
	};
	check(pipeline, logtap_shaper_note(pipeline->with.shaper, process,
					   &note, logtap_now_realtime_ns()));
	logtap_shaper_process_end(pipeline->with.shaper, process);
}

static void shape_start(struct logtap_pipeline *pipeline,
			const struct logtap_frame *frame,
			const unsigned char *payload)
{
	struct logtap_frame_start from;
	struct logtap_program_start start = {0};
	if (frame->length < sizeof(from))
		return;
	memcpy(&from, payload, sizeof(from));
	start.input.device = from.input_device;
	start.input.inode = from.input_inode;
	start.output.device = from.output_device;
	start.output.inode = from.output_inode;
	memcpy(start.comm, from.comm, sizeof(from.comm));
	start.uncaptured = from.uncaptured;
	check(pipeline, logtap_shaper_start(pipeline->with.shaper, &start,
					    logtap_now_realtime_ns()));
}

int logtap_pipeline_run(struct logtap_pipeline *pipeline, uint64_t bytes,
			bool regardless)
{
	struct logtap_frame frame;
	const unsigned char *payload;
	uint64_t position;
	uint64_t until =
		logtap_journal_cursor_position(pipeline->cursor) + bytes;
	while (logtap_journal_cursor_position(pipeline->cursor) < until) {
		if (!regardless &&
		    logtap_dispatcher_full(pipeline->with.dispatcher))
			return 0;
		int result = logtap_journal_next(pipeline->cursor, &frame,
						 &payload, &position);
		if (result)
			return result == LOGTAP_JOURNAL_END ? 0 : result;
		if (frame.type == LOGTAP_FRAME_DATA)
			shape_frame(pipeline, &frame, payload, position);
		else if (frame.type == LOGTAP_FRAME_NOTE)
			shape_note(pipeline, &frame, payload, position);
		else if (frame.type == LOGTAP_FRAME_START)
			shape_start(pipeline, &frame, payload);
		else
			check(pipeline,
			      logtap_sources_take(pipeline->sources, &frame,
						  payload,
						  logtap_now_realtime_ns()));
	}
	return logtap_pipeline_done(pipeline) ? 0 : LOGTAP_PIPELINE_MORE;
}

static uint64_t lower(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t logtap_pipeline_floor(struct logtap_pipeline *pipeline)
{
	/* Records move from left to right in this thread alone, so none is
	 * between two of these. */
	uint64_t floor = logtap_journal_cursor_position(pipeline->cursor);
	floor = lower(floor, logtap_shaper_floor(pipeline->with.shaper));
	floor = lower(floor, logtap_batcher_floor(pipeline->with.batcher));
	return lower(floor, logtap_dispatcher_floor(pipeline->with.dispatcher));
}

static void tell_unacknowledged(struct logtap_pipeline *pipeline, int error)
{
	if (!logtap_log_is_news(&pipeline->told_unacknowledged, error))
		return;
	if (error)
		logtap_log(LOGTAP_LOG_WARN, "journal",
			   "cannot note in journal.ack what was delivered: a "
			   "collector that is killed delivers it again; make "
			   "room there dir=%s error=\"%s\"",
			   logtap_journal_directory(pipeline->with.journal),
			   strerror(-error));
	else
		logtap_log(LOGTAP_LOG_INFO, "journal",
			   "notes in journal.ack what was delivered again");
}

void logtap_pipeline_acknowledge(struct logtap_pipeline *pipeline,
				 uint64_t limit)
{
	uint64_t floor = lower(limit, logtap_pipeline_floor(pipeline));
	if (floor > logtap_journal_acknowledged(pipeline->with.journal))
		tell_unacknowledged(pipeline,
				    logtap_journal_acknowledge(
					    pipeline->with.journal, floor));
}

/* The journal takes no more, and all that it has is here: nothing will come for
 * which a line or a batch could wait. */
static void relieve(struct logtap_pipeline *pipeline, uint64_t now_ns)
{
	check(pipeline,
	      logtap_shaper_relieve(
		      pipeline->with.shaper, now_ns,
		      lower(logtap_batcher_floor(pipeline->with.batcher),
			    logtap_dispatcher_floor(
				    pipeline->with.dispatcher))));
	logtap_batcher_flush(pipeline->with.batcher, now_ns, true);
}

void logtap_pipeline_tick(struct logtap_pipeline *pipeline, bool flush)
{
	uint64_t now_ns = logtap_now_realtime_ns();
	check(pipeline,
	      logtap_shaper_tick(pipeline->with.shaper, now_ns, flush));
	logtap_batcher_flush(pipeline->with.batcher, now_ns, flush);
	if (logtap_journal_refuses(pipeline->with.journal) &&
	    logtap_pipeline_done(pipeline))
		relieve(pipeline, now_ns);
	logtap_pipeline_acknowledge(pipeline, UINT64_MAX);
}

bool logtap_pipeline_done(struct logtap_pipeline *pipeline)
{
	return logtap_journal_cursor_position(pipeline->cursor) >=
	       logtap_journal_end(pipeline->with.journal);
}
