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
	bool inside; /* a step behind it is still in its page */
};
#define LOGTAP_SCAN_BYTES 64
#define LOGTAP_SCAN_STEP 16

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
		.piece = piece,
		.stops = logtap_scan_stops(piece) |
			 logtap_scan_stops(piece + 16) << 16 |
			 logtap_scan_stops(piece + 32) << 32 |
			 logtap_scan_stops(piece + 48) << 48,
		.inside = ((uintptr_t)piece & 4095) <=
			  4096 - LOGTAP_SCAN_BYTES - LOGTAP_SCAN_STEP,
	};
}

/* @from: in the piece. */
LOGTAP_OUT_INLINE bool logtap_scan_copy(struct logtap_out *out,
					const struct logtap_scan *scan,
					const char *from, size_t bytes)
{
	size_t at = 0;

	/* whole steps, one at least, if those behind can be read and written */
	if (__builtin_expect(logtap_out_fits(out, bytes + LOGTAP_SCAN_STEP) &&
				     scan->inside,
			     1))
		do {
			_mm_storeu_si128((void *)(out->at + at),
					 logtap_out_load(from + at));
			at += LOGTAP_SCAN_STEP;
		} while (__builtin_expect(at < bytes, 0));
	else if (logtap_out_fits(out, bytes))
		logtap_bytes_copy(out->at, from, bytes);
	else
		return false;
	out->at += bytes;
	return true;
}

/* Copies the format from *@at up to its next % or its end, which *@at becomes.
 * Return: false: there is no room. */
LOGTAP_OUT_INLINE bool logtap_scan_run(struct logtap_out *out,
				       struct logtap_scan *scan,
				       const char **at)
{
	for (;;) {
		const char *from = *at;
		size_t begin = (size_t)(from - scan->piece), bytes;
		uint64_t stops;

		if (__builtin_expect(begin >= LOGTAP_SCAN_BYTES, 0)) {
			*scan = logtap_scan_at(from);
			begin = (size_t)(from - scan->piece);
		}
		stops = scan->stops >> begin;
		if (__builtin_expect(stops != 0, 1)) {
			bytes = (unsigned)__builtin_ctzll(stops);
			*at = from + bytes;
			return logtap_scan_copy(out, scan, from, bytes);
		}
		bytes = LOGTAP_SCAN_BYTES - begin;
		*at = from + bytes;
		if (!logtap_scan_copy(out, scan, from, bytes))
			return false;
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

LOGTAP_OUT_INLINE bool logtap_scan_run(struct logtap_out *out,
				       struct logtap_scan *scan,
				       const char **at)
{
	const char *stop = logtap_out_text(out, *at, '%');

	(void)scan;
	if (stop)
		*at = stop;
	return stop;
}

#endif

#endif
