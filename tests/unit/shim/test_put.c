/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to chunks: splitting, gathering, full rings, and the account. */
#include "../../../shim/feedback/evidence.h"
#include "../../../shim/real.h"
#include "../../../shim/segment/claim.h"
#include "../../../shim/sink/capture.h"
#include "../../../shim/sink/divert.h"
#include "../../../shim/sink/message.h"
#include "../../../shim/sink/put.h"
#include "fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

static struct logtap_tls *tls_of(void)
{
	return &logtap_tls;
}

static unsigned char pattern(size_t at)
{
	return (unsigned char)(at * 131 ^ at >> 8);
}

static unsigned char *make(size_t bytes)
{
	unsigned char *made = malloc(bytes + 1);

	for (size_t i = 0; i < bytes; i++)
		made[i] = pattern(i);
	return made;
}

/* The item @type of an extension, as text. */
static const char *item(const struct chunk *chunk, uint16_t type)
{
	static char value[128];
	size_t at = 0;

	while (at + 4 <= chunk->header.extension_bytes) {
		struct logtap_extension head;
		memcpy(&head, chunk->extension + at, sizeof head);
		if (head.type == type) {
			memcpy(value, chunk->extension + at + 4, head.bytes);
			value[head.bytes] = '\0';
			return value;
		}
		at += 4 + (head.bytes + 3u) / 4 * 4;
	}
	return NULL;
}

/* A chunk that is not its whole call says where it stands. */
static void assert_piece(const struct chunk *chunk, uint64_t bytes,
			 uint64_t offset)
{
	const void *found = item(chunk, LOGTAP_EXTENSION_PIECE);
	struct logtap_piece piece;

	cr_assert_eq(found != NULL, chunk->payload_bytes < bytes);
	if (!found)
		return;
	memcpy(&piece, found, sizeof piece);
	cr_assert_eq(piece.bytes, bytes);
	cr_assert_eq(piece.offset, offset);
}

/* Reads one call, of @length bytes if that is not 0: chunks that continue each
 * other.  Return: its bytes. */
static size_t read_call(struct ring_reader *from, uint64_t length,
			unsigned *chunks)
{
	struct chunk chunk;
	size_t bytes = 0;

	*chunks = 0;
	do {
		if (!reader_next(from, &chunk))
			return bytes;
		cr_assert_eq(!!(chunk.header.flags & LOGTAP_CHUNK_CONTINUED),
			     *chunks > 0);
		for (size_t i = 0; i < chunk.payload_bytes; i++)
			cr_assert_eq((unsigned char)chunk.payload[i],
				     pattern(bytes + i));
		if (length)
			assert_piece(&chunk, length, bytes);
		bytes += chunk.payload_bytes;
		++*chunks;
	} while (chunk.header.flags & LOGTAP_CHUNK_PARTIAL);
	return bytes;
}

/* produced = in the ring (and read) + dropped, in chunks and bytes, and every
 * chunk has a number. */
static void assert_account(uint64_t chunks_read, uint64_t bytes_read)
{
	uint64_t dropped = counter(LOGTAP_COUNTER_DROPPED_CHUNKS) +
			   counter(LOGTAP_COUNTER_NESTED_DROPPED_CHUNKS);
	uint64_t dropped_bytes = counter(LOGTAP_COUNTER_DROPPED_BYTES) +
				 counter(LOGTAP_COUNTER_NESTED_DROPPED_BYTES);

	cr_assert_eq(counter(LOGTAP_COUNTER_CHUNKS), chunks_read + dropped);
	cr_assert_eq(counter(LOGTAP_COUNTER_BYTES), bytes_read + dropped_bytes);
	cr_assert_eq(tls_of()->sequence, counter(LOGTAP_COUNTER_CHUNKS));
}

static void begin(void)
{
	shim_begin((struct shim_options){.full = LOGTAP_FULL_DROP_NEWEST});
}

TestSuite(put, .init = begin, .fini = shim_end);

