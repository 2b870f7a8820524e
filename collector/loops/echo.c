/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Text that comes back: see the header.  The pipeline's thread. */
#include "echo.h"

#include "../base/hash.h"
#include "signature.h"

#include <ctype.h>
#include <string.h>

enum {
	PLAIN_BYTES = 1024, /* the end of a line, which is looked at */
	BUSY_LINES = 200,   /* a second; of more only some are looked at, which
	                     * finds the same: what holds a line holds what that
	                     * one held */
	BUSY_SHARE = 8,
};
/* A line that is printed anew has another time in it by then. */
#define REPLAY_NS UINT64_C(2000000000)
#define REPLAYED_WAY UINT64_C(2) /* all others are odd */

struct plain {
	char text[PLAIN_BYTES];
	size_t bytes;	/* in text */
	uint64_t whole; /* of the whole line */
	uint64_t hash;
};

static bool counts(char c)
{
	return c != '\\' && c != '"';
}

static void make_plain(const char *text, size_t bytes, struct plain *out)
{
	size_t at = PLAIN_BYTES;

	out->whole = 0;
	out->hash = LOGTAP_HASH_START;
	for (size_t i = bytes; i-- > 0;) {
		if (!counts(text[i]))
			continue;
		out->whole++;
		if (!at)
			continue;
		out->text[--at] = text[i];
		out->hash = logtap_hash_byte(out->hash, (unsigned char)text[i]);
	}
	out->bytes = PLAIN_BYTES - at;
	memmove(out->text, out->text + at, out->bytes);
	out->hash += !out->hash;
}

/* dd:dd:dd */
static bool has_time_of_day(const char *text, size_t bytes)
{
	static const char form[] = "00:00:00";

	for (size_t i = 0; i + sizeof(form) - 1 <= bytes; i++) {
		size_t n = 0;
		while (form[n] &&
		       (form[n] == ':' ? text[i + n] == ':'
				       : isdigit((unsigned char)text[i + n])))
			n++;
		if (!form[n])
			return true;
	}
	return false;
}

static void keep(struct logtap_echo_line *line, const struct plain *plain,
		 size_t raw_bytes)
{
	size_t core = plain->bytes < LOGTAP_ECHO_CORE_BYTES
			      ? plain->bytes
			      : LOGTAP_ECHO_CORE_BYTES;

	line->hash = plain->hash;
	line->plain_bytes = plain->whole;
	line->raw_bytes = raw_bytes;
	line->core_bytes = (uint16_t)core;
	memcpy(line->core, plain->text + plain->bytes - core, core);
}

static bool is_again(const struct logtap_echo_line *line,
		     const struct plain *plain, size_t raw_bytes)
{
	return line->hash == plain->hash && line->plain_bytes == plain->whole &&
	       line->raw_bytes == raw_bytes;
}

/* Return: where its core is in there; NULL: it is not. */
static const char *has_grown(const struct logtap_echo_line *line,
			     const struct plain *plain, size_t raw_bytes)
{
	if (!line->hash || raw_bytes <= line->raw_bytes ||
	    plain->whole < line->plain_bytes)
		return NULL;
	return memmem(plain->text, plain->bytes, line->core, line->core_bytes);
}

/* What is before and behind the earlier line. */
static uint64_t way_of(const struct logtap_echo_line *line,
		       const struct plain *plain, const char *core)
{
	size_t end = (size_t)(core - plain->text) + line->core_bytes;

	if (plain->whole > plain->bytes || line->plain_bytes > end)
		return 0;
	uint64_t before =
		logtap_signature(plain->text, end - (size_t)line->plain_bytes);
	uint64_t behind =
		logtap_signature(plain->text + end, plain->bytes - end);
	return logtap_signature_mix(before, behind) | 1;
}

static struct logtap_echo_line *oldest(struct logtap_echo *echo)
{
	struct logtap_echo_line *line = NULL;

	/* what has come back already is worth more than what has not */
	for (unsigned i = 0; i < LOGTAP_ECHO_LINES; i++) {
		line = &echo->lines[echo->next++ % LOGTAP_ECHO_LINES];
		if (line->generation < 2)
			return line;
		line->generation /= 2;
	}
	return line;
}

static bool is_left_out(struct logtap_echo *echo, uint64_t now_ns)
{
	uint64_t second = now_ns / 1000000000;

	if (echo->second != second) {
		echo->second = second;
		echo->looked = 0;
	}
	return ++echo->looked > BUSY_LINES && !echo->thorough &&
	       echo->looked % BUSY_SHARE;
}

bool logtap_echo_look(struct logtap_echo *echo, const char *text, size_t bytes,
		      uint64_t now_ns, struct logtap_echo_hit *out)
{
	struct logtap_echo_line *line;
	struct plain plain;

	if (bytes < LOGTAP_ECHO_CORE_MIN || is_left_out(echo, now_ns))
		return false;
	make_plain(text, bytes, &plain);
	if (plain.bytes < LOGTAP_ECHO_CORE_MIN)
		return false;
	for (size_t i = 0; i < LOGTAP_ECHO_LINES; i++) {
		line = &echo->lines[i];
		if (is_again(line, &plain, bytes)) {
			if (!line->dated || now_ns < line->first_ns + REPLAY_NS)
				return false;
			*out = (struct logtap_echo_hit){++line->generation,
							true, 1, REPLAYED_WAY};
			return true;
		}
	}
	for (size_t i = 0; i < LOGTAP_ECHO_LINES; i++) {
		line = &echo->lines[i];
		const char *core = has_grown(line, &plain, bytes);
		if (!core)
			continue;
		*out = (struct logtap_echo_hit){++line->generation, false,
						(double)bytes /
							(double)line->raw_bytes,
						way_of(line, &plain, core)};
		keep(line, &plain, bytes);
		return true;
	}
	line = oldest(echo);
	keep(line, &plain, bytes);
	line->first_ns = now_ns;
	line->generation = 0;
	line->dated = has_time_of_day(text, bytes);
	return false;
}

bool logtap_echo_knows(const struct logtap_echo *echo, uint64_t way)
{
	for (size_t i = 0; way && i < LOGTAP_ECHO_WAYS; i++)
		if (echo->ways[i] == way)
			return true;
	return false;
}

void logtap_echo_learn(struct logtap_echo *echo, uint64_t way)
{
	if (way && !logtap_echo_knows(echo, way))
		echo->ways[echo->next_way++ % LOGTAP_ECHO_WAYS] = way;
}
