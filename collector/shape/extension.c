/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The items of a chunk's extension: see the header.  Any thread. */
#include "extension.h"

#include "utf8.h"

#include <string.h>

static void read_item(struct logtap_extensions *out,
		      struct logtap_extension item, const unsigned char *value)
{
	switch (item.type) {
	case LOGTAP_EXTENSION_IDENT:
		logtap_utf8_copy(out->ident, sizeof(out->ident),
				 (const char *)value, item.bytes);
		break;
	case LOGTAP_EXTENSION_SYSLOG_OPTIONS:
		if (item.bytes == sizeof(out->options))
			memcpy(&out->options, value, sizeof(out->options));
		break;
	case LOGTAP_EXTENSION_ORIGINAL_LENGTH:
		if (item.bytes == sizeof(out->original_bytes))
			memcpy(&out->original_bytes, value,
			       sizeof(out->original_bytes));
		break;
	case LOGTAP_EXTENSION_PIECE:
		if (item.bytes == sizeof(out->piece))
			memcpy(&out->piece, value, sizeof(out->piece));
		break;
	case LOGTAP_EXTENSION_TRACE:
		if (item.bytes != LOGTAP_TRACE_BYTES)
			break;
		memcpy(out->trace, value, LOGTAP_TRACE_BYTES);
		out->has_trace = true;
		break;
	}
}

void logtap_extensions_read(struct logtap_extensions *out,
			    const struct logtap_chunk_view *chunk)
{
	const unsigned char *at = chunk->extension;
	size_t left = chunk->extension_bytes;
	struct logtap_extension item;

	out->ident[0] = '\0';
	out->options = 0;
	out->original_bytes = 0;
	out->piece = (struct logtap_piece){0, 0};
	out->has_trace = false;
	while (left >= sizeof(item)) {
		memcpy(&item, at, sizeof(item));
		size_t padded = ((size_t)item.bytes + 3) & ~(size_t)3;
		if (item.type == LOGTAP_EXTENSION_END ||
		    item.bytes > left - sizeof(item))
			return;
		read_item(out, item, at + sizeof(item));
		if (padded > left - sizeof(item))
			return;
		at += sizeof(item) + padded;
		left -= sizeof(item) + padded;
	}
}
