/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reading a chunk's header out of bytes.  Pure, any thread.
 */
#ifndef LOGTAP_BASE_CHUNK_H
#define LOGTAP_BASE_CHUNK_H

#include <logtap/abi/chunk.h>
#include <string.h>

#define LOGTAP_CHUNK_LOAD(chunk, at, member)                                  \
	memcpy(&(chunk).member, (at) + offsetof(struct logtap_chunk, member), \
	       sizeof((chunk).member))

/* Member by member, so that what is used goes from there to a register: of a
 * copy that is made in one piece, the parts are read only after it is stored,
 * and the way from one chunk to the next is through its length. */
static inline struct logtap_chunk logtap_chunk_load(const unsigned char *at)
{
	struct logtap_chunk chunk;

	LOGTAP_CHUNK_LOAD(chunk, at, length);
	LOGTAP_CHUNK_LOAD(chunk, at, type);
	LOGTAP_CHUNK_LOAD(chunk, at, flags);
	LOGTAP_CHUNK_LOAD(chunk, at, sink);
	LOGTAP_CHUNK_LOAD(chunk, at, format);
	LOGTAP_CHUNK_LOAD(chunk, at, time);
	LOGTAP_CHUNK_LOAD(chunk, at, sequence);
	LOGTAP_CHUNK_LOAD(chunk, at, priority);
	LOGTAP_CHUNK_LOAD(chunk, at, extension_bytes);
	return chunk;
}

#undef LOGTAP_CHUNK_LOAD

#endif
