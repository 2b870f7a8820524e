/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of a Python program that write a loop's records: see python.h.
 * Under the lock.
 *
 * Each is read a moment later than it was: what most of the samples show is
 * told, and how many do.
 */
#include "../base/hash.h"
#include "describe.h"
#include "model.h"

#include <logtap/abi/evidence.h>
#include <stdio.h>
#include <string.h>

/* Of the functions that what is known calls, mostly. */
enum { DEEPER_BYTES = 1024 };
enum { GUESSES_LEFT_OUT = 8 };

/* The innermost function that logs on nobody's behalf. */
static size_t culprit_of(const struct logtap_python_trace *trace)
{
	for (size_t i = 0; i < trace->count; i++)
		if (!logtap_python_is_plumbing(&trace->frames[i]))
			return i;
	return trace->count;
}

static uint64_t hash_of(const struct logtap_python_frame *frame)
{
	uint64_t hash = LOGTAP_HASH_START;

	hash = logtap_hash_bytes(hash, frame->function,
				 strlen(frame->function) + 1);
	return logtap_hash_bytes(hash, frame->file, strlen(frame->file) + 1);
}

/* How much of a stack is known. */
static size_t worth(const struct logtap_python_frame *frames, size_t count)
{
	size_t known = 0;

	for (size_t i = 0; i < count; i++)
		known += (frames[i].file[0] != 0) + 2u * frames[i].exact;
	return known;
}

/* That of the same function, or the one to make way. */
static struct logtap_loops_python_stack *place_of(
	struct logtap_loops_python *python, uint64_t hash)
{
	struct logtap_loops_python_stack *least = &python->stacks[0];

	for (size_t i = 0; i < LOGTAP_LOOPS_PYTHON_STACKS; i++) {
		struct logtap_loops_python_stack *stack = &python->stacks[i];
		if (stack->seen && stack->hash == hash)
			return stack;
		if (stack->seen < least->seen)
			least = stack;
	}
	*least = (struct logtap_loops_python_stack){.hash = hash};
	return least;
}

/* Where the next sample is likely to have its frames: callers lie before what
 * they call, which is not always as deep. */
static void place_memory(struct logtap_loops_python *python, uint64_t frame)
{
	uint64_t end = (frame + DEEPER_BYTES) & ~UINT64_C(7);

	if (frame && (end > python->memory_end ||
		      python->memory_end - end > LOGTAP_STACK_MEMORY_BYTES / 2))
		python->memory_end = end;
}

/* Is it worth more than what there is?  Frames that have not come with their
 * stack may have been another's: they count where none comes. */
static bool is_sure(struct logtap_loops_python *python,
		    const struct logtap_python_trace *trace)
{
	if (trace->then && !python->then) {
		memset(python->stacks, 0, sizeof(python->stacks));
		python->found = 0;
		python->then = true;
	}
	return trace->then ||
	       (!python->then && python->samples > GUESSES_LEFT_OUT);
}

void logtap_loops_keep_python(struct logtap_loops_loop *loop,
			      const struct logtap_python_trace *trace)
{
	struct logtap_loops_python *python = &loop->python;

	if (!trace || python->samples >= LOGTAP_LOOPS_PYTHON_SAMPLES)
		return;
	if (trace->status == LOGTAP_PYTHON_NONE) {
		if (!python->samples)
			python->status = LOGTAP_PYTHON_NONE;
		return;
	}
	python->samples++;
	place_memory(python, trace->frame);
	bool sure = is_sure(python, trace);
	if (!python->found) {
		python->status = sure || trace->status != LOGTAP_PYTHON_READ
					 ? trace->status
					 : LOGTAP_PYTHON_GONE;
		python->why = trace->why;
	}
	if (!sure)
		return;
	size_t first = culprit_of(trace);
	if (first == trace->count)
		return;
	python->status = LOGTAP_PYTHON_READ;
	python->found++;
	size_t count = trace->count - first;
	if (count > LOGTAP_LOOPS_PYTHON_FRAMES)
		count = LOGTAP_LOOPS_PYTHON_FRAMES;
	const struct logtap_python_frame *frames = &trace->frames[first];
	struct logtap_loops_python_stack *stack =
		place_of(python, hash_of(frames));
	if (stack->seen++ &&
	    worth(frames, count) < worth(stack->frames, stack->count))
		return;
	stack->count = count;
	memcpy(stack->frames, frames, count * sizeof(*frames));
}

bool logtap_loops_wants_python(const struct logtap_loops_loop *loop)
{
	const struct logtap_loops_python *python = &loop->python;

	if (python->status == LOGTAP_PYTHON_NONE ||
	    python->status == LOGTAP_PYTHON_UNKNOWN ||
	    python->samples >= LOGTAP_LOOPS_PYTHON_SAMPLES)
		return false;
	return python->found < LOGTAP_LOOPS_PYTHON_ENOUGH;
}

const struct logtap_loops_python_stack *logtap_loops_python_most(
	const struct logtap_loops_loop *loop)
{
	const struct logtap_loops_python *python = &loop->python;
	const struct logtap_loops_python_stack *most = &python->stacks[0];

	for (size_t i = 1; i < LOGTAP_LOOPS_PYTHON_STACKS; i++)
		if (python->stacks[i].seen > most->seen)
			most = &python->stacks[i];
	return most->seen ? most : NULL;
}

static const char *why_not(const struct logtap_loops_python *python)
{
	switch (python->status) {
	case LOGTAP_PYTHON_GONE:
		return "they were gone when they were read";
	case LOGTAP_PYTHON_DENIED:
		return python->why ? python->why : "permission";
	case LOGTAP_PYTHON_UNKNOWN:
		return "this version is not known";
	default:
		return "";
	}
}

json_t *logtap_loops_python_json(const struct logtap_loops_loop *loop)
{
	const struct logtap_loops_python *python = &loop->python;
	const struct logtap_loops_python_stack *stack =
		logtap_loops_python_most(loop);
	json_t *frames = json_array();

	if (!python->samples) {
		json_decref(frames);
		return NULL;
	}
	for (size_t i = 0; stack && i < stack->count; i++) {
		const struct logtap_python_frame *frame = &stack->frames[i];
		json_array_append_new(
			frames,
			json_pack("{s:o,s:o,s:i,s:b}", "function",
				  logtap_loops_text(frame->function), "file",
				  logtap_loops_text(frame->file), "line",
				  (int)frame->line, "exact",
				  (int)frame->exact));
	}
	return json_pack("{s:o,s:i,s:i,s:s}", "frames", frames, "seen",
			 stack ? (int)stack->seen : 0, "samples",
			 (int)python->samples, "not_read",
			 stack ? "" : why_not(python));
}
