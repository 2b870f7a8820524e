/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a text has in it, found while it is copied.  Pure, any thread.
 */
#ifndef LOGTAP_SHAPE_SCAN_H
#define LOGTAP_SHAPE_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum {
	LOGTAP_SCAN_FEED = 1, /* a line feed */
	LOGTAP_SCAN_HIGH = 2, /* a byte that is not ASCII */
};

/* The same of fewer than 16 bytes. */
static inline unsigned logtap_scan_copy_short(char *to, const char *text,
					      size_t bytes)
{
	unsigned found = 0;

	for (size_t i = 0; i < bytes; i++) {
		to[i] = text[i];
		found |= (text[i] == '\n' ? LOGTAP_SCAN_FEED : 0) |
			 ((unsigned char)text[i] >> 7) * LOGTAP_SCAN_HIGH;
	}
	return found;
}

#if defined(__SSE2__)
static inline __m128i logtap_scan_block(const char *text)
{
	return _mm_loadu_si128((const __m128i *)(const void *)text);
}

/* Copies it.  Return: LOGTAP_SCAN_..., or-ed. */
static inline unsigned logtap_scan_copy(char *to, const char *text,
					size_t bytes)
{
	const __m128i feed = _mm_set1_epi8('\n');

	if (bytes < 16)
		return logtap_scan_copy_short(to, text, bytes);
	/* the last block overlaps the one before it */
	size_t last = bytes - 16;
	__m128i block = logtap_scan_block(text + last);
	__m128i feeds = _mm_cmpeq_epi8(block, feed), highs = block;
	_mm_storeu_si128((__m128i *)(void *)(to + last), block);
	for (size_t at = 0; at < last; at += 16) {
		block = logtap_scan_block(text + at);
		_mm_storeu_si128((__m128i *)(void *)(to + at), block);
		feeds = _mm_or_si128(feeds, _mm_cmpeq_epi8(block, feed));
		highs = _mm_or_si128(highs, block);
	}
	return (_mm_movemask_epi8(feeds) ? LOGTAP_SCAN_FEED : 0) |
	       (_mm_movemask_epi8(highs) ? LOGTAP_SCAN_HIGH : 0);
}
#else
/* Copies it.  Return: LOGTAP_SCAN_..., or-ed. */
static inline unsigned logtap_scan_copy(char *to, const char *text,
					size_t bytes)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t feeds = 0, highs = 0, word;

	if (bytes < 16)
		return logtap_scan_copy_short(to, text, bytes);
	for (size_t at = 0; at < bytes; at += sizeof(word)) {
		/* the last word overlaps the one before it */
		if (at > bytes - sizeof(word))
			at = bytes - sizeof(word);
		memcpy(&word, text + at, sizeof(word));
		memcpy(to + at, &word, sizeof(word));
		highs |= word;
		word ^= '\n' * ones;
		feeds |= (word - ones) & ~word; /* a byte of zeros */
	}
	return (feeds & 0x80 * ones ? LOGTAP_SCAN_FEED : 0) |
	       (highs & 0x80 * ones ? LOGTAP_SCAN_HIGH : 0);
}
#endif

#endif
