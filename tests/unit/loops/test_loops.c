/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What the detector finds in exports, and what it tells of it. */
#include "scene.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

TestSuite(loops, .init = scene_begin, .fini = scene_end);

Test(loops, an_exporter_thread_that_exports_what_it_logs_is_confirmed)
{
	say(0, "application starts");
	pass(50);
	exporter_loops(20, 200);
	assert_confidence("L2", "confirmed");
	cr_assert_float_eq(number("L2", "records_per_export"), 1, 0.2);
	cr_assert_float_eq(number("L2", "gain"), 1, 0.2);
	cr_assert_gt(number("L2", "idle_exports_per_second"), 3);
	cr_assert_eq(logtap_loops_count(loops, LOGTAP_LOOPS_LIKELY), 1);
}

Test(loops, figures_are_true_from_the_first_moment_or_not_told)
{
	unsigned told = 0;

	say(0, "application starts");
	pass(50);
	for (unsigned i = 0; i < 40; i++) {
		exporter_loops(1, 150);
		json_t *loop = the_loop("L2");
		json_t *k = json_object_get(loop, "records_per_export");
		if (!loop || json_is_null(k))
			continue;
		told++;
		cr_assert_float_eq(json_number_value(k), 1, 0.01, "%u: %g", i,
				   json_number_value(k));
		cr_assert_float_eq(number("L2", "gain"), 1, 0.01, "%u", i);
	}
	cr_assert_gt(told, 30);
}

Test(loops, a_loop_without_pauses_is_found)
{
	say(0, "application starts");
	pass(50);
	exporter_loops(2000, 0);
	assert_confidence("L2", "confirmed");
	cr_assert_float_eq(number("L2", "records_per_export"), 1, 0.2);
}

Test(loops, two_records_an_export_are_a_gain_of_two)
{
	say(0, "application starts");
	for (unsigned i = 0; i < 40; i++) {
		say(1, "DEBUG:urllib3.connectionpool:Starting new HTTP "
		       "connection (1): localhost:4318");
		connect_to(1, 0);
		post(1, DEBUG_BODY);
		pass(2);
		say(1, DEBUG_LINE);
		pass(20);
	}
	assert_confidence("L2", "confirmed");
	cr_assert_float_eq(number("L2", "records_per_export"), 2, 0.3);
	cr_assert_str_eq(
		json_string_value(json_object_get(the_loop("L2"), "mode")),
		"explosive");
}

Test(loops, what_cannot_be_read_is_likely)
{
	say(0, "application starts");
	for (unsigned i = 0; i < 20; i++) {
		send_bytes(1, "\x17\x03\x03\x01 not to be read");
		pass(2);
		say(1, DEBUG_LINE);
		pass(200);
	}
	assert_confidence("L2", "likely");
}

Test(loops, exports_that_do_not_hold_what_was_logged_are_no_loop)
{
	for (unsigned i = 0; i < 50; i++) {
		post(1,
		     "{\"body\":\"a metric or a record of the application\"}");
		pass(2);
		say(1, DEBUG_LINE);
		pass(200);
	}
	cr_assert_eq(logtap_loops_count(loops, LOGTAP_LOOPS_LIKELY), 0);
}

/* A proxy in front of a receiver, which logs what it passes on as another one
 * does whose lines are in there. */
Test(loops, lines_that_are_only_alike_have_not_come_back)
{
	char line[160], body[256];

	say(0, "application starts");
	for (unsigned i = 0; i < 40; i++) {
		snprintf(line, sizeof(line),
			 "127.0.0.1 - - [30/Nov/2026:14:09:%02u +0000] POST "
			 "v1 logs HTTP 200 0 of ",
			 i);
		snprintf(body, sizeof(body),
			 "{\"name\":\"of another one\","
			 "\"body\":\"%sone by another one\"}",
			 line);
		post(1, body);
		pass(2);
		strcat(line, "another one");
		say(1, line);
		pass(500);
	}
	cr_assert_eq(logtap_loops_count(loops, LOGTAP_LOOPS_LIKELY), 0);
}

