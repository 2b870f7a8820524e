/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of a Python program that write a loop's records, for a person:
 * see report_write.h.  Any thread. */
#include "write.h"

#include <stdbool.h>
#include <stdio.h>

enum { FRAMES = 12 };

static void put_frame(struct logtap_report *to, const json_t *frame,
		      const char *separator)
{
	const char *file = logtap_report_string(frame, "file");
	double line = logtap_report_number(frame, "line");
	bool exact = json_is_true(json_object_get(frame, "exact"));
	char end[48] = ")";

	logtap_report_item(to, separator,
			   logtap_report_string(frame, "function"), "");
	if (!*file)
		return;
	if (line > 0)
		snprintf(end, sizeof(end), exact ? ":%.0f)" : ", def at %.0f)",
			 line);
	logtap_report_item(to, " (", logtap_report_end_of(file), end);
}

void logtap_report_python(struct logtap_report *to, const json_t *loop)
{
	const json_t *python = json_object_get(loop, "python");
	const json_t *frames = json_object_get(python, "frames");
	const char *why = logtap_report_string(python, "not_read");
	size_t count = json_array_size(frames);
	char seen[80];

	if (!count && !*why)
		return;
	logtap_report_print(to, "  python: ");
	if (!count)
		logtap_report_item(to, "functions not read: ", why, "");
	for (size_t i = 0; i < count && i < FRAMES; i++)
		put_frame(to, json_array_get(frames, i), i ? " <- " : "");
	if (count > FRAMES)
		logtap_report_item(to, " <- ", "...", "");
	snprintf(seen, sizeof(seen), "seen in %.0f of %.0f samples",
		 logtap_report_number(python, "seen"),
		 logtap_report_number(python, "samples"));
	if (count)
		logtap_report_item(to, "; ", seen, "");
	logtap_report_print(to, "\n");
}
