/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence into the ring: see the header.  Runs in the host's threads and
 * handlers. */
#include "evidence.h"

#include "../bytes.h"
#include "../guard/mark.h"
#include "../sink/put.h"
#include "stack.h"

/* Of @parts, the bytes from @from on, at most @most of them. */
static size_t gather(unsigned char *to, size_t most, const struct iovec *parts,
		     size_t count, uint64_t from)
{
	size_t at = 0;

	for (size_t i = 0; i < count && at < most; i++) {
		size_t length = parts[i].iov_len;
		if (from >= length) {
			from -= length;
			continue;
		}
		length -= (size_t)from;
		size_t take = length < most - at ? length : most - at;
		logtap_bytes_copy(
			to + at,
			(const unsigned char *)parts[i].iov_base + from, take);
		at += take;
		from = 0;
	}
	return at;
}

/* What one chunk of the ring as it is now takes behind the struct. */
static size_t room_for_head(const struct logtap_tls *tls)
{
	return (size_t)tls->rings->main.block - LOGTAP_CHUNK_HEADER_BYTES -
	       sizeof(struct logtap_evidence);
}

/* The first bytes of what was sent, and where not all have room, the last. */
static void share_out(const struct logtap_tls *tls,
		      struct logtap_evidence *evidence)
{
	size_t most = room_for_head(tls);

	if (evidence->head_bytes > most)
		evidence->head_bytes = (uint16_t)most;
	if (evidence->kind == LOGTAP_EVIDENCE_SEND && evidence->head_bytes &&
	    evidence->head_bytes < evidence->bytes)
		evidence->tail_bytes = evidence->head_bytes / 3;
}

static void put(struct logtap_tls *tls, const struct logtap_evidence *evidence,
		const struct logtap_stamp *stamp, const struct iovec *parts,
		size_t count)
{
	struct logtap_evidence copy = *evidence;
	unsigned char *at, *head;
	size_t first, got, last = 0;
	uint64_t end;

	share_out(tls, &copy);
	at = logtap_aside_reserve(tls, stamp, sizeof copy + copy.head_bytes,
				  &end);
	if (!at)
		return;
	head = at + sizeof copy;
	first = copy.head_bytes;
	if (copy.kind == LOGTAP_EVIDENCE_SEND)
		first -= copy.tail_bytes;
	/* Parts may have been changed by another thread meanwhile. */
	got = gather(head, first, parts, count, 0);
	if (first < copy.head_bytes) {
		last = gather(head + got, copy.tail_bytes, parts, count,
			      copy.bytes - copy.tail_bytes);
		copy.tail_bytes = (uint16_t)last;
	}
	__builtin_memset(head + got + last, 0, copy.head_bytes - got - last);
	copy.head_bytes = (uint16_t)(got + last);
	logtap_bytes_copy(at, &copy, sizeof copy);
	logtap_aside_publish(tls, end);
}

void logtap_evidence_put(const struct logtap_evidence *evidence,
			 struct logtap_now now, const struct iovec *parts,
			 size_t count, bool stack)
{
	struct logtap_tls *tls = &logtap_tls;
	struct logtap_stamp stamp = {
		.time = now.time,
		.priority = LOGTAP_PRIORITY_NONE,
		.flags = (uint8_t)now.flags,
		.sink = LOGTAP_SINK_INDEX_UNKNOWN,
		.type = LOGTAP_CHUNK_EVIDENCE,
	};
	struct logtap_aside aside;

	if (!logtap_aside_ready(tls))
		return;
	stack = stack && logtap_stack_prepare_evidence(tls, now);
	if (!logtap_aside_enter(tls, &aside))
		return;
	if (stack)
		logtap_stack_put(tls, &stamp, LOGTAP_STACK_FOR_EVIDENCE);
	put(tls, evidence, &stamp, parts, count);
	logtap_aside_leave(tls, &aside);
}

void logtap_evidence_reentry(struct logtap_tls *tls, uint16_t how,
			     uint64_t bytes)
{
	struct logtap_evidence evidence = {
		.kind = LOGTAP_EVIDENCE_REENTRY,
		.flags = how,
		.fd = -1,
		.bytes = bytes,
		.depth = 2,
	};

	if (tls->mark & LOGTAP_MARK_DISPATCH && tls->guard)
		evidence.depth++;
	logtap_evidence_put(&evidence, logtap_clock_now(), NULL, 0,
			    logtap_evidence_asked(tls) & LOGTAP_ASK_STACKS);
}
