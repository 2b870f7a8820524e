/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the records of one thread, stream and slot share: see the header.  Made
 * in the pipeline's thread, released in any.
 */
#include "source.h"

#include "../export/attribute.h"
#include "../export/wire.h"
#include "resource.h"
#include "sink.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	RECORD_ATTRIBUTES = LOGTAP_WIRE_TAG(6, LOGTAP_WIRE_BYTES),
	UID_PREFIX_MAX = 80,
};

/* UUID-SLOT.GENERATION[n]. : what is the same for all chunks of one ring. */
static size_t uid_prefix(char *text, const struct logtap_chunk_view *chunk)
{
	static const char hex[] = "0123456789abcdef";
	char *at = text;

	for (size_t i = 0; i < sizeof(chunk->segment_uuid); i++) {
		*at++ = hex[chunk->segment_uuid[i] >> 4];
		*at++ = hex[chunk->segment_uuid[i] & 15];
	}
	*at++ = '-';
	at += logtap_decimal(at, chunk->slot);
	*at++ = '.';
	at += logtap_decimal(at, chunk->generation);
	if (chunk->nested)
		*at++ = 'n';
	*at++ = '.';
	return (size_t)(at - text);
}

static int encode(struct logtap_source *source,
		  const struct logtap_attribute *list, size_t count, bool open)
{
	struct logtap_bytes protobuf = {0}, json = {0};
	size_t bound = 1;
	int error;

	for (size_t i = 0; i < count; i++)
		bound += logtap_attribute_bound(&list[i]);
	error = logtap_bytes_reserve(&protobuf, bound + LOGTAP_COPY_SLACK);
	unsigned char *at = protobuf.data;
	for (size_t i = 0; !error && i < count; i++) {
		at = logtap_attribute_put(at, RECORD_ATTRIBUTES, &list[i]);
		if (i)
			error = logtap_json_raw(&json, ",");
		if (!error)
			error = logtap_attribute_json(&json, &list[i]);
	}
	if (open && !error)
		json.size -= strlen("\"}}");
	source->attributes = protobuf.data;
	source->attributes_bytes = (size_t)(at - protobuf.data);
	source->json = (char *)json.data;
	source->json_bytes = json.size;
	return error;
}

static struct logtap_attribute text_attribute(const char *key, const char *text,
					      size_t bytes)
{
	return (struct logtap_attribute){
		.key = key,
		.kind = LOGTAP_VALUE_STRING,
		.value.string = {.data = text, .bytes = bytes},
	};
}

static const char *sink_key(const struct logtap_sink_info *sink)
{
	switch (sink->kind) {
	case LOGTAP_SINK_STDERR:
	case LOGTAP_SINK_STDOUT:
		return "logtap.sink";
	case LOGTAP_SINK_FILE:
		return "log.file.path";
	default:
		return NULL;
	}
}

struct logtap_source *logtap_source_new(
	struct logtap_resource *resource,
	const struct logtap_source_options *options)
{
	const struct logtap_thread *thread = options->thread;
	struct logtap_source *source = calloc(1, sizeof(*source));
	struct logtap_attribute list[6];
	char prefix[UID_PREFIX_MAX], sink[LOGTAP_SINK_TEXT_BYTES];
	size_t count = 0;

	if (!source)
		return NULL;
	atomic_init(&source->references, 1);
	source->resource = logtap_resource_ref(resource);
	source->stream = options->stream;
	if (source->stream)
		list[count++] = text_attribute("log.iostream", source->stream,
					       strlen(source->stream));
	if (thread && thread->tid) {
		source->tid = thread->tid;
		list[count++] = (struct logtap_attribute){
			.key = "thread.id",
			.kind = LOGTAP_VALUE_INT,
			.value.integer = thread->tid,
		};
	}
	if (thread && thread->name[0]) {
		size_t bytes = logtap_utf8_copy(
			source->name, sizeof(source->name), thread->name,
			strnlen(thread->name, LOGTAP_SLOT_NAME_BYTES));
		list[count++] =
			text_attribute("thread.name", source->name, bytes);
	}
	if (thread && thread->capture)
		list[count++] =
			text_attribute("logtap.capture", thread->capture,
				       strlen(thread->capture));
	if (options->sink && sink_key(options->sink))
		list[count++] =
			text_attribute(sink_key(options->sink), sink,
				       logtap_sink_text(options->sink, sink));
	if (options->chunk) {
		source->uid_bytes = uid_prefix(prefix, options->chunk);
		list[count++] = text_attribute("log.record.uid", prefix,
					       source->uid_bytes);
	}
	if (encode(source, list, count, options->chunk != NULL)) {
		logtap_source_unref(source);
		return NULL;
	}
	return source;
}

struct logtap_source *logtap_source_ref(struct logtap_source *source)
{
	atomic_fetch_add_explicit(&source->references, 1, memory_order_relaxed);
	return source;
}

void logtap_source_unref(struct logtap_source *source)
{
	/* pairs with itself: the last one sees all that others did */
	if (!source || atomic_fetch_sub_explicit(&source->references, 1,
						 memory_order_acq_rel) != 1)
		return;
	logtap_resource_unref(source->resource);
	free(source->attributes);
	free(source->json);
	free(source);
}
