/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A ring: bytes of chunks, one producer (a host thread), one consumer (the
 * collector).
 *
 * Positions count bytes from the ring's birth and never wrap; the offset in
 * the data is the position modulo the capacity (a power of two).  The ring is
 * divided into LOGTAP_RING_BLOCKS blocks of equal size, and a chunk never
 * crosses the end of a block: fewer than 24 bytes left there are skipped
 * without a mark, more are covered by a PAD chunk.  A PAD chunk may span
 * blocks up to the end of the ring.
 *
 * Producer: write the bytes, then store @head with release.  To overwrite what
 * was not consumed (flight recorder) it first raises @floor to the lowest
 * position that stays whole, with a store-store fence before the first byte is
 * overwritten.  When all was consumed (@tail is its head) it may go on at the
 * start of the ring instead: it raises @floor to there, and what lies between
 * holds no chunk.
 * Consumer: load @head with acquire, copy, acquire fence, load @floor again and
 * discard what lies below it; then store @tail with release.
 *
 * The producer's authoritative head lives in its thread's private memory and
 * is never read back from here.
 */
#ifndef LOGTAP_ABI_RING_H
#define LOGTAP_ABI_RING_H

#include <logtap/abi/version.h>

#define LOGTAP_RING_BLOCKS 8

#define LOGTAP_RING_BYTES_MIN (UINT32_C(4) << 10)
#define LOGTAP_RING_BYTES_MAX (UINT32_C(64) << 20)

/* The producer's words of one ring, half a cache line. */
struct logtap_ring_producer {
	_Atomic uint64_t head; /* bytes ever published */
	_Atomic uint64_t
		floor; /* positions below are, or will be, overwritten */
};
static_assert(sizeof(struct logtap_ring_producer) == 16, "ring ABI");

static inline uint64_t logtap_ring_block_bytes(uint64_t capacity)
{
	return capacity / LOGTAP_RING_BLOCKS;
}

#endif
