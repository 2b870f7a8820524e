/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the frames of a stack, and the one to blame: see stack_private.h.
 * The pipeline's thread; printing: any. */
#include "../../base/hash.h"
#include "private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* @name: receives the function's, without a version. */
static void name_frame(const struct logtap_stack_session *session,
		       uint64_t place, struct logtap_stack_frame *frame,
		       char *name, uint64_t *hash)
{
	const struct logtap_module *ours =
		logtap_modules_find(&session->modules, place);
	Dwfl_Module *module = dwfl_addrmodule(session->dwfl, place);
	GElf_Off offset;
	GElf_Sym symbol;

	*frame = (struct logtap_stack_frame){.address = place};
	if (!ours)
		return;
	frame->module = logtap_module_name(ours);
	frame->offset = place - ours->start;
	*hash = logtap_hash_bytes(*hash, frame->module, strlen(frame->module));
	*hash = logtap_hash_bytes(*hash, &frame->offset, sizeof(frame->offset));
	if (!module)
		return;
	const char *found = dwfl_module_addrinfo(module, place, &offset,
						 &symbol, NULL, NULL, NULL);
	if (found && *found) {
		snprintf(name, LOGTAP_FUNCTION_BYTES, "%.*s",
			 (int)strcspn(found, "@"), found);
		frame->function = name;
		frame->offset = offset;
	}
	Dwfl_Line *line =
		ours->lines ? dwfl_module_getsrc(module, place) : NULL;
	int number = 0;
	if (line)
		frame->file =
			dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL);
	frame->line = number > 0 ? (unsigned)number : 0;
}

static bool is_ours(const struct logtap_stack_frame *frame)
{
	return frame->module && !strncmp(frame->module, "liblogtap", 9);
}

/* Libraries that log on somebody's behalf. */
static bool is_plumbing(const struct logtap_stack_frame *frame)
{
	static const char *const names[] = {"libc.",	  "libc-",
					    "libpthread", "ld-linux",
					    "libstdc++",  "libgcc_s"};

	if (!frame->module)
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(frame->module, names[i], strlen(names[i])))
			return true;
	return false;
}

void logtap_stack_name(const struct logtap_stack_session *session,
		       char names[][LOGTAP_FUNCTION_BYTES],
		       struct logtap_stack_trace *trace)
{
	uint64_t hash = LOGTAP_HASH_START;
	bool found = false, named = false;

	trace->count = trace->culprit = 0;
	for (size_t i = 0;
	     i < session->count && trace->count < LOGTAP_FRAMES_MOST; i++) {
		struct logtap_stack_frame *frame = &trace->frames[trace->count];
		uint64_t before = hash;
		name_frame(session, session->places[i], frame,
			   names[trace->count], &hash);
		if (is_ours(frame)) {
			hash = before;
			continue;
		}
		if (!named && !is_plumbing(frame) &&
		    (!found || frame->function)) {
			trace->culprit = trace->count;
			found = true;
			named = frame->function != NULL;
		}
		trace->count++;
	}
	trace->hash = hash;
}

bool logtap_stack_is_interpreter(const char *module)
{
	static const char *const names[] = {"python",  "libpython", "perl",
					    "libperl", "ruby",	    "libruby",
					    "node",    "php",	    "bash",
					    "dash",    "libjvm",    "libjava",
					    "libnio"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(module, names[i], strlen(names[i])))
			return true;
	return false;
}

static size_t print_frame(const struct logtap_stack_frame *frame, char *line,
			  size_t room)
{
	char place[32], source[512] = "";

	snprintf(place, sizeof(place), "0x%" PRIx64, frame->address);
	if (frame->file && frame->line)
		snprintf(source, sizeof(source), " %.400s:%u", frame->file,
			 frame->line);
	int size = snprintf(line, room, "%.400s+0x%" PRIx64 " (%.200s)%s\n",
			    frame->function ? frame->function : place,
			    frame->offset, frame->module ? frame->module : "?",
			    source);
	return size < 0 || (size_t)size >= room ? 0 : (size_t)size;
}

size_t logtap_stack_print(const struct logtap_stack_trace *trace, char *text,
			  size_t room)
{
	char line[1200];
	size_t used = 0;

	if (!room)
		return 0;
	for (size_t i = 0; i < trace->count; i++) {
		size_t size =
			print_frame(&trace->frames[i], line, sizeof(line));
		if (!size || size >= room - used)
			break;
		memcpy(text + used, line, size);
		used += size;
	}
	text[used] = '\0';
	return used;
}
