/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The four functions of libc that a compiler calls by itself.  Hidden, so that
 * the host never sees them, and no function that another library replaced is
 * called on the record path.  Not in the library that the unit tests link:
 * there they would be everyone's. */
#include "bytes.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	logtap_bytes_copy_large(to, from, size);
	return to;
}

void *memmove(void *to_, const void *from_, size_t size)
{
	unsigned char *to = to_;
	const unsigned char *from = from_;

	if (to <= from) {
		logtap_bytes_copy_large(to, from, size);
		return to_;
	}
	while (size--) {
		to[size] = from[size];
		__asm__("");
	}
	return to_;
}

void *memset(void *to_, int value, size_t size)
{
	unsigned char *to = to_;

	for (size_t i = 0; i < size; i++) {
		to[i] = (unsigned char)value;
		__asm__("");
	}
	return to_;
}

int memcmp(const void *a_, const void *b_, size_t size)
{
	const unsigned char *a = a_, *b = b_;

	for (size_t i = 0; i < size; i++)
		if (a[i] != b[i])
			return a[i] - b[i];
	return 0;
}
