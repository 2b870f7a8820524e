/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Reading evidence and stack chunks: what is right, and everything that a host
 * could put in its place. */
#include "../../../collector/loops/stack/evidence.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A chunk whose payload ends where its memory does, so that a sanitizer sees a
 * read behind it. */
static struct logtap_chunk_view chunk_of(uint8_t type, const void *head,
					 size_t head_bytes, size_t more)
{
	unsigned char *payload = malloc(head_bytes + more + !head_bytes);

	cr_assert_not_null(payload);
	memcpy(payload, head, head_bytes);
	memset(payload + head_bytes, 'x', more);
	return (struct logtap_chunk_view){
		.type = type,
		.payload = payload,
		.payload_bytes = head_bytes + more,
	};
}

static void drop(struct logtap_chunk_view *chunk)
{
	free((void *)(uintptr_t)chunk->payload);
}

static int read_evidence(const struct logtap_evidence *raw, size_t more,
			 struct logtap_evidence_view *view)
{
	struct logtap_chunk_view chunk =
		chunk_of(LOGTAP_CHUNK_EVIDENCE, raw, sizeof(*raw), more);
	int result = logtap_evidence_read(&chunk, view);

	drop(&chunk);
	return result;
}

Test(evidence, a_connection_has_its_address_and_how_it_was_known)
{
	struct logtap_evidence raw = {
		.kind = LOGTAP_EVIDENCE_CONNECT,
		.flags = LOGTAP_EVIDENCE_BY_PORT,
		.fd = 7,
		.result = -115,
		.family = AF_INET,
		.port = 4318,
		.address = {127, 0, 0, 1, 9, 9},
	};
	struct logtap_evidence_view view;
	char text[LOGTAP_EVIDENCE_ADDRESS_BYTES];

	cr_assert_eq(read_evidence(&raw, 0, &view), 0);
	cr_assert_eq(view.kind, LOGTAP_EVIDENCE_CONNECT);
	cr_assert_eq(view.flags, LOGTAP_EVIDENCE_BY_PORT);
	cr_assert_eq(view.fd, 7);
	cr_assert_eq(view.result, -115);
	cr_assert_eq(view.port, 4318);
	logtap_evidence_address(&view, text);
	cr_assert_str_eq(text, "127.0.0.1:4318");
	cr_assert_eq(view.address[4], 0, "bytes behind the address stayed");
}

Test(evidence, an_address_of_version_6_stands_in_brackets)
{
	struct logtap_evidence raw = {
		.kind = LOGTAP_EVIDENCE_CONNECT,
		.family = AF_INET6,
		.port = 65535,
	};
	struct logtap_evidence_view view;
	char text[LOGTAP_EVIDENCE_ADDRESS_BYTES];

	memset(raw.address, 0xfd, sizeof(raw.address));
	cr_assert_eq(read_evidence(&raw, 0, &view), 0);
	logtap_evidence_address(&view, text);
	cr_assert_str_eq(text,
			 "[fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd]:65535");
}

Test(evidence, an_unknown_family_and_unknown_flags_are_left_out)
{
	struct logtap_evidence raw = {
		.kind = LOGTAP_EVIDENCE_CONNECT,
		.flags = 0xffff,
		.family = 4711,
		.port = 4318,
	};
	struct logtap_evidence_view view;
	char text[LOGTAP_EVIDENCE_ADDRESS_BYTES];

	cr_assert_eq(read_evidence(&raw, 0, &view), 0);
	cr_assert_eq(view.family, 0);
	cr_assert_eq(view.port, 0);
	cr_assert_eq(view.flags & 0xff80, 0);
	logtap_evidence_address(&view, text);
	cr_assert_str_eq(text, "");
}

