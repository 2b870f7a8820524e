/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of HTTP/2 (RFC 9113, 4.1): see the header.  Any thread. */
#include "http2.h"

#include <stdint.h>
#include <string.h>

enum {
	HEADER_BYTES = 9,
	LENGTH_MOST = 1 << 20, /* more is another protocol */
	TYPE_DATA = 0,
	TYPE_HEADERS = 1,
	TYPE_LAST = 9,
};

struct frame {
	size_t length;
	unsigned type;
	uint32_t stream;
};

static bool read_frame(const unsigned char *at, size_t bytes, struct frame *out)
{
	if (bytes < HEADER_BYTES)
		return false;
	*out = (struct frame){
		.length = (size_t)at[0] << 16 | (size_t)at[1] << 8 | at[2],
		.type = at[3],
		.stream = (uint32_t)at[5] << 24 | (uint32_t)at[6] << 16 |
			  (uint32_t)at[7] << 8 | at[8],
	};
	return out->length <= LENGTH_MOST && out->type <= TYPE_LAST &&
	       out->stream <= INT32_MAX;
}

struct logtap_http2 logtap_http2_look(const unsigned char *data, size_t bytes)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
	struct logtap_http2 found = {0};
	struct frame frame;
	size_t at = 0;
	bool frames = false, control = true;

	if (bytes >= sizeof(preface) - 1 &&
	    !memcmp(data, preface, sizeof(preface) - 1))
		at = sizeof(preface) - 1;
	while (at < bytes && read_frame(data + at, bytes - at, &frame)) {
		at += HEADER_BYTES;
		frames = true;
		if (frame.type == TYPE_HEADERS || frame.type == TYPE_DATA)
			control = false;
		/* a client's streams are odd */
		if (frame.type == TYPE_HEADERS && frame.stream % 2)
			found.call = true;
		if (frame.type == TYPE_DATA && found.call && !found.message &&
		    at < bytes && frame.length) {
			found.message = true;
			found.compressed = data[at] == 1;
		}
		at = frame.length < bytes - at ? at + frame.length : bytes;
	}
	if (at < bytes && !found.call)
		return (struct logtap_http2){0};
	found.control = frames && control;
	return found;
}
