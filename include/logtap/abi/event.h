/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The payload of an EVENT chunk: a structured event of logtap.h.
 *
 *     header | name | target | attribute*
 *
 * Each attribute is a header, then its key, then its value.  No part is padded
 * and nothing ends with NUL.  Integers, booleans (0 or 1) and doubles are 8
 * bytes in the byte order of the segment.
 */
#ifndef LOGTAP_ABI_EVENT_H
#define LOGTAP_ABI_EVENT_H

#include <logtap/abi/version.h>

struct logtap_event_header {
	uint8_t severity; /* SeverityNumber, 1 to 24 */
	uint8_t reserved;
	uint16_t name_bytes;
	uint16_t target_bytes; /* logger: becomes the scope's name */
	uint16_t attributes;
	uint32_t dropped; /* attributes that were left out */
};
static_assert(sizeof(struct logtap_event_header) == 12, "event ABI");

/* Kinds are those of OTLP's AnyValue, by field number. */
enum logtap_event_kind {
	LOGTAP_EVENT_STRING = 1,
	LOGTAP_EVENT_BOOL = 2,
	LOGTAP_EVENT_INT = 3,
	LOGTAP_EVENT_DOUBLE = 4,
	LOGTAP_EVENT_BYTES = 7,
	LOGTAP_EVENT_BODY = 8, /* the record's body, a string without a key */
};

struct logtap_event_attribute {
	uint8_t kind; /* enum logtap_event_kind */
	uint8_t reserved;
	uint16_t key_bytes;
	uint32_t value_bytes;
};
static_assert(sizeof(struct logtap_event_attribute) == 8, "event ABI");

#endif
