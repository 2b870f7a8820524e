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

/* The four digits of a number below 10,000. */
static inline void logtap_decimal_four(unsigned char *at, uint32_t value)
{
	memcpy(at, logtap_decimal_pairs + value / 100 * 2, 2);
	memcpy(at + 2, logtap_decimal_pairs + value % 100 * 2, 2);
}

/* All digits of one. */
static inline unsigned char *logtap_decimal_short(unsigned char *at,
						  uint32_t value)
{
	if (value >= 1000) {
		logtap_decimal_four(at, value);
		return at + 4;
	}
	if (value >= 100)
		*at++ = (unsigned char)('0' + value / 100);
	if (value >= 10) {
		memcpy(at, logtap_decimal_pairs + value % 100 * 2, 2);
		return at + 2;
	}
	*at = (unsigned char)('0' + value);
	return at + 1;
}

/* As logtap_decimal(), in line.  Return: the place behind the digits. */
static inline unsigned char *logtap_decimal_end(unsigned char *at,
						uint32_t value)
{
	uint32_t high = value / 10000;

	if (high >= 10000)
		return at + logtap_decimal((char *)at, value);
	if (!high)
		return logtap_decimal_short(at, value);
	at = logtap_decimal_short(at, high);
	logtap_decimal_four(at, value % 10000);
	return at + 4;
}

#endif
