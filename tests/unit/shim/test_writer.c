/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The producer's side of a ring, on memory of its own. */
#include "fixture.h"

#include <criterion/criterion.h>
#include <string.h>

#define CAPACITY 4096
#define BLOCK (CAPACITY / LOGTAP_RING_BLOCKS)

static _Alignas(64) unsigned char data[CAPACITY];
static struct logtap_ring_producer shared;
static _Atomic uint64_t tail;
static struct logtap_writer writer;

static void begin(void)
{
	memset(data, 0xee, sizeof data);
	shared = (struct logtap_ring_producer){0};
	atomic_store(&tail, 0);
	logtap_writer_init(&writer, data, CAPACITY, &shared, &tail);
}

/* A chunk with @bytes of payload, each the low byte of @mark. */
static bool put(size_t bytes, uint32_t mark)
{
	uint64_t end;
	unsigned char *at =
		logtap_writer_reserve(&writer, logtap_chunk_span(bytes), &end);

	if (!at)
		return false;
	*(struct logtap_chunk *)(void *)at =
		(struct logtap_chunk){.length = (uint32_t)bytes,
				      .type = LOGTAP_CHUNK_DATA,
				      .sequence = mark};
	memset(at + LOGTAP_CHUNK_HEADER_BYTES, (int)mark, bytes);
	logtap_writer_publish(&writer, end);
	return true;
}

static struct ring_reader reader(void)
{
	struct logtap_rings rings = {.main = writer};

	return reader_of_main(&rings);
}

static void expect(struct ring_reader *from, size_t bytes, uint32_t mark)
{
	struct chunk chunk;

	cr_assert(reader_next(from, &chunk), "chunk %u is missing", mark);
	cr_assert_eq(chunk.header.sequence, mark);
	cr_assert_eq(chunk.payload_bytes, bytes);
	for (size_t i = 0; i < bytes; i++)
		cr_assert_eq((unsigned char)chunk.payload[i],
			     (unsigned char)mark);
}

TestSuite(writer, .init = begin);

Test(writer, nothing_is_visible_before_it_is_published)
{
	uint64_t end;
	struct ring_reader from = reader();
	struct chunk chunk;

	cr_assert_not_null(logtap_writer_reserve(&writer, 32, &end));
	cr_assert_not(reader_next(&from, &chunk));
	cr_assert_eq(atomic_load(&shared.head), 0);
	/* and costs nothing when it is given up */
	cr_assert(put(8, 7));
	expect(&from, 8, 7);
	cr_assert_eq(atomic_load(&shared.head), 32);
}

Test(writer, a_chunk_never_crosses_the_end_of_a_block)
{
	struct ring_reader from = reader();

	/* 5 chunks of 104 would be 520 */
	for (uint32_t i = 0; i < 5; i++)
		cr_assert(put(80, i));
	cr_assert_eq(atomic_load(&shared.head), BLOCK + 104);
	for (uint32_t i = 0; i < 5; i++)
		expect(&from, 80, i);
}

Test(writer, room_too_small_for_a_header_is_skipped_without_a_mark)
{
	struct ring_reader from = reader();

	cr_assert(put(BLOCK - 16 - LOGTAP_CHUNK_HEADER_BYTES, 1));
	cr_assert(put(8, 2));
	cr_assert_eq(data[BLOCK - 16], 0xee, "nothing was written there");
	expect(&from, BLOCK - 16 - LOGTAP_CHUNK_HEADER_BYTES, 1);
	expect(&from, 8, 2);
}

Test(writer, a_pad_of_exactly_one_header_covers_24_bytes)
{
	struct ring_reader from = reader();
	size_t first = BLOCK - 24 - LOGTAP_CHUNK_HEADER_BYTES;
	const struct logtap_chunk *pad;

	cr_assert(put(first, 1));
	cr_assert(put(8, 2));
	pad = (const void *)(data + BLOCK - 24);
	cr_assert_eq(pad->type, LOGTAP_CHUNK_PAD);
	cr_assert_eq(pad->length, 0);
	expect(&from, first, 1);
	expect(&from, 8, 2);
}

