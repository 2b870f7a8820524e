/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Taking chunks out of one ring: wrap, padding, large chunks, what an overwriting
 * producer leaves. */
#include "ring_scene.h"

#include <stdlib.h>

BOTH(an_empty_ring_gives_nothing)
{
	cr_assert_eq(take(), LOGTAP_RING_EMPTY);
}

/* Chunk @number: of a length that changes by @step up to @longest. */
static const char *numbered(unsigned number, unsigned step, unsigned longest)
{
	static char text[3000];

	memset(text, 'x', sizeof(text));
	sprintf(text + number * step % longest, "%u", number);
	return text;
}

/* In each round one more than in the one before is put, up to @most, and all are
 * taken. */
static void go_round(int rounds, int most, unsigned step, unsigned longest)
{
	unsigned pushed = 0, read = 0;
	int result;

	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < 1 + round % most; i++, pushed++)
			if (!host_push(&host, 0,
				       numbered(pushed, step, longest)))
				break;
		while (!(result = take()))
			for (uint32_t i = 0; i < taken.chunks; i++, read++)
				cr_assert_str_eq(payload(i),
						 numbered(read, step, longest));
		cr_assert_eq(result, LOGTAP_RING_EMPTY, "%s", why);
	}
	cr_assert_eq(read, pushed);
}

BOTH(chunks_come_in_order_over_many_laps_with_every_padding)
{
	go_round(2000, 7, 7, 250);
	cr_assert_gt(state.to, 20 * 4096);
}

/* As large as one that is copied in pieces. */
BOTH(chunks_of_a_large_ring_come_in_order_over_many_laps)
{
	close_file();
	use(1 << 17);
	go_round(300, 61, 997, 2900);
	cr_assert_gt(state.to, 20 << 17);
}

static uint64_t raised_to;

static void raise_floor(void)
{
	atomic_store(&host.slots[0].main.floor, raised_to);
}

static void raise_floor_next(void)
{
	after_copy = raise_floor;
}

/* Only the first piece was whole when it was copied. */
Test(ring_mapped, what_is_overwritten_between_two_pieces_is_left_out)
{
	char text[32];
	close_file();
	use(1 << 17);
	for (int i = 0; i < 1000; i++) {
		sprintf(text, "record %06d", i);
		cr_assert(host_push(&host, 0, text));
	}
	raised_to = logtap_chunk_span(strlen(text)) * 300;
	cr_assert_lt(raised_to, 16 << 10);
	after_copy = raise_floor_next;
	cr_assert_eq(take(), 0);
	cr_assert_null(after_copy);
	cr_assert_eq(taken.chunks, (8 << 10) / logtap_chunk_span(strlen(text)));
	cr_assert_str_eq(payload(0), "record 000000");
	cr_assert_eq(take(), 0);
	cr_assert_eq(taken.from, raised_to);
	cr_assert_eq(taken.chunks, 700);
	cr_assert_str_eq(payload(0), "record 000300");
}

BOTH(a_chunk_larger_than_a_window_is_taken_whole)
{
	close_file();
	use(1 << 20);
	size_t bytes = (1 << 17) - sizeof(struct logtap_chunk);
	char *text = malloc(bytes + 1);
	memset(text, 'y', bytes);
	text[bytes] = 0;
	cr_assert(host_push(&host, 0, "before"));
	cr_assert(host_push(&host, 0, text));
	cr_assert_eq(take(), 0);
	cr_assert_eq(taken.chunks, 1);
	cr_assert_eq(take(), 0);
	cr_assert_eq(taken.chunks, 1);
	cr_assert_eq(taken.payload_bytes, bytes);
	cr_assert_eq(memcmp(window.data + sizeof(struct logtap_chunk), text,
			    bytes),
		     0);
	cr_assert_eq(take(), LOGTAP_RING_EMPTY);
	free(text);
}