/* Its first thread, as of a program that has only one. */
static void post_of_one(const char *rest, const char *end)
{
	char sent[2048];
	struct logtap_evidence evidence = {.kind = LOGTAP_EVIDENCE_SEND,
					   .flags = LOGTAP_EVIDENCE_BY_PORT,
					   .bytes = 70000,
					   .fd = 5};

	snprintf(sent, sizeof(sent), "%s%s%s", HEAD, rest, end);
	evidence.tail_bytes = (uint16_t)strlen(end);
	tell(0, evidence, sent);
}

/* A short line, most of which is the end of a long request. */
Test(loops, what_came_back_at_the_end_of_a_request_is_seen)
{
	say(0, "info application starts");
	for (unsigned i = 0; i < 30; i++) {
		say(0, "debug items to be sent");
		post_of_one("{\"resourceLogs\":[{\"resource\":",
			    "\"statusCode: 200 {}\"}]}]}");
		pass(2);
		say(0, "debug statusCode: 200 {}");
		pass(200);
	}
	assert_confidence("L1", "suspected"); /* it may be its own work */
	json_t *proof = json_object_get(the_loop("L1"), "proof");
	cr_assert_eq(json_array_size(proof), 1);
}

/* The request's own head may be longer than what is known of its beginning. */
Test(loops, a_head_that_does_not_end_is_no_body)
{
	say(0, "info application starts");
	for (unsigned i = 0; i < 30; i++) {
		send_bytes(1, "POST /v1/logs HTTP/1.1\r\nX: statusCode: 200 "
			      "{}\r\n");
		pass(2);
		say(1, "debug statusCode: 200 {}");
		pass(200);
	}
	json_t *loop = the_loop("L2");
	cr_assert(!loop || !json_array_size(json_object_get(loop, "proof")));
}

Test(loops, exports_of_traces_and_metrics_are_none_of_logs)
{
	for (unsigned i = 0; i < 50; i++) {
		send_bytes(1, "POST /v1/metrics HTTP/1.1\r\n\r\n");
		send_bytes(1, DEBUG_BODY);
		pass(2);
		say(1, DEBUG_LINE);
		pass(200);
	}
	cr_assert_null(the_loop(""));
}

Test(loops, the_sample_is_the_line_that_names_its_logger)
{
	static const char *const lines[] = {
		"Traceback, and what was called last",
		"  in one file of it, where it exports",
		"ERROR:exporter:the export has failed, see above",
		"  in another one, where it connects",
		"ConnectionRefusedError",
	};

	for (size_t turn = 0; turn < 5; turn++) {
		scene_end();
		scene_begin();
		say(0, "application starts");
		pass(50);
		for (unsigned i = 0; i < 30; i++) {
			connect_to(1, -111);
			for (size_t line = 0; line < 5; line++) {
				pass(1);
				say(1, lines[(turn + line) % 5]);
			}
			pass(500);
		}
		json_t *sample = json_object_get(the_loop("L7"), "sample");
		cr_assert_str_eq(
			json_string_value(json_object_get(sample, "body")),
			lines[2]);
		cr_assert_str_eq(
			json_string_value(json_object_get(sample, "logger")),
			"exporter");
	}
}

Test(loops, calls_inside_of_a_handler_are_loops_of_their_own)
{
	for (unsigned i = 0; i < 5; i++) {
		say(0, "a record");
		tell(0,
		     (struct logtap_evidence){
			     .kind = LOGTAP_EVIDENCE_REENTRY,
			     .flags = LOGTAP_EVIDENCE_IN_CALLBACK,
			     .depth = 2,
			     .bytes = 10,
			     .fd = 2},
		     "");
		pass(100);
	}
	assert_confidence("L1", "confirmed");
	cr_assert(json_is_null(
		json_object_get(the_loop("L1"), "records_per_export")));
	cr_assert_str_eq(json_string_value(
				 json_object_get(the_loop("L1"), "unmeasured")),
			 "k and B are not measured: no export is seen, and "
			 "what a handler is called with and does not log "
			 "leaves no trace");
	cr_assert_str_eq(
		json_string_value(json_object_get(the_loop("L1"), "mode")),
		"guarded");
}
