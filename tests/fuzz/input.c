/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

size_t fuzz_take(struct fuzz_input *input, size_t bytes, const uint8_t **out)
{
	if (bytes > input->bytes)
		bytes = input->bytes;
	*out = input->data;
	input->data += bytes;
	input->bytes -= bytes;
	return bytes;
}

uint64_t fuzz_number(struct fuzz_input *input, unsigned bytes)
{
	const uint8_t *data;
	uint64_t number = 0;
	bytes = (unsigned)fuzz_take(input, bytes, &data);
	memcpy(&number, data, bytes);
	return number;
}

uint8_t *fuzz_copy(const uint8_t *data, size_t bytes)
{
	uint8_t *copy = malloc(bytes ? bytes : 1);
	FUZZ_CHECK(copy);
	if (bytes)
		memcpy(copy, data, bytes);
	return copy;
}

char *fuzz_text(const uint8_t *data, size_t bytes)
{
	char *text = malloc(bytes + 1);
	FUZZ_CHECK(text);
	if (bytes)
		memcpy(text, data, bytes);
	text[bytes] = 0;
	return text;
}
