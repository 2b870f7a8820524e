/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The function that an activation of the interpreter was in: see
 * python_private.h.  Where the compiler keeps the next instruction is learned
 * from frames that have not changed.  The pipeline's thread. */
#include "python_private.h"

/* An instruction and its inline caches. */
enum { INSTRUCTION_BYTES_MOST = 2 * 12 };

bool logtap_python_is_at(const struct logtap_python *python,
			 const struct logtap_python_activation *activation,
			 uint64_t instruction)
{
	uint64_t most = python->layout->starts ? INSTRUCTION_BYTES_MOST : 2;
	size_t count = logtap_python_word_count(activation);

	for (size_t i = 0; i < count; i++) {
		uint64_t behind =
			logtap_python_word_in(activation, i) - instruction;
		if (behind % 2 == 0 && behind >= 2 && behind <= most)
			return true;
	}
	return false;
}

/* Words of an activation that lead into @code, as bits. */
static uint64_t slots_in(const struct logtap_python_activation *activation,
			 const struct logtap_python_code *code)
{
	size_t count = logtap_python_word_count(activation);
	uint64_t found = 0;

	for (size_t i = 0; i < LOGTAP_PYTHON_SLOTS && i < count; i++) {
		uint64_t at = logtap_python_word_in(activation, i) -
			      code->instructions;
		/* the next one's, so it is not the first */
		if (at % 2 == 0 && at >= 2 && at <= code->units * 2)
			found |= UINT64_C(1) << i;
	}
	return found;
}

/* The code of the frame that is there now, and the instruction. */
static struct logtap_python_code *code_now(
	struct logtap_python *python, const struct logtap_python_image *image,
	uint64_t frame, uint64_t *instruction)
{
	uint64_t address;

	return logtap_python_image_frame(python, image, frame, &address,
					 instruction)
		       ? logtap_python_code_known(python, address)
		       : NULL;
}

void logtap_python_learn_slots(
	struct logtap_python *python, const struct logtap_python_memory *memory,
	struct logtap_python_image *image,
	const struct logtap_python_activation *activations,
	const uint64_t *frames, size_t count)
{
	uint64_t instruction;

	for (size_t i = count; i-- > 0;) {
		if (!frames[i])
			continue;
		logtap_python_image_read(python, memory, frames[i], image);
		const struct logtap_python_code *now =
			code_now(python, image, frames[i], &instruction);
		if (now)
			logtap_python_vote(&python->instructions,
					   slots_in(&activations[i], now));
	}
}

struct logtap_python_code *logtap_python_code_of(
	struct logtap_python *python, const struct logtap_python_memory *memory,
	const struct logtap_python_image *image,
	const struct logtap_python_activation *activation, uint64_t frame,
	uint64_t *unit, bool *sure)
{
	size_t slot = logtap_python_slot(&python->instructions);
	uint64_t instruction;
	struct logtap_python_code *now =
		code_now(python, image, frame, &instruction);

	*unit = UINT64_MAX;
	*sure = true;
	if (now && (logtap_python_is_of_then(python, memory, frame) ||
		    logtap_python_is_at(python, activation, instruction))) {
		*unit = (instruction - now->instructions) / 2;
		return now;
	}
	if (now && slot < LOGTAP_PYTHON_SLOTS &&
	    slots_in(activation, now) >> slot & 1)
		return now;
	*sure = false;
	if (slot >= logtap_python_word_count(activation))
		return NULL;
	return logtap_python_code_around(
		python, memory, logtap_python_word_in(activation, slot) - 2);
}
