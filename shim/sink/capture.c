/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The ring sink's common case; what is rare is in put.c.  Runs in any thread,
 * also in signal handlers; no call leaves this library. */
#include "capture.h"

#include "../api/captured.h"
#include "../disarm.h"
#include "../fd/table.h"
#include "../feedback/evidence.h"
#include "../feedback/stack.h"
#include "../guard/guard.h"
#include "../guard/mark.h"
#include "../hook/fork.h"
#include "../segment/claim.h"
#include "../span/item.h"
#include "at_once.h"
#include "counters.h"
#include "put.h"

/* Not inlined: the common case must stay small. */
static __attribute__((noinline)) bool may_record_after_all(
	struct logtap_tls *tls, uint64_t bytes)
{
	if (!logtap_armed())
		return false;
	if (!logtap_alive())
		logtap_fork_unseen(tls);
	if (tls->life == LOGTAP_ORPHAN &&
	    !logtap_guard_is_held(tls, LOGTAP_STACK_POINTER())) {
		tls->guard = 0;
		logtap_claim_forget(tls);
	}
	if (tls->life == LOGTAP_LIVE &&
	    atomic_load_explicit(&tls->rings->control->disarm,
				 memory_order_relaxed)) {
		logtap_disarm();
		return false;
	}
	if (tls->mark & LOGTAP_MARK_INTERNAL) {
		logtap_count(tls, LOGTAP_COUNTER_SUPPRESSED, 1);
		return false;
	}
	if (logtap_mark_is_dispatching(tls, LOGTAP_STACK_POINTER())) {
		logtap_count(tls, LOGTAP_COUNTER_REENTRANT, 1);
		logtap_evidence_reentry(tls, LOGTAP_EVIDENCE_DISPATCHING,
					bytes);
		return false;
	}
	if (logtap_claim_birth(tls))
		return true;
	logtap_claim_uncaptured(bytes);
	return false;
}

bool logtap_capture_ready(struct logtap_tls *tls, uint64_t bytes)
{
	return logtap_at_once_may(tls) || may_record_after_all(tls, bytes);
}

/* What the common case could not do at once.  @frame: the caller's, so that
 * whatever way a host's frame comes here it is known by one address. */
static __attribute__((noinline)) bool put_slowly(
	struct logtap_tls *tls, struct logtap_frame *frame,
	const struct logtap_stamp *stamp, const struct iovec *parts,
	size_t count, size_t length)
{
	unsigned char item[LOGTAP_TRACE_ITEM_BYTES];
	struct logtap_stamp spanned;
	bool stored = false;
	uint32_t reason;

	if (!logtap_guard_has_stack(tls, LOGTAP_STACK_POINTER(),
				    LOGTAP_STACK_TO_PUT)) {
		logtap_put_refused(tls, length);
		return false;
	}
	if (logtap_captured_wanted(tls) && stamp->type == LOGTAP_CHUNK_DATA) {
		logtap_captured_emit(stamp, parts, count, length);
		return true;
	}
	if ((tls->mark & (LOGTAP_MARK_SPAN | LOGTAP_MARK_CONTEXT)) &&
	    !stamp->extension_bytes) {
		spanned = *stamp;
		spanned.extension_bytes = logtap_span_item(tls, item);
		spanned.extension = item;
		stamp = &spanned;
	}
	logtap_put_open_room(tls, length);
	reason = logtap_stack_prepare(tls, stamp, parts);
	switch (logtap_guard_enter(tls, frame, LOGTAP_PHASE_COPY)) {
	case LOGTAP_ENTER_MAIN:
		if (reason)
			logtap_stack_put(tls, stamp, reason);
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
		logtap_evidence_reentry(tls, LOGTAP_EVIDENCE_IN_CALLBACK,
					length);
		return false;
	}
	logtap_put_leave(tls, frame);
	return stored;
}

bool logtap_capture_bytes(const struct logtap_stamp *stamp, const void *bytes,
			  size_t length)
{
	struct logtap_tls *tls = &logtap_tls;
	struct iovec part = {(void *)(uintptr_t)bytes, length};
	struct logtap_frame frame;

	if (!logtap_at_once_may(tls) && !may_record_after_all(tls, length))
		return false;
	return put_slowly(tls, &frame, stamp, &part, 1, length);
}

__attribute__((noinline)) bool logtap_capture_stream_slowly(
	struct logtap_frame *frame, struct logtap_now now, uint8_t sink,
	const void *bytes, size_t length)
{
	struct logtap_stamp stamp = logtap_stamp_at(now, sink);

	logtap_guard_expire(&logtap_tls, (uintptr_t)frame);
	return logtap_capture_bytes(&stamp, bytes, length);
}

bool logtap_capture_stream(struct logtap_now now, uint8_t sink,
			   const void *bytes, size_t length)
{
	struct logtap_frame frame;

	if (logtap_at_once_capture(&frame, now, logtap_fd_value(sink), bytes,
				   length))
		return true;
	return logtap_capture_stream_slowly(&frame, now, sink, bytes, length);
}

bool logtap_capture_parts(const struct logtap_stamp *stamp,
			  const struct iovec *parts, size_t count,
			  size_t length)
{
	struct logtap_tls *tls = &logtap_tls;
	struct logtap_frame frame;

	if (!logtap_at_once_may(tls) && !may_record_after_all(tls, length))
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
