/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Code objects of CPython: see python_private.h.  The pipeline's thread. */
#include "python_private.h"

#include <string.h>

enum { STRING_CHARACTERS_MOST = 4096, UNITS_MOST = 1 << 24, NAMES_MOST = 256 };
/* struct in PyASCIIObject.state */
enum { COMPACT = 1 << 5, ASCII = 1 << 6 };

static uint64_t word(const unsigned char *data, unsigned at)
{
	uint64_t value;

	memcpy(&value, data + at, sizeof(value));
	return value;
}

static uint32_t number(const unsigned char *data, unsigned at)
{
	uint32_t value;

	memcpy(&value, data + at, sizeof(value));
	return value;
}

bool logtap_python_code_read(const struct logtap_python *python,
			     const struct logtap_python_memory *memory,
			     uint64_t address, struct logtap_python_code *out)
{
	const struct logtap_python_layout *layout = python->layout;
	unsigned char data[LOGTAP_PYTHON_CODE_BYTES];

	if (!address || address % 8 ||
	    !memory->read(memory->context, address, data,
			  layout->code_instructions))
		return false;
	uint64_t units = word(data, layout->size);
	uint64_t frame = (uint64_t)number(data, layout->code_locals) +
			 number(data, layout->code_stack);
	if (word(data, layout->type) != python->code_type || !units ||
	    units > UNITS_MOST || frame > UNITS_MOST)
		return false;
	*out = (struct logtap_python_code){
		.address = address,
		.instructions = address + layout->code_instructions,
		.units = units,
		.frame_bytes = layout->frame_bytes + frame * 8,
		.file = word(data, layout->code_file),
		.name = word(data, layout->code_name),
		.names = word(data, layout->code_names),
		.lines = word(data, layout->code_lines),
		.first_line = number(data, layout->code_first_line),
	};
	return true;
}

/* Characters of @width bytes; what is not ASCII is told by a question mark,
 * as are control characters. */
static void plain(const unsigned char *data, size_t count, size_t width,
		  char *out)
{
	for (size_t i = 0; i < count; i++) {
		const unsigned char *at = data + i * width;
		bool high = false;
		for (size_t j = 1; j < width; j++)
			high |= at[j] != 0;
		out[i] = (char)(high || at[0] >= 0x7f || at[0] < 0x20 ? '?'
								      : at[0]);
	}
	out[count] = '\0';
}

/* @end: the end of it, if there is no room for all. */
static bool read_string(const struct logtap_python *python,
			const struct logtap_python_memory *memory,
			uint64_t address, bool end, char *out, size_t room)
{
	const struct logtap_python_layout *layout = python->layout;
	unsigned char head[64], data[4 * LOGTAP_PYTHON_FILE_BYTES];

	if (!address || address % 8 ||
	    !memory->read(memory->context, address, head, layout->string_ascii))
		return false;
	uint64_t length = word(head, layout->string_length);
	uint32_t state = number(head, layout->string_state);
	size_t width = state >> 2 & 7;
	if (word(head, layout->type) != python->string_type ||
	    !(state & COMPACT) || length > STRING_CHARACTERS_MOST ||
	    (width != 1 && width != 2 && width != 4))
		return false;
	uint64_t from = address + (state & ASCII ? layout->string_ascii
						 : layout->string_other);
	size_t count = length < room ? (size_t)length : room - 1;
	if (end)
		from += (length - count) * width;
	if (count * width > sizeof(data) ||
	    (count &&
	     !memory->read(memory->context, from, data, count * width)))
		return false;
	plain(data, count, width, out);
	return true;
}

bool logtap_python_code_name(const struct logtap_python *python,
			     const struct logtap_python_memory *memory,
			     const struct logtap_python_code *code,
			     struct logtap_python_frame *out)
{
	return read_string(python, memory, code->name, false, out->function,
			   sizeof(out->function)) &&
	       read_string(python, memory, code->file, true, out->file,
			   sizeof(out->file)) &&
	       out->function[0];
}

bool logtap_python_code_names(const struct logtap_python *python,
			      const struct logtap_python_memory *memory,
			      const struct logtap_python_code *code,
			      const char *name)
{
	const struct logtap_python_layout *layout = python->layout;
	char text[LOGTAP_PYTHON_NAME_BYTES];
	const char *dot = strrchr(name, '.');
	uint64_t count, at;

	if (!memory->read(memory->context, code->names + layout->size, &count,
			  sizeof(count)) ||
	    count > NAMES_MOST)
		return false;
	for (uint64_t i = 0; i < count; i++)
		if (memory->read(memory->context,
				 code->names + layout->tuple_data + i * 8, &at,
				 sizeof(at)) &&
		    read_string(python, memory, at, false, text,
				sizeof(text)) &&
		    !strcmp(text, dot ? dot + 1 : name))
			return true;
	return false;
}

bool logtap_python_is_plumbing(const struct logtap_python_frame *frame)
{
	static const char *const ends[] = {"/logging/__init__.py",
					   "/logging/handlers.py",
					   "/warnings.py", "/traceback.py"};
	size_t bytes = strlen(frame->file);

	if (frame->file[0] == '<' && strcmp(frame->file, "<string>") != 0 &&
	    strcmp(frame->file, "<stdin>") != 0)
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (bytes >= strlen(ends[i]) &&
		    !strcmp(frame->file + bytes - strlen(ends[i]), ends[i]))
			return true;
	return false;
}
