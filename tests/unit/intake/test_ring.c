/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Taking chunks out of one ring: wrap, padding, large chunks, what an
 * overwriting producer leaves, and rings that no host of ours writes.  Each with
 * pread and from a mapping. */
#include "../../../collector/intake/guard.h"
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct directory directory;
static struct host host;
static struct logtap_segment_file file;
static struct logtap_window window;
static struct logtap_ring_source source;
static struct logtap_frame_ring state;
static struct logtap_ring_taken taken;
static const char *why;
static struct logtap_ring_maps maps;
static bool mapped;

/* What a producer does between the reader's copy and its second look: the
 * reader's copies are ours here. */
static void (*after_copy)(void);
static unsigned copies_mapped;

static void copied(void)
{
	void (*call)(void) = after_copy;
	after_copy = NULL;
	if (call)
		call();
}

ssize_t pread64(int fd, void *buffer, size_t bytes, off64_t offset)
{
	ssize_t got = syscall(SYS_pread64, fd, buffer, bytes, offset);
	copied();
	return got;
}

bool __real_logtap_ring_map_copy(const struct logtap_ring_map *map, void *to,
				 uint64_t offset, uint64_t bytes);
bool __wrap_logtap_ring_map_copy(const struct logtap_ring_map *map, void *to,
				 uint64_t offset, uint64_t bytes);

bool __wrap_logtap_ring_map_copy(const struct logtap_ring_map *map, void *to,
				 uint64_t offset, uint64_t bytes)
{
	bool whole = __real_logtap_ring_map_copy(map, to, offset, bytes);
	copies_mapped += whole;
	copied();
	return whole;
}

static void use(uint32_t ring_bytes)
{
	struct host_options options = {.ring_bytes = ring_bytes};
	host_init(&host, &directory, &options);
	host_claim(&host, 0, 1, 0);
	cr_assert_eq(logtap_segment_open(directory.fd, host.name, &file, &why),
		     0);
	source = (struct logtap_ring_source){
		.fd = file.fd,
		.offset = logtap_segment_ring_offset(&file, 0, 0),
		.capacity = ring_bytes,
		.producer = &logtap_segment_slot(&file, 0)->main,
	};
	if (!mapped)
		return;
	struct logtap_ring_use used = {0};
	logtap_ring_maps_read(&maps, &file, source.offset, ring_bytes, &used,
			      LOGTAP_RING_MAP_AFTER_BYTES, 0);
	source.map =
		logtap_ring_maps_find(&maps, &file, source.offset, &used, 0);
	cr_assert_not_null(source.map);
}

static void close_file(void)
{
	logtap_ring_maps_forget(&maps, &file);
	logtap_segment_close(&file);
	host_deinit(&host);
}

static void setup(void)
{
	directory_init(&directory);
	cr_assert_eq(logtap_window_init(&window), 0);
	use(4096);
}

static void setup_mapped(void)
{
	cr_assert_eq(logtap_guard_install(), 0);
	mapped = true;
	setup();
}

static void teardown(void)
{
	cr_assert(!copies_mapped || mapped);
	close_file();
	logtap_window_deinit(&window);
	directory_deinit(&directory);
}

TestSuite(ring, .init = setup, .fini = teardown);
TestSuite(ring_mapped, .init = setup_mapped, .fini = teardown);
#define BOTH(name)              \
	static void name(void); \
	Test(ring, name)        \
	{                       \
		name();         \
	}                       \
	Test(ring_mapped, name) \
	{                       \
		name();         \
	}                       \
	static void name(void)

static int take(void)
{
	int result = logtap_ring_take(&source, &state, &window, &taken, &why);
	if (result)
		return result;
	state.to = taken.to;
	if (taken.chunks) {
		state.has_last = 1;
		state.last_sequence = taken.last_sequence;
	}
	atomic_store(&host.slots[0].main_tail, taken.to);
	return 0;
}

/* The payload of chunk @index of the last window. */
static const char *payload(uint32_t index)
{
	static char text[65536];
	struct logtap_chunk chunk;
	const unsigned char *at = window.data;
	for (;;) {
		memcpy(&chunk, at, sizeof(chunk));
		if (!index--)
			break;
		at += logtap_chunk_span(chunk.length);
	}
	memcpy(text, at + sizeof(chunk), chunk.length);
	text[chunk.length] = 0;
	return text;
}

BOTH(an_empty_ring_gives_nothing)
{
	cr_assert_eq(take(), LOGTAP_RING_EMPTY);
}

BOTH(chunks_come_in_order_over_many_laps_with_every_padding)
{
	char text[300], expected[300];
	unsigned pushed = 0, read = 0;
	for (int round = 0; round < 2000; round++) {
		for (int i = 0; i < 1 + round % 7; i++) {
			memset(text, 'x', sizeof(text));
			sprintf(text + pushed * 7 % 250, "%u", pushed);
			if (!host_push(&host, 0, text))
				break;
			pushed++;
		}
		int result;
		while (!(result = take()))
			for (uint32_t i = 0; i < taken.chunks; i++, read++) {
				memset(expected, 'x', sizeof(expected));
				sprintf(expected + read * 7 % 250, "%u", read);
				cr_assert_str_eq(payload(i), expected);
			}
		cr_assert_eq(result, LOGTAP_RING_EMPTY, "%s", why);
	}
	cr_assert_eq(read, pushed);
	cr_assert_gt(state.to, 20 * 4096);
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
