/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The literal text of a format, from one % to the next.  Inlined, no call leaves
 * it; safe in a signal handler.
 */
#ifndef LOGTAP_SINK_SCAN_H
#define LOGTAP_SINK_SCAN_H

#include "out.h"

#if defined(__x86_64__)

/* Where a format has a % or a NUL: a bit for each byte of an aligned piece, so
 * that the way from one to the next leads through registers alone.  Such a piece
 * lies within a page. */
struct logtap_scan {
	const char *piece;
	uint64_t stops;
};
#define LOGTAP_SCAN_BYTES 64

LOGTAP_OUT_INLINE uint64_t logtap_scan_stops(const char *at)
{
	const __m128i zero = _mm_setzero_si128(), percent = _mm_set1_epi8('%');
	__m128i block = logtap_out_load(at);
	__m128i hit = _mm_or_si128(_mm_cmpeq_epi8(block, zero),
				   _mm_cmpeq_epi8(block, percent));

	return (unsigned)_mm_movemask_epi8(hit);
}

LOGTAP_OUT_INLINE struct logtap_scan logtap_scan_at(const char *format)
{
	const char *piece =
		format - ((uintptr_t)format & (LOGTAP_SCAN_BYTES - 1));

	return (struct logtap_scan){
		piece, logtap_scan_stops(piece) |
			       logtap_scan_stops(piece + 16) << 16 |
			       logtap_scan_stops(piece + 32) << 32 |
			       logtap_scan_stops(piece + 48) << 48};
}

LOGTAP_OUT_INLINE bool logtap_scan_copy(struct logtap_out *out,
					const char *from, size_t bytes)
{
	/* whole steps of 16 bytes, if those behind can be read and written */
	if (__builtin_expect(logtap_out_fits(out, bytes + 16) &&
				     ((uintptr_t)from & 4095) <=
					     4096 - LOGTAP_SCAN_BYTES - 16,
			     1))
		for (size_t at = 0; at < bytes; at += 16)
			_mm_storeu_si128((void *)(out->at + at),
					 logtap_out_load(from + at));
	else if (logtap_out_fits(out, bytes))
		logtap_bytes_copy(out->at, from, bytes);
	else
		return false;
	out->at += bytes;
	return true;
}

/* Copies the format from @at up to its next % or its end.  Return: where that
 * is, NULL if there is no room. */
LOGTAP_OUT_INLINE const char *logtap_scan_run(struct logtap_out *out,
					      struct logtap_scan *scan,
					      const char *at)
{
	for (;;) {
		size_t begin = (size_t)(at - scan->piece), bytes;
		uint64_t stops;

		if (__builtin_expect(begin >= LOGTAP_SCAN_BYTES, 0)) {
			*scan = logtap_scan_at(at);
			begin = (size_t)(at - scan->piece);
		}
		stops = scan->stops >> begin;
		bytes = stops ? (size_t)__builtin_ctzll(stops)
			      : LOGTAP_SCAN_BYTES - begin;
		if (!logtap_scan_copy(out, at, bytes))
			return NULL;
		at += bytes;
		if (__builtin_expect(stops != 0, 1))
			return at;
	}
}

#else

struct logtap_scan {
	char none;
};

LOGTAP_OUT_INLINE struct logtap_scan logtap_scan_at(const char *format)
{
	(void)format;
	return (struct logtap_scan){0};
}

LOGTAP_OUT_INLINE const char *logtap_scan_run(struct logtap_out *out,
					      struct logtap_scan *scan,
					      const char *at)
{
	(void)scan;
	return logtap_out_text(out, at, '%');
}

#endif

#endif
