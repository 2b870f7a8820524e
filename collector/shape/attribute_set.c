/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes being collected: see the header.  The pipeline's thread. */
#include "attribute_set.h"

#include "utf8.h"

#include <stdlib.h>
#include <string.h>

static void clear_value(struct logtap_attribute *item)
{
	if (item->kind == LOGTAP_VALUE_STRING)
		free((char *)item->value.string.data);
}

static void drop_from(struct logtap_attribute_set *set, size_t count)
{
	while (set->count > count) {
		struct logtap_attribute *item = &set->items[--set->count];
		clear_value(item);
		free((char *)item->key);
	}
}

void logtap_attribute_set_deinit(struct logtap_attribute_set *set)
{
	drop_from(set, 0);
	free(set->items);
	*set = (struct logtap_attribute_set){0};
}

static struct logtap_attribute *find(const struct logtap_attribute_set *set,
				     const char *key)
{
	for (size_t i = 0; i < set->count; i++)
		if (!strcmp(set->items[i].key, key))
			return &set->items[i];
	return NULL;
}

const struct logtap_attribute *logtap_attribute_set_find(
	const struct logtap_attribute_set *set, const char *key)
{
	return find(set, key);
}

/* The item to fill for @key, its old value gone; NULL: leave it alone. */
static struct logtap_attribute *item_for(struct logtap_attribute_set *set,
					 const char *key,
					 enum logtap_set_rule rule)
{
	if (set->failed)
		return NULL;
	struct logtap_attribute *item = find(set, key);
	if (item) {
		if (rule == LOGTAP_SET_KEEP)
			return NULL;
		clear_value(item);
		return item;
	}
	if (set->count == set->capacity) {
		size_t capacity = set->capacity ? 2 * set->capacity : 32;
		item = realloc(set->items, capacity * sizeof(*item));
		if (!item) {
			set->failed = true;
			return NULL;
		}
		set->items = item;
		set->capacity = capacity;
	}
	item = &set->items[set->count];
	item->key = strdup(key);
	item->key_bytes = 0;
	if (!item->key) {
		set->failed = true;
		return NULL;
	}
	set->count++;
	return item;
}

void logtap_attribute_set_int(struct logtap_attribute_set *set, const char *key,
			      int64_t value, enum logtap_set_rule rule)
{
	struct logtap_attribute *item = item_for(set, key, rule);

	if (!item)
		return;
	item->kind = LOGTAP_VALUE_INT;
	item->value.integer = value;
}

void logtap_attribute_set_string(struct logtap_attribute_set *set,
				 const char *key, const char *text,
				 size_t bytes, enum logtap_set_rule rule)
{
	struct logtap_bytes copy = {0};

	/* the empty string, too, needs memory of its own */
	if (logtap_bytes_reserve(&copy, bytes + 1) ||
	    logtap_utf8_repair(&copy, text, bytes) < 0) {
		logtap_bytes_deinit(&copy);
		set->failed = true;
		return;
	}
	struct logtap_attribute *item = item_for(set, key, rule);
	if (!item) {
		logtap_bytes_deinit(&copy);
		return;
	}
	item->kind = LOGTAP_VALUE_STRING;
	item->value.string.data = (const char *)copy.data;
	item->value.string.bytes = copy.size;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decodes in place.  Return: the new length, or -1. */
static ptrdiff_t percent_decode(char *text, size_t bytes)
{
	size_t out = 0;

	for (size_t i = 0; i < bytes; i++) {
		if (text[i] != '%') {
			text[out++] = text[i];
			continue;
		}
		int high = i + 2 < bytes ? hex_digit(text[i + 1]) : -1;
		int low = i + 2 < bytes ? hex_digit(text[i + 2]) : -1;
		if (high < 0 || low < 0)
			return -1;
		text[out++] = (char)(high << 4 | low);
		i += 2;
	}
	return (ptrdiff_t)out;
}

static void trim(char **text, size_t *bytes)
{
	while (*bytes && strchr(" \t", **text)) {
		++*text;
		--*bytes;
	}
	while (*bytes && strchr(" \t", (*text)[*bytes - 1]))
		--*bytes;
}

/* One key=value, which it may write to. */
static bool parse_member(struct logtap_attribute_set *set, char *text,
			 size_t bytes)
{
	char key[256];

	trim(&text, &bytes);
	if (!bytes)
		return true;
	char *equals = memchr(text, '=', bytes);
	if (!equals)
		return false;
	size_t key_bytes = (size_t)(equals - text);
	char *value = equals + 1;
	size_t value_bytes = bytes - key_bytes - 1;
	trim(&text, &key_bytes);
	trim(&value, &value_bytes);
	ptrdiff_t key_size = percent_decode(text, key_bytes);
	ptrdiff_t value_size = percent_decode(value, value_bytes);
	if (key_size <= 0 || (size_t)key_size >= sizeof(key) ||
	    value_size < 0 || memchr(text, '\0', (size_t)key_size) ||
	    !logtap_utf8_valid(text, (size_t)key_size) ||
	    !logtap_utf8_valid(value, (size_t)value_size))
		return false;
	memcpy(key, text, (size_t)key_size);
	key[key_size] = '\0';
	logtap_attribute_set_string(set, key, value, (size_t)value_size,
				    LOGTAP_SET_REPLACE);
	return true;
}

int logtap_attribute_set_parse(struct logtap_attribute_set *set,
			       const char *text)
{
	struct logtap_attribute_set parsed = {0};
	char *copy = strdup(text);
	bool good = true;

	if (!copy) {
		set->failed = true;
		return 0;
	}
	for (char *at = copy; at && good;) {
		size_t bytes = strcspn(at, ",");
		char *next = at[bytes] ? at + bytes + 1 : NULL;
		good = parse_member(&parsed, at, bytes);
		at = next;
	}
	free(copy);
	for (size_t i = 0; good && i < parsed.count; i++)
		logtap_attribute_set_string(set, parsed.items[i].key,
					    parsed.items[i].value.string.data,
					    parsed.items[i].value.string.bytes,
					    LOGTAP_SET_REPLACE);
	set->failed |= parsed.failed;
	logtap_attribute_set_deinit(&parsed);
	return good ? 0 : 1;
}
