/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Attributes being collected, each key once.  Owns copies of keys and strings.
 *
 * A failed allocation is remembered in @failed, and later calls do nothing, so
 * that it is looked at once, at the end.  Not thread-safe.
 */
#ifndef LOGTAP_SHAPE_ATTRIBUTE_SET_H
#define LOGTAP_SHAPE_ATTRIBUTE_SET_H

#include "record.h"

struct logtap_attribute_set {
	struct logtap_attribute *items; /* owned, as are keys and strings */
	size_t count;
	size_t capacity;
	bool failed;
};

enum logtap_set_rule {
	LOGTAP_SET_KEEP,    /* what is there already stays */
	LOGTAP_SET_REPLACE, /* the new value counts */
};

void logtap_attribute_set_deinit(struct logtap_attribute_set *set);
/* Strings are repaired where they are not UTF-8. */
void logtap_attribute_set_string(struct logtap_attribute_set *set,
				 const char *key, const char *text,
				 size_t bytes, enum logtap_set_rule rule);
void logtap_attribute_set_int(struct logtap_attribute_set *set, const char *key,
			      int64_t value, enum logtap_set_rule rule);
const struct logtap_attribute *logtap_attribute_set_find(
	const struct logtap_attribute_set *set, const char *key);

/**
 * logtap_attribute_set_parse() - read OTEL_RESOURCE_ATTRIBUTES
 * @text: key=value,key=value, percent-encoded; the last of two equal keys
 *        counts
 * Return: 0, or 1 if it is malformed: then nothing was added.
 */
int logtap_attribute_set_parse(struct logtap_attribute_set *set,
			       const char *text);

#endif
