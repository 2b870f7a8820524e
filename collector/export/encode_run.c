/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records as OTLP in protobuf: see encode.h.  Any thread.
 *
 * What all records of a thread share was encoded when the thread appeared and is
 * copied; what all of a run share is looked at once.
 * Field numbers: opentelemetry/proto/logs/v1/logs.proto.
 */
#include "../shape/source.h"
#include "attribute.h"
#include "encode.h"
#include "wire.h"

enum {
	SCOPE_LOGS_RECORDS = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_BYTES),
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

/* Without the body: what all of its run need, at most. */
static size_t fixed_bound(const struct logtap_record *like)
{
	size_t bound = RECORD_FIXED_BOUND;

	if (like->severity_text)
		bound += strlen(like->severity_text);
	if (like->source)
		bound += like->source->attributes_bytes + UID_NUMBERS_MAX;
	return has_more(like) ? bound + more_bound(like) : bound;
}

/* What all records of a run have in common.  A copy, so that it can stay in
 * registers: for all that the compiler knows, what is stored into the output
 * changes the run. */
struct mould {
	const struct logtap_record *like;
	size_t bound; /* of a record without its body */
	uint64_t observed_ns;
	bool has_severity;
	bool has_more;
	/* of its source */
	const unsigned char *attributes;
	size_t attributes_bytes;
	size_t uid_bytes;
};

static struct mould mould_of(const struct logtap_record *like)
{
	const struct logtap_source *source = like->source;
	struct mould mould = {
		.like = like,
		.bound = fixed_bound(like),
		.observed_ns = like->observed_ns,
		.has_severity = like->severity || like->severity_text,
		.has_more = has_more(like),
	};

	if (source) {
		mould.attributes = source->attributes;
		mould.attributes_bytes = source->attributes_bytes;
		mould.uid_bytes = source->uid_bytes;
	}
	return mould;
}

/* The attributes that all records of the source share, and the end of the
 * last, log.record.uid, whose three lengths grow by the digits. */
static inline unsigned char *put_template(unsigned char *at,
					  const struct mould *mould,
					  const struct logtap_batch_line *line)
{
	at = logtap_wire_over(at, mould->attributes, mould->attributes_bytes);
	if (!mould->uid_bytes)
		return at;
	/* ... | attribute, L | key, 14, log.record.uid | value, L |
	 * string, L | prefix | digits: each L is one byte */
	enum { KEY_BYTES = 2 + 14 };
	unsigned char *string_length = at - mould->uid_bytes - 1;
	unsigned char *value_length = string_length - 2;
	unsigned char *attribute_length = value_length - 1 - KEY_BYTES - 1;
	size_t string = mould->uid_bytes;
	unsigned char *start = at;
	at = logtap_decimal_end(at, line->sequence);
	if (line->line) {
		*at++ = '.';
		at = logtap_decimal_end(at, line->line);
	}
	/* computed, not read back: the bytes have just been written */
	string += (size_t)(at - start);
	*string_length = (unsigned char)string;
	*value_length = (unsigned char)(string + 2);
	*attribute_length = (unsigned char)(string + 4 + KEY_BYTES);
	return at;
}

static inline unsigned char *put_body(unsigned char *at,
				      const struct logtap_batch_line *line)
{
	const char *body = line->text;
	size_t bytes = line->bytes;

	if (bytes < 126) { /* both lengths are one byte */
		at = logtap_wire_fixed32(at, RECORD_BODY | ANY_STRING << 16 |
						     (uint32_t)(bytes + 2)
							     << 8 |
						     (uint32_t)bytes << 24);
		return logtap_wire_over(at, body, bytes);
	}
	*at++ = RECORD_BODY;
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

static unsigned char *put_severity(unsigned char *at,
				   const struct logtap_record *record)
{
	if (record->severity) {
		*at++ = RECORD_SEVERITY_NUMBER;
		at = logtap_wire_varint(at, record->severity);
	}
	if (record->severity_text)
		at = logtap_wire_bytes(at, RECORD_SEVERITY_TEXT,
				       record->severity_text,
				       strlen(record->severity_text));
	return at;
}

static inline unsigned char *put_fields(unsigned char *at,
					const struct mould *mould,
					const struct logtap_batch_line *line)
{
	if (line->time_ns) {
		*at++ = RECORD_TIME;
		at = logtap_wire_fixed64(at, line->time_ns);
	}
	*at++ = RECORD_OBSERVED;
	at = logtap_wire_fixed64(at, mould->observed_ns);
	if (mould->has_severity)
		at = put_severity(at, mould->like);
	at = put_body(at, line);
	at = put_template(at, mould, line);
	return mould->has_more ? put_more(at, mould->like) : at;
}

/* @bound: of the record. */
static inline unsigned char *put_record(unsigned char *at,
					const struct mould *mould,
					const struct logtap_batch_line *line,
					size_t bound)
{
	size_t width = bound < 1 << 14 ? 2 : logtap_wire_varint_bytes(bound);

	*at++ = SCOPE_LOGS_RECORDS;
	unsigned char *start = at + width;
	unsigned char *end = put_fields(start, mould, line);
	logtap_wire_padded(at, (uint64_t)(end - start), width);
	return end;
}

int logtap_encode_run(const struct logtap_batch_run *run,
		      const struct logtap_batch_line *lines,
		      struct logtap_bytes *out)
{
	const struct logtap_batch_line *line = lines;
	const struct logtap_batch_line *last = line + run->count;
	const struct mould mould = mould_of(&run->like);
	unsigned char *at = out->data + out->size;
	unsigned char *end = out->data + out->capacity;

	for (; line < last; line++) {
		size_t bound = mould.bound + line->bytes;

		if (bound > (size_t)(end - at)) {
			out->size = (size_t)(at - out->data);
			int error = logtap_bytes_reserve(out, bound);
			if (error)
				return error;
			at = out->data + out->size;
			end = out->data + out->capacity;
		}
		at = put_record(at, &mould, line, bound);
	}
	out->size = (size_t)(at - out->data);
	return 0;
}
