/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Calls in several chunks: see the header.  Any thread. */
#include "call.h"

/* A host that claims more is not believed, and no sum of some can wrap. */
#define CALL_BYTES_MAX (UINT64_C(1) << 56)

/* The call that the chunk belongs to, as it stands behind it. */
static struct logtap_call call_of(const struct logtap_chunk_view *chunk,
				  const struct logtap_extensions *extensions)
{
	struct logtap_call call = {.open = chunk->flags & LOGTAP_CHUNK_PARTIAL};

	if (!extensions || extensions->piece.bytes > CALL_BYTES_MAX ||
	    extensions->piece.offset > extensions->piece.bytes ||
	    chunk->payload_bytes >
		    extensions->piece.bytes - extensions->piece.offset)
		return call; /* not said, or not to be believed */
	call.bytes = extensions->piece.bytes;
	call.next = extensions->piece.offset + chunk->payload_bytes;
	return call;
}

void logtap_call_take(struct logtap_call *call,
		      const struct logtap_chunk_view *chunk,
		      const struct logtap_extensions *extensions,
		      struct logtap_seam *seam)
{
	bool continued = chunk->flags & LOGTAP_CHUNK_CONTINUED;
	struct logtap_call was = *call, now = call_of(chunk, extensions);
	uint64_t offset = now.bytes ? extensions->piece.offset : 0;
	bool follows = continued && was.open;

	if (was.bytes && now.bytes)
		follows =
			follows && was.bytes == now.bytes && was.next == offset;
	*call = now;
	seam->torn = !follows && (continued || was.open);
	seam->headless = continued && !follows;
	seam->lost_before = was.open ? was.bytes - was.next : 0;
	seam->missing = seam->headless ? offset : 0;
}

uint64_t logtap_call_rest(struct logtap_call *call)
{
	uint64_t rest = call->bytes - call->next;

	*call = (struct logtap_call){.open = false};
	return rest;
}