Test(evidence, a_send_has_the_head_of_what_was_sent)
{
	struct logtap_evidence raw = {
		.kind = LOGTAP_EVIDENCE_SEND,
		.flags = LOGTAP_EVIDENCE_HELD,
		.bytes = 70000,
		.head_bytes = 100,
		.held_us = 1500,
	};
	struct logtap_chunk_view chunk =
		chunk_of(LOGTAP_CHUNK_EVIDENCE, &raw, sizeof(raw), 100);
	struct logtap_evidence_view view;

	cr_assert_eq(logtap_evidence_read(&chunk, &view), 0);
	cr_assert_eq(view.bytes, 70000);
	cr_assert_eq(view.held_ns, 1500000);
	cr_assert_eq(view.head_bytes, 100);
	cr_assert_eq(view.head[0], 'x');
	cr_assert_eq(view.head + 100, chunk.payload + chunk.payload_bytes);
	drop(&chunk);
}

Test(evidence, the_end_of_what_was_sent_is_apart)
{
	struct logtap_evidence raw = {
		.kind = LOGTAP_EVIDENCE_SEND,
		.bytes = 70000,
		.tail_bytes = 30,
		.head_bytes = 100,
	};
	struct logtap_chunk_view chunk =
		chunk_of(LOGTAP_CHUNK_EVIDENCE, &raw, sizeof(raw), 100);
	struct logtap_evidence_view view;

	cr_assert_eq(logtap_evidence_read(&chunk, &view), 0);
	cr_assert_eq(view.head_bytes, 70);
	cr_assert_eq(view.tail_bytes, 30);
	cr_assert_eq(view.tail, view.head + 70);
	cr_assert_eq(view.depth, 0);
	drop(&chunk);
	raw.kind = LOGTAP_EVIDENCE_OBJECTS; /* the same bytes are a depth */
	chunk = chunk_of(LOGTAP_CHUNK_EVIDENCE, &raw, sizeof(raw), 100);
	cr_assert_eq(logtap_evidence_read(&chunk, &view), 0);
	cr_assert_eq(view.head_bytes, 100);
	cr_assert_eq(view.tail_bytes, 0);
	drop(&chunk);
}

Test(evidence, an_end_that_is_longer_than_all_is_malformed)
{
	struct logtap_evidence raw = {.kind = LOGTAP_EVIDENCE_SEND,
				      .tail_bytes = 101,
				      .head_bytes = 100};
	struct logtap_evidence_view view;

	cr_assert_eq(read_evidence(&raw, 100, &view),
		     LOGTAP_EVIDENCE_MALFORMED);
	raw.tail_bytes = 100;
	cr_assert_eq(read_evidence(&raw, 100, &view), 0);
	cr_assert_eq(view.head_bytes, 0);
}

Test(evidence, a_head_that_leads_outside_is_malformed)
{
	struct logtap_evidence raw = {.kind = LOGTAP_EVIDENCE_SEND,
				      .head_bytes = 101};
	struct logtap_evidence_view view;

	cr_assert_eq(read_evidence(&raw, 100, &view),
		     LOGTAP_EVIDENCE_MALFORMED);
	raw.head_bytes = LOGTAP_EVIDENCE_HEAD_BYTES + 1;
	cr_assert_eq(read_evidence(&raw, 4096, &view),
		     LOGTAP_EVIDENCE_MALFORMED);
}

Test(evidence, a_kind_that_does_not_exist_is_malformed)
{
	struct logtap_evidence raw = {.kind = LOGTAP_EVIDENCE_NONE};
	struct logtap_evidence_view view;

	cr_assert_eq(read_evidence(&raw, 0, &view), LOGTAP_EVIDENCE_MALFORMED);
	raw.kind = LOGTAP_EVIDENCE_KINDS;
	cr_assert_eq(read_evidence(&raw, 0, &view), LOGTAP_EVIDENCE_MALFORMED);
}

Test(evidence, every_cut_of_a_chunk_is_malformed)
{
	struct logtap_evidence raw = {.kind = LOGTAP_EVIDENCE_CLOSE, .fd = 3};
	struct logtap_evidence_view view;

	for (size_t bytes = 0; bytes < sizeof(raw); bytes++) {
		struct logtap_chunk_view chunk =
			chunk_of(LOGTAP_CHUNK_EVIDENCE, &raw, bytes, 0);
		cr_assert_eq(logtap_evidence_read(&chunk, &view),
			     LOGTAP_EVIDENCE_MALFORMED, "at %zu bytes", bytes);
		drop(&chunk);
	}
}

