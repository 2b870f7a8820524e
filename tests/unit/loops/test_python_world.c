/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of a Python program whose memory is right, and right but for one
 * thing. */
#include "python_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(python_world, .timeout = 60);

/* A thread of one activation, in g, which was called by f. */

enum { CODE_F = LOW + 0x1000, CODE_G = LOW + 0x1400, NAME = LOW + 0x1800 };
enum {
	OTHER_NAME = LOW + 0x1880,
	FILE_NAME = LOW + 0x1900,
	LINES = LOW + 0x2000
};
enum {
	FRAME_F = LOW + 0x8000,
	FRAME_G = FRAME_F + 72 + 16,
	C_STACK = 0x7000000
};
enum { UNITS = 16, AT = 8 };

static void put(uint64_t address, uint64_t data, size_t bytes)
{
	memcpy((char *)words + (address - LOW), &data, bytes);
}

static void put_string(const struct logtap_python_layout *layout, uint64_t at,
		       const char *text)
{
	put(at + layout->type, TYPE, 8);
	put(at + layout->string_length, strlen(text), 8);
	put(at + layout->string_state, 1 << 2 | 1 << 5 | 1 << 6, 4);
	memcpy((char *)words + (at + layout->string_ascii - LOW), text,
	       strlen(text));
}

static void put_code(const struct logtap_python_layout *layout, uint64_t at,
		     uint64_t name, unsigned char call)
{
	put(at + layout->type, TYPE, 8);
	put(at + layout->size, UNITS, 8);
	put(at + layout->code_stack, 1, 4);
	put(at + layout->code_locals, 1, 4);
	put(at + layout->code_first_line, 5, 4);
	put(at + layout->code_file, FILE_NAME, 8);
	put(at + layout->code_name, name, 8);
	put(at + layout->code_lines, LINES, 8);
	put(at + layout->code_instructions + AT * 2, call, 1);
}

static void put_frame(const struct logtap_python_layout *layout, uint64_t at,
		      uint64_t code, uint64_t previous)
{
	put(at + layout->frame_code, code, 8);
	put(at + layout->frame_previous, previous, 8);
	put(at + layout->frame_instruction,
	    code + layout->code_instructions + AT * 2, 8);
}

struct world {
	struct logtap_python python;
	struct logtap_python_trace trace;
	uint64_t own[16], registers[3];
	uint64_t then_low, then_bytes;
	size_t reads;
};

static void make(struct world *world, uint64_t version)
{
	const struct logtap_python_layout *layout =
		logtap_python_layout(version << 16);

	*world = (struct world){.python = {.layout = layout,
					   .code_type = TYPE,
					   .string_type = TYPE,
					   .bytes_type = TYPE}};
	memset(words, 0, sizeof(words));
	put_string(layout, NAME, "g");
	put_string(layout, OTHER_NAME, "f");
	put_string(layout, FILE_NAME, "/x/y.py");
	put(LINES + layout->type, TYPE, 8);
	put(LINES + layout->size, 6, 8);
	/* eight units on the first line, eight on the next */
	const unsigned char lines[] = {0x80 | 10 << 3 | 7, 0, 0,
				       0x80 | 11 << 3 | 7, 0, 0};
	memcpy((char *)words + (LINES + layout->bytes_data - LOW), lines, 6);
	put_code(layout, CODE_F, OTHER_NAME, layout->calls[0]);
	put_code(layout, CODE_G, NAME, 0);
	put_frame(layout, FRAME_F, CODE_F, C_STACK);
	put_frame(layout, FRAME_G, CODE_G, FRAME_F);
	/* an entry frame: nobody's code, and an instruction of it */
	world->own[layout->frame_code / 8] = LOW;
	world->own[layout->frame_instruction / 8] = LOW + 2;
	world->own[layout->frame_state / 8] = UINT64_C(3) << 48;
	world->registers[1] = FRAME_G;
	world->registers[2] = CODE_G + layout->code_instructions + AT * 2 + 2;
}

static void look(struct world *world)
{
	const struct logtap_python_memory memory = {
		.read = read_words,
		.context = &world->reads,
		.then_low = world->then_low,
		.then_bytes = world->then_bytes,
	};
	const struct logtap_python_activation activation = {
		.own = {(unsigned char *)world->own, C_STACK, 16},
		.registers = {(unsigned char *)world->registers, 0, 3},
	};

	world->reads = 0;
	logtap_python_read(&world->python, &memory, &activation, 1,
			   &world->trace);
	cr_assert_leq(world->trace.count, LOGTAP_PYTHON_FRAMES);
	cr_assert_lt(world->reads, 20000);
}

static void is_whole(const struct world *world)
{
	cr_assert_eq(world->trace.count, 2);
	cr_assert_str_eq(world->trace.frames[0].function, "g");
	cr_assert_str_eq(world->trace.frames[1].function, "f");
	cr_assert_str_eq(world->trace.frames[0].file, "/x/y.py");
	cr_assert_eq(world->trace.frames[0].line, 6);
	cr_assert_eq(world->trace.frames[1].line, 6);
	cr_assert(world->trace.frames[1].exact);
}

static const uint64_t versions[] = {0x030c, 0x030d};

Test(python_world, a_world_that_is_right_is_told)
{
	static struct world world;

	for (size_t i = 0; i < 2; i++) {
		make(&world, versions[i]);
		look(&world);
		is_whole(&world);
	}
}

