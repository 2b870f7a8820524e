/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes without libc, against libc. */
#include "../../../shim/bytes.h"

#include <criterion/criterion.h>
#include <string.h>

Test(bytes, a_copy_is_exact_for_every_size_and_alignment)
{
	unsigned char from[700], to[700], wanted[700];

	for (size_t i = 0; i < sizeof from; i++)
		from[i] = (unsigned char)(i * 31 + 7);
	for (size_t size = 0; size <= 600; size++)
		for (size_t shift = 0; shift < 16; shift++) {
			memset(to, 0xcc, sizeof to);
			memset(wanted, 0xcc, sizeof wanted);
			memcpy(wanted + 17, from + shift, size);
			logtap_bytes_copy(to + 17, from + shift, size);
			cr_assert_eq(memcmp(to, wanted, sizeof to), 0,
				     "%zu bytes from +%zu", size, shift);
		}
}

Test(bytes, a_large_copy_is_exact)
{
	static unsigned char from[100003], to[100005];

	for (size_t i = 0; i < sizeof from; i++)
		from[i] = (unsigned char)(i ^ i >> 8);
	logtap_bytes_copy_large(to + 1, from, sizeof from);
	cr_assert_eq(memcmp(to + 1, from, sizeof from), 0);
	cr_assert_eq(to[0], 0);
	cr_assert_eq(to[sizeof to - 1], 0);
}

Test(bytes, lengths_and_comparisons)
{
	cr_assert_eq(logtap_bytes_length(""), 0);
	cr_assert_eq(logtap_bytes_length("abc"), 3);
	cr_assert(logtap_bytes_same("", ""));
	cr_assert(logtap_bytes_same("tee", "tee"));
	cr_assert_not(logtap_bytes_same("tee", "teeth"));
	cr_assert_not(logtap_bytes_same("teeth", "tee"));
	cr_assert_not(logtap_bytes_same("tee", ""));
	cr_assert_str_eq(logtap_bytes_after("A=b", "A="), "b");
	cr_assert_str_eq(logtap_bytes_after("A=", "A="), "");
	cr_assert_null(logtap_bytes_after("A", "A="));
	cr_assert_null(logtap_bytes_after("", "A="));
}

Test(bytes, a_string_is_cut_and_always_terminated)
{
	char to[4] = "xyz";

	cr_assert_eq(logtap_bytes_string(to, sizeof to, "abcdef"), 3);
	cr_assert_str_eq(to, "abc");
	cr_assert_eq(logtap_bytes_string(to, sizeof to, ""), 0);
	cr_assert_str_eq(to, "");
}

Test(bytes, what_is_appended_stops_at_the_room)
{
	char to[8];
	size_t at = 0;

	logtap_bytes_put(to, sizeof to, &at, "ab");
	logtap_bytes_put_number(to, sizeof to, &at, 123);
	cr_assert_str_eq(to, "ab123");
	logtap_bytes_put(to, sizeof to, &at, "cdefgh");
	cr_assert_str_eq(to, "ab123cd");
	logtap_bytes_put_number(to, sizeof to, &at, 9);
	cr_assert_str_eq(to, "ab123cd");
	cr_assert_eq(at, 7);
}

Test(bytes, numbers_are_written_in_full)
{
	char to[32];
	size_t at = 0;

	logtap_bytes_put_number(to, sizeof to, &at, UINT64_MAX);
	cr_assert_str_eq(to, "18446744073709551615");
	at = 0;
	logtap_bytes_put_hex(to, sizeof to, &at, UINT64_MAX);
	cr_assert_str_eq(to, "ffffffffffffffff");
	at = 0;
	logtap_bytes_put_number(to, sizeof to, &at, 0);
	cr_assert_str_eq(to, "0");
}

static bool reads(const char *text, uint64_t wanted, const char *rest)
{
	uint64_t value = 77;

	if (!logtap_bytes_number(&text, &value))
		return false;
	return value == wanted && strcmp(text, rest) == 0;
}

Test(bytes, numbers_are_read_up_to_what_is_none)
{
	uint64_t value = 77;
	const char *too_large = "18446744073709551616", *none = "x1";

	cr_assert(reads("0", 0, ""));
	cr_assert(reads("007 x", 7, " x"));
	cr_assert(reads("18446744073709551615)", UINT64_MAX, ")"));
	cr_assert_not(logtap_bytes_number(&too_large, &value));
	cr_assert_str_eq(too_large, "18446744073709551616");
	cr_assert_not(logtap_bytes_number(&none, &value));
	cr_assert_eq(value, 77);
}
