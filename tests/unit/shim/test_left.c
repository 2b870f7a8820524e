/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Left by siglongjmp at every instruction: the processor's trap flag interrupts
 * each one.  What was left half-way must not tear the ring, nor its account. */
#include "../../../shim/real.h"
#include "../../../shim/sink/capture.h"
#include "../../../shim/sink/message.h"
#include "../../../shim/sink/put.h"
#include "fixture.h"

#include <criterion/criterion.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <syslog.h>

#if defined(__x86_64__)

static sigjmp_buf jump;
static volatile long steps, stop_at;

static void on_trap(int number)
{
	(void)number;
	if (++steps == stop_at)
		siglongjmp(jump, 1);
}

/* The bits of the flags register that are changed; 128: the red zone. */
#define FLAGS(change)                                               \
	__asm__ volatile("sub $128, %%rsp\n\tpushfq\n\t" change     \
			 ", (%%rsp)\n\tpopfq\n\tadd $128, %%rsp" :: \
				 : "memory", "cc")

/* Leaves @work at its @at-th instruction.  Return: false if it has fewer. */
static __attribute__((noinline)) bool leave(void (*work)(void), long at)
{
	signal(SIGTRAP, on_trap);
	steps = 0;
	stop_at = at;
	if (sigsetjmp(jump, 1))
		return true;
	FLAGS("orq $0x100");
	work();
	FLAGS("andq $~0x100");
	return steps >= at;
}

#define CAPACITY 4096
#define BLOCK (CAPACITY / LOGTAP_RING_BLOCKS)

static _Alignas(64) unsigned char data[CAPACITY];
static struct logtap_ring_producer shared;
static _Atomic uint64_t tail;
static struct logtap_writer writer;
static size_t next_bytes;
static uint32_t next_mark;

static void begin_writer(void)
{
	shared = (struct logtap_ring_producer){0};
	atomic_store(&tail, 0);
	logtap_writer_init(&writer, data, CAPACITY, &shared, &tail);
}

/* The next chunk, its payload and number the same mark. */
static void put_next(void)
{
	uint64_t span = logtap_chunk_span(next_bytes), end;
	unsigned char *at = logtap_writer_reserve(&writer, span, &end);

	if (!at) {
		logtap_writer_overwrite(&writer, span);
		at = logtap_writer_reserve(&writer, span, &end);
	}
	if (!at)
		return;
	*(struct logtap_chunk *)(void *)at =
		(struct logtap_chunk){.length = (uint32_t)next_bytes,
				      .type = LOGTAP_CHUNK_DATA,
				      .sequence = next_mark};
	memset(at + LOGTAP_CHUNK_HEADER_BYTES, (int)next_mark, next_bytes);
	logtap_writer_publish(&writer, end);
	logtap_writer_settle(&writer);
}

static void put(size_t bytes, uint32_t mark)
{
	next_bytes = bytes;
	next_mark = mark;
	put_next();
}

/* What may be overwritten is what the reader knows to be given up, and what may
 * be reserved at once lies in the ring. */
static void check_writer(long at)
{
	uint64_t free_from = atomic_load(&tail) > atomic_load(&shared.floor)
				     ? atomic_load(&tail)
				     : atomic_load(&shared.floor);

	cr_assert_leq(writer.bound, free_from + CAPACITY, "at %ld", at);
	cr_assert_leq(writer.limit, writer.bound, "at %ld", at);
	if (writer.head + LOGTAP_CHUNK_HEADER_BYTES <= writer.edge)
		cr_assert_eq(writer.lap + writer.head,
			     (uintptr_t)data + (writer.head & (CAPACITY - 1)),
			     "at %ld", at);
}

/* The chunks that are there: all that is marked from @first on, @left may be
 * missing. */
static void expect_marks(uint32_t first, uint32_t end, uint32_t left, long at)
{
	struct logtap_rings rings = {.main = writer};
	struct ring_reader from = reader_of_main(&rings);
	struct chunk chunk;
	uint32_t mark = first;

	from.position = atomic_load(&tail);
	while (reader_next(&from, &chunk)) {
		if (mark == left && chunk.header.sequence != left)
			mark++;
		cr_assert_eq(chunk.header.sequence, mark, "at %ld", at);
		for (size_t i = 0; i < chunk.payload_bytes; i++)
			cr_assert_eq((unsigned char)chunk.payload[i],
				     (unsigned char)mark, "at %ld", at);
		mark++;
	}
	cr_assert_eq(mark, end, "at %ld", at);
}

Test(left, a_ring_that_begins_again_at_its_start)
{
	long at = 0;
	bool whole = false;

	while (!whole) {
		begin_writer();
		put(BLOCK - 2 * LOGTAP_CHUNK_HEADER_BYTES - 24, 1);
		atomic_store(&tail, writer.head);
		next_bytes = 100; /* not in this block */
		next_mark = 2;
		whole = !leave(put_next, ++at);
		check_writer(at);
		put(8, 3); /* in this block, if that is still so */
		check_writer(at);
		put(200, 4);
		expect_marks(2, 5, 2, at);
	}
	cr_assert_gt(at, 30);
}