Test(evidence, a_chunk_of_another_type_is_malformed)
{
	struct logtap_evidence raw = {.kind = LOGTAP_EVIDENCE_CLOSE};
	struct logtap_chunk_view chunk =
		chunk_of(LOGTAP_CHUNK_DATA, &raw, sizeof(raw), 0);
	struct logtap_evidence_view view;
	struct logtap_stack_view stack;

	cr_assert_eq(logtap_evidence_read(&chunk, &view),
		     LOGTAP_EVIDENCE_MALFORMED);
	cr_assert_eq(logtap_stack_read(&chunk, &stack),
		     LOGTAP_EVIDENCE_MALFORMED);
	drop(&chunk);
}

static int read_stack(const struct logtap_stack *raw, size_t more,
		      struct logtap_stack_view *view)
{
	struct logtap_chunk_view chunk =
		chunk_of(LOGTAP_CHUNK_STACK, raw, sizeof(*raw), more);
	int result = logtap_stack_read(&chunk, view);

	drop(&chunk);
	return result;
}

Test(evidence, a_stack_has_its_registers_and_its_slice)
{
	struct logtap_stack raw = {
		.arch = LOGTAP_STACK_X86_64,
		.registers = LOGTAP_STACK_REGISTERS_X86_64,
		.slice_bytes = 64,
		.sequence = 41,
		.reason = LOGTAP_STACK_FOR_LEVEL,
		.low = 0x7fff0000,
	};
	struct logtap_chunk_view chunk =
		chunk_of(LOGTAP_CHUNK_STACK, &raw, sizeof(raw),
			 LOGTAP_STACK_REGISTERS_X86_64 * 8 + 64);
	struct logtap_stack_view view;

	cr_assert_eq(logtap_stack_read(&chunk, &view), 0);
	cr_assert_eq(view.sequence, 41);
	cr_assert_eq(view.registers, 17);
	cr_assert_eq(view.values[16], UINT64_C(0x7878787878787878));
	cr_assert_eq(view.slice_bytes, 64);
	cr_assert_eq(view.slice + 64, chunk.payload + chunk.payload_bytes);
	drop(&chunk);
}

Test(evidence, memory_behind_a_stack_is_read_within_its_bounds)
{
	static unsigned char payload[sizeof(struct logtap_stack) + 17 * 8 + 16 +
				     sizeof(struct logtap_stack_memory) +
				     LOGTAP_STACK_MEMORY_BYTES];
	const struct logtap_stack raw = {
		.arch = LOGTAP_STACK_X86_64,
		.registers = LOGTAP_STACK_REGISTERS_X86_64,
		.slice_bytes = 16,
	};
	const struct {
		struct logtap_stack_memory memory;
		size_t missing, bytes;
	} all[] = {
		{{.end = 0x10000, .bytes = 40}, 0, 40},
		{{.end = 0x10000}, 0, 0},
		{{.end = 0x10000, .bytes = 40}, 1, 0},
		{{.end = 0x10000, .bytes = LOGTAP_STACK_MEMORY_BYTES + 1},
		 0,
		 0},
		{{.end = 39, .bytes = 40}, 0, 0},
	};

	memcpy(payload, &raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		memcpy(payload + sizeof(raw) + 17 * 8 + 16, &all[i].memory,
		       sizeof(all[i].memory));
		struct logtap_chunk_view chunk =
			chunk_of(LOGTAP_CHUNK_STACK, payload,
				 sizeof(payload) - all[i].missing, 0);
		struct logtap_stack_view view;
		cr_assert_eq(logtap_stack_read(&chunk, &view), 0);
		cr_assert_eq(view.slice_bytes, 16);
		cr_assert_eq(view.memory_bytes, all[i].bytes, "%zu", i);
		if (all[i].bytes) {
			cr_assert_eq(view.memory_low, 0x10000 - 40);
			cr_assert_eq(view.memory + 40,
				     chunk.payload + chunk.payload_bytes);
		}
		drop(&chunk);
	}
}

