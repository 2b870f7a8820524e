/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes without libc: see the header.  Safe everywhere. */
#include "bytes.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

void logtap_bytes_copy_large(unsigned char *to, const unsigned char *from,
			     size_t size)
{
#if defined(__x86_64__)
	__asm__ volatile("rep movsb"
			 : "+D"(to), "+S"(from), "+c"(size)
			 :
			 : "memory");
#else
	for (; size >= 8; size -= 8, to += 8, from += 8)
		__builtin_memcpy(to, from, 8);
	for (size_t i = 0; i < size; i++) {
		to[i] = from[i];
		__asm__("");
	}
#endif
}

/* Reads, but never uses, bytes beside a text: a sanitizer would object. */
#define BEYOND_BOUNDS __attribute__((no_sanitize("address")))
#define ALWAYS_INLINE inline __attribute__((always_inline))

#if defined(__x86_64__)
/* 16 bytes at a time, aligned: such a load stays within a page that holds a
 * byte of the text, so it cannot fault where the text does not. */
BEYOND_BOUNDS static ALWAYS_INLINE size_t find(const char *text, char a,
					       size_t most)
{
	const __m128i zero = _mm_setzero_si128(), other = _mm_set1_epi8(a);
	size_t before = (uintptr_t)text & 15;
	const __m128i *at = (const void *)(text - before);
	unsigned interest = ~0u << before; /* of the first block */
	size_t passed = 0;

	for (;; at++) {
		__m128i block = _mm_load_si128(at);
		__m128i hit = _mm_or_si128(_mm_cmpeq_epi8(block, zero),
					   _mm_cmpeq_epi8(block, other));
		unsigned found = (unsigned)_mm_movemask_epi8(hit) & interest;
		if (found)
			return passed + (size_t)__builtin_ctz(found) - before;
		interest = ~0u;
		passed += 16;
		if (passed - before >= most)
			return most;
	}
}
#else
static ALWAYS_INLINE size_t find(const char *text, char a, size_t most)
{
	size_t at = 0;

	while (at < most && text[at] && text[at] != a) {
		at++;
		__asm__("");
	}
	return at;
}
#endif

static bool continues(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

size_t logtap_bytes_cut(const char *text, size_t bytes, size_t room)
{
	size_t at = room;

	if (bytes <= room)
		return bytes;
	while (at && room - at < 4 && continues(text[at]))
		at--;
	return continues(text[at]) ? room : at;
}

BEYOND_BOUNDS size_t logtap_bytes_length(const char *text)
{
	return find(text, '\0', SIZE_MAX);
}

BEYOND_BOUNDS size_t logtap_bytes_length_within(const char *text, size_t most)
{
	size_t length = most ? find(text, '\0', most) : 0;

	return length < most ? length : most;
}

BEYOND_BOUNDS size_t logtap_bytes_plain_run(const char *text)
{
	return find(text, '%', SIZE_MAX);
}

bool logtap_bytes_same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

const char *logtap_bytes_after(const char *text, const char *prefix)
{
	while (*prefix)
		if (*text++ != *prefix++)
			return NULL;
	return text;
}

void logtap_bytes_put(char *to, size_t room, size_t *at, const char *text)
{
	/* No byte is looked at for which there is no room. */
	while (*at + 1 < room && *text)
		to[(*at)++] = *text++;
	if (*at < room)
		to[*at] = '\0';
}

const char *logtap_bytes_base(const char *path)
{
	const char *base = path;

	for (; *path; path++)
		if (*path == '/')
			base = path + 1;
	return base;
}

size_t logtap_bytes_string(char *to, size_t room, const char *from)
{
	size_t at = 0;

	logtap_bytes_put(to, room, &at, from);
	return at;
}

static void put_base(char *to, size_t room, size_t *at, uint64_t value,
		     unsigned base)
{
	char digits[21];
	size_t first = sizeof digits - 1;

	digits[first] = '\0';
	do
		digits[--first] = "0123456789abcdef"[value % base];
	while (value /= base);
	logtap_bytes_put(to, room, at, digits + first);
}

void logtap_bytes_put_number(char *to, size_t room, size_t *at, uint64_t value)
{
	put_base(to, room, at, value, 10);
}

void logtap_bytes_put_hex(char *to, size_t room, size_t *at, uint64_t value)
{
	put_base(to, room, at, value, 16);
}

bool logtap_bytes_number(const char **text, uint64_t *value)
{
	const char *at = *text;
	uint64_t sum = 0;

	if (*at < '0' || *at > '9')
		return false;
	for (; *at >= '0' && *at <= '9'; at++) {
		unsigned digit = (unsigned)(*at - '0');
		if (sum > (UINT64_MAX - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*text = at;
	*value = sum;
	return true;
}