Test(writer, a_chunk_may_fill_a_whole_block_and_no_more)
{
	uint64_t end;

	cr_assert(put(BLOCK - LOGTAP_CHUNK_HEADER_BYTES, 1));
	cr_assert_null(logtap_writer_reserve(&writer, BLOCK + 8, &end));
	cr_assert(put(BLOCK - LOGTAP_CHUNK_HEADER_BYTES, 2));
}

Test(writer, a_full_ring_refuses_and_keeps_what_it_has)
{
	struct ring_reader from = reader();
	uint32_t count = 0;

	while (put(40, count))
		count++;
	cr_assert_eq(count, CAPACITY / 64);
	cr_assert_eq(atomic_load(&shared.head), CAPACITY);
	for (uint32_t i = 0; i < count; i++)
		expect(&from, 40, i);
}

Test(writer, room_that_was_consumed_is_used_again_for_ever)
{
	struct ring_reader from = reader();
	uint32_t written = 0, read = 0;

	/* Every span from 24 to a block, many times around. */
	for (unsigned round = 0; round < 40000; round++) {
		size_t bytes = round * 7 % (BLOCK - 24);
		if (put(bytes, written))
			written++;
		else
			cr_assert_neq(written, read, "full and empty");
		if (round % 3 == 2)
			for (int i = 0; i < 3 && read < written; i++) {
				struct chunk chunk;
				cr_assert(reader_next(&from, &chunk));
				cr_assert_eq(chunk.header.sequence, read);
				read++;
				reader_release(&from);
			}
	}
	cr_assert_gt(atomic_load(&shared.head), 100 * CAPACITY);
	cr_assert_gt(read, 20000);
}

Test(writer, a_tail_beyond_the_head_is_not_believed)
{
	while (put(40, 1))
		;
	atomic_store(&tail, CAPACITY + 64);
	cr_assert_eq(logtap_writer_free(&writer), 0);
	cr_assert_not(put(40, 2));
	atomic_store(&tail, UINT64_MAX);
	cr_assert_eq(logtap_writer_free(&writer), 0);
	cr_assert_not(put(40, 2));
	/* and an honest one afterwards is */
	atomic_store(&tail, 64);
	cr_assert(put(40, 2));
}

Test(writer, a_tail_that_goes_back_gives_no_more_room)
{
	for (unsigned i = 0; i < 3 * CAPACITY / 64; i++) {
		cr_assert(put(40, i));
		atomic_store(&tail, atomic_load(&shared.head));
	}
	atomic_store(&tail, 0);
	logtap_writer_free(&writer);
	cr_assert_leq(writer.bound, writer.head + CAPACITY);
	cr_assert_geq(writer.bound, writer.head);
	for (unsigned i = 0; i < CAPACITY / 64 + 1; i++)
		put(40, i);
	cr_assert_leq(writer.head - writer.floor, (uint64_t)CAPACITY * 4,
		      "never past what it owns");
}

Test(writer, the_head_is_never_read_back)
{
	struct ring_reader from = reader();

	cr_assert(put(40, 1));
	atomic_store(&shared.head, 8192);
	atomic_store(&shared.floor, 4096);
	cr_assert(put(40, 2));
	cr_assert_eq(atomic_load(&shared.head), 128);
	atomic_store(&shared.floor, 0);
	expect(&from, 40, 1);
	expect(&from, 40, 2);
}

Test(writer, overwriting_raises_the_floor_to_a_whole_block)
{
	struct ring_reader from = reader();
	uint32_t count = 0;

	while (put(40, count))
		count++;
	logtap_writer_overwrite(&writer, 64);
	cr_assert_eq(atomic_load(&shared.floor), BLOCK);
	for (unsigned i = 0; i < BLOCK / 64; i++)
		cr_assert(put(40, count++));
	cr_assert_not(put(40, count));
	/* all but the first block is still there, in order */
	for (uint32_t i = BLOCK / 64; i < count; i++)
		expect(&from, 40, i);
	cr_assert_eq(from.overwritten, BLOCK);
}