/* What came with the stack needs no other sign. */
Test(python_world, a_frame_of_then_is_believed)
{
	static struct world world;

	for (size_t i = 0; i < 2; i++) {
		make(&world, versions[i]);
		look(&world); /* where the frame is kept */
		world.registers[2] = 0;
		look(&world);
		cr_assert_eq(world.trace.count, 0);
		world.then_low = FRAME_F;
		world.then_bytes = FRAME_G + 72 - FRAME_F - 1;
		look(&world);
		cr_assert_eq(world.trace.count, 0);
		world.then_bytes++;
		look(&world);
		is_whole(&world);
	}
}

Test(python_world, frames_that_lead_in_a_circle_end)
{
	static struct world world;

	for (size_t i = 0; i < 2; i++) {
		/* it has been in g before, so knows where that is kept */
		make(&world, versions[i]);
		look(&world);
		const struct logtap_python_layout *layout = world.python.layout;
		put_frame(layout, FRAME_F, CODE_F, FRAME_F);
		look(&world);
		put_frame(layout, FRAME_F, CODE_F, FRAME_G);
		put(FRAME_F + layout->frame_owner, 1, 1);
		put(FRAME_G + layout->frame_owner, 1, 1);
		look(&world);
		cr_assert_eq(world.trace.count, LOGTAP_PYTHON_FRAMES);
		make(&world, versions[i]);
		put_frame(layout, FRAME_F, CODE_F, FRAME_G);
		look(&world);
		cr_assert_eq(world.trace.count, 0, "no way to the entry");
	}
}

Test(python_world, sizes_that_are_too_large_are_not_believed)
{
	static const uint64_t sizes[] = {UINT64_MAX, INT64_MAX, 1u << 31,
					 1u << 24, 65537};
	static struct world world;

	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			make(&world, versions[i]);
			const struct logtap_python_layout *layout =
				world.python.layout;
			put(NAME + layout->string_length, sizes[j], 8);
			look(&world);
			cr_assert_eq(world.trace.count, 0);
			make(&world, versions[i]);
			put(LINES + layout->size, sizes[j], 8);
			look(&world);
			cr_assert_eq(world.trace.count, 2);
			cr_assert_not(world.trace.frames[0].exact);
			make(&world, versions[i]);
			put(CODE_G + layout->code_stack, sizes[j] | 1u << 30,
			    4);
			look(&world);
			cr_assert_eq(world.trace.count, 0);
		}
}

/* Of the end of what may be read, and of another kind. */
Test(python_world, names_without_an_end_are_not_read)
{
	static struct world world;

	for (size_t i = 0; i < 2; i++) {
		make(&world, versions[i]);
		const struct logtap_python_layout *layout = world.python.layout;
		uint64_t last = LOW + sizeof(words) - 64;
		put_string(layout, last, "z");
		put(last + layout->string_length, 4096, 8);
		put(CODE_G + layout->code_file, last, 8);
		look(&world);
		cr_assert_eq(world.trace.count, 0);
		make(&world, versions[i]);
		put(FILE_NAME + layout->string_state, 3 << 2 | 1 << 5, 4);
		look(&world);
		cr_assert_eq(world.trace.count, 0, "characters of 3 bytes");
		make(&world, versions[i]);
		put(FILE_NAME + layout->string_length, 4096, 8);
		look(&world);
		cr_assert_eq(world.trace.count, 2);
		cr_assert_eq(strlen(world.trace.frames[0].file),
			     LOGTAP_PYTHON_FILE_BYTES - 1, "its end");
	}
}

Test(python_world, what_is_not_ascii_is_not_passed_on)
{
	static struct world world;

	for (size_t i = 0; i < 2; i++)
		for (unsigned byte = 0; byte < 256; byte++) {
			char text[] = "a_b";
			make(&world, versions[i]);
			text[1] = (char)(byte ? byte : '?');
			put_string(world.python.layout, NAME, text);
			put(NAME + world.python.layout->string_ascii + 1, byte,
			    1);
			look(&world);
			if (byte < 0x20 || byte >= 0x7f)
				text[1] = '?';
			cr_assert_str_eq(world.trace.frames[0].function, text);
		}
}

/* What CPython 3.13 says of itself. */
Test(python_world, a_build_of_another_kind_is_not_read)
{
	const struct logtap_python_layout *layout =
		logtap_python_layout(0x030d0000);
	static const uint64_t said[] = {
		/* of frames, code, objects, tuples, bytes and strings */
		[1] = 0x030d00f0, [29] = 8,   [30] = 0,	  [31] = 56,  [32] = 72,
		[33] = 70,	  [35] = 112, [37] = 128, [38] = 136, [39] = 68,
		[43] = 200,	  [45] = 8,   [51] = 24,  [52] = 16,  [65] = 16,
		[66] = 32,	  [68] = 32,  [69] = 16,  [70] = 40,
	};
	size_t reads = 0;
	const struct logtap_python_memory memory = {.read = read_words,
						    .context = &reads};

	memcpy(words, said, sizeof(said));
	memcpy(words, "xdebugpy", 8);
	cr_assert(logtap_python_layout_fits(layout, &memory, LOW));
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		if (i > 2 && !said[i] && i != 30)
			continue;
		uint64_t kept = words[i];
		words[i] ^= UINT64_C(1) << (i == 1 ? 20 : 32);
		cr_assert_not(logtap_python_layout_fits(layout, &memory, LOW),
			      "word %zu", i);
		words[i] = kept;
	}
	cr_assert_not(logtap_python_layout_fits(layout, &memory, 0));
	cr_assert_not(logtap_python_layout_fits(layout, &memory,
						LOW + sizeof(words) - 8));
}
