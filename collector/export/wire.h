/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The protobuf wire format, writing only: the few primitives that the encoder
 * is made of.  Pure functions, any thread.
 *
 * Each writes at @at without a check and returns the place behind what it
 * wrote: the caller reserved the room.
 */
#ifndef LOGTAP_EXPORT_WIRE_H
#define LOGTAP_EXPORT_WIRE_H

#include "../base/copy.h"

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { LOGTAP_WIRE_VARINT_MAX = 10 };

/* Tags of fields up to number 15 are one byte. */
enum logtap_wire_type {
	LOGTAP_WIRE_VARINT = 0,
	LOGTAP_WIRE_FIXED64 = 1,
	LOGTAP_WIRE_BYTES = 2,
	LOGTAP_WIRE_FIXED32 = 5,
};
#define LOGTAP_WIRE_TAG(field, type) ((unsigned char)((field) << 3 | (type)))

/* Bytes that @value takes as a varint. */
static inline size_t logtap_wire_varint_bytes(uint64_t value)
{
	unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1);
	return (bits * 9 + 64) / 64;
}

static inline unsigned char *logtap_wire_varint(unsigned char *at,
						uint64_t value)
{
	while (value >= 0x80) {
		*at++ = (unsigned char)(value | 0x80);
		value >>= 7;
	}
	*at++ = (unsigned char)value;
	return at;
}

/* A varint of exactly @width bytes, filled up with zero groups, so that a
 * length can be written in its place once it is known. */
static inline unsigned char *logtap_wire_padded(unsigned char *at,
						uint64_t value, size_t width)
{
	if (width == 2) {
		at[0] = (unsigned char)(value | 0x80);
		at[1] = (unsigned char)(value >> 7);
		return at + 2;
	}
	for (; width > 1; width--) {
		*at++ = (unsigned char)(value | 0x80);
		value >>= 7;
	}
	*at++ = (unsigned char)value;
	return at;
}

static inline unsigned char *logtap_wire_fixed64(unsigned char *at,
						 uint64_t value)
{
	value = htole64(value);
	memcpy(at, &value, sizeof(value));
	return at + sizeof(value);
}

static inline unsigned char *logtap_wire_fixed32(unsigned char *at,
						 uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
	return at + sizeof(value);
}

static inline unsigned char *logtap_wire_raw(unsigned char *at,
					     const void *data, size_t bytes)
{
	if (bytes)
		memcpy(at, data, bytes);
	return at + bytes;
}

/* The same where both sides have LOGTAP_COPY_SLACK bytes behind them. */
static inline unsigned char *logtap_wire_over(unsigned char *at,
					      const void *data, size_t bytes)
{
	if (bytes <= 16 * LOGTAP_COPY_STEP)
		logtap_copy_over(at, data, bytes);
	else
		memcpy(at, data, bytes);
	return at + bytes;
}

/* @data as a length-delimited field. */
static inline unsigned char *logtap_wire_bytes(unsigned char *at,
					       unsigned char tag,
					       const void *data, size_t bytes)
{
	*at++ = tag;
	at = logtap_wire_varint(at, bytes);
	return logtap_wire_raw(at, data, bytes);
}

/* Bytes of a length-delimited field with a one-byte tag. */
static inline size_t logtap_wire_bytes_size(size_t bytes)
{
	return 1 + logtap_wire_varint_bytes(bytes) + bytes;
}

#endif
