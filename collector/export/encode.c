/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch as OTLP in protobuf, in a single pass: see the header.  Any thread.
 *
 * A length that is not known yet gets as many bytes as an upper bound of it
 * needs and is filled in afterwards (a varint may carry zero groups).  What all
 * records of a thread share was encoded when the thread appeared and is copied.
 * Field numbers: opentelemetry/proto/logs/v1/logs.proto.
 */
#include "encode.h"

#include "../shape/resource.h"
#include "attribute.h"
#include "wire.h"

#include <errno.h>

enum {
	LOGS_RESOURCE_LOGS = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	RESOURCE_LOGS_RESOURCE = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	RESOURCE_LOGS_SCOPE_LOGS = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_BYTES),
	SCOPE_LOGS_SCOPE = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	SCOPE_LOGS_RECORDS = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_BYTES),
	SCOPE_NAME = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	SCOPE_VERSION = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_BYTES),
	RECORD_TIME = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_FIXED64),
	RECORD_SEVERITY_NUMBER = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_VARINT),
	RECORD_SEVERITY_TEXT = LOGTAP_WIRE_TAG(3, LOGTAP_WIRE_BYTES),
	RECORD_BODY = LOGTAP_WIRE_TAG(5, LOGTAP_WIRE_BYTES),
	RECORD_ATTRIBUTES = LOGTAP_WIRE_TAG(6, LOGTAP_WIRE_BYTES),
	RECORD_DROPPED = LOGTAP_WIRE_TAG(7, LOGTAP_WIRE_VARINT),
	RECORD_FLAGS = LOGTAP_WIRE_TAG(8, LOGTAP_WIRE_FIXED32),
	RECORD_TRACE_ID = LOGTAP_WIRE_TAG(9, LOGTAP_WIRE_BYTES),
	RECORD_SPAN_ID = LOGTAP_WIRE_TAG(10, LOGTAP_WIRE_BYTES),
	RECORD_OBSERVED = LOGTAP_WIRE_TAG(11, LOGTAP_WIRE_FIXED64),
	RECORD_EVENT_NAME = LOGTAP_WIRE_TAG(12, LOGTAP_WIRE_BYTES),
	ANY_STRING = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
};

enum {
	/* every part of a record but texts and attributes, rounded up, and
	 * what may be overwritten behind it */
	RECORD_FIXED_BOUND = 160 + LOGTAP_COPY_SLACK,
	/* lengths of ResourceLogs and ScopeLogs, any size */
	GROUP_LENGTH_WIDTH = 5,
	/* CHUNK.LINE in the end of log.record.uid */
	UID_NUMBERS_MAX = 2 * LOGTAP_DECIMAL_MAX + 1,
};

/* Has it anything that most records have not? */
static inline bool has_more(const struct logtap_record *record)
{
	return record->attribute_count | record->dropped_attributes |
	       record->flags | record->has_trace |
	       (uintptr_t)record->event_name;
}

static size_t more_bound(const struct logtap_record *record)
{
	size_t bound = record->event_name ? strlen(record->event_name) : 0;

	for (size_t i = 0; i < record->attribute_count; i++)
		bound += logtap_attribute_bound(&record->attributes[i]);
	return bound;
}

static inline size_t record_bound(const struct logtap_record *record)
{
	size_t bound = RECORD_FIXED_BOUND + record->body_bytes;

	if (record->severity_text)
		bound += strlen(record->severity_text);
	if (record->source)
		bound += record->source->attributes_bytes + UID_NUMBERS_MAX;
	return has_more(record) ? bound + more_bound(record) : bound;
}

/* The attributes that all records of the source share, and the end of the
 * last, log.record.uid, whose three lengths grow by the digits. */
