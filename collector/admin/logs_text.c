/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A retained record as a line of text: see logs.h.  Any thread. */
#include "logs.h"

#include "../export/attribute.h"
#include "../shape/resource.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1000000000

static int put_string(struct logtap_bytes *out, const char *text)
{
	return logtap_bytes_append(out, text, strlen(text));
}

/* Bytes of what must not go out as it is; @text is valid UTF-8. */
static size_t special_at(const unsigned char *text, size_t bytes)
{
	if (text[0] < 0x20 || text[0] == 0x7f || text[0] == '\\')
		return 1;
	/* C1 controls */
	return bytes > 1 && text[0] == 0xc2 && text[1] >= 0x80 && text[1] < 0xa0
		       ? 2
		       : 0;
}

static int put_special(struct logtap_bytes *out, unsigned char code)
{
	static const char from[] = "\\\n\r\t", to[] = "\\nrt";
	const char *found = code ? strchr(from, code) : NULL;
	char text[8];

	if (found)
		snprintf(text, sizeof(text), "\\%c", to[found - from]);
	else
		snprintf(text, sizeof(text), "\\u%04x", code);
	return put_string(out, text);
}

int logtap_text_escape(struct logtap_bytes *out, const char *text, size_t bytes)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t plain = 0;
	int error = 0;

	while (!error && plain < bytes) {
		size_t special = special_at(at + plain, bytes - plain);
		if (!special) {
			plain++;
			continue;
		}
		error = logtap_bytes_append(out, at, plain);
		if (!error)
			error = put_special(out, at[plain + special - 1]);
		at += plain + special;
		bytes -= plain + special;
		plain = 0;
	}
	return error ? error : logtap_bytes_append(out, at, plain);
}

static int put_head(struct logtap_bytes *out,
		    const struct logtap_log_entry *entry)
{
	const struct logtap_record *record = &entry->record;
	uint64_t when_ns =
		record->time_ns ? record->time_ns : record->observed_ns;
	time_t seconds = (time_t)(when_ns / NS_PER_S);
	struct tm utc = {0};
	char date[32], text[128];

	gmtime_r(&seconds, &utc);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text, sizeof(text), "%llu %s.%09uZ %s ",
		 (unsigned long long)entry->seq, date,
		 (unsigned)(when_ns % NS_PER_S),
		 logtap_level_name(record->severity));
	int error = put_string(out, text);
	const struct logtap_source *source = record->source;
	if (error || !source)
		return error ? error : put_string(out, "-[0/0] ");
	error = logtap_text_escape(out, source->resource->service,
				   strlen(source->resource->service));
	snprintf(text, sizeof(text), "[%u/%u] ", source->resource->pid,
		 source->tid);
	return error ? error : put_string(out, text);
}

static int put_key(struct logtap_bytes *out, const char *key)
{
	int error = put_string(out, "\t");

	if (!error)
		error = logtap_text_escape(out, key, strlen(key));
	return error ? error : put_string(out, "=");
}

/* As in JSON; its escapes leave DEL and C1 controls, which are told apart from
 * them by nothing that JSON's readers mind. */
static int put_quoted(struct logtap_bytes *out, const char *text, size_t bytes)
{
	struct logtap_bytes quoted = {0};
	int error = logtap_json_string(&quoted, text, bytes);

	for (size_t i = 0; !error && i < quoted.size;) {
		const unsigned char *at = quoted.data + i;
		size_t special =
			*at == '\\' ? 0 : special_at(at, quoted.size - i);
		if (special)
			error = put_special(out, at[special - 1]);
		else
			error = logtap_bytes_append(out, at, 1);
		i += special ? special : 1;
	}
	logtap_bytes_deinit(&quoted);
	return error;
}

static int put_hex(struct logtap_bytes *out, const void *data, size_t bytes)
{
	const unsigned char *at = data;
	char text[4];
	int error = 0;

	for (size_t i = 0; !error && i < bytes; i++) {
		snprintf(text, sizeof(text), "%02x", at[i]);
		error = logtap_bytes_append(out, text, 2);
	}
	return error;
}

static int put_value(struct logtap_bytes *out,
		     const struct logtap_attribute *attribute)
{
	char text[40];

	switch (attribute->kind) {
	case LOGTAP_VALUE_STRING:
		return put_quoted(out, attribute->value.string.data,
				  attribute->value.string.bytes);
	case LOGTAP_VALUE_BYTES:
		return put_hex(out, attribute->value.string.data,
			       attribute->value.string.bytes);
	case LOGTAP_VALUE_BOOL:
		return put_string(out,
				  attribute->value.boolean ? "true" : "false");
	case LOGTAP_VALUE_DOUBLE:
		snprintf(text, sizeof(text), "%.17g", attribute->value.real);
		return put_string(out, text);
	default:
		snprintf(text, sizeof(text), "%lld",
			 (long long)attribute->value.integer);
		return put_string(out, text);
	}
}

static int put_named(struct logtap_bytes *out, const char *key,
		     const char *text)
{
	int error = text && *text ? put_key(out, key) : 0;

	return error || !text || !*text ? error
					: put_quoted(out, text, strlen(text));
}

static int put_context(struct logtap_bytes *out,
		       const struct logtap_record *record)
{
	const struct logtap_source *source = record->source;
	int error = put_named(out, "scope", record->scope);

	if (!error)
		error = put_named(out, "event", record->event_name);
	if (!error && record->has_trace) {
		error = put_key(out, "trace_id");
		if (!error)
			error = put_hex(out, record->trace_id,
					sizeof(record->trace_id));
		if (!error)
			error = put_key(out, "span_id");
		if (!error)
			error = put_hex(out, record->span_id,
					sizeof(record->span_id));
	}
	if (!error && source)
		error = put_named(out, "log.iostream", source->stream);
	if (!error && source)
		error = put_named(out, "thread.name", source->name);
	return error;
}

int logtap_log_text(const struct logtap_log_entry *entry,
		    struct logtap_bytes *out)
{
	const struct logtap_record *record = &entry->record;
	int error = put_head(out, entry);

	if (!error)
		error = logtap_text_escape(out, record->body,
					   record->body_bytes);
	if (!error)
		error = put_context(out, record);
	for (size_t i = 0; !error && i < record->attribute_count; i++) {
		error = put_key(out, record->attributes[i].key);
		if (!error)
			error = put_value(out, &record->attributes[i]);
	}
	return error ? error : put_string(out, "\n");
}
