/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The ring sink's common case; what is rare is in put.c.  Runs in any thread,
 * also in signal handlers; no call leaves this library. */
#include "capture.h"

#include "../bytes.h"
#include "../guard/guard.h"
#include "../hook/fork.h"
#include "../segment/claim.h"
#include "counters.h"
#include "put.h"

static inline bool may_record(const struct logtap_tls *tls)
{
	return __builtin_expect(
		tls->life == LOGTAP_LIVE && !tls->mark &&
			atomic_load_explicit(logtap_state.alive,
					     memory_order_relaxed),
		1);
}

/* Not inlined: the common case must stay small. */
static __attribute__((noinline)) bool may_record_after_all(
	struct logtap_tls *tls, uint64_t bytes)
{
	if (!logtap_armed())
		return false;
	if (!atomic_load_explicit(logtap_state.alive, memory_order_relaxed))
		logtap_fork_unseen(tls);
	if (tls->life == LOGTAP_ORPHAN &&
	    !logtap_guard_is_held(tls, LOGTAP_STACK_POINTER())) {
		tls->guard = 0;
		logtap_claim_forget(tls);
	}
	if (tls->mark) {
		logtap_count(tls, LOGTAP_COUNTER_SUPPRESSED, 1);
		return false;
	}
	if (logtap_claim_birth(tls))
		return true;
	logtap_claim_uncaptured(bytes);
	return false;
}

bool logtap_capture_ready(struct logtap_tls *tls, uint64_t bytes)
{
	return may_record(tls) || may_record_after_all(tls, bytes);
}

/* What the common case could not do at once.  @frame: the caller's, so that
 * whatever way a host's frame comes here it is known by one address. */
static __attribute__((noinline)) bool put_slowly(
	struct logtap_tls *tls, struct logtap_frame *frame,
	const struct logtap_stamp *stamp, const struct iovec *parts,
	size_t count, size_t length)
{
	bool stored = false;

	logtap_put_open_room(tls, length);
	switch (logtap_guard_enter(tls, frame, LOGTAP_PHASE_COPY)) {
	case LOGTAP_ENTER_MAIN:
		stored = logtap_put(tls, stamp, parts, count, length);
		break;
	case LOGTAP_ENTER_NESTED:
		stored = logtap_put_nested(tls, stamp, parts, count, length);
		break;
	case LOGTAP_ENTER_DEEP:
		logtap_put_refused(tls, length);
		break;
	case LOGTAP_ENTER_CALLBACK:
		logtap_count(tls, LOGTAP_COUNTER_REENTRANT, 1);
		return false;
	}
	logtap_put_leave(tls);
	return stored;
}

bool logtap_capture_bytes(const struct logtap_stamp *stamp, const void *bytes,
			  size_t length)
{
	struct logtap_tls *tls = &logtap_tls;
	uint64_t span = logtap_chunk_span(length), end;
	struct logtap_frame frame;
	unsigned char *at;

	if (!may_record(tls) && !may_record_after_all(tls, length))
		return false;
	if (__builtin_expect(!tls->guard && span <= tls->rings->main.block,
			     1)) {
		logtap_guard_enter(tls, &frame, LOGTAP_PHASE_COPY);
		at = logtap_writer_reserve(&tls->rings->main, span, &end);
		if (__builtin_expect(at != NULL, 1)) {
			logtap_put_header(tls, at, stamp, length);
			logtap_bytes_copy(at + LOGTAP_CHUNK_HEADER_BYTES, bytes,
					  length);
			logtap_writer_publish(&tls->rings->main, end);
			logtap_count(tls, LOGTAP_COUNTER_CHUNKS, 1);
			logtap_count(tls, LOGTAP_COUNTER_BYTES, length);
			logtap_put_leave(tls);
			return true;
		}
		logtap_guard_leave(tls);
	}
	struct iovec part = {(void *)(uintptr_t)bytes, length};
	return put_slowly(tls, &frame, stamp, &part, 1, length);
}

bool logtap_capture_parts(const struct logtap_stamp *stamp,
			  const struct iovec *parts, size_t count,
			  size_t length)
{
	struct logtap_tls *tls = &logtap_tls;
	struct logtap_frame frame;

	if (!may_record(tls) && !may_record_after_all(tls, length))
		return false;
	return put_slowly(tls, &frame, stamp, parts, count, length);
}

void logtap_capture_gap(const struct logtap_stamp *stamp, uint64_t bytes)
{
	struct logtap_stamp gap = *stamp;

	gap.type = LOGTAP_CHUNK_GAP;
	logtap_capture_bytes(&gap, &bytes, sizeof bytes);
	logtap_count(&logtap_tls, LOGTAP_COUNTER_GAP_BYTES, bytes);
}
