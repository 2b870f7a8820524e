/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 check and repair: see the header.  Any thread.
 * Well-formed sequences: Unicode 15, table 3-7.
 */
#include "utf8.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define HIGHS UINT64_C(0x8080808080808080)
static const char REPLACEMENT[] = "\xef\xbf\xbd";
enum { REPLACEMENT_BYTES = 3 };

static uint64_t word_at(const unsigned char *text)
{
	uint64_t word;

	memcpy(&word, text, sizeof(word));
	return word;
}

#if defined(__SSE2__)
static __m128i block_at(const unsigned char *text)
{
	return _mm_loadu_si128((const __m128i *)(const void *)text);
}

/* Has one of the 64 bytes its highest bit set? */
static inline bool has_high(const unsigned char *text)
{
	return _mm_movemask_epi8(_mm_or_si128(
		       _mm_or_si128(block_at(text), block_at(text + 16)),
		       _mm_or_si128(block_at(text + 32),
				    block_at(text + 48)))) != 0;
}
#else
static inline bool has_high(const unsigned char *text)
{
	uint64_t all = 0;

	for (size_t i = 0; i < 64; i += 8)
		all |= word_at(text + i);
	return all & HIGHS;
}
#endif

/* Bytes of ASCII at the start of @text; may stop up to 63 early. */
static inline size_t ascii_run(const unsigned char *text, size_t bytes)
{
	size_t i = 0;

	for (; i + 64 <= bytes; i += 64)
		if (has_high(text + i))
			return i;
	for (; i + 8 <= bytes; i += 8)
		if (word_at(text + i) & HIGHS)
			return i;
	if (bytes >= 8) /* the last ones together with some before them */
		return word_at(text + bytes - 8) & HIGHS ? i : bytes;
	while (i < bytes && text[i] < 0x80)
		i++;
	return i;
}

/* The bytes that may follow a lead byte. */
struct sequence {
	unsigned bytes;		 /* of the whole character; 0: no lead byte */
	unsigned char low, high; /* bounds of the second byte */
};

static struct sequence sequence_of(unsigned char lead)
{
	if (lead < 0x80)
		return (struct sequence){1, 0, 0};
	if (lead < 0xc2)
		return (struct sequence){0, 0, 0};
	if (lead < 0xe0)
		return (struct sequence){2, 0x80, 0xbf};
	if (lead < 0xf0) /* no overlong forms, no surrogates */
		return (struct sequence){3, lead == 0xe0 ? 0xa0 : 0x80,
					 lead == 0xed ? 0x9f : 0xbf};
	if (lead < 0xf5) /* no overlong forms, nothing past U+10FFFF */
		return (struct sequence){4, lead == 0xf0 ? 0x90 : 0x80,
					 lead == 0xf4 ? 0x8f : 0xbf};
	return (struct sequence){0, 0, 0};
}

/* One character or one maximal part of one at @text, which has @bytes > 0.
 * @whole says which, @needs how many bytes the character would have had. */
static size_t step(const unsigned char *text, size_t bytes, bool *whole,
		   unsigned *needs)
{
	struct sequence sequence = sequence_of(text[0]);
	size_t have = 1;

	*needs = sequence.bytes;
	while (have < sequence.bytes && have < bytes) {
		unsigned char low = have == 1 ? sequence.low : 0x80;
		unsigned char high = have == 1 ? sequence.high : 0xbf;
		if (text[have] < low || text[have] > high)
			break;
		have++;
	}
	*whole = have == sequence.bytes;
	return have;
}

/* Bytes of valid text at the start. */
static size_t valid_run(const unsigned char *text, size_t bytes)
{
	size_t i = 0;

	while (i < bytes) {
		bool whole;
		unsigned needs;
		if (text[i] < 0x80) {
			size_t run = ascii_run(text + i, bytes - i);
			i += run ? run : 1;
			continue;
		}
		size_t length = step(text + i, bytes - i, &whole, &needs);
		if (!whole)
			break;
		i += length;
	}
	return i;
}

bool logtap_utf8_valid(const char *text, size_t bytes)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t plain = ascii_run(at, bytes); /* all of it, as a rule */

	return plain == bytes ||
	       valid_run(at + plain, bytes - plain) == bytes - plain;
}

int logtap_utf8_repair(struct logtap_bytes *out, const char *text, size_t bytes)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t before = out->size;
	bool repaired = false;
	int error = 0;

	while (bytes) {
		bool whole;
		unsigned needs;
		size_t run = valid_run(at, bytes);
		error = logtap_bytes_append(out, at, run);
		if (error)
			break;
		at += run;
		bytes -= run;
		if (!bytes)
			break;
		size_t length = step(at, bytes, &whole, &needs);
		error = logtap_bytes_append(out, REPLACEMENT,
					    REPLACEMENT_BYTES);
		if (error)
			break;
		at += length;
		bytes -= length;
		repaired = true;
	}
	if (error)
		out->size = before;
	return error ? error : repaired;
}

size_t logtap_utf8_copy(char *out, size_t out_bytes, const char *text,
			size_t bytes)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t size = 0;

	if (bytes && bytes < out_bytes && ascii_run(at, bytes) == bytes) {
		memcpy(out, text, bytes);
		out[bytes] = '\0';
		return bytes;
	}
	while (bytes) {
		bool whole;
		unsigned needs;
		size_t length = step(at, bytes, &whole, &needs);
		size_t room = whole ? length : REPLACEMENT_BYTES;
		if (size + room >= out_bytes)
			break;
		memcpy(out + size, whole ? (const char *)at : REPLACEMENT,
		       room);
		size += room;
		at += length;
		bytes -= length;
	}
	out[size] = '\0';
	return size;
}

size_t logtap_utf8_rest(const char *text, size_t bytes)
{
	size_t rest = 0;

	while (rest < bytes && ((unsigned char)text[rest] & 0xc0) == 0x80)
		rest++;
	return rest <= 3 ? rest : 0; /* more is no UTF-8 */
}

size_t logtap_utf8_unfinished(const char *text, size_t bytes)
{
	const unsigned char *at = (const unsigned char *)text;

	for (size_t back = 1; back <= 3 && back <= bytes; back++) {
		bool whole;
		unsigned needs;
		if ((at[bytes - back] & 0xc0) == 0x80)
			continue;
		size_t length = step(at + bytes - back, back, &whole, &needs);
		return !whole && needs > back && length == back ? back : 0;
	}
	return 0;
}

size_t logtap_utf8_cut(const char *text, size_t bytes, size_t limit)
{
	if (bytes <= limit)
		return bytes;
	/* what the first bytes leave open is a character cut in two only if
	 * its rest is there */
	return limit - logtap_utf8_unfinished(text, limit);
}
