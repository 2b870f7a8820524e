/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What the copy of a stack has of one activation of the interpreter: see
 * python_private.h.  The pipeline's thread. */
#include "python_private.h"

#include <string.h>

uint64_t logtap_python_word(const struct logtap_python_words *words, size_t i)
{
	uint64_t value;

	memcpy(&value, words->data + i * sizeof(value), sizeof(value));
	return value;
}

bool logtap_python_holds(const struct logtap_python_words *words,
			 uint64_t address)
{
	return address >= words->low && address - words->low < words->count * 8;
}

size_t logtap_python_word_count(
	const struct logtap_python_activation *activation)
{
	return activation->registers.count + activation->own.count;
}

uint64_t logtap_python_word_in(
	const struct logtap_python_activation *activation, size_t i)
{
	size_t registers = activation->registers.count;

	return i < registers
		       ? logtap_python_word(&activation->registers, i)
		       : logtap_python_word(&activation->own, i - registers);
}

void logtap_python_vote(struct logtap_python_slots *slots, uint64_t found)
{
	slots->votes += found != 0;
	for (unsigned i = 0; i < LOGTAP_PYTHON_SLOTS; i++)
		slots->right[i] += found >> i & 1;
}

size_t logtap_python_slot(const struct logtap_python_slots *slots)
{
	size_t best = 0;

	for (size_t i = 1; i < LOGTAP_PYTHON_SLOTS; i++)
		if (slots->right[i] > slots->right[best])
			best = i;
	return slots->votes && slots->right[best] >= slots->votes * 0.5
		       ? best
		       : SIZE_MAX;
}
