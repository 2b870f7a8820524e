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
		tls->life == LOGTAP_LIVE && !tls->mark && logtap_alive() &&
			/* one branch for both */
			!(atomic_load_explicit(&tls->rings->control->disarm,
					       memory_order_relaxed) |
			  atomic_load_explicit(&tls->rings->control->look,
					       memory_order_relaxed)),
		1);
}

LOGTAP_AT_ONCE uint32_t logtap_at_once_word(const struct logtap_rings *rings,
					    size_t tracked, bool divert)
{
	const struct logtap_control *control = rings->control;

	/* one branch for both */
	if (__builtin_expect((atomic_load_explicit(&control->disarm,
						   memory_order_relaxed) |
			      atomic_load_explicit(&control->look,
						   memory_order_relaxed)) != 0,
			     0))
		return 0;
	if (!divert)
		return rings->mapping->tee_words[tracked];
	/* The heartbeat is fresh, but may have been taken back. */
	return atomic_load_explicit(&control->heartbeat_tsc,
				    memory_order_relaxed)
		       ? rings->mapping->divert_words[tracked]
		       : 0;
}

/* One chunk.  @frame: of the caller.  @tracked: of fd/table.h.  Return: false
 * if nothing has happened, or, if it is to be diverted, in a child's private
 * memory. */
LOGTAP_AT_ONCE bool logtap_at_once_put(struct logtap_frame *frame,
				       struct logtap_now now, size_t tracked,
				       bool divert, const void *bytes,
				       size_t length)
{
	struct logtap_tls *tls = &logtap_tls;
	struct logtap_rings *rings;
	struct logtap_slot *slot;
	struct logtap_chunk *chunk;
	uint64_t head, end;
	uint32_t word;
	bool kept;

	if (__builtin_expect(tls->life != LOGTAP_LIVE || tls->mark ||
				     tls->guard || !logtap_alive(),
			     0) ||
	    length - 1 >= LOGTAP_COPY_SHORT)
		return false;
	/* What may be far away is fetched before the guard closes: handlers that
	 * come while it is closed have little room. */
	rings = tls->rings;
	word = logtap_at_once_word(rings, tracked, divert);
	if (__builtin_expect(!word, 0))
		return false;
	logtap_guard_close(tls, frame, LOGTAP_PHASE_COPY);
	head = rings->main.head;
	end = head + logtap_chunk_span(length);
	/* The rings stay as long as the guard is closed. */
	if (__builtin_expect(end > rings->main.edge || tls->rings != rings,
			     0)) {
		logtap_guard_open(tls);
		return false;
	}
	chunk = (void *)(rings->main.lap + head);
	chunk->length = (uint32_t)length;
	word |= (uint32_t)now.flags
		<< 8 * (offsetof(struct logtap_chunk, flags) -
			offsetof(struct logtap_chunk, type));
	__builtin_memcpy(&chunk->type, &word, sizeof word);
	chunk->time = now.time;
	slot = rings->slot;
	chunk->sequence = logtap_put_number(tls, slot, length);
	chunk->priority = LOGTAP_PRIORITY_NONE;
	chunk->extension_bytes = 0;
	logtap_bytes_copy_short(chunk + 1, bytes, length);
	rings->main.head = end;
	/* pairs with the acquire of the collector's reader */
	atomic_store_explicit(&slot->main.head, end, memory_order_release);
	kept = !divert || logtap_guard_kept(tls);
	logtap_guard_open(tls);
	return kept;
}

/* Captures bytes written to a descriptor.  Return: false if nothing has
 * happened. */
LOGTAP_AT_ONCE bool logtap_at_once_capture(struct logtap_frame *frame,
					   struct logtap_now now,
					   size_t tracked, const void *bytes,
					   size_t length)
{
	return logtap_at_once_put(frame, now, tracked, false, bytes, length);
}

/* Diverts a stream's bytes, where logtap_diverts_at_once and a collector is
 * known to live.  Return: true if the real call must not be made. */
LOGTAP_AT_ONCE bool logtap_at_once_divert(size_t tracked, const void *bytes,
					  size_t length)
{
	struct logtap_now now = {logtap_clock_counter(), 0};
	struct logtap_frame frame;

	return __builtin_expect(now.time < logtap_tls.collected_until, 1) &&
	       logtap_at_once_put(&frame, now, tracked, true, bytes, length);
}

#endif
