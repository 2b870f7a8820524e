/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the frame of each activation is: see python_private.h.  The pipeline's
 * thread.
 *
 * - Before 3.12 an activation has a _PyCFrame in its C stack, which has its
 *   frame, and leads to that of the next one.
 * - Since then it has an entry frame there. That has the frame of the next
 *   activation, and the first of its own leads to it. So the innermost frame is
 *   the word that leads to the entry frame and fits the instruction; where the
 *   compiler keeps it is learned.
 */
#include "python_private.h"

#include <string.h>

enum { OWNED_BY_C_STACK = 3, LINKS_MOST = 64 };

struct looking {
	struct logtap_python *python;
	const struct logtap_python_memory *memory;
	const struct logtap_python_activation *activations;
	size_t count;
};

static bool is_plausible(const struct logtap_python_words *own,
			 uint64_t address)
{
	return address >= 4096 && address % 8 == 0 &&
	       !logtap_python_holds(own, address);
}

/* Does a function have its frame there now? */
static bool is_frame(const struct looking *looking, uint64_t address)
{
	const struct logtap_python_memory *memory = looking->memory;
	const struct logtap_python_layout *layout = looking->python->layout;
	uint64_t code, type;

	return memory->read(memory->context, address + layout->frame_code,
			    &code, sizeof(code)) &&
	       code >= 4096 &&
	       memory->read(memory->context, code + layout->type, &type,
			    sizeof(type)) &&
	       type == looking->python->code_type;
}

/* By the _PyCFrame.  Return: 0 if there is none. */
static uint64_t by_cframe(const struct looking *looking, size_t i)
{
	const struct logtap_python_layout *layout = looking->python->layout;
	const struct logtap_python_words *own = &looking->activations[i].own;
	const struct logtap_python_words *next =
		i + 1 < looking->count ? &looking->activations[i + 1].own
				       : NULL;
	size_t current = layout->cframe_current / 8,
	       previous = layout->cframe_previous / 8;

	for (size_t j = 0; j + previous < own->count; j++) {
		uint64_t address = logtap_python_word(own, j + current),
			 outer = logtap_python_word(own, j + previous);
		if (!is_plausible(own, address) || !is_plausible(own, outer) ||
		    (next && next->count && !logtap_python_holds(next, outer)))
			continue;
		if (next || is_frame(looking, address))
			return address;
	}
	return 0;
}

/* The entry frame of an activation: its place among the words.  Return:
 * SIZE_MAX if there is none. */
static size_t entry_of(const struct looking *looking, size_t i)
{
	const struct logtap_python_layout *layout = looking->python->layout;
	const struct logtap_python_words *own = &looking->activations[i].own;
	/* no stack, nowhere to return to; the last byte is nobody's */
	uint64_t state = (uint64_t)OWNED_BY_C_STACK
			 << (layout->frame_owner - layout->frame_state) * 8;

	for (size_t j = 0; j + layout->frame_bytes / 8 <= own->count; j++) {
		uint64_t code =
			logtap_python_word(own, j + layout->frame_code / 8);
		uint64_t at = logtap_python_word(
			own, j + layout->frame_instruction / 8);
		uint64_t outer =
			logtap_python_word(own, j + layout->frame_previous / 8);
		uint64_t is =
			logtap_python_word(own, j + layout->frame_state / 8);
		if (is << 8 == state << 8 && is_plausible(own, code) &&
		    at >= 4096 && at % 2 == 0 &&
		    (!outer || is_plausible(own, outer)))
			return j;
	}
	return SIZE_MAX;
}

/* Does the frame, as it is now, belong to the activation whose entry frame is at
 * @entry, and is that where it was? */
static bool leads_to(const struct looking *looking, uint64_t frame,
		     uint64_t entry)
{
	const struct logtap_python_layout *layout = looking->python->layout;
	unsigned char data[128];
	uint64_t instruction;

	for (size_t i = 0; i < LINKS_MOST; i++) {
		if (!looking->memory->read(looking->memory->context, frame,
					   data, layout->frame_bytes))
			return false;
		memcpy(&instruction, data + layout->frame_instruction, 8);
		if (!i &&
		    !logtap_python_is_at(looking->python,
					 &looking->activations[0], instruction))
			return false;
		memcpy(&frame, data + layout->frame_previous, 8);
		if (frame == entry)
			return true;
		if (frame < 4096 || frame % 8)
			return false;
	}
	return false;
}

static uint64_t slots_of(const struct logtap_python_activation *activation,
			 uint64_t frame)
{
	size_t count = logtap_python_word_count(activation);
	uint64_t found = 0;

	for (size_t i = 0; frame && i < LOGTAP_PYTHON_SLOTS && i < count; i++)
		if (logtap_python_word_in(activation, i) == frame)
			found |= UINT64_C(1) << i;
	return found;
}

/* Of the innermost activation. */
static uint64_t by_words(const struct looking *looking, size_t entry)
{
	const struct logtap_python_activation *innermost =
		&looking->activations[0];
	size_t count = logtap_python_word_count(innermost),
	       slot = logtap_python_slot(&looking->python->frames);

	if (slot < count) {
		uint64_t frame = logtap_python_word_in(innermost, slot);
		if (is_plausible(&innermost->own, frame))
			return frame;
	}
	for (size_t i = 0; i < LOGTAP_PYTHON_SLOTS && i < count; i++) {
		uint64_t frame = logtap_python_word_in(innermost, i);
		if (!is_plausible(&innermost->own, frame) ||
		    !leads_to(looking, frame, innermost->own.low + entry * 8))
			continue;
		logtap_python_vote(&looking->python->frames,
				   slots_of(innermost, frame));
		return frame;
	}
	return 0;
}

void logtap_python_find_frames(
	struct logtap_python *python, const struct logtap_python_memory *memory,
	const struct logtap_python_activation *activations, size_t count,
	uint64_t *frames)
{
	const struct logtap_python_layout *layout = python->layout;
	const struct looking looking = {python, memory, activations, count};
	size_t first = SIZE_MAX;

	if (!layout->entries) {
		for (size_t i = 0; i < count; i++)
			frames[i] = by_cframe(&looking, i);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		size_t entry = entry_of(&looking, i);
		first = i ? first : entry;
		if (entry == SIZE_MAX || i + 1 == count)
			break;
		frames[i + 1] =
			logtap_python_word(&activations[i].own,
					   entry + layout->frame_previous / 8);
		logtap_python_vote(&python->frames,
				   slots_of(&activations[i + 1],
					    frames[i + 1]));
	}
	if (first != SIZE_MAX)
		frames[0] = by_words(&looking, first);
}