Test(put, a_line_is_one_chunk_with_all_that_is_known_of_it)
{
	struct ring_reader from = reader_of_main(tls_of()->rings);
	struct chunk chunk;

	cr_assert(say("one line\n"));
	cr_assert(reader_next(&from, &chunk));
	cr_assert_eq(chunk.header.type, LOGTAP_CHUNK_DATA);
	cr_assert_eq(chunk.header.flags & ~LOGTAP_CHUNK_COARSE, 0);
	cr_assert_eq(chunk.header.sink, 0);
	cr_assert_eq(chunk.header.format, LOGTAP_FORMAT_STREAM);
	cr_assert_eq(chunk.header.priority, LOGTAP_PRIORITY_NONE);
	cr_assert_eq(chunk.header.extension_bytes, 0);
	cr_assert_eq(chunk.header.sequence, 0);
	cr_assert_str_eq(chunk.payload, "one line\n");
	cr_assert_not(reader_next(&from, &chunk));
	assert_account(1, 9);
}

Test(put, every_length_up_to_some_blocks_comes_out_whole)
{
	struct ring_reader from = reader_of_main(tls_of()->rings);
	size_t most = tls_of()->rings->main.capacity * 3 / 4;
	unsigned char *bytes = make(most);
	uint64_t all = 0, all_chunks = 0;
	unsigned chunks;

	for (size_t length = 1; length < most; length += 1 + length / 50) {
		struct logtap_stamp stamp = logtap_stamp_for(0);
		cr_assert(logtap_capture_bytes(&stamp, bytes, length),
			  "%zu bytes", length);
		cr_assert_eq(read_call(&from, length, &chunks), length);
		reader_release(&from);
		all += length;
		all_chunks += chunks;
	}
	assert_account(all_chunks, all);
	free(bytes);
}

Test(put, a_call_larger_than_the_ring_keeps_its_beginning_and_the_next_call)
{
	struct ring_reader from = reader_of_main(tls_of()->rings);
	unsigned char *bytes = make(100000);
	struct logtap_stamp stamp = logtap_stamp_for(0);
	struct chunk behind;
	unsigned chunks;

	cr_assert_not(logtap_capture_bytes(&stamp, bytes, 100000));
	cr_assert(say("the line behind it"));
	size_t kept = read_call(&from, 100000, &chunks);
	cr_assert_eq(kept, tls_of()->rings->main.capacity / 2);
	cr_assert_eq(counter(LOGTAP_COUNTER_TRUNCATED), 1);
	cr_assert_eq(counter(LOGTAP_COUNTER_DROPPED_CHUNKS), 1);
	cr_assert_eq(counter(LOGTAP_COUNTER_DROPPED_BYTES), 100000 - kept);
	cr_assert(reader_next(&from, &behind));
	cr_assert_str_eq(behind.payload, "the line behind it");
	cr_assert_null(item(&behind, LOGTAP_EXTENSION_PIECE));
	assert_account(chunks + 1, kept + behind.payload_bytes);
	free(bytes);
}

Test(put, parts_are_gathered_in_order_and_empty_ones_skipped)
{
	struct ring_reader from = reader_of_main(tls_of()->rings);
	unsigned char *bytes = make(16000);
	struct iovec parts[40];
	size_t at = 0, count = 0;
	unsigned chunks;

	parts[count++] = (struct iovec){NULL, 0};
	while (count < 38) {
		size_t length = count % 5 ? count * 7 : 0;
		parts[count++] = (struct iovec){bytes + at, length};
		at += length;
	}
	parts[count++] = (struct iovec){bytes + at, 2000};
	struct logtap_stamp stamp = logtap_stamp_for(0);
	/* not all of the last: what the kernel took */
	cr_assert(logtap_capture_parts(&stamp, parts, count, at + 1000));
	cr_assert_eq(read_call(&from, at + 1000, &chunks), at + 1000);
	assert_account(chunks, at + 1000);
	free(bytes);
}

Test(put, parts_that_shrink_meanwhile_are_not_read_beyond)
{
	struct ring_reader from = reader_of_main(tls_of()->rings);
	char text[] = "abc";
	struct iovec parts[] = {{text, 3}, {text, 2}};
	struct logtap_stamp stamp = logtap_stamp_for(0);
	struct chunk chunk;

	cr_assert(logtap_capture_parts(&stamp, parts, 2, 8));
	cr_assert(reader_next(&from, &chunk));
	cr_assert_eq(chunk.payload_bytes, 8);
	cr_assert_eq(memcmp(chunk.payload, "abcab\0\0\0", 8), 0);
}

