/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of a Python program whose memory holds anything. */
#include "python_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(python_memory, .timeout = 60);

static uint64_t state = 88172645463325252u;

static uint64_t any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

static uint64_t inside(void)
{
	return LOW + any() % sizeof(words);
}

static uint64_t value(void)
{
	switch (any() % 8) {
	case 0:
		return any();
	case 1:
		return any() % 256;
	case 2:
		return TYPE;
	case 3:
		return 0xe5; /* a string's state, or small numbers */
	case 4:
		return any() % 64 << 32 | any() % 64;
	default:
		return inside() & ~UINT64_C(15);
	}
}

Test(python_memory, any_memory_ends_in_a_trace_or_none)
{
	struct logtap_python_trace trace;
	size_t codes = 0;

	for (unsigned i = 0; i < 3000; i++) {
		struct logtap_python_activation activations[6];
		uint64_t own[6][44], registers[6][10];
		size_t reads = 0;
		const struct logtap_python_memory memory = {.read = read_words,
							    .context = &reads};
		struct logtap_python python = {
			.layout = logtap_python_layout((0x030b + i % 3) << 16),
			.code_type = TYPE,
			.string_type = TYPE,
			.bytes_type = TYPE,
		};
		for (size_t j = 0; j < WORDS; j++)
			words[j] = value();
		for (size_t j = 0; j < 6; j++) {
			for (size_t k = 0; k < 44; k++)
				own[j][k] = value();
			for (size_t k = 0; k < 10; k++)
				registers[j][k] = inside() & ~UINT64_C(1);
			activations[j] = (struct logtap_python_activation){
				.own = {(unsigned char *)own[j], LOW + 512 * j,
					any() % 45},
				.registers = {(unsigned char *)registers[j], 0,
					      10},
			};
		}
		logtap_python_read(&python, &memory, activations, any() % 7,
				   &trace);
		cr_assert_leq(trace.count, LOGTAP_PYTHON_FRAMES);
		cr_assert_lt(reads, 200000);
		codes += python.codes[0].address != 0;
	}
	cr_assert_gt(codes, 0, "some of it looks like code");
}

/* A table of lines of any bytes, and one that is cut short. */
Test(python_memory, any_table_of_lines_ends)
{
	size_t reads = 0;
	const struct logtap_python_memory memory = {.read = read_words,
						    .context = &reads};
	const struct logtap_python python = {
		.layout = logtap_python_layout(0x030b0000),
		.bytes_type = TYPE,
	};
	const struct logtap_python_code code = {.lines = LOW, .first_line = 7};
	struct logtap_python_place place;
	unsigned char *table = (unsigned char *)words + 32;

	words[1] = TYPE;
	for (int i = 0; i < 20000; i++) {
		words[2] = any() % 64;
		for (size_t j = 0; j < 64; j++)
			table[j] = (unsigned char)(any() | 0x80);
		logtap_python_line(&python, &memory, &code, any() % 64, &place);
	}
	/* two units on the first line, one two lines further down */
	const unsigned char known[] = {0x80 | 0 << 3 | 1, 0, 0x80 | 12 << 3 | 0,
				       0, 0};
	memcpy(table, known, sizeof(known));
	words[2] = sizeof(known);
	cr_assert(logtap_python_line(&python, &memory, &code, 1, &place));
	cr_assert_eq(place.line, 7);
	cr_assert_eq(place.units, 2);
	cr_assert(logtap_python_line(&python, &memory, &code, 2, &place));
	cr_assert_eq(place.line, 9);
	cr_assert_not(logtap_python_line(&python, &memory, &code, 3, &place));
}
