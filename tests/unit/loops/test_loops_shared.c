/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that export by one connection. */
#include "scene.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <logtap/abi/control.h>
#include <stdio.h>
#include <string.h>

TestSuite(loops, .init = scene_begin, .fini = scene_end);

#define POOL_LINE "INFO jdk.httpclient.HttpClient REQUEST: /v1/logs POST"
#define POOL_BODY                                                          \
	"{\"body\":\"REQUEST: /v1/logs POST\"},{\"body\":\"RESPONSE: 200 " \
	"HTTP_1_1\"}"

/* Whichever thread has time sends, and says so: one announces what another does. */
static void pool_loops(unsigned rounds)
{
	for (unsigned i = 0; i < rounds; i++) {
		unsigned one = 1 + i % 2, other = 2 - i % 2;
		say(one, POOL_LINE);
		now_ns += MS;
		post(i % 3 ? one : other, POOL_BODY);
		pass(2);
		say(other,
		    "INFO jdk.httpclient.HttpClient RESPONSE: 200 HTTP_1_1");
		pass(200);
	}
}

Test(loops, threads_that_share_a_connection_are_one_exporter)
{
	say(0, "application starts");
	pass(50);
	shared_fd = 9;
	connect_to(2, -EINPROGRESS);
	pool_loops(40);
	assert_confidence("L2", "confirmed"); /* the only one */
	cr_assert_float_eq(number("L2", "records_per_export"), 2, 0.1);
	cr_assert_float_eq(number("L2", "gain"), 1, 0.1);
	json_t *step =
		json_array_get(json_object_get(the_loop("L2"), "cycle"), 0);
	cr_assert_str_eq(json_string_value(json_object_get(step, "kind")),
			 "process");
}

/* How many exports the picture says that a thread has made, or (0) those that it
 * has not; -1: it has none of them. */
static json_int_t drawn_exports(const json_t *graph, uint32_t tid)
{
	char from[64];
	const json_t *edge;
	size_t i;

	if (tid)
		snprintf(from, sizeof(from), "thread %u of %u", tid,
			 process.pid);
	else
		snprintf(from, sizeof(from), "process %u", process.pid);
	json_array_foreach(json_object_get(graph, "edges"), i, edge)
	{
		if (!strcmp(json_string_value(json_object_get(edge, "kind")),
			    "exports") &&
		    !strcmp(json_string_value(json_object_get(edge, "from")),
			    from))
			return json_integer_value(
				json_object_get(edge, "count"));
	}
	return -1;
}

Test(loops, the_picture_has_each_thread_that_shares_a_connection)
{
	say(0, "application starts");
	pass(50);
	shared_fd = 9;
	connect_to(2, -EINPROGRESS);
	pool_loops(30);
	json_t *reply = logtap_loops_json_all(loops);
	const json_t *graph = json_object_get(reply, "graph");
	cr_assert_eq(drawn_exports(graph, threads[1].tid), 15);
	cr_assert_eq(drawn_exports(graph, threads[2].tid), 15);
	cr_assert_eq(drawn_exports(graph, threads[0].tid), -1);
	json_decref(reply);
}

Test(loops, of_a_large_pool_the_picture_has_the_last_few)
{
	enum { POOL = 20 };

	say(0, "application starts");
	pass(50);
	shared_fd = 9;
	connect_to(1, 0);
	for (uint32_t i = 0; i < POOL; i++) {
		threads[1].tid = 5000 + i;
		post(1, POOL_BODY);
		pass(200);
	}
	json_t *reply = logtap_loops_json_all(loops);
	const json_t *graph = json_object_get(reply, "graph");
	cr_assert_eq(drawn_exports(graph, 5000), -1);
	cr_assert_eq(drawn_exports(graph, 5000 + POOL - 1), 1);
	cr_assert_eq(drawn_exports(graph, 0), POOL - LOGTAP_CONTROL_HOLDS);
	json_decref(reply);
}

/* The number is another connection's then. */
Test(loops, a_number_that_was_closed_shares_nothing)
{
	const struct logtap_evidence closing = {
		.kind = LOGTAP_EVIDENCE_CLOSE,
		.flags = LOGTAP_EVIDENCE_BY_PORT,
		.fd = 9,
	};

	say(0, "application starts");
	pass(50);
	shared_fd = 9;
	for (unsigned i = 0; i < 30; i++) {
		connect_to(1, 0);
		exporter_loops(1, 50);
		tell(1, closing, "");
		connect_to(2, 0);
		post(2, "{\"body\":\"nothing of that\"}");
		pass(50);
		tell(2, closing, "");
	}
	assert_confidence("L2", "confirmed");
	cr_assert_float_eq(number("L2", "records_per_export"), 1, 0.1);
	json_t *step =
		json_array_get(json_object_get(the_loop("L2"), "cycle"), 0);
	cr_assert_eq(json_integer_value(json_object_get(step, "tid")),
		     threads[1].tid);
}