Test(put, a_full_ring_drops_the_newest_and_counts_it)
{
	struct ring_reader from = reader_of_main(tls_of()->rings);
	struct chunk chunk;
	uint32_t stored = 0, refused = 0;
	uint64_t read = 0;

	while (refused < 100)
		*(say("a line of 24 bytes.....\n") ? &stored : &refused) += 1;
	cr_assert_eq(counter(LOGTAP_COUNTER_DROPPED_CHUNKS), 100);
	cr_assert_eq(counter(LOGTAP_COUNTER_DROPPED_BYTES), 2400);
	while (reader_next(&from, &chunk))
		cr_assert_eq(chunk.header.sequence, read++);
	cr_assert_eq(read, stored);
	assert_account(stored, stored * UINT64_C(24));
	/* what was dropped took its numbers */
	reader_release(&from);
	cr_assert(say("after\n"));
	cr_assert(reader_next(&from, &chunk));
	cr_assert_eq(chunk.header.sequence, stored + 100);
}

Test(put, a_gap_says_how_much_it_was)
{
	struct ring_reader from = reader_of_main(tls_of()->rings);
	struct logtap_stamp stamp = logtap_stamp_for(0);
	struct chunk chunk;
	uint64_t value;

	logtap_capture_gap(&stamp, 123456789012);
	cr_assert(reader_next(&from, &chunk));
	cr_assert_eq(chunk.header.type, LOGTAP_CHUNK_GAP);
	memcpy(&value, chunk.payload, sizeof value);
	cr_assert_eq(value, 123456789012);
	cr_assert_eq(counter(LOGTAP_COUNTER_GAP_BYTES), 123456789012);
}

Test(put, a_handler_s_chunks_go_to_the_nested_ring_and_are_counted)
{
	struct logtap_tls *tls = tls_of();
	struct ring_reader nested = reader_of_nested(tls->rings);
	struct ring_reader from = reader_of_main(tls->rings);
	struct logtap_frame frame;
	struct chunk chunk;
	uint64_t read = 0, bytes = 0;

	logtap_guard_enter(tls, &frame, LOGTAP_PHASE_COPY);
	while (say("from a handler\n"))
		;
	logtap_guard_leave(tls);
	cr_assert_not(reader_next(&from, &chunk));
	while (reader_next(&nested, &chunk)) {
		cr_assert(chunk.header.flags & LOGTAP_CHUNK_NESTED);
		cr_assert_str_eq(chunk.payload, "from a handler\n");
		read++;
		bytes += chunk.payload_bytes;
	}
	cr_assert_eq(counter(LOGTAP_COUNTER_NESTED_CHUNKS), read);
	cr_assert_eq(counter(LOGTAP_COUNTER_NESTED_DROPPED_CHUNKS), 1);
	assert_account(read, bytes);
}

Test(put, what_is_nested_too_deep_is_counted_as_dropped)
{
	struct logtap_tls *tls = tls_of();
	struct logtap_frame outer, inner;

	logtap_guard_enter(tls, &outer, LOGTAP_PHASE_COPY);
	tls->guard++; /* a handler inside, wherever its frame is */
	(void)inner;
	cr_assert_not(say("too deep\n"));
	cr_assert_eq(counter(LOGTAP_COUNTER_NESTED_DROPPED_CHUNKS), 1);
	cr_assert_eq(counter(LOGTAP_COUNTER_NESTED_DROPPED_BYTES), 9);
	assert_account(0, 0);
	cr_assert_eq(logtap_guard_depth(tls), 2);
}

Test(put, a_handler_that_left_for_good_leaves_the_guard_to_the_copy)
{
	struct logtap_tls *tls = tls_of();
	struct logtap_frame frame;

	logtap_guard_enter(tls, &frame, LOGTAP_PHASE_COPY);
	tls->guard++; /* it logged, and jumped out of that */
	logtap_put_leave(tls, &frame);
	cr_assert_eq(tls->guard, 0);
	cr_assert_eq(counter(LOGTAP_COUNTER_STALE_GUARDS), 0);
}

