/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where CPython has what: see python.h.  Any thread.
 *
 * From the headers of CPython 3.11 (internal/pycore_frame.h, cpython/code.h,
 * cpython/pystate.h, cpython/unicodeobject.h, cpython/bytesobject.h), for
 * machines of 64 bits; they did not change after 3.11.0. */
#include "python.h"

static const struct logtap_python_layout layouts[] = {
	{
		.version = 0x030b,
		.cframe_current = 8,
		.cframe_previous = 16,
		.frame_code = 32,
		.frame_previous = 48,
		.frame_instruction = 56,
		.frame_is_entry = 68,
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
};

const struct logtap_python_layout *logtap_python_layout(uint64_t version)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (version >> 32 == 0 && version >> 16 == layouts[i].version)
			return &layouts[i];
	return NULL;
}
