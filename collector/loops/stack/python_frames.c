/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chains of _PyInterpreterFrame: see python.h.  The pipeline's thread.
 *
 * They lie one behind the other, each as long as its code says, and stay where
 * they were when their function has returned, until another one is called at
 * the same place.  So:
 *
 * - the frame that an activation of the interpreter was in is known by its
 *   address and by the instruction, both from the copy of the stack;
 * - its caller ends where it begins; the one that lies there now, or did before,
 *   is believed to be that if it names the callee;
 * - the caller's line is known if the callee's frame is still there.
 */
#include "python_private.h"

struct reading {
	struct logtap_python *python;
	const struct logtap_python_memory *memory;
	const struct logtap_python_activation *activations;
	uint64_t *frames; /* of the activations; 0: unknown */
	size_t count;
	struct logtap_python_image image;
	bool ended;  /* the thread's first frame was reached */
	bool inside; /* of logging, whose functions are missing */
	struct logtap_python_trace *out;
};

static bool put(struct reading *reading, const struct logtap_python_code *code,
		uint64_t unit, bool at_call)
{
	struct logtap_python_trace *out = reading->out;
	struct logtap_python_frame frame = {.line = code->first_line};
	struct logtap_python_place place = {0};

	if (out->count == LOGTAP_PYTHON_FRAMES ||
	    !logtap_python_code_name(reading->python, reading->memory, code,
				     &frame))
		return false;
	if (at_call)
		place.line = logtap_python_call_line(
			reading->python, reading->memory, code, unit);
	else if (unit < code->units)
		logtap_python_line(reading->python, reading->memory, code, unit,
				   &place);
	if (place.line) {
		frame.line = place.line;
		frame.exact = true;
	}
	out->frames[out->count++] = frame;
	return true;
}

static struct logtap_python_code *code_of(const struct reading *reading,
					  size_t i, uint64_t *unit, bool *sure)
{
	return logtap_python_code_of(reading->python, reading->memory,
				     &reading->image, &reading->activations[i],
				     reading->frames[i], unit, sure);
}

/* Callers of @code, which activation @i is in, up to the one that the next
 * activation is in.  Return: false if the way is lost. */
static bool take_callers(struct reading *reading, size_t i,
			 const struct logtap_python_code *code)
{
	uint64_t unit,
		next = i + 1 < reading->count ? reading->frames[i + 1] : 0;
	bool sure = false;
	const struct logtap_python_code *outer =
		next ? code_of(reading, i + 1, &unit, &sure) : NULL;
	struct logtap_python_callee callee = {
		.code = code,
		.address = reading->frames[i],
		.own = &reading->activations[i].own,
	};
	struct logtap_python_caller caller;

	if (sure && outer)
		callee.outer_end = next + outer->frame_bytes;
	for (;;) {
		callee.named =
			reading->out->frames[reading->out->count - 1].function;
		if (!logtap_python_caller_of(reading->python, reading->memory,
					     &reading->image, &callee, &caller))
			return false;
		reading->ended = caller.none;
		if (caller.entry || caller.address == next || caller.none)
			return true;
		uint64_t at = caller.instruction - caller.code->instructions;
		if (!put(reading, caller.code,
			 caller.is_fresh ? at / 2 : UINT64_MAX,
			 !logtap_python_is_of_then(reading->python,
						   reading->memory,
						   caller.address)))
			return false;
		callee.code = caller.code;
		callee.address = caller.address;
	}
}

/* Functions are missing: what logging calls need not be known, but whom it was
 * called by; so what is known next must be logging's, too.  Return: false if
 * there is no more to tell. */
static bool lose(struct reading *reading)
{
	struct logtap_python_trace *out = reading->out;
	struct logtap_python_frame *last =
		out->count ? &out->frames[out->count - 1] : NULL;

	if (!last || !last->file[0])
		return true;
	if (out->count == LOGTAP_PYTHON_FRAMES)
		return false;
	reading->inside = logtap_python_is_plumbing(last);
	if (reading->inside)
		return true;
	out->frames[out->count++] =
		(struct logtap_python_frame){.function = "..."};
	return true;
}

/* Return: false if that is the end of what can be told. */
static bool take_activation(struct reading *reading, size_t i)
{
	struct logtap_python_trace *out = reading->out;
	uint64_t frame = reading->frames[i], unit;
	bool sure;

	logtap_python_image_read(reading->python, reading->memory, frame,
				 &reading->image);
	struct logtap_python_code *code = code_of(reading, i, &unit, &sure);
	if (!code || !put(reading, code, unit, false))
		return lose(reading);
	if (!logtap_python_is_plumbing(&out->frames[out->count - 1]) &&
	    (!sure || reading->inside || (i && out->count == 1))) {
		out->count--;
		return out->count && !reading->inside && lose(reading);
	}
	reading->inside = false;
	return take_callers(reading, i, code) || lose(reading);
}

/* Where functions have their frames is known of all, for stacks in which they
 * are told by that alone. */
static void learn_frames(struct reading *reading)
{
	uint64_t unit;
	bool sure;

	for (size_t i = 0; i < reading->count; i++) {
		if (!reading->frames[i])
			continue;
		logtap_python_image_read(reading->python, reading->memory,
					 reading->frames[i], &reading->image);
		struct logtap_python_code *code =
			code_of(reading, i, &unit, &sure);
		if (code)
			code->frame = reading->frames[i];
		logtap_python_image_learn(reading->python, &reading->image,
					  reading->frames[i]);
	}
}

void logtap_python_read(struct logtap_python *python,
			const struct logtap_python_memory *memory,
			const struct logtap_python_activation *activations,
			size_t count, struct logtap_python_trace *out)
{
	uint64_t frames[LOGTAP_PYTHON_FRAMES] = {0};
	struct reading reading = {
		.python = python,
		.memory = memory,
		.activations = activations,
		.frames = frames,
		.count = count < LOGTAP_PYTHON_FRAMES ? count
						      : LOGTAP_PYTHON_FRAMES,
		.out = out,
	};

	*out = (struct logtap_python_trace){.status = LOGTAP_PYTHON_GONE};
	logtap_python_find_frames(python, memory, activations, reading.count,
				  frames);
	out->frame = frames[0] || reading.count < 2 ? frames[0] : frames[1];
	logtap_python_learn_slots(python, memory, &reading.image, activations,
				  frames, reading.count);
	learn_frames(&reading);
	for (size_t i = 0; i < reading.count && frames[i] && !reading.ended;
	     i++)
		if (!take_activation(&reading, i))
			break;
	if (out->count)
		out->status = LOGTAP_PYTHON_READ;
	out->then = logtap_python_is_of_then(python, memory, frames[0]);
}