Test(put, no_ring_grows_on_a_stack_that_is_too_small)
{
	struct logtap_tls *tls = tls_of();
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	logtap_state.config.ring_bytes_max = 1 << 20;
	tls->alternate_high = here + 1;
	tls->alternate_low = here - LOGTAP_STACK_TO_CLAIM + 1;
	cr_assert(!logtap_guard_has_stack(tls, here, LOGTAP_STACK_TO_CLAIM));
	cr_assert(logtap_guard_has_stack(tls, here, LOGTAP_STACK_TO_PUT));
	cr_assert_not(logtap_claim_grow(tls, 1 << 20, here));
	tls->alternate_low--;
	cr_assert(logtap_claim_grow(tls, 1 << 20, here));
}

Test(put, inside_a_callback_nothing_is_captured_but_counted)
{
	struct logtap_tls *tls = tls_of();
	struct logtap_frame frame;

	logtap_guard_enter(tls, &frame, LOGTAP_PHASE_CALLBACK);
	cr_assert_not(say("re-entrant\n"));
	cr_assert_eq(counter(LOGTAP_COUNTER_REENTRANT), 1);
	/* the evidence of it */
	cr_assert_eq(counter(LOGTAP_COUNTER_CHUNKS), 1);
	cr_assert_eq(counter(LOGTAP_COUNTER_BYTES),
		     sizeof(struct logtap_evidence));
	logtap_guard_leave(tls);
}

Test(put, a_marked_thread_is_suppressed_and_counted)
{
	tls_of()->mark = 1;
	cr_assert_not(say("telemetry's own\n"));
	cr_assert_eq(counter(LOGTAP_COUNTER_SUPPRESSED), 1);
	tls_of()->mark = 0;
	cr_assert(say("the host's\n"));
	assert_account(1, 11);
}

Test(put, without_a_collector_a_handler_s_oldest_go_too)
{
	struct logtap_tls *tls = tls_of();
	struct ring_reader nested = reader_of_nested(tls->rings);
	struct logtap_frame frame;
	struct chunk chunk;
	uint32_t next = 0;

	logtap_state.config.full = LOGTAP_FULL_AUTO;
	logtap_guard_enter(tls, &frame, LOGTAP_PHASE_COPY);
	for (int i = 0; i < 1000; i++)
		cr_assert(say("from a handler\n"));
	logtap_guard_leave(tls);
	while (reader_next(&nested, &chunk)) {
		if (!next)
			next = chunk.header.sequence;
		cr_assert_eq(chunk.header.sequence, next++);
	}
	cr_assert_eq(next, 1000);
	cr_assert_eq(counter(LOGTAP_COUNTER_NESTED_DROPPED_CHUNKS), 0);
}

TestSuite(put_full, .fini = shim_end);

Test(put_full, without_a_collector_the_oldest_go)
{
	shim_begin((struct shim_options){.full = LOGTAP_FULL_AUTO});
	struct ring_reader from = reader_of_main(tls_of()->rings);
	struct chunk chunk;
	char text[32];
	uint32_t next = 0;

	for (int i = 0; i < 3000; i++) {
		snprintf(text, sizeof text, "line %d\n", i);
		cr_assert(say(text));
	}
	while (reader_next(&from, &chunk)) {
		if (!next)
			next = chunk.header.sequence;
		cr_assert_eq(chunk.header.sequence, next++);
	}
	cr_assert_eq(next, 3000);
	cr_assert_str_eq(chunk.payload, "line 2999\n");
	cr_assert_gt(from.overwritten, 0);
	cr_assert_eq(counter(LOGTAP_COUNTER_CHUNKS), 3000);
	cr_assert_eq(counter(LOGTAP_COUNTER_DROPPED_CHUNKS), 0);
}