Test(evidence, of_the_memory_behind_a_stack_no_more_is_copied_than_there_is)
{
	static const unsigned char memory[] = "0123456789abcdef";
	const struct logtap_stack_view some = {
		.memory_low = 0x1000,
		.memory = memory,
		.memory_bytes = 16,
	};
	const struct logtap_stack_view none = {0};
	const struct {
		const struct logtap_stack_view *view;
		uint64_t address;
		bool all;
		const char *copied;
	} all[] = {
		{&some, 0x1000, true, "01234567"},
		{&some, 0x1008, true, "89abcdef"},
		{&some, 0x1009, false, "9abcdef-"},
		{&some, 0xffc, false, "----0123"},
		{&some, 0xff8, false, "--------"},
		{&some, 0x1010, false, "--------"},
		{&some, UINT64_MAX - 7, false, "--------"},
		{&some, UINT64_MAX - 3, false, "--------"},
		{&none, UINT64_MAX - 7, false, "--------"},
		{&none, 0x1000, false, "--------"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char copied[] = "--------";
		cr_assert_eq(logtap_stack_memory_copy(
				     all[i].view, all[i].address, copied, 8),
			     all[i].all, "%zu", i);
		cr_assert_str_eq(copied, all[i].copied, "%zu", i);
	}
}

Test(evidence, a_stack_that_does_not_fit_its_chunk_is_malformed)
{
	struct logtap_stack raw = {
		.arch = LOGTAP_STACK_AARCH64,
		.registers = LOGTAP_STACK_REGISTERS_AARCH64,
	};
	struct logtap_stack_view view;

	cr_assert_eq(read_stack(&raw, 33 * 8, &view), 0);
	cr_assert_eq(read_stack(&raw, 33 * 8 - 1, &view),
		     LOGTAP_EVIDENCE_MALFORMED);
	raw.slice_bytes = 9;
	cr_assert_eq(read_stack(&raw, 33 * 8 + 8, &view),
		     LOGTAP_EVIDENCE_MALFORMED);
	raw.slice_bytes = UINT32_MAX;
	cr_assert_eq(read_stack(&raw, 33 * 8 + 8, &view),
		     LOGTAP_EVIDENCE_MALFORMED);
	raw.slice_bytes = LOGTAP_STACK_SLICE_BYTES + 1;
	cr_assert_eq(read_stack(&raw, 33 * 8 + 20000, &view),
		     LOGTAP_EVIDENCE_MALFORMED);
}

Test(evidence, registers_of_another_machine_are_malformed)
{
	struct logtap_stack raw = {.arch = LOGTAP_STACK_X86_64,
				   .registers = 33};
	struct logtap_stack_view view;

	cr_assert_eq(read_stack(&raw, 400, &view), LOGTAP_EVIDENCE_MALFORMED);
	raw.arch = 3;
	cr_assert_eq(read_stack(&raw, 400, &view), LOGTAP_EVIDENCE_MALFORMED);
	raw.arch = 0;
	raw.registers = 0;
	cr_assert_eq(read_stack(&raw, 400, &view), LOGTAP_EVIDENCE_MALFORMED);
}

Test(evidence, a_slice_that_wraps_around_memory_is_malformed)
{
	struct logtap_stack raw = {
		.arch = LOGTAP_STACK_X86_64,
		.registers = LOGTAP_STACK_REGISTERS_X86_64,
		.slice_bytes = 16,
		.low = UINT64_MAX - 15,
	};
	struct logtap_stack_view view;

	cr_assert_eq(read_stack(&raw, 17 * 8 + 16, &view),
		     LOGTAP_EVIDENCE_MALFORMED);
	raw.low--;
	cr_assert_eq(read_stack(&raw, 17 * 8 + 16, &view), 0);
}
