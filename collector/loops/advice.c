/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about a loop in the program: see describe.h.  Under the lock. */
#include "describe.h"
#include "stack/stack.h"

#include <stdio.h>
#include <string.h>

/* "DEBUG:urllib3.connectionpool:..." and "... DEBUG urllib3.util ..." */
void logtap_loops_logger(const char *sample, char *out, size_t out_bytes)
{
	static const char *const levels[] = {"DEBUG", "INFO", "WARNING",
					     "ERROR", "TRACE"};
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		const char *at = strstr(sample, levels[i]);
		if (!at)
			continue;
		at += strlen(levels[i]);
		at += strspn(at, ": []-");
		size_t bytes = strcspn(at, ": []\t");
		if (bytes < 3 || bytes >= out_bytes || !at[bytes] ||
		    strcspn(at, "/\"(") < bytes)
			continue;
		memcpy(out, at, bytes);
		out[bytes] = 0;
		return;
	}
	out[0] = 0;
}

/* The innermost function of the program itself, if its source is known; else
 * the innermost that has a name. */
static const struct logtap_loops_frame *culprit_of(
	const struct logtap_loops_loop *loop)
{
	const struct logtap_loops_frame *named = NULL;

	for (size_t i = 0; i < loop->frame_count; i++) {
		const struct logtap_loops_frame *frame = &loop->frames[i];
		if (!strcmp(frame->function, "start_thread") ||
		    !strncmp(frame->function, "__libc_start", 12))
			break;
		if (!frame->function[0] ||
		    logtap_stack_is_interpreter(frame->module))
			continue;
		if (frame->file[0])
			return frame;
		if (!named)
			named = frame;
	}
	return named;
}

/* "_make_request (urllib3/connectionpool.py:461)" */
static void place_python(const struct logtap_python_frame *frame, char *out,
			 size_t out_bytes)
{
	const char *file = strrchr(frame->file, '/');

	while (file && file > frame->file && file[-1] != '/')
		file--;
	file = file ? file : frame->file;
	if (frame->line && frame->exact)
		snprintf(out, out_bytes, "%s (%s:%u)", frame->function, file,
			 frame->line);
	else
		snprintf(out, out_bytes, "%s (%s)", frame->function, file);
}

void logtap_loops_place(const struct logtap_loops_loop *loop, char *out,
			size_t out_bytes)
{
	const struct logtap_loops_frame *frame = culprit_of(loop);
	const char *file = frame ? strrchr(frame->file, '/') : NULL;

	const struct logtap_loops_python_stack *python =
		logtap_loops_python_most(loop);

	out[0] = 0;
	if (python) {
		place_python(&python->frames[0], out, out_bytes);
		return;
	}
	if (!frame)
		return;
	file = file ? file + 1 : frame->file;
	if (frame->file[0] && frame->line)
		snprintf(out, out_bytes, "%s (%s:%u)", frame->function, file,
			 frame->line);
	else
		snprintf(out, out_bytes, "%s (%s)", frame->function,
			 frame->module);
}

static void fix_exporter(const struct logtap_loops_loop *loop,
			 const char *logger, char *out, size_t out_bytes)
{
	char place[160];

	logtap_loops_place(loop, place, sizeof(place));
	if (loop->proof.reentries)
		snprintf(out, out_bytes,
			 "do not log in the handler of records%s%s: write to "
			 "the raw sink, or only count",
			 place[0] ? ", " : "", place);
	else if (logger[0])
		snprintf(out, out_bytes,
			 "keep what the exporter logs away from the exporter: "
			 "exclude logger %s in the application",
			 logger);
	else
		snprintf(out, out_bytes,
			 "keep what the exporter logs away from the exporter: "
			 "turn off what is written in %s",
			 place[0] ? place : "its HTTP library");
}

void logtap_loops_fix(const struct logtap_loops_loop *loop, const char *logger,
		      char *out, size_t out_bytes)
{
	switch (loop->class) {
	case LOGTAP_LOOPS_L1:
	case LOGTAP_LOOPS_L2:
		fix_exporter(loop, logger, out, out_bytes);
		break;
	case LOGTAP_LOOPS_L4:
		snprintf(out, out_bytes,
			 "do not log these requests in %s, or leave it alone: "
			 "--exclude %s",
			 loop->comm, loop->comm);
		break;
	case LOGTAP_LOOPS_L5:
		snprintf(out, out_bytes,
			 "let one of the two not capture what receives from "
			 "the other");
		break;
	case LOGTAP_LOOPS_L6:
		snprintf(out, out_bytes,
			 "let %s not write where it reads, or not print what "
			 "it receives",
			 loop->comm);
		break;
	default:
		snprintf(out, out_bytes,
			 "let %s log that the receiver fails once, not each "
			 "time",
			 loop->comm);
	}
}