Test(put_full, with_one_the_newest_go)
{
	shim_begin((struct shim_options){.full = LOGTAP_FULL_AUTO});
	shim_set_collector(true);
	struct ring_reader from = reader_of_main(tls_of()->rings);
	struct chunk chunk;

	for (int i = 0; i < 3000; i++)
		say("a line\n");
	cr_assert(reader_next(&from, &chunk));
	cr_assert_eq(chunk.header.sequence, 0);
	cr_assert_gt(counter(LOGTAP_COUNTER_DROPPED_CHUNKS), 1000);
}

Test(put_full, blocking_waits_for_a_collector_and_no_longer_than_allowed)
{
	shim_begin((struct shim_options){.full = LOGTAP_FULL_BLOCK});
	uint64_t limit = logtap_state.config.block_ns;

	while (say("a line\n"))
		;
	cr_assert_eq(counter(LOGTAP_COUNTER_BLOCKED_NS), 0,
		     "no collector, no wait");
	shim_set_collector(true);
	cr_assert_not(say("a line\n"));
	cr_assert_geq(counter(LOGTAP_COUNTER_BLOCKED_NS), limit);
	/* under a filter it waits without a system call */
	uint64_t before = counter(LOGTAP_COUNTER_BLOCKED_NS);
	atomic_store(&logtap_state.filter, LOGTAP_FILTER_OWN);
	cr_assert_not(say("a line\n"));
	cr_assert_geq(counter(LOGTAP_COUNTER_BLOCKED_NS) - before, limit);
}

Test(put_full, a_busy_thread_moves_to_larger_rings_and_loses_nothing)
{
	shim_begin((struct shim_options){.full = LOGTAP_FULL_DROP_NEWEST,
					 .ring_bytes_max = 1 << 20});
	uint32_t next = 0;
	struct logtap_rings seen[8];
	unsigned count = 0;

	for (int i = 0; i < 15000; i++) {
		const struct logtap_rings *rings = tls_of()->rings;
		if (!count || seen[count - 1].slot != rings->slot)
			seen[count++] = *rings;
		cr_assert(say("a line of 24 bytes.....\n"));
	}
	seen[count++] = *tls_of()->rings;
	cr_assert_geq(count, 3);
	for (unsigned i = 0; i < count; i++) {
		struct ring_reader from = reader_of_main(&seen[i]);
		struct chunk chunk;
		if (i && seen[i].slot == seen[i - 1].slot)
			continue;
		cr_assert_eq(seen[i].slot->first_sequence, next);
		cr_assert_eq(seen[i].slot->state & LOGTAP_SLOT_STATE_MASK,
			     seen[i].slot == tls_of()->rings->slot
				     ? LOGTAP_SLOT_LIVE
				     : LOGTAP_SLOT_MOVED);
		cr_assert_eq(!!(seen[i].slot->flags & LOGTAP_SLOT_CONTINUES),
			     i > 0);
		while (reader_next(&from, &chunk))
			cr_assert_eq(chunk.header.sequence, next++);
	}
	cr_assert_eq(next, 15000);
}

static void message(int priority, const char *format, ...)
{
	struct logtap_message message = {
		.stamp = logtap_stamp_for(LOGTAP_SINK_INDEX_SYSLOG),
		.ident = "unit",
		.options = LOG_PID,
		.errno_at_call = ENOENT,
	};
	va_list arguments;

	message.stamp.format = LOGTAP_FORMAT_SYSLOG;
	message.stamp.priority = (uint16_t)priority;
	va_start(arguments, format);
	logtap_message_format(&message, format, arguments);
	va_end(arguments);
}

TestSuite(message, .fini = shim_end);

Test(message, it_is_formatted_into_the_ring_with_ident_and_options)
{
	shim_begin((struct shim_options){0});
	struct ring_reader from = reader_of_main(tls_of()->rings);
	struct chunk chunk;
	uint32_t options;

	message(LOG_AUTH | LOG_WARNING, "%s and %d: %m", "text", 42);
	cr_assert(reader_next(&from, &chunk));
	cr_assert_str_eq(chunk.payload,
			 "text and 42: No such file or directory");
	cr_assert_eq(chunk.header.priority, LOG_AUTH | LOG_WARNING);
	cr_assert_eq(chunk.header.format, LOGTAP_FORMAT_SYSLOG);
	cr_assert_str_eq(item(&chunk, LOGTAP_EXTENSION_IDENT), "unit");
	memcpy(&options, item(&chunk, LOGTAP_EXTENSION_SYSLOG_OPTIONS), 4);
	cr_assert_eq(options, LOG_PID);
}

