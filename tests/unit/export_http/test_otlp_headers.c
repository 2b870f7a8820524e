/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of HTTP headers from the environment. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../../../collector/export/otlp_headers.h"

static unsigned bad_entries;
static unsigned last_bad;

static void on_bad(void *context, unsigned entry, const char *why)
{
	(void)context;
	cr_assert_not_null(why);
	bad_entries++;
	last_bad = entry;
}

/* Parses @list and compares with @expected: NAME:VALUE;NAME:VALUE; */
static void assert_headers(const char *list, const char *expected,
			   unsigned expected_bad)
{
	struct logtap_otlp_header *headers;
	size_t count;
	char found[1024] = "";
	bad_entries = 0;
	cr_assert_eq(logtap_otlp_headers_parse(list, &headers, &count, on_bad,
					       NULL),
		     0);
	for (size_t i = 0; i < count; i++) {
		size_t used = strlen(found);
		snprintf(found + used, sizeof(found) - used, "%s:%s;",
			 headers[i].name, headers[i].value);
	}
	cr_assert_str_eq(found, expected);
	cr_assert_eq(bad_entries, expected_bad, "%s", list);
	logtap_otlp_headers_free(headers, count);
}

Test(otlp_headers, names_and_values_are_split_trimmed_and_decoded)
{
	assert_headers("api-key=abc", "api-key:abc;", 0);
	assert_headers(" a = 1 ,b=2", "a:1;b:2;", 0);
	assert_headers("authorization=Basic%20eHl6%3D%3d",
		       "authorization:Basic eHl6==;", 0);
	assert_headers("a=b=c", "a:b=c;", 0);
	assert_headers("a=1%2C2", "a:1,2;", 0);
	assert_headers("a=,b=1", "a:;b:1;", 0);
	assert_headers(",a=1,,", "a:1;", 0);
	assert_headers("", "", 0);
}

Test(otlp_headers, the_last_of_one_name_is_kept)
{
	assert_headers("a=1,b=2,A=3", "a:3;b:2;", 0);
}

Test(otlp_headers, entries_that_are_no_header_are_left_out_one_by_one)
{
	assert_headers("a,b=2", "b:2;", 1);
	assert_headers("a=%4,b=2", "b:2;", 1);
	assert_headers("a=%4g,b=2", "b:2;", 1);
	assert_headers("a=%,b=2", "b:2;", 1);
	assert_headers("=1,b=2", "b:2;", 1);
	assert_headers("a b=1,b=2", "b:2;", 1);
	assert_headers("b=2,c=3,x:y=1", "b:2;c:3;", 1);
	cr_assert_eq(last_bad, 3);
}

Test(otlp_headers, no_value_can_end_a_header_or_begin_another)
{
	assert_headers("a=1%0D%0AEvil:%201,b=2", "b:2;", 1);
	assert_headers("a=1%0a,b=2", "b:2;", 1);
	assert_headers("a=1\r\nEvil: 1,b=2", "b:2;", 1);
	assert_headers("a=1%00,b=2", "b:2;", 1);
	assert_headers("a%0d%0a=1,b=2", "b:2;", 1);
	assert_headers("a=1%7f,b=2", "b:2;", 1);
}

Test(otlp_headers, headers_that_describe_the_body_cannot_be_set)
{
	assert_headers("Content-Type=text/plain,Content-Length=1,b=2", "b:2;",
		       2);
	assert_headers("Transfer-Encoding=chunked,Content-Encoding=br", "", 2);
}