Test(left, a_recorder_that_overwrites)
{
	long at = 0;
	bool whole = false;

	while (!whole) {
		uint32_t mark = 0;
		begin_writer();
		while (writer.head < CAPACITY)
			put(40, mark++);
		next_bytes = 100;
		next_mark = mark++;
		whole = !leave(put_next, ++at);
		check_writer(at);
		for (int i = 0; i < 3; i++, mark++) {
			put(40, mark);
			check_writer(at);
		}
		uint32_t first = atomic_load(&shared.floor) / 64;
		cr_assert_eq(first, BLOCK / 64, "at %ld", at);
		expect_marks(first, mark, mark - 4, at);
	}
	cr_assert_gt(at, 30);
}

/* What is left half-way: each a call that stores one chunk or more. */
static char long_text[700];

static void a_line(void)
{
	say("a line\n");
}

static void a_long_call(void)
{
	struct logtap_stamp stamp = logtap_stamp_for(0);

	logtap_capture_bytes(&stamp, long_text, sizeof long_text);
}

static void message(const char *format, ...)
{
	struct logtap_message message = {
		.stamp = logtap_stamp_for(LOGTAP_SINK_INDEX_SYSLOG),
		.ident = "unit",
	};
	va_list arguments;

	message.stamp.format = LOGTAP_FORMAT_SYSLOG;
	va_start(arguments, format);
	logtap_message_format(&message, format, arguments);
	va_end(arguments);
}

static void a_message(void)
{
	message("text %d", 42);
}

static void a_line_of_a_handler(void)
{
	struct logtap_frame frame;

	logtap_guard_enter(&logtap_tls, &frame, LOGTAP_PHASE_COPY);
	say("a handler's line\n");
	logtap_guard_leave(&logtap_tls);
}

struct sums {
	uint64_t chunks, bytes;
};

/* Of all that is in the rings; releases it. */
static void take_all(struct ring_reader *rings, struct sums *sums)
{
	struct chunk chunk;

	for (int i = 0; i < 2; i++) {
		while (reader_next(&rings[i], &chunk)) {
			sums->chunks++;
			sums->bytes += chunk.payload_bytes;
		}
		reader_release(&rings[i]);
	}
}

/* At each of @work's instructions, or one of @stride where they are many.
 * Whatever was read or dropped had been counted; what else was counted was left,
 * once at most. */
static void each_instruction(void (*work)(void), long stride, bool full)
{
	struct logtap_rings *rings;
	struct ring_reader from[2];
	struct sums got = {0, 0};
	uint64_t left = 0, before;
	bool whole = false;
	long at = 0;

	shim_begin((struct shim_options){
		.full = LOGTAP_FULL_DROP_NEWEST,
		.ring_bytes_max = LOGTAP_RING_BYTES_MIN,
	});
	rings = logtap_tls.rings;
	from[0] = reader_of_main(rings);
	from[1] = reader_of_nested(rings);
	memset(long_text, 'x', sizeof long_text);
	while (!whole) {
		while (full && say("a line that fills the ring\n"))
			;
		whole = !leave(work, at += stride);
		say("after\n");
		take_all(from, &got);
		uint64_t dropped =
			counter(LOGTAP_COUNTER_DROPPED_CHUNKS) +
			counter(LOGTAP_COUNTER_NESTED_DROPPED_CHUNKS);
		uint64_t dropped_bytes =
			counter(LOGTAP_COUNTER_DROPPED_BYTES) +
			counter(LOGTAP_COUNTER_NESTED_DROPPED_BYTES);
		cr_assert_geq(counter(LOGTAP_COUNTER_CHUNKS),
			      got.chunks + dropped, "at %ld", at);
		cr_assert_geq(counter(LOGTAP_COUNTER_BYTES),
			      got.bytes + dropped_bytes, "at %ld", at);
		before = left;
		left = counter(LOGTAP_COUNTER_CHUNKS) - got.chunks - dropped;
		cr_assert_leq(left, before + 1, "at %ld", at);
		cr_assert_leq(left, counter(LOGTAP_COUNTER_STALE_GUARDS));
	}
	cr_assert_eq(left, before, "the last one was not left");
	cr_assert_gt(at, 50);
	cr_assert_gt(left, 0, "nothing was left in between");
	shim_end();
}

Test(left, a_line)
{
	each_instruction(a_line, 1, false);
}

Test(left, a_line_that_is_dropped)
{
	each_instruction(a_line, 4, true);
}

Test(left, a_call_in_several_chunks)
{
	each_instruction(a_long_call, 5, false);
}

Test(left, a_message)
{
	each_instruction(a_message, 5, false);
}

Test(left, a_handler_s_line)
{
	each_instruction(a_line_of_a_handler, 3, false);
}

#else

Test(left, at_any_instruction)
{
	cr_skip_test("no trap flag on this processor");
}

#endif
