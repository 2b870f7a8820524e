/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Stacks into the ring: when, of what memory, and with what room. */
#include "../../../shim/arch/registers.h"
#include "../../../shim/feedback/severity.h"
#include "../../../shim/feedback/stack.h"
#include "../../../shim/guard/guard.h"
#include "../../../shim/segment/claim.h"
#include "../../../shim/sink/capture.h"
#include "../../../shim/sink/message.h"
#include "fixture.h"

#include <criterion/criterion.h>
#include <logtap/abi/event.h>
#include <string.h>
#include <sys/mman.h>
#include <syslog.h>
#include <ucontext.h>

static struct ring_reader reader;
static struct chunk chunk;
static struct logtap_stack stack;
static struct logtap_control *control;

static void begin(void)
{
	shim_begin((struct shim_options){.ring_bytes_max = 1 << 20});
	control = logtap_state.mappings[0].control;
	reader = reader_of_main(logtap_tls.rings);
	logtap_tls.frames_high =
		(uintptr_t)__builtin_frame_address(0) + 2 * sizeof(void *);
	logtap_tls.frames_low = logtap_tls.frames_high - (1 << 20);
}

TestSuite(stack, .init = begin, .fini = shim_end);

/* Everybody's records, without a pause. */
static void ask_for(uint32_t level)
{
	control->stack_level = level;
	control->look = 1;
	control->stack_interval_us = 1;
	control->stale_after_ns = 1000;
	control->stale_after_tsc = 1;
}

/* The ring may have been exchanged for a larger one. */
static bool next(uint8_t type)
{
	if (logtap_tls.rings->main.data != reader.data)
		reader = reader_of_main(logtap_tls.rings);
	if (!reader_next(&reader, &chunk))
		return false;
	cr_assert_eq(chunk.header.type, type);
	if (type != LOGTAP_CHUNK_STACK)
		return true;
	memcpy(&stack, chunk.payload, sizeof stack);
	cr_assert_eq(stack.registers, LOGTAP_REGISTERS);
	cr_assert_eq(chunk.payload_bytes,
		     sizeof stack + 8 * LOGTAP_REGISTERS + stack.slice_bytes);
	return true;
}

static uint64_t value(unsigned number)
{
	uint64_t word;

	memcpy(&word, chunk.payload + sizeof stack + 8 * number, 8);
	return word;
}

static const char *slice(void)
{
	return chunk.payload + sizeof stack + 8 * LOGTAP_REGISTERS;
}

Test(stack, none_is_taken_that_nobody_asked_for)
{
	cr_assert(say("plain\n"));
	cr_assert(next(LOGTAP_CHUNK_DATA));
	cr_assert_not(next(LOGTAP_CHUNK_DATA));
}

Test(stack, one_comes_just_before_its_chunk_and_names_it)
{
	ask_for(1);
	cr_assert(say("with a stack\n"));
	cr_assert(next(LOGTAP_CHUNK_STACK));
	uint32_t sequence = stack.sequence;
	cr_assert_eq(stack.reason, LOGTAP_STACK_FOR_LEVEL);
	cr_assert(next(LOGTAP_CHUNK_DATA));
	cr_assert_eq(chunk.header.sequence, sequence);
	cr_assert_eq(counter(LOGTAP_COUNTER_CHUNKS), 2);
}

Test(stack, it_holds_this_frame_up_to_where_the_thread_began)
{
	volatile uint64_t here = 0x1122334455667788;
	uint64_t found;

	ask_for(1);
	cr_assert(say("x\n"));
	cr_assert(next(LOGTAP_CHUNK_STACK));
	cr_assert_eq(stack.low, value(LOGTAP_REGISTER_SP));
	cr_assert_eq(stack.high, logtap_tls.frames_high);
	cr_assert_leq(stack.low + stack.slice_bytes, logtap_tls.frames_high);
	cr_assert_gt((uintptr_t)&here, stack.low);
	memcpy(&found, slice() + ((uintptr_t)&here - stack.low), 8);
	cr_assert_eq(found, here);
}

Test(stack, a_level_leaves_out_what_is_less_severe)
{
	struct logtap_message message = {
		.stamp = logtap_stamp_for(1),
	};

	logtap_state.program = "test";
	ask_for(17);
	message.stamp.format = LOGTAP_FORMAT_SYSLOG;
	message.stamp.priority = LOG_USER | LOG_INFO;
	logtap_message_print(&message, "info");
	cr_assert(next(LOGTAP_CHUNK_DATA));
	cr_assert(say("of no severity\n"));
	cr_assert(next(LOGTAP_CHUNK_DATA));
	message.stamp.priority = LOG_USER | LOG_ERR;
	logtap_message_print(&message, "err");
	cr_assert(next(LOGTAP_CHUNK_STACK));
	cr_assert(next(LOGTAP_CHUNK_DATA));
}

