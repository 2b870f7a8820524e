/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../../../collector/loops/http2.h"

#include <criterion/criterion.h>
#include <string.h>

static unsigned char data[4096];
static size_t bytes;

static void put(const void *from, size_t size)
{
	memcpy(data + bytes, from, size);
	bytes += size;
}

static void put_frame(unsigned type, unsigned stream, const void *payload,
		      size_t size)
{
	unsigned char header[9] = {0,
				   (unsigned char)(size >> 8),
				   (unsigned char)size,
				   (unsigned char)type,
				   0,
				   0,
				   0,
				   0,
				   (unsigned char)stream};

	put(header, sizeof(header));
	put(payload, size);
}

static struct logtap_http2 look(void)
{
	return logtap_http2_look(data, bytes);
}

Test(http2, a_call_is_told_by_its_headers_and_has_a_message)
{
	put("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
	put_frame(4, 0, "", 0);
	cr_assert(look().control);
	cr_assert_not(look().call);
	put_frame(1, 1, "headers", 7);
	cr_assert(look().call);
	cr_assert_not(look().control);
	cr_assert_not(look().message);
	put_frame(0, 1, "\0\0\0\0\5hello", 10);
	cr_assert(look().message);
	cr_assert_not(look().compressed);
}

Test(http2, a_compressed_message_says_so)
{
	put_frame(1, 3, "\x83\x84", 2);
	put_frame(0, 3, "\1\0\0\0\5xxxxx", 10);
	cr_assert(look().call);
	cr_assert(look().compressed);
}

Test(http2, pings_and_windows_are_no_calls)
{
	put_frame(6, 0, "12345678", 8);
	put_frame(8, 0, "\0\0\0\5", 4);
	cr_assert(look().control);
	cr_assert_not(look().call);
}

Test(http2, what_is_cut_off_is_no_crash)
{
	put_frame(1, 1, "headers", 7);
	put_frame(0, 1, "\0\0\0\0\5hello", 10);
	for (size_t cut = 0; cut <= bytes; cut++) {
		unsigned char part[64];
		memcpy(part, data, cut);
		cr_assert_eq(logtap_http2_look(part, cut).call, cut >= 9);
	}
}

Test(http2, other_protocols_are_none)
{
	static const char *const others[] = {"POST /v1/logs HTTP/1.1\r\n",
					     "\x17\x03\x03\x01\x40 sealed",
					     "<13>Nov 30 a line of syslog",
					     "{\"body\":\"text\"}"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct logtap_http2 found = logtap_http2_look(
			(const unsigned char *)others[i], strlen(others[i]));
		cr_assert(!found.call && !found.control, "%s", others[i]);
	}
}
