/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Whether a text needs a second look, found while it is copied.  Pure, any
 * thread.
 */
#ifndef LOGTAP_SHAPE_SCAN_H
#define LOGTAP_SHAPE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* As below, of fewer than 16 bytes. */
static inline bool logtap_copy_plain_short(char *to, const char *text,
					   size_t bytes)
{
	bool plain = true;

	for (size_t i = 0; i < bytes; i++) {
		to[i] = text[i];
		plain &= (signed char)text[i] > '\n';
	}
	return plain;
}

#if defined(__SSE2__)
/* Copies 16 bytes.  Return: the highest of @most and of them, each less what
 * ends the bytes that are not plain: what is plain comes to lie below them. */
static inline __m128i logtap_copy_plain_block(char *to, const char *text,
					      __m128i most)
{
	__m128i block = _mm_loadu_si128((const __m128i *)(const void *)text);

	_mm_storeu_si128((__m128i *)(void *)to, block);
	return _mm_max_epu8(most, _mm_sub_epi8(block, _mm_set1_epi8('\n' + 1)));
}

/* Copies it.  Return: are all its bytes ASCII above the line feed? */
static inline bool logtap_copy_plain(char *to, const char *text, size_t bytes)
{
	__m128i most = _mm_setzero_si128();

	if (bytes < 16)
		return logtap_copy_plain_short(to, text, bytes);
	/* the last block overlaps the one before it */
	size_t last = bytes - 16, at = 0;
	for (; at + 16 < last; at += 32) {
		most = logtap_copy_plain_block(to + at, text + at, most);
		most = logtap_copy_plain_block(to + at + 16, text + at + 16,
					       most);
	}
	if (at < last)
		most = logtap_copy_plain_block(to + at, text + at, most);
	most = logtap_copy_plain_block(to + last, text + last, most);
	/* 0x7f less that is the highest that is plain */
	return !_mm_movemask_epi8(_mm_adds_epu8(most, _mm_set1_epi8('\n' + 1)));
}
#else
/* Copies it.  Return: are all its bytes ASCII above the line feed? */
static inline bool logtap_copy_plain(char *to, const char *text, size_t bytes)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t odd = 0, word;

	if (bytes < 16)
		return logtap_copy_plain_short(to, text, bytes);
	for (size_t at = 0; at < bytes; at += sizeof(word)) {
		/* the last word overlaps the one before it */
		if (at > bytes - sizeof(word))
			at = bytes - sizeof(word);
		memcpy(&word, text + at, sizeof(word));
		memcpy(to + at, &word, sizeof(word));
		/* a byte borrows if it or the one before it is below */
		odd |= word | (word - ('\n' + 1) * ones);
	}
	return !(odd & 0x80 * ones);
}
#endif

#endif