static inline unsigned char *put_template(unsigned char *at,
					  const struct logtap_record *record)
{
	const struct logtap_source *source = record->source;

	at = logtap_wire_over(at, source->attributes, source->attributes_bytes);
	if (!source->uid_bytes)
		return at;
	/* ... | attribute, L | key, 14, log.record.uid | value, L |
	 * string, L | prefix | digits: each L is one byte */
	enum { KEY_BYTES = 2 + 14 };
	unsigned char *string_length = at - source->uid_bytes - 1;
	unsigned char *value_length = string_length - 2;
	unsigned char *attribute_length = value_length - 1 - KEY_BYTES - 1;
	size_t string = source->uid_bytes;
	uint32_t line = record->line;
	unsigned char *start = at;
	at = logtap_decimal_end(at, record->sequence);
	if (line) {
		*at++ = '.';
		at = logtap_decimal_end(at, line);
	}
	/* computed, not read back: the bytes have just been written */
	string += (size_t)(at - start);
	*string_length = (unsigned char)string;
	*value_length = (unsigned char)(string + 2);
	*attribute_length = (unsigned char)(string + 4 + KEY_BYTES);
	return at;
}

static inline unsigned char *put_body(unsigned char *at,
				      const struct logtap_record *record)
{
	const char *body = record->body;
	size_t bytes = record->body_bytes;

	*at++ = RECORD_BODY;
	if (bytes < 126) { /* both lengths are one byte */
		*at++ = (unsigned char)(bytes + 2);
		*at++ = ANY_STRING;
		*at++ = (unsigned char)bytes;
		return logtap_wire_over(at, body, bytes);
	}
	at = logtap_wire_varint(at, logtap_wire_bytes_size(bytes));
	return logtap_wire_bytes(at, ANY_STRING, body, bytes);
}

static __attribute__((noinline)) unsigned char *put_more(
	unsigned char *at, const struct logtap_record *record)
{
	for (size_t i = 0; i < record->attribute_count; i++)
		at = logtap_attribute_put(at, RECORD_ATTRIBUTES,
					  &record->attributes[i]);
	if (record->dropped_attributes) {
		*at++ = RECORD_DROPPED;
		at = logtap_wire_varint(at, record->dropped_attributes);
	}
	if (record->flags) {
		*at++ = RECORD_FLAGS;
		at = logtap_wire_fixed32(at, record->flags);
	}
	if (record->has_trace) {
		at = logtap_wire_bytes(at, RECORD_TRACE_ID, record->trace_id,
				       sizeof(record->trace_id));
		at = logtap_wire_bytes(at, RECORD_SPAN_ID, record->span_id,
				       sizeof(record->span_id));
	}
	if (record->event_name)
		at = logtap_wire_bytes(at, RECORD_EVENT_NAME,
				       record->event_name,
				       strlen(record->event_name));
	return at;
}

static inline unsigned char *put_fields(unsigned char *at,
					const struct logtap_record *record)
{
	if (record->time_ns) {
		*at++ = RECORD_TIME;
		at = logtap_wire_fixed64(at, record->time_ns);
	}
	*at++ = RECORD_OBSERVED;
	at = logtap_wire_fixed64(at, record->observed_ns);
	if (record->severity) {
		*at++ = RECORD_SEVERITY_NUMBER;
		at = logtap_wire_varint(at, record->severity);
	}
	if (record->severity_text)
		at = logtap_wire_bytes(at, RECORD_SEVERITY_TEXT,
				       record->severity_text,
				       strlen(record->severity_text));
	at = put_body(at, record);
	if (record->source)
		at = put_template(at, record);
	return has_more(record) ? put_more(at, record) : at;
}

/* @bound: of the record. */
static inline unsigned char *put_record(unsigned char *at,
					const struct logtap_record *record,
					size_t bound)
{
	size_t width = bound < 1 << 14 ? 2 : logtap_wire_varint_bytes(bound);

	*at++ = SCOPE_LOGS_RECORDS;
	unsigned char *start = at + width;
	unsigned char *end = put_fields(start, record);
	logtap_wire_padded(at, (uint64_t)(end - start), width);
	return end;
}

