/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where text goes that is made piece by piece, and the pieces that most texts
 * are made of: strings and decimal numbers.  Inlined, no call leaves it; safe
 * in a signal handler.
 *
 * What lies behind @at and before @end may be overwritten at any time.
 */
#ifndef LOGTAP_SINK_OUT_H
#define LOGTAP_SINK_OUT_H

#include "../bytes.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#define LOGTAP_OUT_INLINE static inline __attribute__((always_inline))

/* @end: one behind the last byte that may be written; never reached by @at. */
struct logtap_out {
	char *at;
	char *end;
};

/* Most bytes of a number that logtap_out_decimal() writes. */
#define LOGTAP_OUT_DECIMAL_MAX 20

LOGTAP_OUT_INLINE bool logtap_out_fits(const struct logtap_out *out,
				       size_t bytes)
{
	return bytes < (size_t)(out->end - out->at);
}

#if defined(__x86_64__)
/* 16 bytes of which some may lie behind a text: nothing is made of those, but a
 * sanitizer would object to a load that it understands. */
LOGTAP_OUT_INLINE __m128i logtap_out_load(const char *from)
{
	__m128i block;

	__asm__("movdqu %1, %0" : "=x"(block) : "m"(*(const char(*)[16])from));
	return block;
}

/* In steps of 16 bytes, which are looked at while they are copied; such a step
 * stays within a page.  Return: as below, with NULL for what is left to it. */
LOGTAP_OUT_INLINE const char *logtap_out_blocks(struct logtap_out *out,
						const char **text, char stop)
{
	const __m128i zero = _mm_setzero_si128(), other = _mm_set1_epi8(stop);

	while (logtap_out_fits(out, 16) && ((uintptr_t)*text & 4095) <= 4080) {
		__m128i block = logtap_out_load(*text);
		__m128i hit = _mm_cmpeq_epi8(block, zero);
		unsigned found, run;

		if (stop)
			hit = _mm_or_si128(hit, _mm_cmpeq_epi8(block, other));
		found = (unsigned)_mm_movemask_epi8(hit);
		_mm_storeu_si128((void *)out->at, block);
		if (__builtin_expect(found != 0, 1)) {
			run = (unsigned)__builtin_ctz(found);
			out->at += run;
			return *text + run;
		}
		out->at += 16;
		*text += 16;
	}
	return NULL;
}
#endif

/* Copies @text up to its NUL or the first @stop, whichever comes first.
 * Return: where that is in @text; NULL: there is no room, and as much of it as
 * there was room for may be there. */
LOGTAP_OUT_INLINE const char *logtap_out_text(struct logtap_out *out,
					      const char *text, char stop)
{
	size_t run;

#if defined(__x86_64__)
	const char *end = logtap_out_blocks(out, &text, stop);
	if (__builtin_expect(end != NULL, 1))
		return end;
#endif
	run = stop ? logtap_bytes_plain_run(text) : logtap_bytes_length(text);
	if (!logtap_out_fits(out, run))
		return NULL;
	logtap_bytes_copy(out->at, text, run);
	out->at += run;
	return text + run;
}

extern const char logtap_out_pairs[201]
	__attribute__((visibility("hidden"))); /* 00, 01, ... 99 */

LOGTAP_OUT_INLINE char *logtap_out_pair(char *at, uint32_t value)
{
	__builtin_memcpy(at, logtap_out_pairs + value * 2, 2);
	return at + 2;
}

/* @value < 10,000 */
LOGTAP_OUT_INLINE char *logtap_out_small(char *at, uint32_t value)
{
	uint32_t high = value / 100;

	if (value >= 100) {
		value %= 100;
		if (high >= 10)
			at = logtap_out_pair(at, high);
		else
			*at++ = (char)('0' + high);
		return logtap_out_pair(at, value);
	}
	if (value >= 10)
		return logtap_out_pair(at, value);
	*at = (char)('0' + value);
	return at + 1;
}

char *logtap_out_large(char *at, uint64_t value);

/* Writes @value at @at.  Return: the place behind it. */
LOGTAP_OUT_INLINE char *logtap_out_decimal(char *at, uint64_t value)
{
	return value < 10000 ? logtap_out_small(at, (uint32_t)value)
			     : logtap_out_large(at, value);
}

#endif
