/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Copying, filling, comparing, formatting bytes without libc.
 *
 * The record path must not call a function that another library can replace;
 * and gcc may turn loops and assignments into calls of memcpy and memset, for
 * which bytes_libc.c has hidden ones.  All are safe in a signal handler.
 */
#ifndef LOGTAP_SHIM_BYTES_H
#define LOGTAP_SHIM_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies @size bytes of memory that do not overlap. */
void logtap_bytes_copy_large(unsigned char *to, const unsigned char *from,
			     size_t size);

/* The longest that logtap_bytes_copy_short() takes. */
#define LOGTAP_COPY_SHORT 256

/* No branch for each 16 bytes: the last step overlaps the one before it. */
static inline void logtap_bytes_copy_short(void *to_, const void *from_,
					   size_t size)
{
	unsigned char *to = to_;
	const unsigned char *from = from_;

	if (size > 64) {
		__builtin_memcpy(to, from, 64);
		if (size > 96) {
			if (size > 128) {
				__builtin_memcpy(to + 64, from + 64, 64);
				__builtin_memcpy(to + size - 128,
						 from + size - 128, 64);
			}
			__builtin_memcpy(to + size - 64, from + size - 64, 32);
		}
		__builtin_memcpy(to + size - 32, from + size - 32, 32);
	} else if (size > 32) {
		__builtin_memcpy(to, from, 32);
		__builtin_memcpy(to + size - 32, from + size - 32, 32);
	} else if (size >= 16) {
		__builtin_memcpy(to, from, 16);
		__builtin_memcpy(to + size - 16, from + size - 16, 16);
	} else if (size >= 8) {
		uint64_t a, b;
		__builtin_memcpy(&a, from, 8);
		__builtin_memcpy(&b, from + size - 8, 8);
		__builtin_memcpy(to, &a, 8);
		__builtin_memcpy(to + size - 8, &b, 8);
	} else if (size >= 4) {
		uint32_t a, b;
		__builtin_memcpy(&a, from, 4);
		__builtin_memcpy(&b, from + size - 4, 4);
		__builtin_memcpy(to, &a, 4);
		__builtin_memcpy(to + size - 4, &b, 4);
	} else {
		for (size_t i = 0; i < size; i++) {
			to[i] = from[i];
			__asm__("");
		}
	}
}

static inline void logtap_bytes_copy(void *to, const void *from, size_t size)
{
	if (size <= LOGTAP_COPY_SHORT)
		logtap_bytes_copy_short(to, from, size);
	else
		logtap_bytes_copy_large(to, from, size);
}

/* The longest prefix of at most @room of @bytes that does not end within a
 * character of UTF-8. */
size_t logtap_bytes_cut(const char *text, size_t bytes, size_t room);
size_t logtap_bytes_length(const char *text);
/* At most @most; no byte behind them is looked at. */
size_t logtap_bytes_length_within(const char *text, size_t most);
/* Bytes before the first '%' or the NUL. */
size_t logtap_bytes_plain_run(const char *text);
bool logtap_bytes_same(const char *a, const char *b);
/* What follows @prefix in @text, NULL if @text begins otherwise. */
const char *logtap_bytes_after(const char *text, const char *prefix);
/* What follows the last slash. */
const char *logtap_bytes_base(const char *path);
/* Copies a string, cut to @room - 1 bytes, always NUL-terminated.
 * Return: bytes without the NUL. */
size_t logtap_bytes_string(char *to, size_t room, const char *from);
/* Appends at *@at, as far as there is room, always NUL-terminated. */
void logtap_bytes_put(char *to, size_t room, size_t *at, const char *text);
void logtap_bytes_put_number(char *to, size_t room, size_t *at, uint64_t value);
void logtap_bytes_put_hex(char *to, size_t room, size_t *at, uint64_t value);
/* Reads an unsigned decimal number; *@text is left behind it.
 * Return: false if there is none or it does not fit. */
bool logtap_bytes_number(const char **text, uint64_t *value);

#endif