Test(writer, overwriting_what_was_consumed_gives_nothing_up)
{
	struct ring_reader from = reader();

	for (uint32_t i = 0; i < 8; i++) {
		cr_assert(put(40, i));
		expect(&from, 40, i);
	}
	logtap_writer_overwrite(&writer, 64);
	cr_assert_eq(atomic_load(&shared.floor), 0);
}

Test(writer, a_flight_recorder_keeps_the_newest_seven_blocks)
{
	struct ring_reader from = reader();
	struct chunk chunk;
	uint32_t count = 5000, first = 0, next = 0;

	for (uint32_t i = 0; i < count; i++) {
		size_t bytes = i * 13 % 200;
		if (put(bytes, i))
			continue;
		logtap_writer_overwrite(&writer, logtap_chunk_span(bytes));
		cr_assert(put(bytes, i), "no room after making some");
	}
	while (reader_next(&from, &chunk)) {
		if (!next)
			first = next = chunk.header.sequence;
		cr_assert_eq(chunk.header.sequence, next);
		cr_assert_eq(chunk.payload_bytes, next * 13 % 200);
		next++;
	}
	cr_assert_eq(next, count);
	cr_assert_geq(from.position - atomic_load(&shared.floor),
		      7 * BLOCK - BLOCK);
	cr_assert_gt(first, 0);
}

Test(writer, more_than_half_full_is_said_once_it_is_looked_at)
{
	while (!writer.pressed && put(40, 1))
		;
	cr_assert(writer.pressed);
	cr_assert_leq(writer.head, CAPACITY / 2 + 64);
	cr_assert(put(40, 1), "there is room all the same");
	atomic_store(&tail, writer.head);
	logtap_writer_free(&writer);
	cr_assert_not(writer.pressed);
}

/* Consumes whatever there is. */
static void drain(struct ring_reader *from)
{
	struct chunk chunk;

	while (reader_next(from, &chunk))
		;
	reader_release(from);
}

Test(writer, a_ring_that_was_emptied_begins_again_at_its_start)
{
	struct ring_reader from = reader();
	static const unsigned char untouched[CAPACITY - BLOCK] = {
		[0 ... CAPACITY - BLOCK - 1] = 0xee};

	for (uint32_t i = 0; i < 1000; i++) {
		cr_assert(put(i % 300, i));
		expect(&from, i % 300, i);
		reader_release(&from);
	}
	cr_assert_arr_eq(data + BLOCK, untouched, sizeof untouched);
	/* and then has room for all that it ever had */
	for (uint32_t i = 0; i < CAPACITY / 64 - BLOCK / 64; i++)
		cr_assert(put(40, i), "chunk %u", i);
}

Test(writer, a_ring_that_holds_a_chunk_does_not_begin_again)
{
	struct ring_reader from = reader();

	while (writer.head < BLOCK - 64) {
		cr_assert(put(40, 1));
		if (writer.head < BLOCK - 64)
			drain(&from);
	}
	cr_assert(put(100, 2));
	cr_assert_eq(writer.floor, 0);
	expect(&from, 40, 1);
	expect(&from, 100, 2);
}

Test(writer, a_reservation_given_up_after_that_is_not_seen)
{
	struct ring_reader from = reader();
	struct chunk chunk;
	uint64_t end;

	while (writer.head < BLOCK)
		cr_assert(put(40, 1));
	drain(&from);
	cr_assert_not_null(logtap_writer_reserve(&writer, 64, &end));
	cr_assert_not(reader_next(&from, &chunk));
	cr_assert(put(40, 3));
	expect(&from, 40, 3);
}
