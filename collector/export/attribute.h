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

extern const char logtap_decimal_pairs[]; /* 00, 01, ... 99 */

/* The same in line, for numbers of which most are short.
 * Return: the place behind the digits. */
static inline unsigned char *logtap_decimal_end(unsigned char *at,
						uint32_t value)
{
	uint32_t high = value / 100;

	if (high >= 100)
		return at + logtap_decimal((char *)at, value);
	if (high >= 10) {
		memcpy(at, logtap_decimal_pairs + high * 2, 2);
		at += 2;
	} else if (high) {
		*at++ = (unsigned char)('0' + high);
	} else if (value < 10) {
		*at = (unsigned char)('0' + value);
		return at + 1;
	}
	memcpy(at, logtap_decimal_pairs + value % 100 * 2, 2);
	return at + 2;
}

#endif
