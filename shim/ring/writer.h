/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The producer's side of a ring (logtap/abi/ring.h has the protocol).
 *
 * A writer belongs to one thread.  Its authoritative position is private; the
 * shared head is only stored, never read back, and the shared tail is believed
 * only within [head - capacity, head].  No function blocks, allocates, calls
 * the system or a function of libc; all are safe in a signal handler as long
 * as the guard keeps two of them off one writer.
 */
#ifndef LOGTAP_RING_WRITER_H
#define LOGTAP_RING_WRITER_H

#include <logtap/abi/chunk.h>
#include <logtap/abi/ring.h>
#include <stdbool.h>

struct logtap_writer {
	uint64_t head; /* authoritative */
	/* head may grow up to here at once: the nearer of the end of its block
	 * and the limit; behind head once that is in the next block */
	uint64_t edge;
	/* where the ring's data would begin if it were as long as head's laps:
	 * head is there at lap + head */
	uintptr_t lap;
	unsigned char *data; /* shared, @capacity bytes */
	uint64_t capacity;   /* power of two; private copy */
	uint64_t block;	     /* capacity / LOGTAP_RING_BLOCKS */
	uint64_t mask;	     /* @capacity - 1 */
	/* head may grow up to here without a look at the shared tail: what was
	 * consumed plus half the capacity, or all of it once that is passed */
	uint64_t limit;
	uint64_t bound; /* head may never grow past it: consumed + capacity */
	bool pressed;	/* more than half full when last looked at */
	uint64_t floor; /* authoritative */
	struct logtap_ring_producer *shared;
	const _Atomic uint64_t *tail; /* the consumer's */
};

/* @data and @capacity: of a claimed slot, positions at zero. */
void logtap_writer_init(struct logtap_writer *writer, unsigned char *data,
			uint64_t capacity, struct logtap_ring_producer *shared,
			const _Atomic uint64_t *tail);

/* Slow half of logtap_writer_reserve(): crosses into the next block and asks
 * the consumer for room. */
unsigned char *logtap_writer_reserve_slow(struct logtap_writer *writer,
					  uint64_t span, uint64_t *position);

/**
 * logtap_writer_reserve() - room for a chunk
 * @span:     from logtap_chunk_span(); at most writer->block
 * @position: receives where the chunk will end; pass it to publish
 *
 * Nothing is visible to the consumer until logtap_writer_publish(), and a
 * reservation that is not published costs nothing.
 *
 * Return: where to write the chunk, 8-aligned; NULL if the ring is full.
 */
static inline unsigned char *logtap_writer_reserve(struct logtap_writer *writer,
						   uint64_t span,
						   uint64_t *position)
{
	uint64_t head = writer->head;

	/* Within the block, and before the limit. */
	if (__builtin_expect(head + span > writer->edge, 0))
		return logtap_writer_reserve_slow(writer, span, position);
	*position = head + span;
	return (unsigned char *)(writer->lap + head);
}

/* Makes everything up to @position visible. */
static inline void logtap_writer_publish(struct logtap_writer *writer,
					 uint64_t position)
{
	writer->head = position;
	/* pairs with the acquire of the collector's reader */
	atomic_store_explicit(&writer->shared->head, position,
			      memory_order_release);
}

/* After a publish that may have crossed into another block: what may be reserved
 * at once from now on. */
static inline void logtap_writer_settle(struct logtap_writer *writer)
{
	uint64_t head = writer->head;
	uint64_t end = (head & ~(writer->block - 1)) + writer->block;

	writer->lap = (uintptr_t)writer->data - (head & ~writer->mask);
	/* A handler may come in between, or leave there for good: the edge of a
	 * block that is done lets nothing be reserved. */
	atomic_signal_fence(memory_order_seq_cst);
	writer->edge = end < writer->limit ? end : writer->limit;
}

/* Bytes a chunk of @span bytes would take now, with the padding before it. */
uint64_t logtap_writer_need(const struct logtap_writer *writer, uint64_t span);

/* Re-reads the consumer's tail; sets limit and pressed.
 * Return: bytes free. */
uint64_t logtap_writer_free(struct logtap_writer *writer);

/* Gives up the oldest blocks until @span fits: the flight recorder. */
void logtap_writer_overwrite(struct logtap_writer *writer, uint64_t span);

#endif
