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
					     memory_order_relaxed),
		1);
}

/* Return: true if the chunk is in; then logtap_at_once_end() must follow. */
LOGTAP_AT_ONCE bool logtap_at_once_put(struct logtap_tls *tls,
				       const struct logtap_stamp *stamp,
				       const void *bytes, size_t length)
{
	uint64_t span = logtap_chunk_span(length), end;
	struct logtap_frame frame;
	struct logtap_rings *rings;
	unsigned char *at;

	if (__builtin_expect(tls->guard != 0 || length > LOGTAP_COPY_SHORT, 0))
		return false;
	logtap_guard_enter(tls, &frame, LOGTAP_PHASE_COPY);
	rings = tls->rings; /* stays as long as the guard is closed */
	at = logtap_writer_reserve_at_once(&rings->main, span, &end);
	if (__builtin_expect(at == NULL, 0)) {
		logtap_guard_open(tls);
		return false;
	}
	logtap_put_header(tls, rings, at, stamp, length);
	logtap_bytes_copy_short(at + LOGTAP_CHUNK_HEADER_BYTES, bytes, length);
	logtap_writer_publish(&rings->main, end);
	logtap_count_in(rings->slot, LOGTAP_COUNTER_CHUNKS, 1);
	logtap_count_in(rings->slot, LOGTAP_COUNTER_BYTES, length);
	logtap_guard_open(tls);
	return true;
}

/* Return: @result, so that the rare call is a jump. */
LOGTAP_AT_ONCE ssize_t logtap_at_once_end(struct logtap_tls *tls,
					  ssize_t result)
{
	if (__builtin_expect(tls->rings->main.pressed, 0))
		return logtap_put_attend(tls, result);
	return result;
}

/* Is this process one whose streams may be diverted at once? */
LOGTAP_AT_ONCE bool logtap_at_once_diverts(void)
{
	return logtap_state.config.mode != LOGTAP_MODE_TEE &&
	       logtap_clock_is_counter();
}

/* Diverts a stream's bytes, where logtap_at_once_diverts().
 * Return: true if the real call must not be made (and logtap_at_once_end() must
 * follow); false: nothing has happened yet. */
LOGTAP_AT_ONCE bool logtap_at_once_divert(struct logtap_tls *tls, uint8_t sink,
					  const void *bytes, size_t length)
{
	struct logtap_now now = {logtap_clock_counter(), LOGTAP_CHUNK_DIVERTED};
	struct logtap_stamp stamp = logtap_stamp_at(now, sink);

	return __builtin_expect(
		logtap_at_once_may(tls) && length &&
			stamp.format == LOGTAP_FORMAT_STREAM &&
			logtap_claim_beats_at(tls->rings->control, now.time) &&
			logtap_at_once_put(tls, &stamp, bytes, length),
		1);
}

#endif
