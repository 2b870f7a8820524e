/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines and messages to records: severity, attributes, repaired text.  The
 * pipeline's thread.
 */
#include "resource.h"
#include "severity.h"
#include "shaper_private.h"
#include "syslog.h"
#include "utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

static struct logtap_attribute *draft(struct logtap_shaper *shaper,
				      const char *key,
				      enum logtap_value_kind kind)
{
	struct logtap_attribute *attribute;

	if (shaper->attribute_count == LOGTAP_DRAFT_ATTRIBUTES) {
		shaper->dropped_attributes++;
		return NULL;
	}
	attribute = &shaper->attributes[shaper->attribute_count++];
	attribute->key = key;
	attribute->kind = kind;
	return attribute;
}

static void draft_int(struct logtap_shaper *shaper, const char *key,
		      uint64_t value)
{
	struct logtap_attribute *attribute =
		draft(shaper, key, LOGTAP_VALUE_INT);

	if (attribute)
		attribute->value.integer =
			value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static void draft_true(struct logtap_shaper *shaper, const char *key)
{
	struct logtap_attribute *attribute =
		draft(shaper, key, LOGTAP_VALUE_BOOL);

	if (attribute)
		attribute->value.boolean = true;
}

/* @text is valid UTF-8 and outlives the record's making. */
static void draft_text(struct logtap_shaper *shaper, const char *key,
		       const char *text, size_t bytes)
{
	struct logtap_attribute *attribute =
		bytes ? draft(shaper, key, LOGTAP_VALUE_STRING) : NULL;

	if (!attribute)
		return;
	attribute->value.string.data = text;
	attribute->value.string.bytes = bytes;
}

static void draft_begin(struct logtap_shaper *shaper)
{
	shaper->attribute_count = 0;
	shaper->dropped_attributes = 0;
	shaper->texts.size = 0;
}

/* The shaper's one record, its members set one by one: to clear all of it takes
 * longer than the rest of the work. */
static struct logtap_record *record_of(struct logtap_shaper *shaper,
				       const struct logtap_line *line)
{
	struct logtap_record *record = &shaper->record;

	record->time_ns = line->origin.time_ns;
	record->observed_ns = shaper->now_ns;
	record->severity = 0;
	record->severity_text = NULL;
	record->body = line->text;
	record->body_bytes = line->bytes;
	record->flags = 0;
	record->has_trace = false;
	record->event_name = NULL;
	record->source = line->origin.source;
	record->sequence = line->origin.sequence;
	record->line = line->origin.line;
	record->dropped_attributes = 0;
	record->position = line->origin.position;
	return record;
}

static void set_priority(struct logtap_shaper *shaper,
			 struct logtap_record *record, unsigned priority,
			 bool has_facility)
{
	struct logtap_severity severity = logtap_severity_of(priority & 7);

	record->severity = severity.number;
	record->severity_text = severity.text;
	if (has_facility)
		draft_int(shaper, "syslog.facility", priority >> 3);
}

static void set_trace(struct logtap_record *record,
		      const struct logtap_extensions *extensions)
{
	static const unsigned char zeros[16];

	/* ids of zeros are invalid and would make the record so */
	if (!extensions || !extensions->has_trace ||
	    !memcmp(extensions->trace, zeros, 16) ||
	    !memcmp(extensions->trace + 16, zeros, 8))
		return;
	record->has_trace = true;
	memcpy(record->trace_id, extensions->trace, 16);
	memcpy(record->span_id, extensions->trace + 16, 8);
	record->flags = extensions->trace[24];
}

static int append(struct logtap_shaper *shaper, struct logtap_record *record)
{
	record->attributes = shaper->attributes;
	record->attribute_count = shaper->attribute_count;
	record->dropped_attributes += shaper->dropped_attributes;
	int error = logtap_batcher_append(shaper->batcher, record);
	if (!error)
		shaper->stats.records++;
	return error;
}

/* The marks that any line can carry, then out it goes. */
static int finish(struct logtap_shaper *shaper, struct logtap_record *record,
		  const struct logtap_line *line)
{
	if (!line->valid &&
	    !logtap_utf8_valid(record->body, record->body_bytes)) {
		shaper->repaired.size = 0;
		int error = logtap_utf8_repair(&shaper->repaired, record->body,
					       record->body_bytes);
		if (error < 0)
			return error;
		record->body = (const char *)shaper->repaired.data;
		record->body_bytes = shaper->repaired.size;
		draft_true(shaper, "logtap.encoding_fixed");
		shaper->stats.repaired++;
	}
	if (line->original_bytes) {
		draft_int(shaper, "logtap.original_length",
			  line->original_bytes);
		shaper->stats.cut++;
	}
	if (line->lost) {
		draft_true(shaper, "logtap.truncated");
		shaper->stats.truncated++;
	}
	set_trace(record, line->extensions);
	return append(shaper, record);
}

int logtap_emit_stream_line(void *context, const struct logtap_line *line)
{
	struct logtap_shaper *shaper = context;
	struct logtap_record *record = record_of(shaper, line);
	unsigned priority;

	draft_begin(shaper);
	size_t prefix =
		logtap_priority_prefix(line->text, line->bytes, &priority);
	if (prefix) {
		set_priority(shaper, record, priority, priority > 7);
		record->body += prefix;
		record->body_bytes -= prefix;
	}
	if (!record->body_bytes && !shaper->options.keep_empty_lines &&
	    !line->lost) {
		shaper->stats.empty++;
		return 0;
	}
	return finish(shaper, record, line);
}

int logtap_emit_syslog(void *context, const struct logtap_line *line)
{
	struct logtap_shaper *shaper = context;
	struct logtap_record *record = record_of(shaper, line);
	const struct logtap_extensions *extensions = line->extensions;
	char procid[16];

	draft_begin(shaper);
	if (record->body_bytes && !line->original_bytes &&
	    record->body[record->body_bytes - 1] == '\n')
		record->body_bytes--;
	if (line->origin.priority <= LOGTAP_PRIORITY_MAX)
		set_priority(shaper, record, line->origin.priority, true);
	if (extensions)
		draft_text(shaper, "syslog.appname", extensions->ident,
			   strlen(extensions->ident));
	if (extensions && extensions->options & LOG_PID) {
		int bytes = snprintf(procid, sizeof(procid), "%" PRIu32,
				     record->source->resource->pid);
		draft_text(shaper, "syslog.procid", procid, (size_t)bytes);
	}
	return finish(shaper, record, line);
}

/* A part of a datagram, repaired if need be. */
static int draft_part(struct logtap_shaper *shaper, const char *key,
		      const struct logtap_syslog_part *part)
{
	size_t start = shaper->texts.size;
	int error;

	if (!part->bytes)
		return 0;
	error = logtap_utf8_repair(&shaper->texts, part->text, part->bytes);
	if (error < 0)
		return error;
	draft_text(shaper, key, (const char *)shaper->texts.data + start,
		   shaper->texts.size - start);
	return 0;
}

int logtap_emit_datagram(void *context, const struct logtap_line *line)
{
	struct logtap_shaper *shaper = context;
	struct logtap_record *record = record_of(shaper, line);
	struct logtap_syslog parsed;

	draft_begin(shaper);
	logtap_syslog_parse(&parsed, line->text, line->bytes);
	if (parsed.has_priority)
		set_priority(shaper, record, parsed.priority, true);
	record->body = parsed.message.text;
	record->body_bytes = parsed.message.bytes;
	/* the parts must not move once they are referred to: a byte can become
	 * three */
	int error = logtap_bytes_reserve(
		&shaper->texts, 3 * (parsed.ident.bytes + parsed.procid.bytes +
				     parsed.msgid.bytes + parsed.data.bytes));
	if (!error)
		error = draft_part(shaper, "syslog.appname", &parsed.ident);
	if (!error)
		error = draft_part(shaper, "syslog.procid", &parsed.procid);
	if (!error)
		error = draft_part(shaper, "syslog.msgid", &parsed.msgid);
	if (!error)
		error = draft_part(shaper, "syslog.structured_data",
				   &parsed.data);
	return error ? error : finish(shaper, record, line);
}

/* @text: what the entry was read from. */
static int emit_entry(struct logtap_shaper *shaper,
		      const struct logtap_line *line, uint32_t index,
		      const char *text, size_t bytes)
{
	const struct logtap_journal_entry *entry = &shaper->entry;
	struct logtap_record *record = record_of(shaper, line);

	draft_begin(shaper);
	record->line += index;
	/* what cannot be read is shown as it is */
	bool raw = entry->malformed && !entry->has_message;
	record->body = raw ? text : entry->message;
	record->body_bytes = raw ? bytes : entry->message_bytes;
	record->dropped_attributes = entry->dropped;
	if (entry->priority >= 0)
		set_priority(shaper, record, (unsigned)entry->priority, false);
	memcpy(shaper->attributes, entry->attributes,
	       entry->count * sizeof(entry->attributes[0]));
	shaper->attribute_count = entry->count;
	if (entry->malformed)
		shaper->stats.malformed++;
	return finish(shaper, record, line);
}

int logtap_emit_journal(void *context, const struct logtap_line *line)
{
	struct logtap_shaper *shaper = context;
	struct logtap_journal_entry *entry = &shaper->entry;
	const char *text = line->text;
	size_t left = line->bytes, bytes;
	uint32_t index = 0;
	int error = 0;

	while (!error && (bytes = logtap_journal_read(entry, text, left))) {
		if (entry->has_message || entry->count || entry->malformed)
			error = emit_entry(shaper, line, index++, text, bytes);
		text += bytes;
		left -= bytes;
	}
	return error;
}

static uint64_t word_at(const struct logtap_chunk_view *chunk, size_t index)
{
	uint64_t word;

	memcpy(&word, chunk->payload + index * sizeof(word), sizeof(word));
	return word;
}

int logtap_emit_gap(struct logtap_shaper *shaper, struct logtap_source *source,
		    const struct logtap_chunk_view *chunk)
{
	bool hole = chunk->type == LOGTAP_CHUNK_HOLE;
	struct logtap_line line = {
		.origin.source = source,
		.origin.time_ns = chunk->time_ns,
		.origin.sequence = chunk->sequence,
		.origin.position = chunk->position,
	};
	struct logtap_record *record = record_of(shaper, &line);
	char body[96];

	if (chunk->payload_bytes < (hole ? 2 : 1) * sizeof(uint64_t)) {
		shaper->stats.malformed++;
		return 0;
	}
	draft_begin(shaper);
	uint64_t first = word_at(chunk, 0);
	if (hole) {
		uint64_t bytes = word_at(chunk, 1);
		record->body_bytes =
			(size_t)snprintf(body, sizeof(body),
					 "hole of %" PRIu64 " bytes in %" PRIu64
					 " chunks",
					 bytes, first);
		draft_int(shaper, "logtap.hole_chunks", first);
		draft_int(shaper, "logtap.hole_bytes", bytes);
		shaper->stats.hole_chunks += first;
		shaper->stats.hole_bytes += bytes;
	} else {
		record->body_bytes = (size_t)snprintf(
			body, sizeof(body), "gap of %" PRIu64 " bytes", first);
		draft_int(shaper, "logtap.gap_bytes", first);
		shaper->stats.gap_bytes += first;
	}
	record->body = body;
	return append(shaper, record);
}
