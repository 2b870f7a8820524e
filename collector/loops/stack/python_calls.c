/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Is a frame at a call?  See python_private.h.  The pipeline's thread. */
#include "python_private.h"

#include <string.h>

static bool is_call(const struct logtap_python *python,
		    const struct logtap_python_memory *memory,
		    const struct logtap_python_code *code, uint64_t unit)
{
	unsigned char opcode;

	return unit < code->units &&
	       memory->read(memory->context, code->instructions + unit * 2,
			    &opcode, 1) &&
	       opcode && strchr((const char *)python->layout->calls, opcode);
}

/* Up to 3.11, each instruction has an entry of its own in the table of lines,
 * and a call of a Python function is left behind its caches; later, a frame that
 * has gone on is told by its instruction. */
unsigned logtap_python_call_line(const struct logtap_python *python,
				 const struct logtap_python_memory *memory,
				 const struct logtap_python_code *code,
				 uint64_t unit)
{
	const struct logtap_python_layout *layout = python->layout;
	struct logtap_python_place place;

	if (unit >= code->units ||
	    !logtap_python_line(python, memory, code, unit, &place))
		return 0;
	if (!layout->entries)
		return place.units > 1 && unit == place.first + place.units - 1
			       ? place.line
			       : 0;
	uint64_t start = layout->starts ? unit : unit - layout->call_units + 1;
	return is_call(python, memory, code, start) ||
			       is_call(python, memory, code, unit)
		       ? place.line
		       : 0;
}
