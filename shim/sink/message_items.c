/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Extension items of a message: see the header.  Runs in the host's threads,
 * under the guard. */
#include "message_items.h"

#include "../guard/mark.h"
#include "out.h"

unsigned char *logtap_item_put(unsigned char *at, uint16_t type,
			       const void *value, uint16_t size)
{
	struct logtap_extension item = {type, size};

	__builtin_memcpy(at, &item, sizeof item);
	logtap_bytes_copy(at + sizeof item, value, size);
	return at + sizeof item + size; /* a multiple of 4 */
}

static unsigned char *put_ident(unsigned char *at, const char *ident)
{
	struct logtap_extension item = {LOGTAP_EXTENSION_IDENT, 0};
	unsigned char *text = at + sizeof item;
	struct logtap_out out = {(char *)text,
				 (char *)text + LOGTAP_IDENT_BYTES_MAX + 1};

	if (logtap_out_text(&out, ident, '\0')) {
		item.bytes = (uint16_t)(out.at - (char *)text);
	} else {
		item.bytes =
			(uint16_t)logtap_bytes_cut(ident,
						   LOGTAP_IDENT_BYTES_MAX + 1,
						   LOGTAP_IDENT_BYTES_MAX);
		logtap_bytes_copy(text, ident, item.bytes);
	}
	__builtin_memcpy(at, &item, sizeof item);
	__builtin_memset(text + item.bytes, 0, 4); /* padding */
	return text + ((item.bytes + 3u) & ~3u);
}

uint16_t logtap_items_put(const struct logtap_tls *tls,
			  const struct logtap_message *message,
			  unsigned char *to)
{
	unsigned char *at = to;

	if (tls->mark & (LOGTAP_MARK_SPAN | LOGTAP_MARK_CONTEXT))
		at += logtap_span_item(tls, at);
	if (message->stamp.format != LOGTAP_FORMAT_STREAM) {
		/* without one libc takes the program's name */
		at = put_ident(at, message->ident ? message->ident
						  : logtap_state.program);
		at = logtap_item_put(at, LOGTAP_EXTENSION_SYSLOG_OPTIONS,
				     &message->options,
				     sizeof message->options);
	}
	return (uint16_t)(at - to);
}
