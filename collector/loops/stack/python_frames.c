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
 *   address and by the instruction, both from the copy of the stack (where the
 *   compiler keeps that is learned from frames that have not changed);
 * - its caller ends where it begins; the one that lies there now, or did before,
 *   is believed to be that if it names the callee;
 * - the caller's line is known if the callee's frame is still there.
 */
#include "python_private.h"

#include <string.h>

struct reading {
	struct logtap_python *python;
	const struct logtap_python_memory *memory;
	const struct logtap_python_activation *activations;
	uint64_t *frames; /* of the activations; 0: unknown */
	size_t count;
	struct logtap_python_image image;
	bool ended; /* the thread's first frame was reached */
	struct logtap_python_trace *out;
};

static uint64_t word_of(const struct logtap_python_words *words, size_t i)
{
	uint64_t value;

	memcpy(&value, words->data + i * sizeof(value), sizeof(value));
	return value;
}

static bool holds(const struct logtap_python_words *words, uint64_t address)
{
	return address >= words->low && address - words->low < words->count * 8;
}

/* Where the frame of an activation is, by its _PyCFrame, which leads to that of
 * the next one.  Return: 0 if there is none. */
static uint64_t frame_of(const struct reading *reading, size_t i)
{
	const struct logtap_python_layout *layout = reading->python->layout;
	const struct logtap_python_words *own = &reading->activations[i].own;
	const struct logtap_python_words *next =
		i + 1 < reading->count ? &reading->activations[i + 1].own
				       : NULL;
	size_t current = layout->cframe_current / 8,
	       previous = layout->cframe_previous / 8;

	for (size_t j = 0; j + previous < own->count; j++) {
		uint64_t address = word_of(own, j + current),
			 outer = word_of(own, j + previous);
		if (address < 4096 || address % 8 || holds(own, address) ||
		    outer < 4096 || outer % 8 || holds(own, outer) ||
		    (next && next->count && !holds(next, outer)))
			continue;
		unsigned char data[8];
		if (next || reading->memory->read(reading->memory->context,
						  address, data, sizeof(data)))
			return address;
	}
	return 0;
}

static uint64_t word_in(const struct logtap_python_activation *activation,
			size_t i)
{
	size_t registers = activation->registers.count;

	return i < registers ? word_of(&activation->registers, i)
			     : word_of(&activation->own, i - registers);
}

/* Words of an activation that lead into @code, as bits. */
static uint64_t slots_in(const struct logtap_python_activation *activation,
			 const struct logtap_python_code *code)
{
	size_t count = activation->registers.count + activation->own.count;
	uint64_t found = 0;

	for (size_t i = 0; i < LOGTAP_PYTHON_SLOTS && i < count; i++) {
		uint64_t at = word_in(activation, i) - code->instructions;
		/* the next one's, so it is not the first */
		if (at % 2 == 0 && at >= 2 && at <= code->units * 2)
			found |= UINT64_C(1) << i;
	}
	return found;
}

/* The code of the frame that is where the activation had its own, and the
 * instruction. */
static struct logtap_python_code *code_now(const struct reading *reading,
					   size_t i, uint64_t *instruction)
{
	uint64_t address;

	return logtap_python_image_frame(reading->python, &reading->image,
					 reading->frames[i], &address,
					 instruction)
		       ? logtap_python_code_known(reading->python, address)
		       : NULL;
}

/* Outer frames mostly are what they were: where do they have it? */
static void learn_slots(struct reading *reading)
{
	struct logtap_python *python = reading->python;
	uint64_t instruction;

	for (size_t i = reading->count; i-- > 0;) {
		if (!reading->frames[i])
			continue;
		logtap_python_image_read(python, reading->memory,
					 reading->frames[i], &reading->image);
		const struct logtap_python_code *now =
			code_now(reading, i, &instruction);
		uint64_t found =
			now ? slots_in(&reading->activations[i], now) : 0;
		python->votes += found != 0;
		for (unsigned j = 0; j < LOGTAP_PYTHON_SLOTS; j++)
			python->slots[j] += found >> j & 1;
	}
}

/* The slot that was right nearly always, as a bit; 0: none. */
static uint64_t slot_of(const struct logtap_python *python)
{
	unsigned best = 0;

	for (unsigned i = 1; i < LOGTAP_PYTHON_SLOTS; i++)
		if (python->slots[i] > python->slots[best])
			best = i;
	return python->votes && python->slots[best] >= python->votes * 0.75
		       ? UINT64_C(1) << best
		       : 0;
}

