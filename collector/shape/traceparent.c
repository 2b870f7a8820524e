/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* TRACEPARENT: see the header. */
#include "traceparent.h"

#include <string.h>

enum { TEXT_BYTES = 55 }; /* 2-32-16-2 digits */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(const char *text, unsigned char *out, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static bool any(const unsigned char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes[i])
			return true;
	return false;
}

void logtap_traceparent_read(const char *text, struct logtap_trace_context *out)
{
	unsigned char version;
	size_t length = text ? strlen(text) : 0;

	memset(out, 0, sizeof(*out));
	if (length < TEXT_BYTES || !read_hex(text, &version, 1) ||
	    version == 0xff)
		return;
	/* A later version may say more behind what this one says. */
	if (version ? text[TEXT_BYTES] && text[TEXT_BYTES] != '-'
		    : length != TEXT_BYTES)
		return;
	out->valid = text[2] == '-' && text[35] == '-' && text[52] == '-' &&
		     read_hex(text + 3, out->trace_id, 16) &&
		     read_hex(text + 36, out->span_id, 8) &&
		     read_hex(text + 53, &out->flags, 1) &&
		     any(out->trace_id, 16) && any(out->span_id, 8);
}
