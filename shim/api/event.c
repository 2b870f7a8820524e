/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Events as bytes, and on their way to a sink: see logtap/logtap.h. */
#include "../bytes.h"
#include "../feedback/evidence.h"
#include "../guard/mark.h"
#include "../sink/counters.h"
#include "../state.h"
#include "api.h"
#include "level.h"

#include <logtap/abi/event.h>

#define STACK_BYTES 1024
#define TEXTS_BYTES 4096

/* The thread does not record now.  If that is because it handles a record, the
 * event would have been one inside of another: that is told. */
static __attribute__((noinline)) void note_refusal(int severity,
						   const char *target)
{
	struct logtap_tls *tls = &logtap_tls;
	uint16_t how = LOGTAP_EVIDENCE_DISPATCHING;

	if (!logtap_armed() || (tls->mark & LOGTAP_MARK_INTERNAL) ||
	    !logtap_level_passes(severity, target))
		return;
	if (logtap_guard_is_held(tls, LOGTAP_STACK_POINTER())) {
		if (!(tls->guard & LOGTAP_PHASE_CALLBACK))
			return; /* a handler inside a copy */
		how = LOGTAP_EVIDENCE_IN_CALLBACK;
	}
	logtap_count(tls, LOGTAP_COUNTER_REENTRANT, 1);
	logtap_evidence_reentry(tls, how, 0);
}

int(logtap_event_enabled)(int severity, const char *target)
{
	/* Telemetry's own threads still speak on the raw console. */
	if ((logtap_enabled)() || logtap_sink_is_raw())
		return logtap_level_passes(severity, target);
	note_refusal(severity, target);
	return 0;
}

/* Appends as far as there is room; counts all. */
static void put(unsigned char *to, size_t room, size_t *at, const void *from,
		size_t bytes)
{
	size_t left = *at < room ? room - *at : 0;

	logtap_bytes_copy(to + *at, from, bytes < left ? bytes : left);
	*at += bytes;
}

static uint16_t short_length(const char *text)
{
	size_t bytes = text ? logtap_bytes_length(text) : 0;

	return bytes > UINT16_MAX ? UINT16_MAX : (uint16_t)bytes;
}

static void put_attribute(unsigned char *to, size_t room, size_t *at,
			  const struct logtap_attr *attr)
{
	struct logtap_event_attribute header = {
		.kind = (uint8_t)attr->kind,
		.key_bytes = short_length(attr->key),
		.value_bytes = 8,
	};
	const void *value = &attr->integer;

	if (attr->kind == LOGTAP_KIND_DOUBLE) {
		value = &attr->real;
	} else if (attr->kind != LOGTAP_KIND_INT &&
		   attr->kind != LOGTAP_KIND_BOOL) {
		header.value_bytes = attr->bytes;
		value = attr->data;
	}
	put(to, room, at, &header, sizeof header);
	put(to, room, at, attr->key, header.key_bytes);
	put(to, room, at, value, header.value_bytes);
}

size_t logtap_event_encode(unsigned char *to, size_t room,
			   const struct logtap_event_view *event)
{
	struct logtap_event_header header = {
		.severity = (uint8_t)event->severity,
		.name_bytes = short_length(event->name),
		.target_bytes = short_length(event->target),
	};
	const struct logtap_attr *attr = event->attributes;
	size_t at = sizeof header;

	put(to, room, &at, event->name, header.name_bytes);
	put(to, room, &at, event->target, header.target_bytes);
	for (; attr && attr->kind != LOGTAP_KIND_END; attr++) {
		if (header.attributes == LOGTAP_ATTRIBUTES_MAX) {
			header.dropped++;
			continue;
		}
		header.attributes++;
		put_attribute(to, room, &at, attr);
	}
	if (room >= sizeof header)
		logtap_bytes_copy(to, &header, sizeof header);
	return at;
}

void logtap_event_to_ring(const struct logtap_event_view *event)
{
	unsigned char small[STACK_BYTES], *bytes = small;
	struct logtap_stamp stamp = logtap_stamp_for(LOGTAP_SINK_INDEX_UNKNOWN);
	size_t room = sizeof small;
	size_t size = logtap_event_encode(bytes, room, event);

	if (size > room) {
		room = size;
		bytes = logtap_memory_new(room);
		if (bytes) {
			logtap_event_encode(bytes, room, event);
		} else { /* its beginning */
			bytes = small;
			stamp.missing = size - sizeof small;
			size = sizeof small;
		}
	}
	stamp.type = LOGTAP_CHUNK_EVENT;
	stamp.format = LOGTAP_FORMAT_EVENT;
	logtap_capture_bytes(&stamp, bytes, size);
	if (bytes != small)
		logtap_memory_free(bytes, room);
}

void(logtap_event_emit)(int severity, const char *target, const char *name,
			const struct logtap_attr *attributes)
{
	struct logtap_event_view event = {severity, target ? target : "",
					  name ? name : "", attributes};

	if ((logtap_event_enabled)(severity, target))
		logtap_sink_emit(NULL, &event);
}

/* Decoding, for channels: only what logtap_event_encode() made.  Names and keys
 * get a NUL in memory of the call; values stay where they are. */
struct decoder {
	const unsigned char *from;
	size_t bytes;
	size_t at;
	char *texts;
	size_t used;
};

/* The next @bytes as a string, "" when there is no room for it. */
static const char *take_text(struct decoder *decoder, size_t bytes)
{
	char *text = decoder->texts + decoder->used;
	size_t kept = bytes;

	if (decoder->used + kept >= TEXTS_BYTES)
		kept = 0;
	logtap_bytes_copy(text, decoder->from + decoder->at, kept);
	text[kept] = '\0';
	decoder->used += kept + 1;
	decoder->at += bytes;
	return text;
}

static void take_attribute(struct decoder *decoder, struct logtap_attr *attr)
{
	struct logtap_event_attribute item;
	const unsigned char *value;

	logtap_bytes_copy(&item, decoder->from + decoder->at, sizeof item);
	decoder->at += sizeof item;
	attr->key = take_text(decoder, item.key_bytes);
	attr->kind = item.kind;
	attr->bytes = item.value_bytes;
	attr->integer = 0;
	attr->real = 0;
	attr->data = value = decoder->from + decoder->at;
	if (item.kind == LOGTAP_KIND_DOUBLE)
		logtap_bytes_copy(&attr->real, value, 8);
	else if (item.kind == LOGTAP_KIND_INT || item.kind == LOGTAP_KIND_BOOL)
		logtap_bytes_copy(&attr->integer, value, 8);
	decoder->at += item.value_bytes;
}

void logtap_event_decode(const unsigned char *from, size_t bytes,
			 logtap_sink_function *function, void *context)
{
	struct logtap_attr attrs[LOGTAP_ATTRIBUTES_MAX + 1];
	/* Whatever has no room is "". */
	char texts[TEXTS_BYTES + LOGTAP_ATTRIBUTES_MAX + 2];
	struct logtap_event_header header;
	struct decoder decoder = {from, bytes, sizeof header, texts, 0};
	struct logtap_event_view event;
	size_t count = 0;

	logtap_bytes_copy(&header, from, sizeof header);
	event.severity = header.severity;
	event.name = take_text(&decoder, header.name_bytes);
	event.target = take_text(&decoder, header.target_bytes);
	while (count < header.attributes &&
	       decoder.at + sizeof(struct logtap_event_attribute) <= bytes)
		take_attribute(&decoder, &attrs[count++]);
	attrs[count] = LOGTAP_END;
	event.attributes = attrs;
	function(context, &event);
}
