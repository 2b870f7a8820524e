/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A growing array of bytes: see the header. */
#include "bytes.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256 };

void logtap_bytes_deinit(struct logtap_bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct logtap_bytes){0};
}

int logtap_bytes_reserve(struct logtap_bytes *bytes, size_t more)
{
	if (more <= bytes->capacity - bytes->size)
		return 0;
	if (more > SIZE_MAX / 2 - bytes->size)
		return -ENOMEM;
	size_t capacity = bytes->capacity ? bytes->capacity : FIRST_CAPACITY;
	while (capacity < bytes->size + more)
		capacity *= 2;
	unsigned char *data = realloc(bytes->data, capacity);
	if (!data)
		return -ENOMEM;
	bytes->data = data;
	bytes->capacity = capacity;
	return 0;
}

int logtap_bytes_append(struct logtap_bytes *bytes, const void *data,
			size_t size)
{
	int error = logtap_bytes_reserve(bytes, size);
	if (error)
		return error;
	if (size)
		memcpy(bytes->data + bytes->size, data, size);
	bytes->size += size;
	return 0;
}
