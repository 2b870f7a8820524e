/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where CPython has what: see python.h.  Any thread.
 *
 * From the headers of CPython 3.11 to 3.13 (internal/pycore_frame.h,
 * cpython/code.h, cpython/pystate.h, cpython/unicodeobject.h,
 * cpython/bytesobject.h, opcode.h or opcode_ids.h), for machines of 64 bits;
 * they do not change within a minor version. */
#include "python.h"

#include <string.h>

/* What has not changed since 3.12. */
#define SINCE_3_12                                                     \
	.frame_code = 0, .frame_previous = 8, .frame_instruction = 56, \
	.frame_state = 64, .frame_owner = 70, .frame_bytes = 72,       \
	.code_names = 32, .code_stack = 64, .code_first_line = 68,     \
	.code_locals = 72, .code_file = 112, .code_name = 128,         \
	.code_lines = 136, .type = 8, .size = 16, .bytes_data = 32,    \
	.string_length = 16, .string_state = 32, .string_ascii = 40,   \
	.string_other = 56, .tuple_data = 24, .call_units = 4

static const struct logtap_python_layout layouts[] = {
	{
		.version = 0x030b,
		.cframe_current = 8,
		.cframe_previous = 16,
		.frame_code = 32,
		.frame_previous = 48,
		.frame_instruction = 56,
		.frame_state = 64,
		.frame_owner = 69,
		.frame_bytes = 72, /* without locals and stack */
		.code_names = 32,
		.code_stack = 68,
		.code_first_line = 72,
		.code_locals = 76,
		.code_file = 112,
		.code_name = 128, /* co_qualname */
		.code_lines = 136,
		.code_instructions = 184,
		.type = 8,
		.size = 16,
		.bytes_data = 32,
		.string_length = 16,
		.string_state = 32,
		.string_ascii = 48,
		.string_other = 72,
		.tuple_data = 24,
	},
	{
		.version = 0x030c,
		.entries = true,
		SINCE_3_12,
		.code_instructions = 192,
		/* CALL, the three that it becomes, CALL_FUNCTION_EX, and both
		 * as they are when something watches */
		.calls = {171, 23, 24, 28, 142, 241, 244},
	},
	{
		.version = 0x030d,
		.entries = true,
		.starts = true,
		.tells = true,
		SINCE_3_12,
		.code_instructions = 200,
		/* CALL, what it becomes, CALL_FUNCTION_EX, CALL_KW, and those as
		 * they are when something watches */
		.calls = {53, 162, 163, 164, 177, 178, 54, 57, 244, 245, 246},
	},
};

const struct logtap_python_layout *logtap_python_layout(uint64_t version)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (version >> 32 == 0 && version >> 16 == layouts[i].version)
			return &layouts[i];
	return NULL;
}

/* Words of _Py_DebugOffsets, with which _PyRuntime begins since 3.13
 * (internal/pycore_runtime.h). */
enum {
	COOKIE,
	VERSION,
	FREE_THREADED,
	FRAME_PREVIOUS = 29,
	FRAME_CODE,
	FRAME_INSTRUCTION,
	FRAME_BYTES,
	FRAME_OWNER,
	CODE_FILE = 35,
	CODE_NAME = 37,
	CODE_LINES,
	CODE_FIRST_LINE,
	CODE_INSTRUCTIONS = 43,
	OBJECT_TYPE = 45,
	TUPLE_DATA = 51,
	TUPLE_SIZE,
	BYTES_SIZE = 65,
	BYTES_DATA,
	STRING_STATE = 68,
	STRING_LENGTH,
	STRING_ASCII,
	WORDS,
};

bool logtap_python_layout_fits(const struct logtap_python_layout *layout,
			       const struct logtap_python_memory *memory,
			       uint64_t runtime)
{
	const struct {
		unsigned word, wanted;
	} all[] = {
		{FREE_THREADED, 0},
		{FRAME_PREVIOUS, layout->frame_previous},
		{FRAME_CODE, layout->frame_code},
		{FRAME_INSTRUCTION, layout->frame_instruction},
		{FRAME_BYTES, layout->frame_bytes},
		{FRAME_OWNER, layout->frame_owner},
		{CODE_FILE, layout->code_file},
		{CODE_NAME, layout->code_name},
		{CODE_LINES, layout->code_lines},
		{CODE_FIRST_LINE, layout->code_first_line},
		{CODE_INSTRUCTIONS, layout->code_instructions},
		{OBJECT_TYPE, layout->type},
		{TUPLE_DATA, layout->tuple_data},
		{TUPLE_SIZE, layout->size},
		{BYTES_SIZE, layout->size},
		{BYTES_DATA, layout->bytes_data},
		{STRING_STATE, layout->string_state},
		{STRING_LENGTH, layout->string_length},
		{STRING_ASCII, layout->string_ascii},
	};
	uint64_t words[WORDS];

	if (!runtime ||
	    !memory->read(memory->context, runtime, words, sizeof(words)) ||
	    memcmp(&words[COOKIE], "xdebugpy", 8) != 0 ||
	    words[VERSION] >> 16 != layout->version)
		return false;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (words[all[i].word] != all[i].wanted)
			return false;
	return true;
}
