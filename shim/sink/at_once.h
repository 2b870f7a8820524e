/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The common case of the ring sink, inlined into the hooks that matter: one
 * chunk, the thread's own ring, room in the block.  It calls nothing, so that
 * all of it stays in registers and needs no stack; whatever is less common is
 * left as it was, and the caller takes the long way (capture.h).
 */
#ifndef LOGTAP_SINK_AT_ONCE_H
#define LOGTAP_SINK_AT_ONCE_H

#include "../bytes.h"
#include "../guard/guard.h"
#include "../segment/claim.h"
#include "capture.h"
#include "counters.h"
#include "put.h"

#define LOGTAP_AT_ONCE static inline __attribute__((always_inline))

/* May this thread record, with nothing to be done before? */
LOGTAP_AT_ONCE bool logtap_at_once_may(const struct logtap_tls *tls)
{
	return __builtin_expect(
		tls->life == LOGTAP_LIVE && !tls->mark &&
			atomic_load_explicit(logtap_state.alive,
					     memory_order_relaxed) &&
			!atomic_load_explicit(&tls->rings->control->disarm,
					      memory_order_relaxed),
		1);
}

/* One chunk.  Return: the rings it went to, for logtap_at_once_end(), which
 * must follow; NULL if nothing has happened. */
LOGTAP_AT_ONCE struct logtap_rings *logtap_at_once_put(
	struct logtap_tls *tls, struct logtap_now now, unsigned sink,
	uint8_t format, const void *bytes, size_t length)
{
	uint64_t span = logtap_chunk_span(length), end;
	struct logtap_frame frame;
	struct logtap_rings *rings;
	struct logtap_slot *slot;
	struct logtap_chunk *chunk;

	if (__builtin_expect(tls->guard != 0, 0) ||
	    length - 1 >= LOGTAP_COPY_SHORT)
		return NULL;
	logtap_guard_enter(tls, &frame, LOGTAP_PHASE_COPY);
	rings = tls->rings; /* stays as long as the guard is closed */
	chunk = (void *)logtap_writer_reserve_at_once(&rings->main, span, &end);
	if (__builtin_expect(chunk == NULL, 0)) {
		logtap_guard_open(tls);
		return NULL;
	}
	chunk->length = (uint32_t)length;
	chunk->type = LOGTAP_CHUNK_DATA;
	chunk->flags = (uint8_t)now.flags;
	chunk->sink = rings->sink_index[sink];
	chunk->format = format;
	chunk->time = now.time;
	chunk->sequence = logtap_put_sequence(tls);
	chunk->priority = LOGTAP_PRIORITY_NONE;
	chunk->extension_bytes = 0;
	logtap_bytes_copy_short(chunk + 1, bytes, length);
	logtap_writer_publish(&rings->main, end);
	slot = rings->slot;
	logtap_count_in(slot, LOGTAP_COUNTER_CHUNKS, 1);
	logtap_count_in(slot, LOGTAP_COUNTER_BYTES, length);
	logtap_guard_open(tls);
	return rings;
}

/* Return: @result, so that the rare call is a jump. */
LOGTAP_AT_ONCE ssize_t logtap_at_once_end(struct logtap_rings *rings,
					  ssize_t result)
{
	if (__builtin_expect(rings->main.pressed, 0))
		return logtap_put_attend(&logtap_tls, result);
	return result;
}

/* Captures bytes written to @sink.  Return: as logtap_at_once_put(). */
LOGTAP_AT_ONCE struct logtap_rings *logtap_at_once_capture(
	struct logtap_now now, unsigned sink, const void *bytes, size_t length)
{
	struct logtap_tls *tls = &logtap_tls;

	if (!logtap_at_once_may(tls) || sink >= LOGTAP_SINKS)
		return NULL;
	return logtap_at_once_put(tls, now, sink, logtap_sink_formats[sink],
				  bytes, length);
}

/* Diverts a stream's bytes, where logtap_diverts_at_once.  Return: as
 * logtap_at_once_put(); if not NULL the real call must not be made. */
LOGTAP_AT_ONCE struct logtap_rings *logtap_at_once_divert(unsigned sink,
							  const void *bytes,
							  size_t length)
{
	struct logtap_tls *tls = &logtap_tls;
	struct logtap_now now = {logtap_clock_counter(), LOGTAP_CHUNK_DIVERTED};

	if (!logtap_at_once_may(tls) || sink >= LOGTAP_SINKS ||
	    !logtap_sink_diverts[sink] ||
	    !logtap_claim_beats_at(tls->rings->control, now.time))
		return NULL;
	return logtap_at_once_put(tls, now, sink, LOGTAP_FORMAT_STREAM, bytes,
				  length);
}

#endif
