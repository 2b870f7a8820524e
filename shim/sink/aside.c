/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks beside the records: see the header.  Runs in any thread, also in
 * signal handlers; system calls only where capture.h allows them. */
#include "aside.h"

#include "../hook/fork.h"
#include "../segment/claim.h"
#include "counters.h"
#include "put.h"

bool logtap_aside_ready(struct logtap_tls *tls)
{
	if (!logtap_armed())
		return false;
	if (!logtap_alive())
		logtap_fork_unseen(tls);
	if (tls->life != LOGTAP_LIVE && !logtap_claim_birth(tls))
		return false;
	return !atomic_load_explicit(&tls->rings->control->disarm,
				     memory_order_relaxed);
}

bool logtap_aside_enter(struct logtap_tls *tls, struct logtap_aside *aside)
{
	uintptr_t outer = tls->guard;

	aside->outer = 0;
	if (outer && logtap_guard_is_held(tls, (uintptr_t)&aside->frame)) {
		if (!(outer & LOGTAP_PHASE_CALLBACK))
			return false;
		aside->outer = outer;
	}
	/* What is left of a dead frame is taken over. */
	tls->guard = logtap_guard_word(&aside->frame, LOGTAP_PHASE_COPY);
	atomic_signal_fence(memory_order_seq_cst);
	return true;
}

void logtap_aside_leave(struct logtap_tls *tls, struct logtap_aside *aside)
{
	aside->frame.mark = 0;
	atomic_signal_fence(memory_order_seq_cst);
	tls->guard = aside->outer;
	if (__builtin_expect(tls->rings->main.pressed, 0) && !tls->guard)
		logtap_put_attend(tls);
}

unsigned char *logtap_aside_reserve(struct logtap_tls *tls,
				    const struct logtap_stamp *stamp,
				    size_t length, uint64_t *end)
{
	struct logtap_writer *writer = &tls->rings->main;
	uint64_t span = logtap_chunk_span(length);
	unsigned char *at;

	/* The other half of the ring is the records'. */
	if (span > writer->block ||
	    logtap_writer_free(writer) <
		    writer->capacity / 2 + logtap_writer_need(writer, span))
		return NULL;
	at = logtap_writer_reserve(writer, span, end);
	if (!at)
		return NULL;
	logtap_put_header(tls, tls->rings, at, stamp, length);
	return at + LOGTAP_CHUNK_HEADER_BYTES;
}

void logtap_aside_publish(struct logtap_tls *tls, uint64_t end)
{
	struct logtap_writer *writer = &tls->rings->main;

	logtap_writer_publish(writer, end);
	logtap_writer_settle(writer);
}
