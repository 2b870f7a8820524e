/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What a program's requests hold of the records that its earlier ones caused:
 * see model.h.  Under the lock. */
#include "model.h"
#include "stack/evidence.h"

#include <string.h>

enum { PIECE = 12, STEP = 4, TEXT_MIN = 20, SHORT = 40 };

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
static bool is_plain(const char *text)
{
	for (size_t i = 0; i < PIECE; i++)
		if ((unsigned char)text[i] < 0x20 ||
		    (unsigned char)text[i] >= 0x7f || text[i] == '"' ||
		    text[i] == '\\')
			return false;
	return true;
}

/* A character that JSON has escaped at @at.  Return: bytes of the text that it
 * stands for; 0: of another one. */
static size_t escaped(const unsigned char *at, const char *text, size_t bytes,
		      size_t *taken)
{
	size_t length = 1;

	*taken = 2;
	if (at[1] != 'u')
		return at[1] == (unsigned char)*text ||
		       (unsigned char)*text < 0x20;
	while (length < bytes && ((unsigned char)text[length] & 0xc0) == 0x80)
		length++;
	*taken = length < 4 ? 6 : 12;
	return length;
}

/* Is it all there?  What is cut short may be another. */
static bool is_at(const unsigned char *at, const unsigned char *end,
		  const char *text, size_t bytes)
{
	size_t taken;

	while (bytes && at < end) {
		size_t step = 1;
		if (*at == (unsigned char)*text) {
			at++;
		} else if (*at != '\\') {
			return false;
		} else {
			step = end - at < 2 ? 0
					    : escaped(at, text, bytes, &taken);
			if (!step || taken > (size_t)(end - at))
				return false;
			at += taken;
		}
		text += step;
		bytes -= step;
	}
	return !bytes;
}

/* A part of what was sent. */
struct piece {
	const unsigned char *data;
	size_t bytes;
};

static uint32_t count_of(const struct piece *in, const char *text, size_t bytes)
{
	const unsigned char *data = in->data, *end = data + in->bytes;
	uint32_t count = 0;

	while (data < end &&
	       (data = memmem(data, (size_t)(end - data), text, PIECE))) {
		count += is_at(data, end, text, bytes);
		data += PIECE;
	}
	return count;
}

/* How often is the text, without what a formatter has put before it, in there?
 * Lines that are alike may begin or end alike, so it must be a good part: of a
 * short one nearly all, wherever that begins. */
static uint32_t find_text(const struct piece *in, const char *text,
			  size_t bytes)
{
	size_t most = bytes * 3 / 4;
	size_t least = bytes / 3 > TEXT_MIN ? bytes / 3 : TEXT_MIN;
	size_t step = bytes < SHORT ? 1 : STEP;
	uint32_t count = 0;

	if (least > most)
		least = most;
	for (size_t i = 0; i + least <= bytes && i + PIECE <= bytes && !count;
	     i += step)
		if (is_plain(text + i))
			count = count_of(in, text + i, bytes - i);
	return count;
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

/* What is left of a piece behind the request's own head, which says much that
 * records say of it.  Return: false if that does not end there. */
static bool skip_head(struct piece *piece)
{
	const unsigned char *body =
		memmem(piece->data, piece->bytes, "\r\n\r\n", 4);

	if (!body) {
		piece->bytes = 0;
		return false;
	}
	piece->bytes -= (size_t)(body + 4 - piece->data);
	piece->data = body + 4;
	return true;
}

/* What is sent holds records that earlier exports have caused. */
void logtap_loops_look_for_returns(struct logtap_loops_cause *cause,
				   struct logtap_loops_export *export,
				   const struct logtap_evidence_view *view,
				   uint64_t time_ns)
{
	struct piece begin = {view->head, view->head_bytes};
	struct piece end = {view->tail, view->tail_bytes};
	uint32_t records = 0;

	if (begin.bytes > 5 && !memcmp(begin.data, "POST ", 5) &&
	    !skip_head(&begin) && !skip_head(&end))
		return;
	if (!begin.bytes && !end.bytes)
		return;
	for (size_t i = 0; i < LOGTAP_LOOPS_TEXTS; i++) {
		cause->texts[i].counted = false;
		if (!cause->texts[i].bytes ||
		    cause->texts[i].time_ns > time_ns || was_counted(cause, i))
			continue;
		uint32_t count = find_text(&begin, cause->texts[i].text,
					   cause->texts[i].bytes) +
				 find_text(&end, cause->texts[i].text,
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
