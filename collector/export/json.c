/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text, writing only, as OTLP/JSON wants it: 64-bit integers as decimal
 * strings, bytes in base64.  Pure functions, any thread.
 */
#include "attribute.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* Not 0 if one of the 8 bytes is a quote, a backslash or below 0x20.  May also
 * be so for a byte that follows such a one: only zero is relied upon. */
static uint64_t needs_escape(uint64_t word)
{
	uint64_t quote = word ^ (ONES * '"');
	uint64_t slash = word ^ (ONES * '\\');
	return (((word - ONES * 0x20) & ~word) | ((quote - ONES) & ~quote) |
		((slash - ONES) & ~slash)) &
	       HIGHS;
}

static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte != '"' && byte != '\\';
}

static char *escape(char *at, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";
	static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	*at++ = '\\';
	for (size_t i = 0; i + 1 < sizeof(shorts); i += 2)
		if ((unsigned char)shorts[i] == byte) {
			*at++ = shorts[i + 1];
			return at;
		}
	memcpy(at, "u00", 3);
	at[3] = hex[byte >> 4];
	at[4] = hex[byte & 15];
	return at + 5;
}

/* Text of at most a slice at a time, so that the room for the worst case (6
 * bytes for one) does not grow with the text. */
static char *put_slice(char *at, const char *text, size_t bytes)
{
	size_t i = 0;

	while (i < bytes) {
		uint64_t word;
		if (bytes - i >= sizeof(word)) {
			memcpy(&word, text + i, sizeof(word));
			if (!needs_escape(word)) {
				memcpy(at, &word, sizeof(word));
				at += sizeof(word);
				i += sizeof(word);
				continue;
			}
		}
		unsigned char byte = (unsigned char)text[i++];
		if (is_plain(byte))
			*at++ = (char)byte;
		else
			at = escape(at, byte);
	}
	return at;
}

int logtap_json_string(struct logtap_bytes *out, const char *text, size_t bytes)
{
	enum { SLICE = 4096 };
	int error = logtap_json_raw(out, "\"");

	while (!error && bytes) {
		size_t slice = bytes < SLICE ? bytes : SLICE;
		error = logtap_bytes_reserve(out, 6 * slice);
		if (error)
			break;
		char *start = (char *)out->data + out->size;
		out->size += (size_t)(put_slice(start, text, slice) - start);
		text += slice;
		bytes -= slice;
	}
	return error ? error : logtap_json_raw(out, "\"");
}

const char logtap_decimal_pairs[] =
	"00010203040506070809101112131415161718192021222324"
	"25262728293031323334353637383940414243444546474849"
	"50515253545556575859606162636465666768697071727374"
	"75767778798081828384858687888990919293949596979899";

/* Exactly 8 digits; the halves do not wait for each other. */
static void put_eight(char *at, uint32_t value)
{
	uint32_t high = value / 10000, low = value % 10000;

	memcpy(at, logtap_decimal_pairs + high / 100 * 2, 2);
	memcpy(at + 2, logtap_decimal_pairs + high % 100 * 2, 2);
	memcpy(at + 4, logtap_decimal_pairs + low / 100 * 2, 2);
	memcpy(at + 6, logtap_decimal_pairs + low % 100 * 2, 2);
}

static size_t digits_of(uint32_t value)
{
	/* branches: numbers of chunks and lines grow slowly */
	if (value < 10000)
		return value < 100 ? 1 + (value >= 10) : 3 + (value >= 1000);
	return value < 1000000 ? 5 + (value >= 100000)
			       : 7 + (value >= 10000000);
}

/* Below 100,000,000.  Return: how many digits. */
static size_t put_few(char *at, uint32_t value)
{
	size_t count = digits_of(value), end = count;

	for (; end > 1; value /= 100) {
		end -= 2;
		memcpy(at + end, logtap_decimal_pairs + value % 100 * 2, 2);
	}
	if (end)
		*at = (char)('0' + value);
	return count;
}

size_t logtap_decimal(char *at, uint64_t value)
{
	enum { EIGHT = 100000000 };

	if (value < EIGHT)
		return put_few(at, (uint32_t)value);
	size_t count = logtap_decimal(at, value / EIGHT);
	put_eight(at + count, (uint32_t)(value % EIGHT));
	return count + 8;
}

int logtap_json_decimal(struct logtap_bytes *out, uint64_t value)
{
	char digits[LOGTAP_DECIMAL_MAX];
	return logtap_json_put(out, digits, logtap_decimal(digits, value));
}

static int put_base64(struct logtap_bytes *out, const char *data, size_t bytes)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789+/";
	int error = logtap_bytes_reserve(out, (bytes + 2) / 3 * 4);
	if (error)
		return error;
	char *at = (char *)out->data + out->size;
	for (size_t i = 0; i < bytes; i += 3) {
		uint32_t group = 0;
		size_t have = bytes - i < 3 ? bytes - i : 3;
		for (size_t j = 0; j < 3; j++)
			group = group << 8 |
				(j < have ? (unsigned char)data[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			*at++ = j > have ? '='
					 : alphabet[group >> (18 - 6 * j) & 63];
	}
	out->size = (size_t)((unsigned char *)at - out->data);
	return 0;
}

static int put_double(struct logtap_bytes *out, double value)
{
	char text[40];

	if (isnan(value))
		return logtap_json_raw(out, "\"NaN\"");
	if (isinf(value))
		return value < 0 ? logtap_json_raw(out, "\"-Infinity\"")
				 : logtap_json_raw(out, "\"Infinity\"");
	snprintf(text, sizeof(text), "%.17g", value);
	/* a locale may have been set by a library */
	char *comma = strchr(text, ',');
	if (comma)
		*comma = '.';
	return logtap_json_put(out, text, strlen(text));
}

static int put_value(struct logtap_bytes *out,
		     const struct logtap_attribute *attribute)
{
	char text[64];
	int error;

	switch (attribute->kind) {
	case LOGTAP_VALUE_STRING:
		error = logtap_json_raw(out, "{\"stringValue\":");
		return error ? error
			     : logtap_json_string(
				       out, attribute->value.string.data,
				       attribute->value.string.bytes);
	case LOGTAP_VALUE_INT:
		snprintf(text, sizeof(text), "{\"intValue\":\"%lld\"",
			 (long long)attribute->value.integer);
		return logtap_json_put(out, text, strlen(text));
	case LOGTAP_VALUE_BOOL:
		return attribute->value.boolean
			       ? logtap_json_raw(out, "{\"boolValue\":true")
			       : logtap_json_raw(out, "{\"boolValue\":false");
	case LOGTAP_VALUE_DOUBLE:
		error = logtap_json_raw(out, "{\"doubleValue\":");
		return error ? error : put_double(out, attribute->value.real);
	case LOGTAP_VALUE_BYTES:
		error = logtap_json_raw(out, "{\"bytesValue\":\"");
		if (!error)
			error = put_base64(out, attribute->value.string.data,
					   attribute->value.string.bytes);
		return error ? error : logtap_json_raw(out, "\"");
	}
	return logtap_json_raw(out, "{");
}

int logtap_attribute_json(struct logtap_bytes *out,
			  const struct logtap_attribute *attribute)
{
	int error = logtap_json_raw(out, "{\"key\":");

	if (!error)
		error = logtap_json_string(out, attribute->key,
					   strlen(attribute->key));
	if (!error)
		error = logtap_json_raw(out, ",\"value\":");
	if (!error)
		error = put_value(out, attribute);
	return error ? error : logtap_json_raw(out, "}}");
}
