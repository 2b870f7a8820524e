/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8: check, repair, cut. */
#include "../../../collector/shape/utf8.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FFFD "\xef\xbf\xbd"

static void check_repair(const char *text, size_t bytes, const char *want)
{
	struct logtap_bytes out = {0};
	int result = logtap_utf8_repair(&out, text, bytes);
	bool same =
		out.size == bytes && (!bytes || !memcmp(out.data, text, bytes));

	cr_assert_eq(result, same ? 0 : 1);
	cr_assert_eq(logtap_utf8_valid(text, bytes), same);
	cr_assert(out.size == strlen(want) &&
			  (!out.size || !memcmp(out.data, want, out.size)),
		  "\"%.*s\" instead of \"%s\"", (int)out.size, (char *)out.data,
		  want);
	logtap_bytes_deinit(&out);
}

Test(utf8, valid_text_stays_as_it_is)
{
	static const char *const texts[] = {
		"",
		"a",
		"plain text that is longer than a few words of 8 bytes each",
		"\xc2\x80",
		"\xdf\xbf",
		"\xe0\xa0\x80",
		"\xed\x9f\xbf",
		"\xee\x80\x80",
		"\xef\xbf\xbf",
		"\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf",
		"\x01\x1b\x7f\t\r",
		"mixed \xc3\xa9 and then a long run of plain text",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_repair(texts[i], strlen(texts[i]), texts[i]);
	cr_assert(logtap_utf8_valid("a\0b", 3));
}

/* Unicode 15, section 3.9, tables 3-8 to 3-11. */
Test(utf8, each_maximal_subpart_becomes_one_replacement)
{
	check_repair("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", 9,
		     FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A");
	check_repair("\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", 9,
		     FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A");
	check_repair("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", 9,
		     FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B");
	check_repair("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", 9,
		     FFFD FFFD FFFD FFFD "A");
	check_repair("\xe2\x82", 2, FFFD);
	check_repair("a\xf0\x9f\x98", 4, "a" FFFD);
}

/* Against a second implementation, written from the definition of the code
 * points: every text of three bytes with a lead byte first, and more. */
static bool valid_by_definition(const unsigned char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes;) {
		static const uint32_t lowest[5] = {0, 0, 0x80, 0x800, 0x10000};
		unsigned char lead = text[i];
		size_t length = lead < 0x80		? 1
				: (lead & 0xe0) == 0xc0 ? 2
				: (lead & 0xf0) == 0xe0 ? 3
				: (lead & 0xf8) == 0xf0 ? 4
							: 0;
		if (!length || length > bytes - i)
			return false;
		uint32_t code = length == 1 ? lead : lead & (0x7f >> length);
		for (size_t j = 1; j < length; j++) {
			if ((text[i + j] & 0xc0) != 0x80)
				return false;
			code = code << 6 | (text[i + j] & 0x3f);
		}
		if (code < lowest[length] || code > 0x10ffff ||
		    (code >= 0xd800 && code < 0xe000))
			return false;
		i += length;
	}
	return true;
}

Test(utf8, agrees_with_the_definition_on_every_short_text)
{
	static const unsigned char third[] = {0x00, 0x41, 0x7f, 0x80, 0x8f,
					      0x90, 0x9f, 0xa0, 0xbf, 0xc0,
					      0xc2, 0xe0, 0xf0, 0xff};
	unsigned char text[4];

	for (unsigned first = 0; first < 256; first++)
		for (unsigned second = 0; second < 256; second++)
			for (size_t i = 0; i < sizeof(third); i++)
				for (size_t j = 0; j < sizeof(third); j++)
					for (size_t n = 1; n <= 4; n++) {
						text[0] = (unsigned char)first;
						text[1] = (unsigned char)second;
						text[2] = third[i];
						text[3] = third[j];
						cr_assert_eq(
							logtap_utf8_valid(
								(char *)text,
								n),
							valid_by_definition(
								text, n));
					}
}

Test(utf8, what_was_repaired_is_valid_whatever_it_was)
{
	struct logtap_bytes out = {0};
	uint64_t state = 42;

	for (unsigned round = 0; round < 3000; round++) {
		char text[48];
		size_t bytes = round % sizeof(text);
		for (size_t i = 0; i < bytes; i++) {
			state = state * 6364136223846793005u +
				1442695040888963407u;
			text[i] = (char)(state >> 56);
			if (state >> 40 & 1)
				text[i] |= (char)0x80;
		}
		out.size = 0;
		cr_assert_geq(logtap_utf8_repair(&out, text, bytes), 0);
		cr_assert(logtap_utf8_valid((char *)out.data, out.size));
	}
	logtap_bytes_deinit(&out);
}

Test(utf8, a_cut_never_ends_inside_a_character)
{
	static const char text[] = "ab\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
	static const size_t want[] = {0, 1, 2, 2, 4, 4, 4, 7, 7, 7, 7, 11, 12};

	for (size_t limit = 0; limit <= 12; limit++)
		cr_assert_eq(logtap_utf8_cut(text, 12, limit), want[limit]);
	cr_assert_eq(logtap_utf8_cut(text, 12, 100), 12);
	/* bytes that are no text are cut anywhere */
	cr_assert_eq(logtap_utf8_cut("\x80\x80\x80\x80\x80", 5, 4), 4);
}

Test(utf8, unfinished_counts_only_what_can_still_become_a_character)
{
	cr_assert_eq(logtap_utf8_unfinished("a", 1), 0);
	cr_assert_eq(logtap_utf8_unfinished("a\xc3", 2), 1);
	cr_assert_eq(logtap_utf8_unfinished("a\xe2\x82", 3), 2);
	cr_assert_eq(logtap_utf8_unfinished("\xf0\x9f\x98", 3), 3);
	cr_assert_eq(logtap_utf8_unfinished("\xc3\xa9", 2), 0);
	cr_assert_eq(logtap_utf8_unfinished("\xe0\x80", 2), 0);
	cr_assert_eq(logtap_utf8_unfinished("\xff", 1), 0);
	cr_assert_eq(logtap_utf8_unfinished("", 0), 0);
}

Test(utf8, a_copy_into_a_buffer_ends_between_characters)
{
	char out[6];

	cr_assert_eq(logtap_utf8_copy(out, 6, "abc\xe2\x82\xac", 6), 3);
	cr_assert_str_eq(out, "abc");
	cr_assert_eq(logtap_utf8_copy(out, 6, "ab\xe2\x82\xac", 5), 5);
	cr_assert_str_eq(out, "ab\xe2\x82\xac");
	cr_assert_eq(logtap_utf8_copy(out, 6, "ab\xff", 3), 5);
	cr_assert_str_eq(out, "ab" FFFD);
	cr_assert_eq(logtap_utf8_copy(out, 6, "abc\xff", 4), 3);
}
