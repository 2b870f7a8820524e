/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What a program's requests hold of the records that its earlier ones caused:
 * see model.h.  Under the lock. */
#include "model.h"
#include "stack/evidence.h"

#include <string.h>

enum { PIECE = 12, STEP = 4, PIECES_MIN = 3 };

void logtap_loops_remember_text(struct logtap_loops_cause *cause,
				const struct logtap_record *record)
{
	unsigned at = cause->text_count++ % LOGTAP_LOOPS_TEXTS;
	size_t bytes = record->body_bytes;

	if (bytes > LOGTAP_LOOPS_TEXT_BYTES)
		bytes = LOGTAP_LOOPS_TEXT_BYTES;
	cause->texts[at].time_ns = record->time_ns;
	cause->texts[at].bytes = bytes;
	memcpy(cause->texts[at].text, record->body, bytes);
}

/* Would it look the same in protobuf and in JSON? */
static bool is_plain(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == '"' ||
		    text[i] == '\\')
			return false;
	return true;
}

static uint32_t count_of(const unsigned char *data, size_t bytes,
			 const char piece[PIECE])
{
	const unsigned char *end = data + bytes;
	uint32_t count = 0;

	while (data < end &&
	       (data = memmem(data, (size_t)(end - data), piece, PIECE))) {
		data += PIECE;
		count++;
	}
	return count;
}

/* How often is the text, without what a formatter may have put around it, in
 * there? */
static uint32_t find_text(const unsigned char *data, size_t bytes,
			  const char *text, size_t text_bytes)
{
	char piece[PIECE];
	size_t pieces = 0, found = 0;
	uint32_t least = UINT32_MAX;

	for (size_t i = 0; i + PIECE <= text_bytes; i += STEP) {
		memcpy(piece, text + i, PIECE);
		if (!is_plain(piece, PIECE))
			continue;
		pieces++;
		uint32_t count = count_of(data, bytes, piece);
		found += count > 0;
		if (count && count < least)
			least = count;
	}
	return found >= PIECES_MIN || (found && found == pieces) ? least : 0;
}

static bool was_counted(const struct logtap_loops_cause *cause, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (cause->texts[i].counted &&
		    cause->texts[i].bytes == cause->texts[at].bytes &&
		    !memcmp(cause->texts[i].text, cause->texts[at].text,
			    cause->texts[at].bytes))
			return true;
	return false;
}

/* What is sent holds records that earlier exports have caused. */
void logtap_loops_look_for_returns(struct logtap_loops_cause *cause,
				   struct logtap_loops_export *export,
				   const struct logtap_evidence_view *view,
				   uint64_t time_ns)
{
	const unsigned char *data = view->head;
	size_t bytes = view->head_bytes;
	const unsigned char *body = memmem(data, bytes, "\r\n\r\n", 4);
	uint32_t records = 0;

	/* a request's own head says much that records say of it */
	if (bytes > 5 && !memcmp(data, "POST ", 5)) {
		if (!body)
			return;
		bytes -= (size_t)(body + 4 - data);
		data = body + 4;
	}
	for (size_t i = 0; bytes && i < LOGTAP_LOOPS_TEXTS; i++) {
		cause->texts[i].counted = false;
		if (!cause->texts[i].bytes ||
		    cause->texts[i].time_ns > time_ns || was_counted(cause, i))
			continue;
		uint32_t count = find_text(data, bytes, cause->texts[i].text,
					   cause->texts[i].bytes);
		if (!count)
			continue;
		records += count;
		cause->texts[i].counted = true;
		cause->returned_ns = time_ns - cause->texts[i].time_ns;
	}
	if (!records)
		return;
	if (!export->records)
		cause->returned++;
	export->records += records;
}