Test(stack, a_watched_thread_s_records_have_one_until_the_watch_ends)
{
	control->look = 1;
	control->watch_count = 1;
	control->watches[3].until_ns = UINT64_MAX;
	control->watches[3].tid = logtap_tls.tid;
	cr_assert(say("x\n"));
	cr_assert(next(LOGTAP_CHUNK_STACK));
	cr_assert_eq(stack.reason, LOGTAP_STACK_FOR_WATCH);
	cr_assert(next(LOGTAP_CHUNK_DATA));
	/* of the larger ring's segment */
	control = (struct logtap_control *)(uintptr_t)logtap_tls.rings->control;
	cr_assert_eq(control->watches[3].tid, logtap_tls.tid);
	control->watches[3].until_ns = 1;
	cr_assert(say("x\n"));
	cr_assert(next(LOGTAP_CHUNK_DATA));
}

static void watch_with_memory(uint64_t end)
{
	control->look = 1;
	control->watch_count = 1;
	control->watches[2].until_ns = UINT64_MAX;
	control->memory_ends[2] = end;
	control->watches[2].tid = logtap_tls.tid;
}

/* Two pages, below which nothing can be read. */
static char *two_pages(void)
{
	const size_t page = 4096;
	char *low = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);

	mprotect(low + page, 2 * page, PROT_READ | PROT_WRITE);
	for (size_t i = 0; i < 2 * page; i++)
		low[page + i] = (char)(1 + i % 100);
	return low + page;
}

static const char *memory_of_next(struct logtap_stack_memory *memory)
{
	const size_t fixed = sizeof stack + 8 * LOGTAP_REGISTERS;

	cr_assert(reader_next(&reader, &chunk));
	cr_assert_eq(chunk.header.type, LOGTAP_CHUNK_STACK);
	memcpy(&stack, chunk.payload, sizeof stack);
	cr_assert_eq(chunk.payload_bytes, fixed + stack.slice_bytes +
						  sizeof *memory +
						  LOGTAP_STACK_MEMORY_BYTES);
	memcpy(memory, chunk.payload + fixed + stack.slice_bytes,
	       sizeof *memory);
	return chunk.payload + chunk.payload_bytes;
}

Test(stack, memory_that_is_asked_for_comes_with_it_as_far_as_it_can_be_read)
{
	const size_t bytes = 4096 + 72;
	struct logtap_stack_memory memory;
	char *low = two_pages();

	watch_with_memory((uintptr_t)low + bytes);
	cr_assert(say("x\n"));
	reader = reader_of_main(logtap_tls.rings);
	const char *end = memory_of_next(&memory);
	cr_assert_eq(memory.end, (uintptr_t)low + bytes);
	cr_assert_eq(memory.bytes, bytes);
	cr_assert_arr_eq(end - bytes, low, bytes);
	cr_assert_eq(end[-(long)bytes - 1], 0);
	cr_assert(next(LOGTAP_CHUNK_DATA));
}

Test(stack, memory_that_is_not_there_does_no_harm)
{
	const uint64_t ends[] = {1, LOGTAP_STACK_MEMORY_BYTES, 1 << 16,
				 (uintptr_t)two_pages(), UINT64_MAX};
	struct logtap_stack_memory memory;

	watch_with_memory(8);
	say("the ring grows\n");
	control = (struct logtap_control *)(uintptr_t)logtap_tls.rings->control;
	reader = reader_of_main(logtap_tls.rings);
	while (reader_next(&reader, &chunk))
		;
	control->stack_interval_us = 1;
	control->stale_after_ns = 1000;
	control->stale_after_tsc = 1;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		reader_release(&reader);
		watch_with_memory(ends[i]);
		cr_assert(say("x\n"));
		memory_of_next(&memory);
		cr_assert_eq(memory.bytes, 0, "%zu", i);
		cr_assert(next(LOGTAP_CHUNK_DATA));
	}
}

/* Who has set one kills for system calls that it does not expect. */
Test(stack, no_memory_comes_with_it_under_a_filter)
{
	watch_with_memory((uintptr_t)two_pages() + 4096);
	say("the ring grows\n");
	control = (struct logtap_control *)(uintptr_t)logtap_tls.rings->control;
	reader = reader_of_main(logtap_tls.rings);
	while (reader_next(&reader, &chunk))
		;
	logtap_state.filter = LOGTAP_FILTER_INHERITED;
	cr_assert(say("x\n"));
	cr_assert(next(LOGTAP_CHUNK_STACK));
	cr_assert(next(LOGTAP_CHUNK_DATA));
}

