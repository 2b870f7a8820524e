/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The record that the shaper is making: its attributes, its marks, and out it
 * goes.  The pipeline's thread. */
#include "resource.h"
#include "severity.h"
#include "shaper_private.h"
#include "utf8.h"

#include <string.h>

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
	attribute->key_bytes = (uint32_t)strlen(key);
	attribute->kind = kind;
	return attribute;
}

void logtap_draft_int(struct logtap_shaper *shaper, const char *key,
		      uint64_t value)
{
	struct logtap_attribute *attribute =
		draft(shaper, key, LOGTAP_VALUE_INT);

	if (attribute)
		attribute->value.integer =
			value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

void logtap_draft_true(struct logtap_shaper *shaper, const char *key)
{
	struct logtap_attribute *attribute =
		draft(shaper, key, LOGTAP_VALUE_BOOL);

	if (attribute)
		attribute->value.boolean = true;
}

void logtap_draft_text(struct logtap_shaper *shaper, const char *key,
		       const char *text, size_t bytes)
{
	struct logtap_attribute *attribute =
		bytes ? draft(shaper, key, LOGTAP_VALUE_STRING) : NULL;

	if (!attribute)
		return;
	attribute->value.string.data = text;
	attribute->value.string.bytes = bytes;
}

void logtap_draft_priority(struct logtap_shaper *shaper,
			   struct logtap_record *record, unsigned priority,
			   bool has_facility)
{
	struct logtap_severity severity = logtap_severity_of(priority & 7);

	record->severity = severity.number;
	record->severity_text = severity.text;
	if (has_facility)
		logtap_draft_int(shaper, "syslog.facility", priority >> 3);
}

/* The process was started in a trace, and has said nothing better. */
static void set_start_trace(struct logtap_record *record)
{
	const struct logtap_trace_context *start =
		&record->source->resource->start;

	if (!start->valid)
		return;
	record->has_trace = true;
	memcpy(record->trace_id, start->trace_id, 16);
	memcpy(record->span_id, start->span_id, 8);
	record->flags = start->flags;
}

static void set_trace(struct logtap_record *record,
		      const struct logtap_extensions *extensions)
{
	static const unsigned char zeros[16];

	/* ids of zeros are invalid and would make the record so */
	if (!extensions || !extensions->has_trace ||
	    !memcmp(extensions->trace, zeros, 16) ||
	    !memcmp(extensions->trace + 16, zeros, 8)) {
		set_start_trace(record);
		return;
	}
	record->has_trace = true;
	memcpy(record->trace_id, extensions->trace, 16);
	memcpy(record->span_id, extensions->trace + 16, 8);
	record->flags = extensions->trace[24];
}

static bool is_dropped(struct logtap_shaper *shaper,
		       const struct logtap_record *record)
{
	const struct logtap_tap *tap = &shaper->options.tap;
	struct logtap_tap_mark mark = {0};

	switch (tap->record(tap->context, record, &mark)) {
	case LOGTAP_TAP_DROP:
		shaper->stats.suppressed++;
		return true;
	case LOGTAP_TAP_TAG:
		if (mark.loop)
			logtap_draft_int(shaper, "logtap.loop.id", mark.loop);
		if (mark.hop)
			logtap_draft_int(shaper, "logtap.hop", mark.hop);
		break;
	case LOGTAP_TAP_PASS:
		break;
	}
	return false;
}

/* Where the record came from. */
static void set_place(struct logtap_shaper *shaper)
{
	struct logtap_place *place = &shaper->place;

	logtap_place_print(place);
	logtap_draft_text(shaper, "code.stacktrace", place->text,
			  place->text_bytes);
	logtap_draft_text(shaper, "code.function.name", place->function,
			  strlen(place->function));
	if (!place->file[0])
		return;
	logtap_draft_text(shaper, "code.file.path", place->file,
			  strlen(place->file));
	logtap_draft_int(shaper, "code.line.number",
			 place->trace->frames[place->trace->culprit].line);
}

int logtap_draft_append(struct logtap_shaper *shaper,
			struct logtap_record *record)
{
	if (shaper->options.tap.record && is_dropped(shaper, record))
		return 0;
	if (record->stack && record->stack->count && shaper->options.stacks)
		set_place(shaper);
	record->attributes = shaper->attributes;
	record->attribute_count = shaper->attribute_count;
	record->dropped_attributes += shaper->dropped_attributes;
	int error = logtap_batcher_append(shaper->batcher, record);
	if (!error)
		shaper->stats.records++;
	return error;
}

int logtap_draft_finish(struct logtap_shaper *shaper,
			struct logtap_record *record,
			const struct logtap_line *line)
{
	if (!record->body_bytes)
		record->body = "";
	if (!line->valid &&
	    !logtap_utf8_valid(record->body, record->body_bytes)) {
		shaper->repaired.size = 0;
		int error = logtap_utf8_repair(&shaper->repaired, record->body,
					       record->body_bytes);
		if (error < 0)
			return error;
		record->body = (const char *)shaper->repaired.data;
		record->body_bytes = shaper->repaired.size;
		logtap_draft_true(shaper, "logtap.encoding_fixed");
		shaper->stats.repaired++;
	}
	if (line->original_bytes) {
		logtap_draft_int(shaper, "logtap.original_length",
				 line->original_bytes);
		shaper->stats.cut++;
	}
	if (line->lost) {
		logtap_draft_true(shaper, "logtap.truncated");
		shaper->stats.truncated++;
	}
	set_trace(record, line->extensions);
	return logtap_draft_append(shaper, record);
}
