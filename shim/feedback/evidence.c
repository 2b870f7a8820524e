/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence into the ring: see the header.  Runs in the host's threads and
 * handlers. */
#include "evidence.h"

#include "../bytes.h"
#include "../guard/mark.h"
#include "../sink/put.h"
#include "stack.h"

/* At most @most bytes of @parts, gathered. */
static size_t gather(unsigned char *to, size_t most, const struct iovec *parts,
		     size_t count)
{
	size_t at = 0;

	for (size_t i = 0; i < count && at < most; i++) {
		size_t take = parts[i].iov_len < most - at ? parts[i].iov_len
							   : most - at;
		logtap_bytes_copy(to + at, parts[i].iov_base, take);
		at += take;
	}
	return at;
}

/* What one chunk of the ring as it is now takes behind the struct. */
static size_t room_for_head(const struct logtap_tls *tls)
{
	return (size_t)tls->rings->main.block - LOGTAP_CHUNK_HEADER_BYTES -
	       sizeof(struct logtap_evidence);
}

static void put(struct logtap_tls *tls, const struct logtap_evidence *evidence,
		const struct logtap_stamp *stamp, const struct iovec *parts,
		size_t count)
{
	struct logtap_evidence copy = *evidence;
	size_t most = room_for_head(tls), length;
	unsigned char *at;
	uint64_t end;

	if (copy.head_bytes > most)
		copy.head_bytes = (uint16_t)most;
	length = sizeof copy + copy.head_bytes;
	at = logtap_aside_reserve(tls, stamp, length, &end);
	if (!at)
		return;
	/* Parts may have been changed by another thread meanwhile. */
	size_t got = gather(at + sizeof copy, copy.head_bytes, parts, count);
	__builtin_memset(at + sizeof copy + got, 0, copy.head_bytes - got);
	copy.head_bytes = (uint16_t)got;
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