/* Each length twice: as a ring of @ring_bytes is when it is empty, and where
 * the last message has left it. */
static void each_length(uint64_t ring_bytes, size_t most)
{
	shim_begin((struct shim_options){.full = LOGTAP_FULL_DROP_NEWEST,
					 .ring_bytes_max = ring_bytes});
	struct ring_reader from = reader_of_main(tls_of()->rings);
	char *text = (char *)make(most);
	unsigned chunks;

	for (size_t i = 0; i < most; i++)
		if (!text[i])
			text[i] = 'x';
	for (size_t length = 0; length <= most; length += 1 + length / 20) {
		struct chunk chunk;
		size_t bytes = 0;
		message(LOG_INFO, "%.*s", (int)length, text);
		chunks = 0;
		do {
			cr_assert(reader_next(&from, &chunk), "%zu of %zu",
				  bytes, length);
			cr_assert_eq(memcmp(chunk.payload, text + bytes,
					    chunk.payload_bytes),
				     0);
			cr_assert_eq(!!item(&chunk, LOGTAP_EXTENSION_IDENT),
				     chunks == 0);
			bytes += chunk.payload_bytes;
			chunks++;
		} while (chunk.header.flags & LOGTAP_CHUNK_PARTIAL);
		cr_assert_eq(bytes, length);
		reader_release(&from);
	}
	cr_assert_eq(counter(LOGTAP_COUNTER_DROPPED_CHUNKS), 0);
	free(text);
}

Test(message, every_length_comes_out_whole)
{
	each_length(0, 4000);
}

/* The ring that a thread begins with has small blocks, and is not kept for it. */
Test(message, a_long_one_moves_to_a_wider_ring)
{
	static char text[20001];
	struct chunk chunk;
	size_t bytes = 0;

	shim_begin((struct shim_options){.full = LOGTAP_FULL_DROP_NEWEST,
					 .ring_bytes_max = 65536});
	cr_assert_lt(tls_of()->rings->main.capacity, 65536);
	memset(text, 'x', 20000);
	message(LOG_INFO, "%.*s", 4000, text);
	cr_assert_eq(tls_of()->rings->main.capacity, 65536);
	struct ring_reader from = reader_of_main(tls_of()->rings);
	cr_assert(reader_next(&from, &chunk));
	cr_assert_eq(chunk.payload_bytes, 4000);
	cr_assert_not(chunk.header.flags & LOGTAP_CHUNK_PARTIAL);
	message(LOG_INFO, "%s", text);
	do {
		cr_assert(reader_next(&from, &chunk));
		bytes += chunk.payload_bytes;
	} while (chunk.header.flags & LOGTAP_CHUNK_PARTIAL);
	cr_assert_eq(bytes, 20000);
	cr_assert_eq(counter(LOGTAP_COUNTER_DROPPED_CHUNKS), 0);
	cr_assert_eq(counter(LOGTAP_COUNTER_TRUNCATED), 0);
}

Test(message, every_length_comes_out_of_the_smallest_ring_too)
{
	each_length(LOGTAP_RING_BYTES_MIN, 1500);
}

