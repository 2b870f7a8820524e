/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that are broken: what of them goes on, and what else does not. */
#include "scene.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

TestSuite(loops, .init = scene_begin, .fini = scene_end);

Test(loops, a_broken_loop_costs_no_other_record)
{
	const struct logtap_loops_break drop = {.step = LOGTAP_LOOPS_SUPPRESS,
						.ttl_ns = 10 * 1000 * MS};
	const struct logtap_loops_break off = {.step = LOGTAP_LOOPS_OBSERVE};
	char error[256];

	say(0, "application starts");
	exporter_loops(20, 200);
	assert_confidence("L2", "confirmed");
	cr_assert_eq(say(1, DEBUG_LINE), LOGTAP_TAP_PASS);
	/* the end of it is measured by the machine's clock */
	struct timespec clock;
	clock_gettime(CLOCK_REALTIME, &clock);
	now_ns = (uint64_t)clock.tv_sec * 1000000000 + (uint64_t)clock.tv_nsec;
	cr_assert_eq(logtap_loops_break(loops, 1, &drop, error, sizeof(error)),
		     0);
	cr_assert_eq(say(1, DEBUG_LINE), LOGTAP_TAP_DROP);
	cr_assert_eq(say(0, DEBUG_LINE), LOGTAP_TAP_PASS);
	cr_assert_eq(say(0, "application goes on"), LOGTAP_TAP_PASS);
	cr_assert_eq(say(1, "something else of this thread"), LOGTAP_TAP_PASS);
	now_ns += 11 * 1000 * MS;
	cr_assert_eq(say(1, DEBUG_LINE), LOGTAP_TAP_PASS);
	cr_assert_eq(logtap_loops_break(loops, 1, &off, error, sizeof(error)),
		     0);
	cr_assert_neq(logtap_loops_break(loops, 2, &off, error, sizeof(error)),
		      0);
	cr_assert_neq(logtap_loops_probe(loops, 1, error, sizeof(error)), 0);
}

/* A text that goes round, with that before it each time. */
static enum logtap_tap_verdict goes_round(const char *text, unsigned rounds)
{
	enum logtap_tap_verdict verdict = say(1, text);
	char line[1024], next[1100];

	snprintf(line, sizeof(line), "%s", text);
	for (unsigned i = 0; i < rounds; i++) {
		snprintf(next, sizeof(next), "Nov 30 15:00:00 root: %.1000s",
			 line);
		memcpy(line, next, sizeof(line) - 1);
		pass(50);
		verdict = say(1, line);
	}
	return verdict;
}

Test(loops, a_text_goes_round_once_where_that_was_broken)
{
	const struct logtap_loops_break drop = {.step = LOGTAP_LOOPS_SUPPRESS};
	const struct logtap_loops_break off = {.step = LOGTAP_LOOPS_OBSERVE};
	char error[256];

	goes_round("the first text of all", 12);
	the_loop("L6");
	cr_assert_eq(goes_round("it is not broken yet", 3), LOGTAP_TAP_PASS);
	cr_assert_eq(logtap_loops_break(loops, 1, &drop, error, sizeof(error)),
		     0);
	cr_assert_eq(goes_round("another text comes along", 0),
		     LOGTAP_TAP_PASS);
	cr_assert_eq(goes_round("another text, which goes round", 1),
		     LOGTAP_TAP_DROP);
	/* what looks like it, and is its own */
	cr_assert_eq(say(1, "the number of all: 1"), LOGTAP_TAP_PASS);
	cr_assert_eq(say(1, "the number of all: 12"), LOGTAP_TAP_PASS);
	cr_assert_eq(say(1, "there was: the number of all: 12"),
		     LOGTAP_TAP_PASS);
	cr_assert_eq(logtap_loops_break(loops, 1, &off, error, sizeof(error)),
		     0);
	cr_assert_eq(goes_round("and one after all that", 2), LOGTAP_TAP_PASS);
}

Test(loops, what_followed_by_chance_is_let_go)
{
	const struct logtap_loops_break drop = {.step = LOGTAP_LOOPS_SUPPRESS};
	char error[256];

	say(0, "application starts");
	pass(50);
	for (unsigned i = 0; i < 20; i++) {
		post(1, DEBUG_BODY);
		pass(2);
		say(1, DEBUG_LINE);
		say(0, "application works");
		pass(200);
	}
	/* as long as nothing else is known */
	cr_assert_float_eq(number("L2", "records_per_export"), 2, 0.2);
	for (unsigned i = 0; i < 40; i++) {
		exporter_loops(1, 120);
		say(0, "application works");
		pass(80);
	}
	cr_assert_float_eq(number("L2", "records_per_export"), 1, 0.01);
	cr_assert_eq(logtap_loops_break(loops, 1, &drop, error, sizeof(error)),
		     0);
	post(1, DEBUG_BODY);
	pass(2);
	cr_assert_eq(say(1, DEBUG_LINE), LOGTAP_TAP_DROP);
	cr_assert_eq(say(0, "application works"), LOGTAP_TAP_PASS);
}

/* Or several words between two of its exports. */
Test(loops, what_an_application_says_at_once_is_not_lost)
{
	const struct logtap_loops_break drop = {.step = LOGTAP_LOOPS_SUPPRESS};
	char error[256];

	say(0, "application starts");
	exporter_loops(20, 200);
	assert_confidence("L2", "confirmed");
	cr_assert_eq(logtap_loops_break(loops, 1, &drop, error, sizeof(error)),
		     0);
	for (unsigned i = 0; i < 7; i++) { /* by chance behind each of them */
		post(1, DEBUG_BODY);
		pass(2);
		for (unsigned j = 0; j < 8; j++) {
			cr_assert_eq(say(0, "application works"),
				     LOGTAP_TAP_PASS, "%u, %u", i, j);
			pass(2);
		}
		pass(220);
	}
	cr_assert_eq(say(1, DEBUG_LINE), LOGTAP_TAP_DROP);
}
