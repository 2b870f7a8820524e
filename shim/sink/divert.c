/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Divert mode: see the header.  Runs in the host's threads and handlers. */
#include "divert.h"

#include "../api/captured.h"
#include "../feedback/stack.h"
#include "../guard/guard.h"
#include "../segment/claim.h"
#include "../span/item.h"
#include "counters.h"
#include "put.h"

#include <limits.h>

bool logtap_diverts_at_once;

void logtap_divert_settle(void)
{
	bool now = logtap_state.config.mode != LOGTAP_MODE_TEE &&
		   logtap_clock_is_counter();

	__atomic_store_n(&logtap_diverts_at_once, now, __ATOMIC_RELAXED);
}

/* Does all of it fit, so that nothing comes out twice?  Waits for room where
 * that was asked for. */
static bool fits(struct logtap_tls *tls, size_t length)
{
	struct logtap_writer *writer = &tls->rings->main;
	uint64_t head = LOGTAP_CHUNK_HEADER_BYTES + LOGTAP_PIECE_ITEM_BYTES;
	uint64_t pieces = length / (writer->block - head);
	uint64_t need = length + writer->block +
			(pieces + 2) * (head + LOGTAP_CHUNK_ALIGN);

	if (logtap_writer_need(writer, logtap_chunk_span(length)) +
			    writer->head <=
		    writer->limit &&
	    logtap_chunk_span(length) <= writer->block)
		return true;
	if (logtap_writer_free(writer) >= need)
		return true;
	if (logtap_state.config.full != LOGTAP_FULL_BLOCK ||
	    need > writer->capacity)
		return false;
	logtap_put_wait(tls, need);
	return logtap_writer_free(writer) >= need;
}

enum logtap_diverted logtap_divert_refuse(struct logtap_tls *tls)
{
	logtap_count(tls, LOGTAP_COUNTER_FALLBACK, 1);
	return LOGTAP_DIVERT_WRITE;
}

enum logtap_diverted logtap_divert_slow(const struct logtap_stamp *stamp,
					int fd, const struct iovec *parts,
					size_t count, size_t length)
{
	struct logtap_stamp diverted = *stamp;
	unsigned char item[LOGTAP_TRACE_ITEM_BYTES];
	struct logtap_frame frame;
	struct logtap_tls *tls = &logtap_tls;
	uint32_t reason;
	bool stored;

	(void)fd; /* tracked descriptors are open: close() ends the tracking */
	if (!length || !count || !logtap_capture_ready(tls, length))
		return LOGTAP_DIVERT_TEE;
	if (logtap_captured_wanted(tls)) /* a sink is no destination */
		return LOGTAP_DIVERT_TEE;
	if (!logtap_claim_sees_collector(tls)) {
		logtap_count(tls, LOGTAP_COUNTER_FALLBACK, 1);
		return LOGTAP_DIVERT_TEE;
	}
	/* Only the thread's own ring: a handler inside a copy is rare, and its
	 * line must not be lost to a small ring. */
	if (tls->guard)
		return logtap_divert_refuse(tls);
	diverted.flags |= LOGTAP_CHUNK_DIVERTED;
	diverted.extension_bytes = logtap_span_item(tls, item);
	diverted.extension = item;
	logtap_put_open_room(tls, length);
	reason = logtap_stack_prepare(tls, stamp, parts);
	if (logtap_guard_enter(tls, &frame, LOGTAP_PHASE_COPY) !=
	    LOGTAP_ENTER_MAIN)
		return LOGTAP_DIVERT_TEE;
	if (reason)
		logtap_stack_put(tls, stamp, reason);
	stored = fits(tls, length) &&
		 logtap_put(tls, &diverted, parts, count, length) &&
		 logtap_guard_kept(tls);
	logtap_put_leave(tls, &frame);
	return stored ? LOGTAP_DIVERT_TAKEN : logtap_divert_refuse(tls);
}

enum logtap_diverted logtap_divert_bytes(struct logtap_now now, uint8_t sink,
					 int fd, const void *bytes,
					 size_t length)
{
	struct logtap_stamp stamp = logtap_stamp_at(now, sink);
	struct iovec part = {(void *)(uintptr_t)bytes, length};

	if (!logtap_sink_diverts[sink])
		return LOGTAP_DIVERT_TEE;
	return logtap_divert_slow(&stamp, fd, &part, 1, length);
}

enum logtap_diverted logtap_divert_parts_slow(const struct logtap_stamp *stamp,
					      int fd, const struct iovec *parts,
					      int count, ssize_t *put)
{
	size_t length = 0;

	/* What the kernel would refuse it shall refuse. */
	if (count <= 0 || count > IOV_MAX)
		return LOGTAP_DIVERT_TEE;
	for (int i = 0; i < count; i++) {
		if (parts[i].iov_len > SSIZE_MAX - length)
			return LOGTAP_DIVERT_TEE;
		length += parts[i].iov_len;
	}
	*put = (ssize_t)length;
	return logtap_divert_slow(stamp, fd, parts, (size_t)count, length);
}
