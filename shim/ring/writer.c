/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The rarer half of the ring's producer: see the header for what is allowed
 * here (nothing that blocks, allocates or calls out). */
#include "writer.h"

void logtap_writer_init(struct logtap_writer *writer, unsigned char *data,
			uint64_t capacity, struct logtap_ring_producer *shared,
			const _Atomic uint64_t *tail)
{
	*writer = (struct logtap_writer){
		.lap = (uintptr_t)data,
		.data = data,
		.capacity = capacity,
		.block = logtap_ring_block_bytes(capacity),
		.mask = capacity - 1,
		.edge = logtap_ring_block_bytes(capacity),
		.limit = capacity / 2,
		.bound = capacity,
		.shared = shared,
		.tail = tail,
	};
}

/* Bytes left in the block of @position. */
static uint64_t room_in_block(const struct logtap_writer *writer,
			      uint64_t position)
{
	return writer->block - (position & (writer->block - 1));
}

uint64_t logtap_writer_need(const struct logtap_writer *writer, uint64_t span)
{
	uint64_t room = room_in_block(writer, writer->head);

	return span <= room ? span : room + span;
}

uint64_t logtap_writer_free(struct logtap_writer *writer)
{
	/* pairs with the release of the collector's reader: what it has
	 * consumed it no longer reads */
	uint64_t tail =
		atomic_load_explicit(writer->tail, memory_order_acquire);
	uint64_t low = writer->bound - writer->capacity;

	/* A tail outside of what was written, or one that goes back, is a
	 * hostile or broken peer: what was free once stays so. */
	if (tail <= writer->head && tail > low)
		low = tail;
	writer->pressed = writer->head - low >= writer->capacity / 2;
	writer->bound = low + writer->capacity;
	writer->limit = writer->bound;
	if (!writer->pressed)
		writer->limit -= writer->capacity / 2;
	return writer->bound - writer->head;
}

/* Gives up what lies below @floor.  A handler may leave for good between any two
 * of these: what may be overwritten grows last. */
static void raise_floor(struct logtap_writer *writer, uint64_t floor)
{
	writer->floor = floor;
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&writer->shared->floor, floor,
			      memory_order_relaxed);
	/* The floor must be seen before the first byte below it changes; pairs
	 * with the acquire fence between the reader's copy and its re-check. */
	atomic_thread_fence(memory_order_release);
	writer->bound = floor + writer->capacity;
	writer->limit = writer->bound;
}

static void put_pad(struct logtap_writer *writer, uint64_t position,
		    uint64_t room)
{
	struct logtap_chunk *pad;

	if (room < LOGTAP_CHUNK_HEADER_BYTES)
		return; /* skipped without a mark */
	pad = (void *)(writer->data + (position & writer->mask));
	*pad = (struct logtap_chunk){
		.length = (uint32_t)(room - LOGTAP_CHUNK_HEADER_BYTES),
		.type = LOGTAP_CHUNK_PAD,
		.priority = LOGTAP_PRIORITY_NONE,
	};
}

/* Goes on at @start; what is skipped holds no chunk: the floor says so.  Where
 * this is left half-way, head lies below the floor, and no chunk is reserved at
 * once until it has been done again. */
static void skip_to(struct logtap_writer *writer, uint64_t start)
{
	writer->edge = 0;
	atomic_signal_fence(memory_order_seq_cst);
	raise_floor(writer, start);
	atomic_signal_fence(memory_order_seq_cst);
	writer->head = start;
	writer->limit = writer->bound - writer->capacity / 2;
	writer->pressed = false;
}

/* A ring of which all was consumed begins again at its start, so that a thread
 * that logs a little touches no more than its first block. */
static void rewind_if_empty(struct logtap_writer *writer)
{
	/* pairs with the release of the collector's reader */
	if (atomic_load_explicit(writer->tail, memory_order_acquire) ==
	    writer->head)
		skip_to(writer, (writer->head + writer->mask) & ~writer->mask);
}

unsigned char *logtap_writer_reserve_slow(struct logtap_writer *writer,
					  uint64_t span, uint64_t *position)
{
	uint64_t head, room, need;

	if (span > writer->block)
		return NULL;
	if (writer->head < writer->floor)
		skip_to(writer, writer->floor);
	room = room_in_block(writer, writer->head);
	if (span > room || room == writer->block)
		rewind_if_empty(writer);
	head = writer->head;
	room = room_in_block(writer, head);
	need = span <= room ? span : room + span;
	if (head + need > writer->limit && logtap_writer_free(writer) < need)
		return NULL;
	/* Of the block that head is in: a reservation may be given up. */
	logtap_writer_settle(writer);
	if (span > room) {
		put_pad(writer, head, room);
		head += room;
	}
	*position = head + span;
	return writer->data + (head & writer->mask);
}

void logtap_writer_overwrite(struct logtap_writer *writer, uint64_t span)
{
	uint64_t end = writer->head + logtap_writer_need(writer, span);
	uint64_t floor;

	if (end <= writer->capacity)
		return;
	/* The lowest whole block that survives; chunks begin at its start. */
	floor = end - writer->capacity + writer->block - 1;
	floor &= ~(writer->block - 1);
	if (floor + writer->capacity > writer->bound)
		raise_floor(writer, floor);
}
