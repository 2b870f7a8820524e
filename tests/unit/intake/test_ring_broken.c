/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Rings that no host of ours writes: none does harm, and what is good in one is
 * kept. */
#include "ring_scene.h"

#include <stdlib.h>

static void expect_broken(const char *text)
{
	cr_assert_eq(take(), LOGTAP_RING_BROKEN);
	cr_assert_str_eq(why, text);
}

BOTH(positions_that_no_host_has_break_the_ring)
{
	host_push(&host, 0, "one");
	atomic_store(&host.slots[0].main.head, 4096 + 8);
	expect_broken("its head is more than a ring ahead");
	atomic_store(&host.slots[0].main.head, 33);
	expect_broken("its positions are not aligned");
	atomic_store(&host.slots[0].main.head, UINT64_MAX & ~7ull);
	expect_broken("its head is more than a ring ahead");
	atomic_store(&host.slots[0].main.floor, UINT64_MAX & ~7ull);
	atomic_store(&host.slots[0].main.head, 32);
	expect_broken("its floor is above its head");
}

static void set_chunk(uint32_t length, uint8_t type)
{
	struct logtap_chunk chunk = {.length = length, .type = type};
	memcpy(host_ring_data(&host, 0, false), &chunk, sizeof(chunk));
}

BOTH(chunks_that_no_host_writes_break_the_ring)
{
	host_push(&host, 0, "one");
	host_push(&host, 0, "two");
	set_chunk(3, LOGTAP_CHUNK_NONE);
	expect_broken("a chunk in it is malformed");
	set_chunk(512, LOGTAP_CHUNK_DATA); /* crosses its block */
	expect_broken("a chunk in it is malformed");
	set_chunk(100, LOGTAP_CHUNK_DATA); /* reaches past the head */
	expect_broken("a chunk in it is malformed");
	set_chunk(UINT32_MAX, LOGTAP_CHUNK_DATA);
	expect_broken("a chunk in it is malformed");
	set_chunk(UINT32_MAX, LOGTAP_CHUNK_PAD);
	expect_broken("a chunk in it is malformed");
}

BOTH(chunks_before_a_broken_one_are_kept)
{
	host_push(&host, 0, "one");
	uint64_t second = host.rings[0][0].head;
	host_push(&host, 0, "two");
	memset(host_ring_data(&host, 0, false) + second, 0, 24);
	cr_assert_eq(take(), 0);
	cr_assert_eq(taken.chunks, 1);
	cr_assert_str_eq(payload(0), "one");
	cr_assert_eq(take(), LOGTAP_RING_BROKEN);
}

BOTH(unknown_types_and_bad_extensions_cost_only_themselves)
{
	struct logtap_chunk odd = {.type = 99};
	host_push_chunk(&host, 0, false, &odd, "new type", 8);
	odd = (struct logtap_chunk){.type = LOGTAP_CHUNK_DATA,
				    .extension_bytes = 12};
	host_push_chunk(&host, 0, false, &odd, "too few", 7);
	host_push(&host, 0, "good");
	cr_assert_eq(take(), 0);
	cr_assert_eq(taken.unknown, 2);
	cr_assert_eq(taken.chunks, 1);
	cr_assert_str_eq(payload(0), "good");
}

BOTH(a_pad_may_span_blocks_up_to_the_end_of_the_ring)
{
	struct logtap_chunk pad = {.type = LOGTAP_CHUNK_PAD,
				   .length = 4096 - 32 - 24};
	host_push(&host, 0, "one"); /* 32 bytes */
	memcpy(host_ring_data(&host, 0, false) + 32, &pad, sizeof(pad));
	host.rings[0][0].head = 4096;
	atomic_store(&host.slots[0].main.head, 4096);
	cr_assert_eq(take(), 0, "%s", why);
	cr_assert_eq(taken.chunks, 1);
	cr_assert_eq(taken.to, 4096);
	host_push(&host, 0, "two");
	cr_assert_eq(take(), 0);
	cr_assert_str_eq(payload(0), "two");
}

BOTH(random_bytes_and_positions_never_do_harm)
{
	unsigned char *data = host_ring_data(&host, 0, false);
	srandom(42);
	for (int i = 0; i < 20000; i++) {
		for (int j = 0; j < 4096; j += 1 + (int)(random() % 64))
			data[j] = (unsigned char)random();
		uint64_t tail = (uint64_t)(random() % 8192) & ~7ull;
		state.to = tail;
		state.has_last = 0;
		atomic_store(&host.slots[0].main.head,
			     tail + ((uint64_t)(random() % 5000) &
				     ~(uint64_t)(random() % 8)));
		atomic_store(&host.slots[0].main.floor,
			     (uint64_t)(random() % 12000));
		if (logtap_ring_take(&source, &state, &window, &taken, &why))
			continue;
		cr_assert_leq(taken.to - taken.from, 4096);
		cr_assert_leq(taken.bytes, taken.to - taken.from);
		/* What it gives is whole chunks, end to end. */
		uint64_t at = 0;
		for (uint32_t j = 0; j < taken.chunks; j++) {
			struct logtap_chunk chunk;
			memcpy(&chunk, window.data + at, sizeof(chunk));
			cr_assert_leq(chunk.extension_bytes, chunk.length);
			at += logtap_chunk_span(chunk.length);
		}
		cr_assert_eq(at, taken.bytes);
	}
}

static void cut_short(void)
{
	cr_assert_eq(truncate(host.path, LOGTAP_HEADER_BYTES), 0);
}

BOTH(a_file_that_is_cut_short_breaks_the_ring)
{
	host_push(&host, 0, "one");
	cr_assert_eq(take(), 0);
	host_push(&host, 0, "two");
	uint64_t head = host.rings[0][0].head;
	/* The positions are gone with the file: the next page is ours. */
	struct logtap_ring_producer kept = {.head = head};
	source.producer = &kept;
	cut_short();
	expect_broken("its file was cut short");
	cr_assert(!mapped || logtap_guard_tripped(source.map->guard));
}

static void nothing(void)
{
}

Test(ring_mapped, a_file_that_lost_a_page_for_a_moment_is_read_with_pread)
{
	char zeros[4096] = {0};
	for (int i = 0; i < 8; i++)
		host_push(&host, 0, "text");
	cr_assert_eq(take(), 0);
	cr_assert_eq(copies_mapped, 1);
	host_push(&host, 0, "before");
	struct logtap_ring_producer kept = {.head = host.rings[0][0].head};
	unsigned char data[4096];
	memcpy(data, host_ring_data(&host, 0, false), sizeof(data));
	source.producer = &kept;
	cut_short();
	/* touched while it is short, whole again before it is copied */
	logtap_ring_map_copy(source.map, zeros, 0, 64);
	cr_assert_eq(truncate(host.path, (off_t)host.bytes), 0);
	memcpy(host_ring_data(&host, 0, false), data, sizeof(data));
	after_copy = nothing;
	cr_assert_eq(take(), 0, "%s", why);
	cr_assert_eq(copies_mapped, 1);
	cr_assert_str_eq(payload(0), "before");
}