BOTH(a_recorder_that_lapped_us_gives_the_newest_from_a_block_on)
{
	char text[32];
	for (int i = 0; i < 1000; i++) {
		sprintf(text, "record %d", i);
		host_push_over(&host, 0, text);
	}
	cr_assert_eq(take(), 0, "%s", why);
	unsigned first = 1000;
	do {
		for (uint32_t i = 0; i < taken.chunks; i++) {
			unsigned number;
			cr_assert_eq(sscanf(payload(i), "record %u", &number),
				     1);
			if (first == 1000)
				first = number;
			else
				cr_assert_eq(number, ++first);
		}
	} while (!take());
	cr_assert_eq(first, 999);
	cr_assert_eq(state.to, host.rings[0][0].head);
}

/* Overwrites the ring under the reader's copy, as a host may at any time. */
static void overwrite(void)
{
	for (int i = 0; i < 60; i++)
		host_push_over(&host, 0, "the new text, of another length");
	memset(host_ring_data(&host, 0, false), 0xff, 512);
}

static void scribble_only(void)
{
	memset(host_ring_data(&host, 0, false), 0xff, 512);
}

BOTH(what_was_overwritten_under_the_copy_is_discarded)
{
	for (int i = 0; i < 60; i++)
		host_push_over(&host, 0, "the old text");
	after_copy = overwrite;
	cr_assert_eq(take(), 0, "%s", why);
	/* The copy had all 60; below the new floor none may be believed. */
	cr_assert_geq(state.to, atomic_load(&host.slots[0].main.floor));
	uint64_t floor = atomic_load(&host.slots[0].main.floor);
	cr_assert_gt(floor, 0);
	cr_assert_geq(taken.to - floor,
		      taken.chunks * logtap_chunk_span(strlen("the old text")));
}

BOTH(without_a_raised_floor_the_same_copy_is_believed)
{
	/* The negative control of the test before: it is the floor that makes
	 * the difference. */
	for (int i = 0; i < 60; i++)
		host_push_over(&host, 0, "the old text");
	after_copy = scribble_only;
	cr_assert_eq(take(), 0, "%s", why);
	cr_assert_eq(taken.chunks, 60);
}

static void overwrite_all(void)
{
	for (int i = 0; i < 1000; i++)
		host_push_over(&host, 0, "the new text");
}

BOTH(a_floor_that_passes_the_whole_copy_is_looked_at_anew)
{
	for (int i = 0; i < 4; i++)
		host_push_over(&host, 0, "the old text");
	uint64_t old = host.rings[0][0].head;
	after_copy = overwrite_all;
	cr_assert_eq(take(), 0, "%s", why);
	cr_assert_geq(taken.from, old);
	for (uint32_t i = 0; i < taken.chunks; i++)
		cr_assert_str_eq(payload(i), "the new text");
}

BOTH(chunks_seen_before_are_left_out)
{
	host_push(&host, 0, "one");
	host_push(&host, 0, "two");
	cr_assert_eq(take(), 0);
	host.sequence[0] = 1;
	host_push(&host, 0, "two again");
	host_push(&host, 0, "three");
	cr_assert_eq(take(), 0);
	cr_assert_eq(taken.stale, 1);
	cr_assert_eq(taken.chunks, 1);
	cr_assert_str_eq(payload(0), "three");
}

BOTH(sequences_may_wrap_around)
{
	host.sequence[0] = UINT32_MAX - 1;
	for (int i = 0; i < 4; i++)
		host_push(&host, 0, "text");
	cr_assert_eq(take(), 0);
	cr_assert_eq(taken.chunks, 4);
	cr_assert_eq(taken.last_sequence, 1);
}

BOTH(a_head_that_went_back_is_ignored_until_it_passes_again)
{
	host_push(&host, 0, "one");
	cr_assert_eq(take(), 0);
	uint64_t head = host.rings[0][0].head;
	atomic_store(&host.slots[0].main.head, 0);
	cr_assert_eq(take(), LOGTAP_RING_ROLLED_BACK);
	atomic_store(&host.slots[0].main.head, head);
	host_push(&host, 0, "two");
	cr_assert_eq(take(), 0);
	cr_assert_str_eq(payload(0), "two");
}
