/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the parts of the shaper share: shaper.c takes chunks in, wanted.c chooses
 * among them, unfinished.c joins them to lines, emit.c makes records of lines and
 * messages, draft.c finishes them.
 * Not for others.
 */
#ifndef LOGTAP_SHAPE_SHAPER_PRIVATE_H
#define LOGTAP_SHAPE_SHAPER_PRIVATE_H

#include "../export/batch.h"
#include "host.h"
#include "journal_fields.h"
#include "passed.h"
#include "place.h"
#include "shaper.h"
#include "stream.h"

enum { LOGTAP_DRAFT_ATTRIBUTES = 128 };

struct logtap_shaper {
	struct logtap_shaper_options options;
	struct logtap_batcher *batcher;
	struct logtap_host host;
	struct logtap_stream *open; /* streams with an unfinished line */
	struct logtap_passed *passed;
	const struct logtap_sink_info *sink; /* of the stream at work */
	struct logtap_shaper_stats stats;

	struct logtap_place place; /* of the chunk that comes next */

	/* the record at work */
	uint64_t now_ns;
	struct logtap_record record;
	struct logtap_attribute attributes[LOGTAP_DRAFT_ATTRIBUTES];
	size_t attribute_count;
	uint32_t dropped_attributes;
	struct logtap_bytes repaired; /* the body */
	struct logtap_bytes texts;    /* of attributes, repaired */
	struct logtap_journal_entry entry;
};

/* Is it recorded only if nobody who passes it on is captured? */
static inline bool logtap_shaper_follows(const struct logtap_shaper *shaper,
					 const struct logtap_sink_info *sink,
					 uint8_t format)
{
	return format == LOGTAP_FORMAT_STREAM && sink &&
	       logtap_sink_is_hidden(&shaper->options.sinks, sink) &&
	       logtap_passed_follows(sink);
}

/* unfinished.c.  Each return: 0 or -errno. */

/* What a chunk adds to the stream's lines; those that end are emitted. */
int logtap_unfinished_take(struct logtap_shaper *shaper,
			   struct logtap_stream *stream,
			   const struct logtap_chunk_view *chunk);
/* What the stream has begun ends here; if not @final, more of it may come. */
int logtap_unfinished_flush(struct logtap_shaper *shaper,
			    struct logtap_stream *stream, bool final);
/* Chunks were lost, of which stream nobody knows: what comes now is not glued to
 * what came before. */
int logtap_unfinished_break(struct logtap_shaper *shaper,
			    struct logtap_streams *streams, bool nested);

/* wanted.c: does the chunk become a record, or part of one, or is that yet to be
 * seen?  Counts it if not. */
bool logtap_chunk_is_wanted(struct logtap_shaper *shaper,
			    const struct logtap_chunk_view *chunk);
/* A logtap_line_fn for lines that are hidden after all: counts them. */
int logtap_hidden_line(void *shaper, const struct logtap_line *line);

/*
 * draft.c: one record at a time.  What attributes point to must live until it
 * is finished or appended.
 */

/* Begins the record of a line: body, time and place.  The shaper has one, and its
 * members are set one by one: to clear all of it takes longer than the rest. */
static inline struct logtap_record *logtap_draft_begin(
	struct logtap_shaper *shaper, const struct logtap_line *line)
{
	struct logtap_record *record = &shaper->record;

	shaper->attribute_count = 0;
	shaper->dropped_attributes = 0;
	shaper->texts.size = 0;
	record->time_ns = line->origin.time_ns;
	record->observed_ns = shaper->now_ns;
	record->severity = 0;
	record->severity_text = NULL;
	record->body = line->text;
	record->body_bytes = line->bytes;
	record->flags = 0;
	record->has_trace = false;
	record->scope = NULL;
	record->event_name = NULL;
	record->source = line->origin.source;
	record->sequence = line->origin.sequence;
	record->line = line->origin.line;
	record->dropped_attributes = 0;
	record->position = line->origin.position;
	return record;
}

void logtap_draft_int(struct logtap_shaper *shaper, const char *key,
		      uint64_t value);
void logtap_draft_true(struct logtap_shaper *shaper, const char *key);
/* @text is valid UTF-8; without bytes there is no attribute. */
void logtap_draft_text(struct logtap_shaper *shaper, const char *key,
		       const char *text, size_t bytes);
void logtap_draft_priority(struct logtap_shaper *shaper,
			   struct logtap_record *record, unsigned priority,
			   bool has_facility);
/* Hands the record over as it is. */
int logtap_draft_append(struct logtap_shaper *shaper,
			struct logtap_record *record);
/* Repairs the body, adds the marks that any line can carry, hands over. */
int logtap_draft_finish(struct logtap_shaper *shaper,
			struct logtap_record *record,
			const struct logtap_line *line);

/* logtap_line_fn for each format; the context is the shaper. */
int logtap_emit_stream_line(void *shaper, const struct logtap_line *line);
int logtap_emit_syslog(void *shaper, const struct logtap_line *line);
int logtap_emit_datagram(void *shaper, const struct logtap_line *line);
int logtap_emit_journal(void *shaper, const struct logtap_line *line);
int logtap_emit_event(void *shaper, const struct logtap_line *line);

/* A GAP or HOLE chunk. */
int logtap_emit_gap(struct logtap_shaper *shaper, struct logtap_source *source,
		    const struct logtap_chunk_view *chunk);
int logtap_emit_note(struct logtap_shaper *shaper, struct logtap_source *source,
		     const struct logtap_shaper_note *note);

/* Something was written to the session's stderr at @time_ns; @open: and did not
 * end a line. */
static inline void logtap_session_written(struct logtap_shaper *shaper,
					  uint64_t time_ns, bool open)
{
	/* threads are read one after the other */
	if (time_ns < shaper->stats.session_ns)
		return;
	shaper->stats.session_ns = time_ns;
	shaper->stats.session_open = open;
}

#endif