static bool has_word(const struct logtap_python_activation *activation,
		     uint64_t word)
{
	size_t count = activation->registers.count + activation->own.count;

	for (size_t i = 0; i < count; i++)
		if (word_in(activation, i) == word)
			return true;
	return false;
}

/* The function that an activation was in.  Not every call leaves the next
 * instruction where the others do, so what is there may be of a caller.
 * @sure: the frame says the same.
 * @unit: the one that was begun; UINT64_MAX: the frame has gone on. */
static struct logtap_python_code *code_of(const struct reading *reading,
					  size_t i, uint64_t *unit, bool *sure)
{
	const struct logtap_python_activation *activation =
		&reading->activations[i];
	uint64_t slot = slot_of(reading->python), instruction;
	struct logtap_python_code *now = code_now(reading, i, &instruction);
	size_t at = slot ? (size_t)__builtin_ctzll(slot) : SIZE_MAX;

	*unit = UINT64_MAX;
	*sure = true;
	if (now && has_word(activation, instruction + 2)) {
		*unit = (instruction - now->instructions) / 2;
		return now;
	}
	if (now && slots_in(activation, now) & slot)
		return now;
	*sure = false;
	if (at >= activation->registers.count + activation->own.count)
		return NULL;
	return logtap_python_code_around(reading->python, reading->memory,
					 word_in(activation, at) - 2);
}

static bool put(struct reading *reading, const struct logtap_python_code *code,
		uint64_t unit, bool at_call)
{
	struct logtap_python_trace *out = reading->out;
	struct logtap_python_frame frame = {.line = code->first_line};
	struct logtap_python_place place;

	if (out->count == LOGTAP_PYTHON_FRAMES ||
	    !logtap_python_code_name(reading->python, reading->memory, code,
				     &frame))
		return false;
	if (unit < code->units &&
	    logtap_python_line(reading->python, reading->memory, code, unit,
			       &place) &&
	    place.line &&
	    /* a call of a Python function is left behind its caches */
	    (!at_call ||
	     (place.units > 1 && unit == place.first + place.units - 1))) {
		frame.line = place.line;
		frame.exact = true;
	}
	out->frames[out->count++] = frame;
	return true;
}

/* Callers of @callee at @address, inside of one activation, up to the one that
 * the next activation is in.  Return: false if the way is lost. */
static bool take_callers(struct reading *reading, size_t i,
			 const struct logtap_python_code *callee,
			 uint64_t address)
{
	uint64_t unit,
		next = i + 1 < reading->count ? reading->frames[i + 1] : 0;
	bool sure = false;
	const struct logtap_python_code *outer =
		next ? code_of(reading, i + 1, &unit, &sure) : NULL;
	struct logtap_python_caller caller;

	while (!sure || !outer || next + outer->frame_bytes != address) {
		const struct logtap_python_frame *last =
			&reading->out->frames[reading->out->count - 1];
		if (!logtap_python_caller_of(reading->python, reading->memory,
					     &reading->image, callee, address,
					     last->function, &caller))
			return false;
		reading->ended = caller.none;
		if (caller.address == next || caller.none)
			return true;
		uint64_t at = caller.instruction - caller.code->instructions;
		if (!put(reading, caller.code,
			 caller.is_fresh ? at / 2 : UINT64_MAX, true))
			return false;
		callee = caller.code;
		address = caller.address;
	}
	return true;
}

/* Functions are missing: what logging calls need not be known, but whom it was
 * called by.  Return: false if there is no more to tell. */
static bool lose(struct reading *reading)
{
	struct logtap_python_trace *out = reading->out;
	struct logtap_python_frame *last =
		out->count ? &out->frames[out->count - 1] : NULL;

	if (!last || !last->file[0])
		return true;
	if (logtap_python_is_plumbing(last) ||
	    out->count == LOGTAP_PYTHON_FRAMES)
		return false;
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
	if (code)
		code->frame = frame;
	if (!code || !put(reading, code, unit, false))
		return lose(reading);
	if (!logtap_python_is_plumbing(&out->frames[out->count - 1]) &&
	    (!sure || (i && out->count == 1))) {
		out->count--;
		return out->count && lose(reading);
	}
	return take_callers(reading, i, code, frame) || lose(reading);
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
	for (size_t i = 0; i < reading.count; i++)
		frames[i] = frame_of(&reading, i);
	learn_slots(&reading);
	for (size_t i = 0; i < reading.count && frames[i] && !reading.ended;
	     i++)
		if (!take_activation(&reading, i))
			break;
	if (out->count)
		out->status = LOGTAP_PYTHON_READ;
}
