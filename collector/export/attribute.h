/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One attribute as an OTLP KeyValue, in protobuf and in JSON, and the pieces of
 * JSON that the other encoders share.  Pure functions, any thread.
 */
#ifndef LOGTAP_EXPORT_ATTRIBUTE_H
#define LOGTAP_EXPORT_ATTRIBUTE_H

#include "../base/bytes.h"
#include "../shape/record.h"

#include <string.h>

/* Most bytes that the attribute can take with its tag. */
size_t logtap_attribute_bound(const struct logtap_attribute *attribute);
/* Writes it at @at as field @tag of the message around it.
 * Return: the place behind it. */
unsigned char *logtap_attribute_put(unsigned char *at, unsigned char tag,
				    const struct logtap_attribute *attribute);

/* {"key":...,"value":{...}}.  Return: 0 or -ENOMEM. */
int logtap_attribute_json(struct logtap_bytes *out,
			  const struct logtap_attribute *attribute);

/* A JSON string with its quotes; @text is valid UTF-8. */
int logtap_json_string(struct logtap_bytes *out, const char *text,
		       size_t bytes);
/* Bytes as they are; in line, because most are a few that fit. */
static inline int logtap_json_put(struct logtap_bytes *out, const char *text,
				  size_t bytes)
{
	if (bytes > out->capacity - out->size)
		return logtap_bytes_append(out, text, bytes);
	memcpy(out->data + out->size, text, bytes);
	out->size += bytes;
	return 0;
}
/* A string constant as it is. */
#define logtap_json_raw(out, text) \
	logtap_json_put(out, "" text, sizeof(text) - 1)
/* A decimal number without quotes. */
int logtap_json_decimal(struct logtap_bytes *out, uint64_t value);

/* Decimal digits of @value at @at, no NUL.  Return: how many (1..20). */
size_t logtap_decimal(char *at, uint64_t value);

enum { LOGTAP_DECIMAL_MAX = 20 };

#endif
