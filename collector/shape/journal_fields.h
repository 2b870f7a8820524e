/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reads an entry of the journal's native protocol: fields NAME=VALUE and a line
 * feed, or NAME, a line feed, a length (64 bits, little-endian), that many
 * bytes and a line feed.  Pure, any thread; every byte may be hostile.
 */
#ifndef LOGTAP_SHAPE_JOURNAL_FIELDS_H
#define LOGTAP_SHAPE_JOURNAL_FIELDS_H

#include "record.h"

enum {
	/* OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT, less those of every record */
	LOGTAP_JOURNAL_ATTRIBUTES = 112,
	LOGTAP_JOURNAL_NAME_BYTES = 64,
	LOGTAP_JOURNAL_KEY_BYTES = 8 + LOGTAP_JOURNAL_NAME_BYTES + 1,
};

struct logtap_journal_entry {
	bool has_message;
	const char *message; /* not necessarily valid UTF-8 */
	size_t message_bytes;
	int priority; /* 0..7, or -1 */
	/* the others; strings are valid UTF-8, what is not is BYTES */
	struct logtap_attribute attributes[LOGTAP_JOURNAL_ATTRIBUTES];
	size_t count;
	uint32_t dropped; /* fields over the limit, or given twice */
	bool malformed;	  /* something at the end could not be read */
	char keys[LOGTAP_JOURNAL_ATTRIBUTES][LOGTAP_JOURNAL_KEY_BYTES];
};

/**
 * logtap_journal_read() - read the next entry of a datagram
 * @text: the datagram, or what is left of it
 * @cut:  its end never came: the last field may be the beginning of one
 * Return: bytes read, with the empty line that may end an entry; 0 at the end.
 *         @out refers to @text.
 */
size_t logtap_journal_read(struct logtap_journal_entry *out, const char *text,
			   size_t bytes, bool cut);

#endif
