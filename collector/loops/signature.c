/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of lines: see the header.  Any thread. */
#include "signature.h"

#include "../base/hash.h"

#include <stdbool.h>

static bool is_number(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hexadecimal(unsigned char c)
{
	return is_number(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_word(unsigned char c)
{
	return is_number(c) || c == '_' || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* A word of hexadecimal digits, one of them a number; 0: there is none. */
static size_t identifier(const unsigned char *at, size_t bytes)
{
	bool number = false;
	size_t i = 0;

	for (; i < bytes && is_hexadecimal(at[i]); i++)
		number = number || is_number(at[i]);
	return number && (i == bytes || !is_word(at[i])) ? i : 0;
}

static size_t number(const unsigned char *at, size_t bytes)
{
	size_t i = 0;

	while (i < bytes && is_number(at[i]))
		i++;
	return i;
}

uint64_t logtap_signature(const char *text, size_t bytes)
{
	const unsigned char *at = (const unsigned char *)text;
	uint64_t hash = LOGTAP_HASH_START;
	bool inside = false; /* a word that began with another letter */

	if (bytes > LOGTAP_SIGNATURE_BYTES)
		bytes = LOGTAP_SIGNATURE_BYTES;
	for (size_t i = 0; i < bytes;) {
		size_t run = inside ? 0 : identifier(at + i, bytes - i);
		if (!run)
			run = number(at + i, bytes - i);
		inside = is_word(at[i]);
		hash = logtap_hash_byte(hash, run ? '#' : at[i]);
		i += run ? run : 1;
	}
	return logtap_signature_mix(hash, 0);
}
