/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines and messages to records: severity, attributes, repaired text.  The
 * pipeline's thread.
 */
#include "../export/attribute.h"
#include "resource.h"
#include "severity.h"
#include "shaper_private.h"
#include "syslog.h"
#include "utf8.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

int logtap_emit_stream_line(void *context, const struct logtap_line *line)
{
	struct logtap_shaper *shaper = context;
	struct logtap_record *record = logtap_draft_begin(shaper, line);
	unsigned priority;

	size_t prefix =
		line->headless ? 0
			       : logtap_priority_prefix(line->text, line->bytes,
							&priority);
	if (prefix) {
		logtap_draft_priority(shaper, record, priority, priority > 7);
		record->body += prefix;
		record->body_bytes -= prefix;
	}
	if (!record->body_bytes && !shaper->options.keep_empty_lines &&
	    !line->lost) {
		shaper->stats.empty++;
		return 0;
	}
	return logtap_draft_finish(shaper, record, line);
}

int logtap_emit_syslog(void *context, const struct logtap_line *line)
{
	struct logtap_shaper *shaper = context;
	struct logtap_record *record = logtap_draft_begin(shaper, line);
	const struct logtap_extensions *extensions = line->extensions;
	char procid[LOGTAP_DECIMAL_MAX];

	if (record->body_bytes && !line->original_bytes &&
	    record->body[record->body_bytes - 1] == '\n')
		record->body_bytes--;
	if (line->origin.priority <= LOGTAP_PRIORITY_MAX)
		logtap_draft_priority(shaper, record, line->origin.priority,
				      true);
	if (extensions)
		logtap_draft_text(shaper, "syslog.appname", extensions->ident,
				  strlen(extensions->ident));
	if (extensions && extensions->options & LOG_PERROR)
		shaper->stats.on_stderr++;
	if (extensions && extensions->options & LOG_PID) {
		size_t bytes =
			logtap_decimal(procid, record->source->resource->pid);
		logtap_draft_text(shaper, "syslog.procid", procid, bytes);
	}
	return logtap_draft_finish(shaper, record, line);
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
	logtap_draft_text(shaper, key, (const char *)shaper->texts.data + start,
			  shaper->texts.size - start);
	return 0;
}

int logtap_emit_datagram(void *context, const struct logtap_line *line)
{
	struct logtap_shaper *shaper = context;
	struct logtap_record *record = logtap_draft_begin(shaper, line);
	struct logtap_syslog parsed;

	if (line->headless)
		return logtap_draft_finish(shaper, record, line);
	logtap_syslog_parse(&parsed, line->text, line->bytes);
	if (parsed.has_priority)
		logtap_draft_priority(shaper, record, parsed.priority, true);
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
	return error ? error : logtap_draft_finish(shaper, record, line);
}

/* @text: what the entry was read from. */
static int emit_entry(struct logtap_shaper *shaper,
		      const struct logtap_line *line, uint32_t index,
		      const char *text, size_t bytes)
{
	const struct logtap_journal_entry *entry = &shaper->entry;
	struct logtap_record *record = logtap_draft_begin(shaper, line);

	record->line += index;
	/* what cannot be read is shown as it is */
	bool raw = line->headless || (entry->malformed && !entry->has_message);
	record->body = raw ? text : entry->message;
	record->body_bytes = raw ? bytes : entry->message_bytes;
	record->dropped_attributes = entry->dropped;
	if (entry->priority >= 0)
		logtap_draft_priority(shaper, record, (unsigned)entry->priority,
				      false);
	memcpy(shaper->attributes, entry->attributes,
	       entry->count * sizeof(entry->attributes[0]));
	shaper->attribute_count = entry->count;
	if (entry->malformed)
		shaper->stats.malformed++;
	return logtap_draft_finish(shaper, record, line);
}

int logtap_emit_journal(void *context, const struct logtap_line *line)
{
	struct logtap_shaper *shaper = context;
	struct logtap_journal_entry *entry = &shaper->entry;
	const char *text = line->text;
	size_t left = line->bytes, bytes;
	uint32_t index = 0;
	int error = 0;

	if (line->headless) {
		memset(entry, 0, offsetof(struct logtap_journal_entry, keys));
		entry->priority = -1;
		return emit_entry(shaper, line, 0, text, left);
	}
	while (!error && (bytes = logtap_journal_read(
				  entry, text, left,
				  line->lost || line->original_bytes))) {
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
	struct logtap_record *record = logtap_draft_begin(shaper, &line);
	char body[96];

	if (chunk->payload_bytes < (hole ? 2 : 1) * sizeof(uint64_t)) {
		shaper->stats.malformed++;
		return 0;
	}
	uint64_t first = word_at(chunk, 0);
	if (hole) {
		uint64_t bytes = word_at(chunk, 1);
		record->body_bytes =
			(size_t)snprintf(body, sizeof(body),
					 "hole of %" PRIu64 " bytes in %" PRIu64
					 " chunks",
					 bytes, first);
		logtap_draft_int(shaper, "logtap.hole_chunks", first);
		logtap_draft_int(shaper, "logtap.hole_bytes", bytes);
		shaper->stats.hole_chunks += first;
		shaper->stats.hole_bytes += bytes;
	} else {
		record->body_bytes = (size_t)snprintf(
			body, sizeof(body), "gap of %" PRIu64 " bytes", first);
		logtap_draft_int(shaper, "logtap.gap_bytes", first);
		shaper->stats.gap_bytes += first;
	}
	record->body = body;
	logtap_draft_text(shaper, "logtap.diagnostic", hole ? "hole" : "gap",
			  hole ? 4 : 3);
	return logtap_draft_append(shaper, record);
}

int logtap_emit_note(struct logtap_shaper *shaper, struct logtap_source *source,
		     const struct logtap_shaper_note *note)
{
	struct logtap_line line = {
		.text = note->text,
		.bytes = note->bytes,
		.origin.source = source,
		.origin.time_ns = note->time_ns,
		.origin.position = note->position,
	};
	struct logtap_record *record = logtap_draft_begin(shaper, &line);
	struct logtap_severity severity = logtap_severity_of(LOG_WARNING);

	record->severity = severity.number;
	record->severity_text = severity.text;
	logtap_draft_text(shaper, "logtap.diagnostic", note->kind,
			  strlen(note->kind));
	return logtap_draft_finish(shaper, record, &line);
}
