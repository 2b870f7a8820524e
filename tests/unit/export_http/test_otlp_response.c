/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What OTLP receivers answer, and what only looks like an answer. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../../../collector/export/otlp_response.h"

#define PROTOBUF "application/x-protobuf"
#define JSON "application/json"

static struct logtap_otlp_response got;

/* Parses a copy of exactly @bytes, so that a sanitizer sees a read behind. */
static bool taken(const char *type, const char *body, size_t bytes)
{
	unsigned char *copy = malloc(bytes + 1);
	cr_assert_not_null(copy);
	unsigned char *exact = copy + 1;
	memcpy(exact, body, bytes);
	bool good = logtap_otlp_response_taken(&got, type, exact, bytes);
	free(copy);
	return good;
}

#define TAKEN(type, text) taken(type, text, sizeof(text) - 1)
#define REFUSED(type, text)           \
	logtap_otlp_response_refused( \
		&got, type, (const unsigned char *)(text), sizeof(text) - 1)

Test(otlp_response, an_empty_body_is_full_success)
{
	cr_assert(TAKEN(PROTOBUF, ""));
	cr_assert_eq(got.rejected, 0);
	cr_assert_str_empty(got.message);
	cr_assert(TAKEN("", ""));
	cr_assert(TAKEN(JSON, "{}"));
	cr_assert_eq(got.rejected, 0);
}

Test(otlp_response, partial_success_in_protobuf)
{
	cr_assert(TAKEN(PROTOBUF, "\x0a\x0a\x08\xac\x02\x12\x05"
				  "too b"));
	cr_assert_eq(got.rejected, 300);
	cr_assert_str_eq(got.message, "too b");
	/* A message alone is a warning. */
	cr_assert(TAKEN(PROTOBUF, "\x0a\x05\x12\x03"
				  "old"));
	cr_assert_eq(got.rejected, 0);
	cr_assert_str_eq(got.message, "old");
}

Test(otlp_response, partial_success_in_json)
{
	cr_assert(TAKEN(JSON, "{\"partialSuccess\":{\"rejectedLogRecords\":"
			      "\"300\",\"errorMessage\":\"too big\"}}"));
	cr_assert_eq(got.rejected, 300);
	cr_assert_str_eq(got.message, "too big");
	cr_assert(TAKEN(JSON "; charset=utf-8",
			"{\"partialSuccess\":{\"rejectedLogRecords\":7}}"));
	cr_assert_eq(got.rejected, 7);
}

Test(otlp_response, fields_of_later_versions_are_skipped)
{
	cr_assert(TAKEN(PROTOBUF, "\x78\x01" /* varint */
				  "\x79"
				  "12345678" /* fixed64 */
				  "\x7d"
				  "1234" /* fixed32 */
				  "\x7a\x03"
				  "abc" /* bytes */
				  "\x0a\x04\x08\x05\x18\x01"));
	cr_assert_eq(got.rejected, 5);
}

Test(otlp_response, a_negative_count_rejects_nothing)
{
	cr_assert(TAKEN(PROTOBUF, "\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff"
				  "\xff\xff\x01"));
	cr_assert_eq(got.rejected, 0);
	cr_assert(TAKEN(JSON, "{\"partialSuccess\":{\"rejectedLogRecords\":"
			      "\"-5\"}}"));
	cr_assert_eq(got.rejected, 0);
}

Test(otlp_response, every_cut_of_a_message_is_seen_or_harmless)
{
	static const char whole[] = "\x0a\x0a\x08\xac\x02\x12\x05"
				    "too b";
	for (size_t bytes = 1; bytes < sizeof(whole) - 1; bytes++) {
		cr_assert_not(taken(PROTOBUF, whole, bytes), "%zu", bytes);
		cr_assert_eq(got.rejected, 0);
		cr_assert_str_empty(got.message);
	}
}

Test(otlp_response, what_is_no_answer_is_told_apart)
{
	cr_assert_not(TAKEN(PROTOBUF, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
				      "\xff"));
	cr_assert_not(TAKEN(PROTOBUF, "\x0b"));
	cr_assert_not(TAKEN(PROTOBUF, "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff"
				      "\x01"));
	cr_assert_not(TAKEN(JSON, "{"));
	cr_assert_not(TAKEN(JSON, "[]"));
	cr_assert_not(TAKEN(JSON, ""));
	cr_assert_not(TAKEN("text/html", "<html>"));
	/* Right form, wrong types. */
	cr_assert(TAKEN(JSON, "{\"partialSuccess\":[]}"));
	cr_assert(TAKEN(JSON, "{\"partialSuccess\":{\"rejectedLogRecords\":{},"
			      "\"errorMessage\":1}}"));
	cr_assert_eq(got.rejected, 0);
}

Test(otlp_response, a_status_gives_its_message)
{
	REFUSED(PROTOBUF, "\x08\x03\x12\x07"
			  "bad key");
	cr_assert_str_eq(got.message, "bad key");
	REFUSED(JSON, "{\"code\":3,\"message\":\"bad key\"}");
	cr_assert_str_eq(got.message, "bad key");
}

Test(otlp_response, any_other_refusal_gives_the_beginning_of_its_body)
{
	REFUSED("text/html", "<html>\r\n\tno\n</html>\n");
	cr_assert_str_eq(got.message, "<html>   no </html>");
	REFUSED(JSON, "{\"error\":\"no\"}");
	cr_assert_str_eq(got.message, "{\"error\":\"no\"}");
	REFUSED("", "");
	cr_assert_str_empty(got.message);
}

Test(otlp_response, messages_are_bounded_single_lines_of_utf8)
{
	char body[5000];
	for (size_t i = 0; i + 1 < sizeof(body); i += 2)
		memcpy(body + i, "\xc3\xa4", 2);
	logtap_otlp_response_refused(&got, "text/plain",
				     (const unsigned char *)body, sizeof(body));
	size_t size = strlen(got.message);
	cr_assert_gt(size, 100);
	cr_assert_lt(size, sizeof(got.message));
	for (size_t i = 0; i < size; i += 2)
		cr_assert_eq(memcmp(got.message + i, "\xc3\xa4", 2), 0);
	REFUSED("text/plain", "a\x00"
			      "b\x1b[31m\xff");
	cr_assert_str_eq(got.message, "a b [31m\xef\xbf\xbd");
}
