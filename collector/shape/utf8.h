/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * UTF-8: OTLP strings must be valid, and one that is not costs a receiver the
 * whole batch, so text is checked and repaired where it enters.
 *
 * NUL and control characters are valid UTF-8 and stay.  Pure functions, any
 * thread.
 */
#ifndef LOGTAP_SHAPE_UTF8_H
#define LOGTAP_SHAPE_UTF8_H

#include "../base/bytes.h"

#include <stdbool.h>

bool logtap_utf8_valid(const char *text, size_t bytes);

/**
 * logtap_utf8_repair() - append @text with U+FFFD for what is not UTF-8
 *
 * Each maximal part that begins a sequence but cannot be completed, and each
 * byte that cannot begin one, becomes one U+FFFD (Unicode 15, section 3.9,
 * "Substitution of Maximal Subparts").
 *
 * Return: 0 if the text was valid, 1 if something was replaced, or -ENOMEM.
 */
int logtap_utf8_repair(struct logtap_bytes *out, const char *text,
		       size_t bytes);

/* Into a fixed buffer with a NUL; a character that does not fit is left out
 * with all that follows.  Return: bytes without the NUL. */
size_t logtap_utf8_copy(char *out, size_t out_bytes, const char *text,
			size_t bytes);

/* The longest prefix of at most @limit bytes that does not end inside a
 * character.  @text need not be valid. */
size_t logtap_utf8_cut(const char *text, size_t bytes, size_t limit);

/* Bytes at the start (0..3) that end a character which began before. */
size_t logtap_utf8_rest(const char *text, size_t bytes);

/* Bytes at the end (0..3) that begin a character whose rest may still come. */
size_t logtap_utf8_unfinished(const char *text, size_t bytes);

#endif
