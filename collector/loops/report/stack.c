/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where a loop's records were written, for a person: see report_write.h.  Any
 * thread. */
#include "../stack/stack.h"
#include "write.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { FRAMES = 24 };

/* Frames that are told by their number: an interpreter's, and such without a
 * name. */
static bool is_counted(const json_t *frame)
{
	return !*logtap_report_string(frame, "function") ||
	       logtap_stack_is_interpreter(
		       logtap_report_string(frame, "module"));
}

/* How many from @first on are of one module. */
static size_t count_from(const json_t *stack, size_t first)
{
	const char *module = NULL;
	size_t i = first;

	for (; i < json_array_size(stack); i++) {
		const json_t *frame = json_array_get(stack, i);
		const char *at = logtap_report_string(frame, "module");
		if (!is_counted(frame) || (module && strcmp(module, at) != 0))
			break;
		module = at;
	}
	return i - first;
}

static void put_counted(struct logtap_report *to, const json_t *frame,
			const char *separator, size_t count)
{
	const char *module = logtap_report_string(frame, "module");
	char text[64];

	snprintf(text, sizeof(text), "%zu %s%s", count,
		 logtap_stack_is_interpreter(module) ? "of the interpreter"
						     : "without a name",
		 *module ? " (" : "");
	logtap_report_item(to, separator, text, "");
	if (*module)
		logtap_report_item(to, "", module, ")");
}

static void put_frame(struct logtap_report *to, const json_t *frame,
		      const char *separator)
{
	const char *function = logtap_report_string(frame, "function");
	const char *file = logtap_report_string(frame, "file");
	const char *place =
		*file ? file : logtap_report_string(frame, "module");
	double line = logtap_report_number(frame, "line");
	char end[48] = ")";

	logtap_report_item(to, separator, function, "");
	if (*file && line > 0)
		snprintf(end, sizeof(end), ":%.0f)", line);
	if (*place)
		logtap_report_item(to, " (", logtap_report_end_of(place), end);
}

void logtap_report_stack(struct logtap_report *to, const json_t *loop)
{
	const json_t *stack = json_object_get(loop, "stack");
	const char *why = logtap_report_string(loop, "stack_not_read");
	size_t count = json_array_size(stack), shown = 0;

	if (!count && *why) {
		logtap_report_item(to, "  stack : ", "not read: ", why);
		logtap_report_print(to, "\n");
	}
	if (!count)
		return;
	logtap_report_print(to, "  stack : ");
	for (size_t i = 0; i < count; shown++) {
		const json_t *frame = json_array_get(stack, i);
		const char *function = logtap_report_string(frame, "function");
		size_t same = count_from(stack, i);
		if (shown == FRAMES) {
			logtap_report_item(to, " <- ", "...", "");
			break;
		}
		/* how libc comes to main() tells nothing */
		if (i && !same && !strncmp(function, "__libc_start", 12))
			break;
		if (same)
			put_counted(to, frame, i ? " <- " : "", same);
		else
			put_frame(to, frame, i ? " <- " : "");
		if (!same && !strcmp(function, "main"))
			break;
		i += same ? same : 1;
	}
	logtap_report_print(to, "\n");
}