Test(message, where_no_memory_is_to_be_had_the_beginning_is_kept)
{
	shim_begin((struct shim_options){0});
	struct ring_reader from = reader_of_main(tls_of()->rings);
	char *text = malloc(10001);
	struct chunk chunk;
	struct logtap_piece piece;

	memset(text, 'x', 10000);
	text[10000] = '\0';
	atomic_store(&logtap_state.filter, LOGTAP_FILTER_OWN);
	message(LOG_INFO, "%s", text);
	cr_assert(reader_next(&from, &chunk));
	cr_assert(chunk.header.flags & LOGTAP_CHUNK_TRUNCATED);
	cr_assert_eq(strspn(chunk.payload, "x"), chunk.payload_bytes);
	cr_assert_geq(chunk.payload_bytes, tls_of()->rings->main.block / 2);
	memcpy(&piece, item(&chunk, LOGTAP_EXTENSION_PIECE), sizeof piece);
	cr_assert_eq(piece.bytes, 10000);
	cr_assert_eq(piece.offset, 0);
	cr_assert_eq(counter(LOGTAP_COUNTER_TRUNCATED), 1);
	assert_account(1, chunk.payload_bytes);
	/* one that half a block holds comes whole */
	text[800] = '\0';
	message(LOG_INFO, "%s", text);
	message(LOG_INFO, "%s", text);
	for (int i = 0; i < 2; i++) {
		cr_assert(reader_next(&from, &chunk));
		cr_assert_not(chunk.header.flags & LOGTAP_CHUNK_TRUNCATED);
		cr_assert_eq(chunk.payload_bytes, 800);
	}
	free(text);
}

Test(message, in_a_handler_it_goes_to_the_nested_ring)
{
	shim_begin((struct shim_options){0});
	struct ring_reader nested = reader_of_nested(tls_of()->rings);
	struct logtap_frame frame;
	struct chunk chunk;

	for (int bytes = 0; bytes < 1500; bytes += 37) {
		logtap_guard_enter(tls_of(), &frame, LOGTAP_PHASE_COPY);
		message(LOG_INFO, "%0*d", bytes + 1, 7);
		logtap_guard_leave(tls_of());
		size_t got = 0;
		do {
			cr_assert(reader_next(&nested, &chunk));
			cr_assert(chunk.header.flags & LOGTAP_CHUNK_NESTED);
			got += chunk.payload_bytes;
		} while (chunk.header.flags & LOGTAP_CHUNK_PARTIAL);
		cr_assert_eq(got, (size_t)bytes + 1);
		cr_assert_eq(chunk.payload[chunk.payload_bytes - 1], '7');
		reader_release(&nested);
	}
}

TestSuite(divert, .fini = shim_end);

static bool divert(const void *bytes, size_t length)
{
	return logtap_divert(logtap_clock_now(), LOGTAP_SINK_INDEX_STDERR, 2,
			     bytes, length) == LOGTAP_DIVERT_TAKEN;
}

Test(divert, it_needs_a_collector)
{
	shim_begin((struct shim_options){.mode = LOGTAP_MODE_DIVERT});
	struct ring_reader from = reader_of_main(tls_of()->rings);
	struct chunk chunk;

	cr_assert_not(divert("text\n", 5));
	cr_assert_eq(counter(LOGTAP_COUNTER_FALLBACK), 1);
	cr_assert_not(reader_next(&from, &chunk), "nothing comes twice");
	shim_set_collector(true);
	cr_assert(divert("text\n", 5));
	cr_assert(reader_next(&from, &chunk));
	cr_assert(chunk.header.flags & LOGTAP_CHUNK_DIVERTED);
	shim_set_collector(false);
	cr_assert_not(divert("text\n", 5));
}

Test(divert, a_call_is_taken_whole_or_not_at_all)
{
	shim_begin((struct shim_options){.mode = LOGTAP_MODE_DIVERT});
	shim_set_collector(true);
	struct ring_reader from = reader_of_main(tls_of()->rings);
	unsigned char *bytes = make(40000);
	uint64_t taken = 0, read = 0;
	unsigned chunks, refused = 0;

	for (size_t length = 1; length < 40000; length += 97) {
		if (divert(bytes, length))
			taken += length;
		else
			refused++;
		if (length % 5 == 0) {
			size_t got;
			while ((got = read_call(&from, 0, &chunks)))
				read += got;
			reader_release(&from);
		}
	}
	size_t got;
	while ((got = read_call(&from, 0, &chunks)))
		read += got;
	cr_assert_gt(refused, 0);
	cr_assert_gt(taken, 50000);
	cr_assert_eq(read, taken);
	cr_assert_eq(counter(LOGTAP_COUNTER_FALLBACK), refused);
	cr_assert_eq(counter(LOGTAP_COUNTER_DROPPED_CHUNKS), 0);
	free(bytes);
}
