/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What an export causes, what it causes while it fails, and what only happens
 * beside it. */
#include "../../../collector/intake/asks.h"
#include "scene.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

TestSuite(loops, .init = scene_begin, .fini = scene_end);

Test(loops, an_application_that_logs_at_the_period_of_exports_is_no_loop)
{
	char text[64];

	for (unsigned i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "tick number %u of the clock", i);
		say(0, text);
		pass(1);
		post(1, text);
		pass(999);
	}
	cr_assert_eq(logtap_loops_count(loops, LOGTAP_LOOPS_LIKELY), 0);
}

Test(loops, a_thread_that_exports_each_record_at_once_is_no_loop)
{
	static const uint64_t pauses[] = {0, 1, 7, 100, 1000};
	char text[64];

	for (size_t p = 0; p < 5; p++)
		for (unsigned i = 0; i < 200; i++) {
			snprintf(text, sizeof(text),
				 "step number %u of the whole work", i);
			say(p % 2, text);
			post(p % 2, text);
			pass(pauses[p]);
			now_ns += MS / 2;
		}
	cr_assert_eq(logtap_loops_count(loops, LOGTAP_LOOPS_LIKELY), 0);
}

Test(loops, the_same_is_no_loop_where_nothing_can_be_read)
{
	char text[64];

	say(0, "application starts");
	for (unsigned i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "step %u of it", i);
		say(1, text);
		connect_to(1, 0);
		send_bytes(1, "\x17\x03\x03\x01 not to be read");
		pass(1000);
	}
	cr_assert_eq(logtap_loops_count(loops, LOGTAP_LOOPS_LIKELY), 0);
}

Test(loops, failing_exports_that_are_logged_are_conditional)
{
	say(0, "application starts");
	pass(50);
	for (unsigned i = 0; i < 30; i++) {
		connect_to(1, -111);
		pass(1);
		say(1, "ERROR otlp exporter: connection refused, will retry");
		pass(500);
	}
	assert_confidence("L7", "likely");
}

/* What follows none of the exports that are taken says nothing of them. */
Test(loops, a_conditional_loop_stays_one_while_nothing_fails)
{
	say(0, "application starts");
	pass(50);
	for (unsigned i = 0; i < 12; i++) {
		connect_to(1, -ECONNREFUSED);
		pass(1);
		say(1, "ERROR otlp exporter: connection refused, will retry");
		pass(500);
	}
	assert_confidence("L7", "likely");
	for (unsigned i = 0; i < 60; i++) {
		post(1, "{\"body\":\"nothing of that\"}");
		pass(100);
		assert_confidence("L7", "likely");
	}
}

/* One record that came late, of some. */
Test(loops, a_chance_makes_no_other_class)
{
	say(0, "application starts");
	pass(50);
	for (unsigned i = 0; i < 30; i++) {
		bool fails = i % 5 == 0;
		connect_to(1, fails ? -ECONNREFUSED : 0);
		if (!fails)
			post(1, "{\"body\":\"nothing of that\"}");
		pass(1);
		if (fails || i == 18)
			say(1, "ERROR otlp exporter: connection refused, will "
			       "retry");
		pass(500);
	}
	assert_confidence("L7", "likely");
}

Test(loops, what_follows_each_export_is_not_conditional_for_long)
{
	say(0, "application starts");
	pass(50);
	for (unsigned i = 0; i < 40; i++) {
		if (i < 10) {
			connect_to(1, -ECONNREFUSED);
		} else {
			post(1, DEBUG_BODY);
			pass(2);
		}
		say(1, DEBUG_LINE);
		pass(200);
	}
	assert_confidence("L2", "confirmed");
}

/* Those of retries that come ever less often. */
Test(loops, a_stack_is_asked_for_also_of_records_that_are_rare)
{
	static struct logtap_control control;
	const struct logtap_asks_place place = {
		.control = &control,
		.creator = process.pid,
	};
	const struct logtap_loops_options options = {
		.asks = logtap_asks_new(),
	};

	logtap_loops_free(loops);
	loops = logtap_loops_new(&options);
	tap = logtap_loops_tap(loops);
	say(0, "application starts");
	for (unsigned i = 0; i < 30; i++) {
		connect_to(1, -ECONNREFUSED);
		pass(1);
		say(1, "ERROR otlp exporter: connection refused, will retry");
		pass(500);
	}
	assert_confidence("L7", "likely");
	for (unsigned i = 0; i < 150; i++)
		pass(200);
	logtap_asks_release(options.asks, process.pid, threads[1].tid);
	pass(200);
	logtap_asks_store(options.asks, &place);
	cr_assert_eq(control.watch_count, 1);
	for (unsigned i = 0; i < 60; i++)
		pass(200);
	logtap_asks_release(options.asks, process.pid, threads[1].tid);
	pass(200);
	logtap_asks_store(options.asks, &place);
	cr_assert_eq(control.watch_count, 0);
	logtap_asks_free(options.asks);
	scene_end();
	scene_begin();
}

/* What another thread says of it may be read before what the export itself left,
 * whose ring comes later. */
Test(loops, records_that_are_read_before_their_export_are_caused_by_it)
{
	const struct logtap_loops_break drop = {.step = LOGTAP_LOOPS_SUPPRESS};
	char error[256];

	say(0, "application starts");
	pass(50);
	for (unsigned i = 0; i < 30; i++) {
		now_ns += MS;
		say(2, "the export has failed");
		now_ns -= MS;
		connect_to(1, -ECONNREFUSED);
		say(1, "cannot connect to the receiver");
		pass(400);
	}
	assert_confidence("L7", "likely");
	cr_assert_float_eq(number("L7", "records_per_export"), 2, 0.1);
	cr_assert_eq(logtap_loops_break(loops, 1, &drop, error, sizeof(error)),
		     0);
	cr_assert_eq(say(2, "the export has failed"), LOGTAP_TAP_DROP);
	cr_assert_eq(say(0, "application works"), LOGTAP_TAP_PASS);
}
