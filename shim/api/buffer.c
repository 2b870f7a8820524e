/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Explicit buffers: records in a ring of bytes, the oldest evicted until a new
 * one fits.  See logtap/logtap.h; one thread at a time. */
#include "../bytes.h"
#include "api.h"

#define CAPACITY_DEFAULT 65536

struct record {
	uint32_t bytes;
	uint32_t severity;
	uint64_t original_bytes;
};

struct logtap_buffer {
	size_t capacity; /* bytes of text */
	size_t memory_bytes;
	size_t room;  /* of data: text and record headers */
	size_t first; /* offset of the oldest record */
	size_t end;   /* offset behind the newest */
	struct logtap_buffer_stats stats;
	unsigned char data[];
};

/* Records lie one behind the other; when the newest reaches the end of the
 * room, everything is moved to the front.  Twice the capacity and a header for
 * each byte of the smallest records keep that rare. */
struct logtap_buffer *(logtap_buffer_new)(size_t capacity)
{
	struct logtap_buffer *buffer;
	size_t memory_bytes;

	if (!capacity)
		capacity = CAPACITY_DEFAULT;
	if (capacity > SIZE_MAX / 64)
		return NULL;
	memory_bytes = sizeof *buffer + 4 * capacity + LOGTAP_PAGE_BYTES;
	buffer = logtap_memory_new(memory_bytes);
	if (!buffer)
		return NULL;
	buffer->capacity = capacity;
	buffer->memory_bytes = memory_bytes;
	buffer->room = memory_bytes - sizeof *buffer;
	return buffer;
}

void(logtap_buffer_free)(struct logtap_buffer *buffer)
{
	if (buffer)
		logtap_memory_free(buffer, buffer->memory_bytes);
}

static size_t span(size_t bytes)
{
	return sizeof(struct record) + ((bytes + 7) & ~(size_t)7);
}

static struct record *oldest(struct logtap_buffer *buffer)
{
	return (void *)(buffer->data + buffer->first);
}

static void drop_oldest(struct logtap_buffer *buffer)
{
	struct record *record = oldest(buffer);

	buffer->first += span(record->bytes);
	buffer->stats.bytes -= record->bytes;
	buffer->stats.records--;
	if (!buffer->stats.records)
		buffer->first = buffer->end = 0;
}

size_t(logtap_buffer_push)(struct logtap_buffer *buffer, int severity,
			   const char *text, size_t bytes)
{
	size_t kept =
		buffer ? logtap_bytes_cut(text, bytes, buffer->capacity) : 0;

	if (!buffer)
		return 0;
	while (buffer->stats.records &&
	       (buffer->stats.bytes + kept > buffer->capacity ||
		buffer->end - buffer->first + span(kept) > buffer->room)) {
		drop_oldest(buffer);
		buffer->stats.evicted++;
	}
	if (buffer->end + span(kept) > buffer->room) {
		size_t used = buffer->end - buffer->first;
		for (size_t i = 0; i < used; i += 8)
			__builtin_memcpy(buffer->data + i,
					 buffer->data + buffer->first + i, 8);
		buffer->first = 0;
		buffer->end = used;
	}
	struct record *record = (void *)(buffer->data + buffer->end);
	*record = (struct record){(uint32_t)kept, (uint32_t)severity, bytes};
	logtap_bytes_copy(record + 1, text, kept);
	buffer->end += span(kept);
	buffer->stats.bytes += kept;
	buffer->stats.records++;
	buffer->stats.cut += kept < bytes;
	return kept;
}

void(logtap_buffer_stats)(const struct logtap_buffer *buffer,
			  struct logtap_buffer_stats *out)
{
	*out = buffer ? buffer->stats : (struct logtap_buffer_stats){0};
}

size_t(logtap_buffer_drain)(struct logtap_buffer *buffer,
			    logtap_buffer_function *function, void *context)
{
	size_t shown = 0;

	while (buffer && buffer->stats.records) {
		struct record *record = oldest(buffer);
		function(context, (int)record->severity,
			 (const char *)(record + 1), record->bytes,
			 record->original_bytes);
		drop_oldest(buffer);
		shown++;
	}
	return shown;
}

struct flush {
	const char *target;
	struct logtap_sink_object *sink;
};

static void flush_record(void *context, int severity, const char *text,
			 size_t bytes, size_t original_bytes)
{
	const struct flush *flush = context;
	struct logtap_attr attributes[3] = {
		logtap_attr_data(NULL, LOGTAP_KIND_BODY, text, bytes),
		LOGTAP_END,
		LOGTAP_END,
	};
	struct logtap_event_view event = {severity, flush->target, "",
					  attributes};

	if (original_bytes > bytes)
		attributes[1] = LOGTAP_INT("logtap.original_length",
					   (int64_t)original_bytes);
	logtap_sink_emit(flush->sink, &event);
}

size_t(logtap_buffer_flush)(struct logtap_buffer *buffer, const char *target,
			    struct logtap_sink_object *sink)
{
	struct flush flush = {target ? target : "", sink};

	return (logtap_buffer_drain)(buffer, flush_record, &flush);
}