static int put_records(struct logtap_bytes *out,
		       const struct logtap_batch_view *view,
		       const struct logtap_batch_group *group)
{
	unsigned char *at = out->data + out->size;
	unsigned char *end = out->data + out->capacity;

	for (uint32_t i = group->first, left = group->count; left; left--) {
		const struct logtap_record *record = &view->records[i];
		size_t bound = record_bound(record);

		if (bound > (size_t)(end - at)) {
			out->size = (size_t)(at - out->data);
			int error = logtap_bytes_reserve(out, bound);
			if (error)
				return error;
			at = out->data + out->size;
			end = out->data + out->capacity;
		}
		at = put_record(at, record, bound);
		i = view->links[i];
	}
	out->size = (size_t)(at - out->data);
	return 0;
}

static unsigned char *put_scope(unsigned char *at, const char *logger)
{
	static const char name[] = "logtap", version[] = LOGTAP_VERSION;

	if (logger) { /* its version is not known */
		size_t bytes = strlen(logger);
		*at++ = SCOPE_LOGS_SCOPE;
		at = logtap_wire_varint(at, logtap_wire_bytes_size(bytes));
		return logtap_wire_bytes(at, SCOPE_NAME, logger, bytes);
	}

	*at++ = SCOPE_LOGS_SCOPE;
	at = logtap_wire_varint(
		at, logtap_wire_bytes_size(sizeof(name) - 1) +
			    logtap_wire_bytes_size(sizeof(version) - 1));
	at = logtap_wire_bytes(at, SCOPE_NAME, name, sizeof(name) - 1);
	return logtap_wire_bytes(at, SCOPE_VERSION, version,
				 sizeof(version) - 1);
}

static int put_group(struct logtap_bytes *out,
		     const struct logtap_batch_view *view,
		     const struct logtap_batch_group *group)
{
	const struct logtap_resource *resource = group->resource;
	size_t resource_bytes = resource ? resource->protobuf_bytes : 0;
	size_t scope_bytes = group->scope ? strlen(group->scope) : 0;
	int error =
		logtap_bytes_reserve(out, resource_bytes + scope_bytes + 128);

	if (error)
		return error;
	unsigned char *at = out->data + out->size;
	*at++ = LOGS_RESOURCE_LOGS;
	/* places are kept as offsets: the bytes move when they grow */
	size_t group_length = (size_t)(at - out->data);
	at = logtap_wire_bytes(at + GROUP_LENGTH_WIDTH, RESOURCE_LOGS_RESOURCE,
			       resource ? resource->protobuf : NULL,
			       resource_bytes);
	*at++ = RESOURCE_LOGS_SCOPE_LOGS;
	size_t scope_length = (size_t)(at - out->data);
	at = put_scope(at + GROUP_LENGTH_WIDTH, group->scope);
	out->size = (size_t)(at - out->data);
	error = put_records(out, view, group);
	if (error)
		return error;
	logtap_wire_padded(out->data + scope_length,
			   out->size - scope_length - GROUP_LENGTH_WIDTH,
			   GROUP_LENGTH_WIDTH);
	logtap_wire_padded(out->data + group_length,
			   out->size - group_length - GROUP_LENGTH_WIDTH,
			   GROUP_LENGTH_WIDTH);
	return 0;
}

int logtap_encode_view(const struct logtap_batch_view *view,
		       struct logtap_bytes *out)
{
	size_t before = out->size;

	for (size_t i = 0; i < view->group_count; i++) {
		int error = put_group(out, view, &view->groups[i]);
		if (error) {
			out->size = before;
			return error;
		}
	}
	return 0;
}

int logtap_encode_logs(const struct logtap_batch *batch,
		       struct logtap_bytes *out)
{
	struct logtap_batch_view view = logtap_batch_view(batch);

	return logtap_encode_view(&view, out);
}
