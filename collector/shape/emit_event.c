/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structured events (logtap/abi/event.h) to records.  A host wrote them: every
 * length is checked, text is repaired, and what does not fit is left out and
 * counted.  The pipeline's thread.
 */
#include "shaper_private.h"
#include "utf8.h"

#include <logtap/abi/event.h>
#include <string.h>

/* Where reading has come to. */
struct reader {
	const unsigned char *at;
	size_t left;
	bool cut;	     /* what it reads is the beginning of an event */
	uint64_t body_bytes; /* that the body had, where it was cut; else 0 */
};

static const unsigned char *take(struct reader *reader, size_t bytes)
{
	const unsigned char *start = reader->at;

	if (bytes > reader->left)
		return NULL;
	reader->at += bytes;
	reader->left -= bytes;
	return start;
}

/* Text, repaired, in the shaper's memory, with a NUL behind it.  That memory
 * was reserved for all texts of the event, so it does not move. */
static const char *keep(struct logtap_shaper *shaper, const void *text,
			size_t bytes, size_t *kept)
{
	size_t start = shaper->texts.size;

	if (logtap_utf8_repair(&shaper->texts, (const char *)text, bytes) < 0)
		return NULL;
	*kept = shaper->texts.size - start;
	if (logtap_bytes_append(&shaper->texts, "", 1))
		return NULL;
	return (const char *)shaper->texts.data + start;
}

static const char *severity_text(unsigned severity)
{
	static const char *const texts[] = {"TRACE", "DEBUG", "INFO",
					    "WARN",  "ERROR", "FATAL"};

	return severity < 1 || severity > 24 ? NULL : texts[(severity - 1) / 4];
}

static int add_attribute(struct logtap_shaper *shaper,
			 const struct logtap_event_attribute *item,
			 const unsigned char *key, const unsigned char *value)
{
	struct logtap_attribute *attribute =
		&shaper->attributes[shaper->attribute_count];
	size_t bytes;

	if (shaper->attribute_count == LOGTAP_DRAFT_ATTRIBUTES ||
	    !item->key_bytes) {
		shaper->dropped_attributes++;
		return 0;
	}
	attribute->key = keep(shaper, key, item->key_bytes, &bytes);
	if (!attribute->key)
		return -1;
	attribute->key_bytes = 0; /* it may hold a NUL */
	/* A key ends at its first NUL: it is written as a C string. */
	switch (item->kind) {
	case LOGTAP_EVENT_STRING:
		attribute->kind = LOGTAP_VALUE_STRING;
		attribute->value.string.data =
			keep(shaper, value, item->value_bytes,
			     &attribute->value.string.bytes);
		if (!attribute->value.string.data)
			return -1;
		break;
	case LOGTAP_EVENT_BYTES:
		attribute->kind = LOGTAP_VALUE_BYTES;
		attribute->value.string.data = (const char *)value;
		attribute->value.string.bytes = item->value_bytes;
		break;
	case LOGTAP_EVENT_INT:
		attribute->kind = LOGTAP_VALUE_INT;
		memcpy(&attribute->value.integer, value, 8);
		break;
	case LOGTAP_EVENT_BOOL:
		attribute->kind = LOGTAP_VALUE_BOOL;
		attribute->value.boolean = value[0] != 0;
		break;
	case LOGTAP_EVENT_DOUBLE:
		attribute->kind = LOGTAP_VALUE_DOUBLE;
		memcpy(&attribute->value.real, value, 8);
		break;
	default:
		shaper->dropped_attributes++;
		return 0;
	}
	shaper->attribute_count++;
	return 0;
}

static bool is_word(const struct logtap_event_attribute *item)
{
	return item->kind == LOGTAP_EVENT_INT ||
	       item->kind == LOGTAP_EVENT_BOOL ||
	       item->kind == LOGTAP_EVENT_DOUBLE;
}

/* Of a text that was cut what is there is its value. */
static void keep_beginning(struct reader *reader,
			   struct logtap_event_attribute *item)
{
	if (!reader->cut || item->value_bytes <= reader->left || is_word(item))
		return;
	if (item->kind == LOGTAP_EVENT_BODY)
		reader->body_bytes = item->value_bytes;
	item->value_bytes = (uint32_t)reader->left;
}

/* @count: left at how many were not read.  Return: 0, or -1 when the bytes end
 * early or there is no memory. */
static int read_attributes(struct logtap_shaper *shaper,
			   struct logtap_record *record, struct reader *reader,
			   unsigned *count)
{
	struct logtap_event_attribute item;

	for (; *count; --*count) {
		const unsigned char *header = take(reader, sizeof(item));
		if (!header)
			return -1;
		memcpy(&item, header, sizeof(item));
		const unsigned char *key = take(reader, item.key_bytes);
		if (key)
			keep_beginning(reader, &item);
		const unsigned char *value =
			key ? take(reader, item.value_bytes) : NULL;
		if (!value || (is_word(&item) && item.value_bytes != 8))
			return -1;
		if (item.kind == LOGTAP_EVENT_BODY) {
			record->body = (const char *)value;
			record->body_bytes = item.value_bytes;
		} else if (add_attribute(shaper, &item, key, value)) {
			return -1;
		}
	}
	return 0;
}

int logtap_emit_event(void *context, const struct logtap_line *line)
{
	struct logtap_shaper *shaper = context;
	struct logtap_record *record = logtap_draft_begin(shaper, line);
	struct reader reader = {
		.at = (const unsigned char *)line->text,
		.left = line->bytes,
		.cut = line->lost || line->original_bytes,
	};
	const unsigned char *start =
		take(&reader, sizeof(struct logtap_event_header));
	struct logtap_event_header header;
	size_t bytes;

	if (line->headless) /* there is nothing to be read it by */
		return logtap_draft_finish(shaper, record, line);
	record->body = "";
	record->body_bytes = 0;
	if (!start) {
		shaper->stats.malformed++;
		return 0;
	}
	memcpy(&header, start, sizeof(header));
	const unsigned char *name = take(&reader, header.name_bytes);
	const unsigned char *target =
		name ? take(&reader, header.target_bytes) : NULL;
	/* a byte can become three, and each text gets a NUL */
	int error = logtap_bytes_reserve(&shaper->texts,
					 3 * line->bytes + 3 * 128 + 8);
	if (error)
		return error;
	if (!target) {
		shaper->stats.malformed++;
		return 0;
	}
	if (header.severity >= 1 && header.severity <= 24) {
		record->severity = header.severity;
		record->severity_text = severity_text(header.severity);
	}
	if (header.name_bytes)
		record->event_name =
			keep(shaper, name, header.name_bytes, &bytes);
	if (header.target_bytes)
		record->scope =
			keep(shaper, target, header.target_bytes, &bytes);
	unsigned left = header.attributes;
	if (read_attributes(shaper, record, &reader, &left) && !reader.cut)
		shaper->stats.malformed++; /* what was read is kept */
	record->dropped_attributes = header.dropped + (reader.cut ? left : 0);
	/* Parts of valid bytes need not be valid. */
	struct logtap_line part = *line;
	part.valid = false;
	if (reader.body_bytes)
		part.original_bytes = reader.body_bytes;
	return logtap_draft_finish(shaper, record, &part);
}