Test(stack, they_are_sampled)
{
	ask_for(1);
	control->stack_interval_us = 10000000;
	control->stale_after_ns = 0; /* how fast the counter is: unknown */
	for (int i = 0; i < 8; i++) {
		cr_assert(say("of a burst\n"));
		cr_assert(next(LOGTAP_CHUNK_STACK));
		cr_assert(next(LOGTAP_CHUNK_DATA));
		reader_release(&reader);
	}
	for (int i = 0; i < 20; i++) {
		cr_assert(say("soon after\n"));
		cr_assert(next(LOGTAP_CHUNK_DATA));
	}
}

static ucontext_t outside, inside;
static char *pages;

static void on_another_stack(void)
{
	say("from a coroutine\n");
}

/* Two pages between two that cannot be read. */
Test(stack, of_an_unknown_stack_no_further_page_is_read)
{
	const size_t page = 4096, room = 16 * page;

	pages = mmap(NULL, room + 2 * page, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(pages + page, room, PROT_READ | PROT_WRITE);
	getcontext(&inside);
	inside.uc_stack.ss_sp = pages + page;
	inside.uc_stack.ss_size = room;
	inside.uc_link = &outside;
	makecontext(&inside, on_another_stack, 0);
	ask_for(1);
	cr_assert_eq(swapcontext(&outside, &inside), 0);
	cr_assert(next(LOGTAP_CHUNK_STACK));
	cr_assert_eq(stack.high, 0);
	cr_assert_leq(stack.slice_bytes, page);
	cr_assert_eq((stack.low + stack.slice_bytes) % page, 0);
	cr_assert(next(LOGTAP_CHUNK_DATA));
}

Test(stack, without_room_it_is_left_out_and_no_record_is)
{
	unsigned stacks = 0, records = 0;

	logtap_state.config.ring_bytes_max = logtap_tls.rings->main.capacity;
	logtap_state.config.full = LOGTAP_FULL_DROP_NEWEST;
	ask_for(1);
	while (say("a line\n"))
		;
	while (reader_next(&reader, &chunk)) {
		stacks += chunk.header.type == LOGTAP_CHUNK_STACK;
		records += chunk.header.type == LOGTAP_CHUNK_DATA;
	}
	cr_assert_gt(stacks, 0);
	cr_assert_gt(records, 100);
	cr_assert_eq(counter(LOGTAP_COUNTER_DROPPED_CHUNKS), 1);
}

static uint32_t severity(uint8_t type, uint8_t format, const char *text)
{
	struct logtap_stamp stamp = {.type = type,
				     .format = format,
				     .priority = LOGTAP_PRIORITY_NONE};
	struct iovec part = {(void *)(uintptr_t)text, strlen(text)};

	return logtap_severity_of_chunk(&stamp, &part);
}

Test(stack, severities_are_read_where_senders_give_them)
{
	static const char event[12] = {17};
	struct iovec part = {(void *)(uintptr_t)event, sizeof event};
	struct logtap_stamp stamp = {.type = LOGTAP_CHUNK_EVENT,
				     .priority = LOGTAP_PRIORITY_NONE};

	cr_assert_eq(logtap_severity_of_chunk(&stamp, &part), 17);
	stamp.type = LOGTAP_CHUNK_DATA;
	stamp.priority = LOG_DAEMON | LOG_WARNING;
	cr_assert_eq(logtap_severity_of_chunk(&stamp, NULL), 13);
	cr_assert_eq(severity(LOGTAP_CHUNK_DATA, LOGTAP_FORMAT_DATAGRAM,
			      "<11>Nov  1 x"),
		     17);
	cr_assert_eq(severity(LOGTAP_CHUNK_DATA, LOGTAP_FORMAT_DATAGRAM, "<x>"),
		     0);
	cr_assert_eq(severity(LOGTAP_CHUNK_DATA, LOGTAP_FORMAT_JOURNAL,
			      "MESSAGE=PRIORITY=1\nPRIORITY=4\n"),
		     13);
	cr_assert_eq(severity(LOGTAP_CHUNK_DATA, LOGTAP_FORMAT_JOURNAL,
			      "MESSAGE=x\n"),
		     0);
	cr_assert_eq(
		severity(LOGTAP_CHUNK_DATA, LOGTAP_FORMAT_STREAM, "<11> x"), 0);
}
