/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One attribute as an OTLP KeyValue in protobuf: see the header.  Any thread.
 * Field numbers: opentelemetry/proto/common/v1/common.proto.
 */
#include "attribute.h"

#include "wire.h"

enum {
	KEY_VALUE_KEY = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	KEY_VALUE_VALUE = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_BYTES),
	ANY_STRING = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	ANY_BOOL = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_VARINT),
	ANY_INT = LOGTAP_WIRE_TAG(3, LOGTAP_WIRE_VARINT),
	ANY_DOUBLE = LOGTAP_WIRE_TAG(4, LOGTAP_WIRE_FIXED64),
	ANY_BYTES = LOGTAP_WIRE_TAG(7, LOGTAP_WIRE_BYTES),
};

static size_t value_size(const struct logtap_attribute *attribute)
{
	switch (attribute->kind) {
	case LOGTAP_VALUE_STRING:
	case LOGTAP_VALUE_BYTES:
		return logtap_wire_bytes_size(attribute->value.string.bytes);
	case LOGTAP_VALUE_INT:
		return 1 + logtap_wire_varint_bytes(
				   (uint64_t)attribute->value.integer);
	case LOGTAP_VALUE_BOOL:
		return 2;
	case LOGTAP_VALUE_DOUBLE:
		return 1 + sizeof(double);
	}
	return 0;
}

size_t logtap_attribute_bound(const struct logtap_attribute *attribute)
{
	return 2 * (1 + LOGTAP_WIRE_VARINT_MAX) +
	       logtap_wire_bytes_size(logtap_attribute_key_bytes(attribute)) +
	       value_size(attribute);
}

static unsigned char *put_value(unsigned char *at,
				const struct logtap_attribute *attribute)
{
	uint64_t bits;

	switch (attribute->kind) {
	case LOGTAP_VALUE_STRING:
		return logtap_wire_bytes(at, ANY_STRING,
					 attribute->value.string.data,
					 attribute->value.string.bytes);
	case LOGTAP_VALUE_BYTES:
		return logtap_wire_bytes(at, ANY_BYTES,
					 attribute->value.string.data,
					 attribute->value.string.bytes);
	case LOGTAP_VALUE_INT:
		*at++ = ANY_INT;
		return logtap_wire_varint(at,
					  (uint64_t)attribute->value.integer);
	case LOGTAP_VALUE_BOOL:
		*at++ = ANY_BOOL;
		*at++ = attribute->value.boolean;
		return at;
	case LOGTAP_VALUE_DOUBLE:
		memcpy(&bits, &attribute->value.real, sizeof(bits));
		*at++ = ANY_DOUBLE;
		return logtap_wire_fixed64(at, bits);
	}
	return at;
}

unsigned char *logtap_attribute_put(unsigned char *at, unsigned char tag,
				    const struct logtap_attribute *attribute)
{
	size_t key_bytes = logtap_attribute_key_bytes(attribute);
	size_t value_bytes = value_size(attribute);

	*at++ = tag;
	at = logtap_wire_varint(at,
				logtap_wire_bytes_size(key_bytes) +
					logtap_wire_bytes_size(value_bytes));
	at = logtap_wire_bytes(at, KEY_VALUE_KEY, attribute->key, key_bytes);
	*at++ = KEY_VALUE_VALUE;
	at = logtap_wire_varint(at, value_bytes);
	return put_value(at, attribute);
}
