/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* See the header. */
#include "python_fixture.h"

#include <string.h>

uint64_t words[WORDS];

bool read_words(void *context, uint64_t address, void *to, size_t bytes)
{
	size_t *reads = context;

	++*reads;
	if (address < LOW || address - LOW > sizeof(words) ||
	    bytes > sizeof(words) - (address - LOW))
		return false;
	memcpy(to, (char *)words + (address - LOW), bytes);
	return true;
}
