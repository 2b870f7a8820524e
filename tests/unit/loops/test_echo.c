/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that hold earlier ones. */
#include "../../../collector/loops/echo.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)

static struct logtap_echo echo;
static struct logtap_echo_hit hit;

static bool look(const char *text, uint64_t now_ns)
{
	return logtap_echo_look(&echo, text, strlen(text), now_ns, &hit);
}

Test(echo, a_line_that_grows_around_itself_is_counted)
{
	char line[512] = "the first line of all", next[512];

	cr_assert_not(look(line, SECOND));
	for (unsigned i = 1; i < 10; i++) {
		snprintf(next, sizeof(next), "<13>Nov 29 root: %s.", line);
		cr_assert(look(next, SECOND));
		cr_assert_eq(hit.generation, i);
		cr_assert_not(hit.replayed);
		cr_assert_gt(hit.gain, 1.0);
		memcpy(line, next, sizeof(line));
	}
}

static uint64_t way_back(const char *head, const char *text, const char *tail)
{
	char line[256];

	cr_assert_not(look(text, SECOND));
	snprintf(line, sizeof(line), "%s%s%s", head, text, tail);
	cr_assert(look(line, SECOND));
	return hit.way;
}

Test(echo, what_is_put_around_lines_is_the_same_each_time)
{
	uint64_t way =
		way_back("Nov 29 12:00:01 root: ", "one text of many", "");

	cr_assert_neq(way, 0);
	cr_assert_eq(way_back("Nov 30 13:07:55 root: ", "another is said", ""),
		     way);
	cr_assert_neq(way_back("Nov 30 13:07:55 ", "here comes a third", ""),
		      way);
	cr_assert_neq(way_back("", "a number has a digit more: 1", "7"), way);
	cr_assert_neq(way_back("Nov 30 13:07:55 root: ", "and a tail to it",
			       " (again)"),
		      way);
	cr_assert_not(logtap_echo_knows(&echo, way));
	logtap_echo_learn(&echo, way);
	for (int i = 0; i < 10; i++)
		logtap_echo_learn(&echo, way);
	logtap_echo_learn(&echo, 0);
	logtap_echo_learn(&echo, 7);
	cr_assert(logtap_echo_knows(&echo, way));
	cr_assert(logtap_echo_knows(&echo, 7));
	cr_assert_not(logtap_echo_knows(&echo, 0));
}

Test(echo, quoting_and_other_lines_between_do_not_hide_it)
{
	cr_assert_not(look("say \"hello, world\" please", SECOND));
	for (int i = 0; i < 20; i++) {
		char other[64];
		snprintf(other, sizeof(other), "%d lines of other content", i);
		look(other, SECOND);
	}
	cr_assert(look("\"say \\\"hello, world\\\" please\"", SECOND));
	cr_assert(look("\"\\\"say \\\\\\\"hello, world\\\\\\\" please\\\"\"",
		       SECOND));
	cr_assert_eq(hit.generation, 2);
}

Test(echo, a_line_that_is_written_again_has_not_come_back)
{
	for (uint64_t i = 0; i < 100; i++)
		cr_assert_not(look("connection refused, retrying", i * SECOND));
}

Test(echo, a_line_whose_time_has_passed_is_played_again)
{
	static const char line[] = "2026-11-29T12:00:01.123 host app: hello";

	cr_assert_not(look(line, 10 * SECOND));
	/* two at the same moment */
	cr_assert_not(look(line, 10 * SECOND));
	cr_assert(look(line, 13 * SECOND));
	cr_assert(hit.replayed);
	cr_assert_eq(hit.generation, 1);
}

Test(echo, short_lines_tell_nothing)
{
	cr_assert_not(look("ok", SECOND));
	cr_assert_not(look("ok ok", SECOND));
	cr_assert_not(look("", SECOND));
	cr_assert_not(look("\"\"\"\"\"\"\\\\\\\\\\\\\\\\\\\\\\", SECOND));
}

Test(echo, lines_of_one_form_do_not_hold_each_other)
{
	char line[64];

	for (int i = 1; i < 500; i++) {
		snprintf(line, sizeof(line), "request number %d took %d ms", i,
			 i % 7);
		cr_assert_not(look(line, SECOND), "%s", line);
	}
}
