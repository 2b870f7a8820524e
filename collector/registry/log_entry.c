/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A record with all that it points to in one piece of memory: see logs.h.  Any
 * thread. */
#include "logs.h"

#include "../base/copy.h"
#include "../shape/source.h"

#include <stdlib.h>
#include <string.h>

static bool has_string(const struct logtap_attribute *attribute)
{
	return attribute->kind == LOGTAP_VALUE_STRING ||
	       attribute->kind == LOGTAP_VALUE_BYTES;
}

static size_t text_bytes(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static size_t content_bytes(const struct logtap_record *record)
{
	size_t bytes = record->body_bytes + text_bytes(record->event_name) +
		       text_bytes(record->scope);

	for (size_t i = 0; i < record->attribute_count; i++) {
		const struct logtap_attribute *at = &record->attributes[i];
		bytes += sizeof(*at) + strlen(at->key) + 1;
		if (has_string(at))
			bytes += at->value.string.bytes;
	}
	return bytes;
}

static const char *put(char **at, const char *data, size_t bytes)
{
	char *copy = *at;

	if (!data)
		return NULL;
	if (bytes)
		memcpy(copy, data, bytes);
	*at += bytes;
	return copy;
}

/* The attributes first: they are the part that has an alignment. */
static void copy_content(struct logtap_record *own, char *at)
{
	const struct logtap_attribute *from = own->attributes;
	struct logtap_attribute *list = (void *)at;
	size_t count = own->attribute_count;

	at += count * sizeof(*list);
	own->attributes = count ? list : NULL;
	if (count)
		memcpy(list, from, count * sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		list[i].key = put(&at, from[i].key, text_bytes(from[i].key));
		if (has_string(&from[i]))
			list[i].value.string.data =
				put(&at, from[i].value.string.data,
				    from[i].value.string.bytes);
	}
	own->event_name =
		put(&at, own->event_name, text_bytes(own->event_name));
	own->scope = put(&at, own->scope, text_bytes(own->scope));
	own->body = put(&at, own->body, own->body_bytes);
}

struct logtap_log_entry *logtap_log_entry_new(
	const struct logtap_record *record)
{
	struct logtap_log_entry *entry;
	size_t align = _Alignof(struct logtap_attribute);
	size_t head = (sizeof(*entry) + align - 1) / align * align;
	/* the encoder reads that much behind the body, which is the last */
	size_t bytes = head + content_bytes(record) + LOGTAP_COPY_SLACK;

	entry = malloc(bytes);
	if (!entry)
		return NULL;
	atomic_init(&entry->references, 1);
	entry->seq = 0;
	entry->batch = 0;
	entry->bytes = bytes;
	entry->record = *record;
	copy_content(&entry->record, (char *)entry + head);
	if (record->source)
		logtap_source_ref(record->source);
	return entry;
}

struct logtap_log_entry *logtap_log_entry_ref(struct logtap_log_entry *entry)
{
	atomic_fetch_add_explicit(&entry->references, 1, memory_order_relaxed);
	return entry;
}

void logtap_log_entry_unref(struct logtap_log_entry *entry)
{
	/* pairs with itself: the last one sees all that others did */
	if (!entry || atomic_fetch_sub_explicit(&entry->references, 1,
						memory_order_acq_rel) != 1)
		return;
	if (entry->record.source)
		logtap_source_unref(entry->record.source);
	free(entry);
}
