/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The detector, fed through its taps with what hosts and the clock tell. */
#include "../../../collector/intake/asks.h"
#include "../../../collector/loops/loops.h"
#include "../../../collector/loops/stack/evidence.h"
#include "../../../collector/shape/resource.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MS UINT64_C(1000000)
#define START UINT64_C(1795340923000000000)
#define HEAD                                                 \
	"POST /v1/logs HTTP/1.1\r\nHost: localhost:4318\r\n" \
	"Content-Type: application/json\r\n\r\n"

static struct logtap_loops *loops;
static struct logtap_tap tap;
static struct logtap_process process = {
	.pid = 3999999, .start_ticks = 77, .comm = "python3"};
/* thread 0 is the process's first */
static struct logtap_thread threads[3];
static struct logtap_source *sources[3];
static uint64_t now_ns = START;
/* Each thread has a connection of its own, or all have this one. */
static int shared_fd;

static void begin(void)
{
	static struct logtap_host host;

	shared_fd = 0;
	logtap_host_init(&host);
	loops = logtap_loops_new(NULL);
	tap = logtap_loops_tap(loops);
	struct logtap_resource *resource = logtap_resource_new(&process, &host);
	for (unsigned i = 0; i < 3; i++) {
		threads[i].process = &process;
		threads[i].tid = process.pid + i;
		snprintf(threads[i].name, sizeof(threads[i].name), "t%u", i);
		sources[i] = logtap_source_new(
			resource,
			&(struct logtap_source_options){.stream = "stderr",
							.thread = &threads[i]});
	}
	logtap_resource_unref(resource);
}

static void end(void)
{
	for (unsigned i = 0; i < 3; i++)
		logtap_source_unref(sources[i]);
	logtap_loops_free(loops);
}

TestSuite(loops, .init = begin, .fini = end);

static enum logtap_tap_verdict say(unsigned thread, const char *text)
{
	struct logtap_tap_mark mark = {0};
	const struct logtap_record record = {
		.time_ns = now_ns,
		.observed_ns = now_ns + MS,
		.body = text,
		.body_bytes = strlen(text),
		.source = sources[thread],
	};

	return tap.record(tap.context, &record, &mark);
}

static void tell(unsigned thread, struct logtap_evidence evidence,
		 const char *head)
{
	unsigned char payload[sizeof(evidence) + LOGTAP_EVIDENCE_HEAD_BYTES];

	evidence.head_bytes = (uint16_t)strlen(head);
	memcpy(payload, &evidence, sizeof(evidence));
	memcpy(payload + sizeof(evidence), head, evidence.head_bytes);
	const struct logtap_chunk_view chunk = {
		.type = LOGTAP_CHUNK_EVIDENCE,
		.time_ns = now_ns,
		.payload = payload,
		.payload_bytes = sizeof(evidence) + evidence.head_bytes,
	};
	tap.evidence(tap.context, &threads[thread], &chunk);
}

static int fd_of(unsigned thread)
{
	return shared_fd ? shared_fd : 5 + (int)thread;
}

static void send_bytes(unsigned thread, const char *head)
{
	tell(thread,
	     (struct logtap_evidence){.kind = LOGTAP_EVIDENCE_SEND,
				      .flags = LOGTAP_EVIDENCE_BY_PORT,
				      .bytes = strlen(head),
				      .fd = fd_of(thread)},
	     head);
}

static void post(unsigned thread, const char *body)
{
	send_bytes(thread, HEAD);
	send_bytes(thread, body);
}

static void connect_to(unsigned thread, int result)
{
	struct logtap_evidence evidence = {
		.kind = LOGTAP_EVIDENCE_CONNECT,
		.flags = LOGTAP_EVIDENCE_BY_PORT,
		.result = result,
		.fd = fd_of(thread),
		.family = AF_INET,
		.port = 4318,
		.address = {127, 0, 0, 1},
	};
	tell(thread, evidence, "");
}

static void pass(uint64_t ms)
{
	now_ns += ms * MS;
	logtap_loops_tick(loops, now_ns);
}

/* The only loop, of that class; NULL: there is none. */
static json_t *the_loop(const char *class)
{
	static json_t *reply;

	json_decref(reply);
	reply = logtap_loops_json(loops);
	json_t *list = json_object_get(reply, "loops");
	cr_assert_leq(json_array_size(list), 1, "%s",
		      json_dumps(list, JSON_COMPACT));
	json_t *loop = json_array_get(list, 0);
	if (loop)
		cr_assert_str_eq(
			json_string_value(json_object_get(loop, "class")),
			class, "%s", json_dumps(loop, JSON_COMPACT));
	return loop;
}

static void assert_confidence(const char *class, const char *confidence)
{
	json_t *loop = the_loop(class);

	cr_assert_not_null(loop);
	cr_assert_str_eq(json_string_value(json_object_get(loop, "confidence")),
			 confidence, "%s", json_dumps(loop, JSON_COMPACT));
}

static double number(const char *class, const char *key)
{
	return json_number_value(json_object_get(the_loop(class), key));
}

#define DEBUG_LINE                                                            \
	"DEBUG:urllib3.connectionpool:http://localhost:4318 \"POST /v1/logs " \
	"HTTP/1.1\" 200 2 after some time"
#define DEBUG_BODY \
	"{\"body\":\"\\\"POST /v1/logs HTTP/1.1\\\" 200 2 after some time\"}"

static void exporter_loops(unsigned rounds, uint64_t pause_ms)
{
	for (unsigned i = 0; i < rounds; i++) {
		post(1, DEBUG_BODY);
		pass(2);
		say(1, DEBUG_LINE);
		pass(pause_ms);
	}
}

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
	end();
	begin();
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
		end();
		begin();
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

/* A thread of a process of its own, which exports to an address of its own. */
static void be_another(unsigned number)
{
	static struct logtap_host host;
	char text[64], endless[16];

	logtap_host_init(&host);
	process = (struct logtap_process){.pid = 4000000 + number,
					  .start_ticks = number};
	snprintf(process.comm, sizeof(process.comm), "p%u", number);
	threads[2].tid = process.pid;
	snprintf(endless, sizeof(endless), "file %u", number);
	struct logtap_resource *resource = logtap_resource_new(&process, &host);
	logtap_source_unref(sources[2]);
	sources[2] = logtap_source_new(
		resource, &(struct logtap_source_options){
				  .stream = "stderr", .thread = &threads[2]});
	logtap_resource_unref(resource);
	struct logtap_evidence evidence = {
		.kind = LOGTAP_EVIDENCE_CONNECT,
		.flags = LOGTAP_EVIDENCE_BY_PORT,
		.fd = 5,
		.family = AF_INET,
		.port = (uint16_t)number,
		.address = {127, 0, (unsigned char)(number >> 16), 1},
	};
	tell(2, evidence, "");
	post(2, DEBUG_BODY);
	for (size_t i = 0; i < 6; i++) /* letters: a form of its own */
		text[i] = (char)('g' + (number >> (3 * i)) % 8);
	snprintf(text + 6, sizeof(text) - 6, " is said at 12:00:00");
	say(2, text);
	tell(2,
	     (struct logtap_evidence){.kind = LOGTAP_EVIDENCE_REENTRY,
				      .flags = LOGTAP_EVIDENCE_IN_CALLBACK,
				      .depth = 2},
	     "");
}

Test(loops, memory_is_bounded_whatever_comes, .timeout = 120)
{
	const struct logtap_process own = process;
	/* what has room of its own is there from the beginning; for each
	 * process some lines are kept */
	enum { MORE = 3 << 19, EACH = 100000 };
	size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;

	for (unsigned i = 0; i < EACH; i++) {
		be_another(i);
		if (i % 1000 == 0)
			pass(300);
	}
	size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
	cr_assert_lt(after, before + MORE, "%zu more", after - before);
	cr_assert_leq(logtap_loops_count(loops, LOGTAP_LOOPS_SUSPECTED),
		      LOGTAP_LOOPS_FIGURES);
	/* and what comes then is found */
	process = own;
	say(0, "application starts");
	exporter_loops(20, 200);
	json_t *reply = logtap_loops_json_all(loops), *loop;
	bool found = false;
	size_t i;
	json_array_foreach(json_object_get(reply, "loops"), i, loop)
	{
		found |= !strcmp(json_string_value(
					 json_object_get(loop, "class")),
				 "L2") &&
			 !strcmp(json_string_value(
					 json_object_get(loop, "confidence")),
				 "confirmed");
	}
	const json_t *graph = json_object_get(reply, "graph");
	cr_assert_leq(json_array_size(json_object_get(graph, "nodes")), 256);
	cr_assert_leq(json_array_size(json_object_get(graph, "edges")), 512);
	json_decref(reply);
	cr_assert(found);
}

static struct {
	unsigned count;
	uint32_t pid, tid;
	uint64_t ns;
} held;

static void hold(void *context, uint32_t pid, uint32_t tid, uint64_t ns)
{
	(void)context;
	held.count++;
	held.pid = pid;
	held.tid = tid;
	held.ns = ns;
}

static void allow(bool probe)
{
	const struct logtap_loops_options options = {.probe = probe,
						     .hold_host = hold};

	logtap_loops_free(loops);
	loops = logtap_loops_new(&options);
	tap = logtap_loops_tap(loops);
	say(0, "application starts");
	exporter_loops(20, 200);
	assert_confidence("L2", "confirmed");
	struct timespec clock;
	clock_gettime(CLOCK_REALTIME, &clock);
	now_ns = (uint64_t)clock.tv_sec * 1000000000 + (uint64_t)clock.tv_nsec;
}

Test(loops, exports_are_slowed_by_what_each_owes)
{
	const struct logtap_loops_break slow = {.step = LOGTAP_LOOPS_RATE,
						.rate_per_s = 2,
						.ttl_ns = 100 * 1000 * MS,
						.at_source = true};
	const struct logtap_loops_break off = {.step = LOGTAP_LOOPS_OBSERVE};
	char error[256];

	allow(true);
	post(1, DEBUG_LINE);
	cr_assert_eq(held.count, 0);
	cr_assert_eq(logtap_loops_break(loops, 1, &slow, error, sizeof(error)),
		     0, "%s", error);
	post(1, DEBUG_LINE);
	cr_assert_eq(held.count, 1);
	cr_assert_eq(held.pid, process.pid);
	cr_assert_eq(held.tid, threads[1].tid);
	cr_assert_eq(held.ns, 500 * MS);
	post(1, DEBUG_LINE);
	cr_assert_eq(held.ns, 1000 * MS);
	now_ns += 400 * MS;
	post(1, DEBUG_LINE);
	cr_assert_eq(held.ns, 1100 * MS);
	post(2, DEBUG_LINE);
	cr_assert_eq(held.count, 3, "another thread's exports");
	for (unsigned i = 0; i < 1000; i++)
		post(1, DEBUG_LINE);
	cr_assert_eq(held.ns, 60 * 1000 * MS);
	cr_assert_eq(logtap_loops_break(loops, 1, &off, error, sizeof(error)),
		     0);
	cr_assert_eq(held.ns, 0, "not let go");
	held.count = 0;
	post(1, DEBUG_LINE);
	cr_assert_eq(held.count, 0);
	cr_assert_eq(logtap_loops_break(loops, 1, &slow, error, sizeof(error)),
		     0);
	now_ns += 101 * 1000 * MS;
	held.count = 0;
	post(1, DEBUG_LINE);
	cr_assert_eq(held.count, 0, "its time is over");
}

Test(loops, all_that_share_a_connection_are_slowed)
{
	const struct logtap_loops_break slow = {.step = LOGTAP_LOOPS_RATE,
						.rate_per_s = 2,
						.ttl_ns = 100 * 1000 * MS,
						.at_source = true};
	char error[256];

	shared_fd = 9;
	allow(true);
	post(2, DEBUG_LINE);
	cr_assert_eq(logtap_loops_break(loops, 1, &slow, error, sizeof(error)),
		     0, "%s", error);
	held.count = 0;
	post(1, DEBUG_LINE);
	cr_assert_eq(held.count, 2);
	cr_assert_eq(held.ns, 500 * MS);
}

Test(loops, exports_are_not_slowed_where_probes_are_not_allowed)
{
	const struct logtap_loops_break slow = {.step = LOGTAP_LOOPS_SUPPRESS,
						.at_source = true};
	char error[256];

	allow(false);
	cr_assert_eq(logtap_loops_break(loops, 1, &slow, error, sizeof(error)),
		     -EPERM);
	cr_assert(strstr(error, "--loops=probe"), "%s", error);
	cr_assert_eq(logtap_loops_break(loops, 9, &slow, error, sizeof(error)),
		     -ENOENT);
	cr_assert_eq(say(1, DEBUG_LINE), LOGTAP_TAP_PASS, "half of it applied");
}

/* A thread that sends @body and logs, while it is not held; for a minute. */
static void be_probed(const char *head, const char *body)
{
	const struct logtap_loops_options options = {
		.probe = true, .probe_alone = true, .hold_host = hold};

	logtap_loops_free(loops);
	loops = logtap_loops_new(&options);
	tap = logtap_loops_tap(loops);
	memset(&held, 0, sizeof(held));
	say(0, "application starts");
	for (unsigned i = 0; i < 600; i++, pass(100)) {
		if (i % 10 == 0)
			say(2, "something else goes on now and then");
		if (held.ns)
			continue;
		send_bytes(1, head);
		send_bytes(1, body);
		pass(2);
		say(1, DEBUG_LINE);
	}
}

Test(loops, a_hold_proves_what_cannot_be_read)
{
	be_probed("\x17\x03\x03\x01 not to be read",
		  "\x17\x03\x03\x02 nor this");
	assert_confidence("L2", "confirmed");
	cr_assert_eq(number("L2", "records_per_export"), 1);
	cr_assert_eq(held.ns, 0, "let go");
}

Test(loops, what_holds_none_of_what_was_logged_is_not_held)
{
	char error[256];

	be_probed(HEAD, "{\"body\":\"a metric or another's record\"}");
	cr_assert_eq(held.count, 0);
	assert_confidence("L2", "suspected");
	cr_assert_eq(logtap_loops_probe(loops, 1, error, sizeof(error)),
		     -EINVAL);
	cr_assert(strstr(error, "would prove nothing"), "%s", error);
	cr_assert_eq(logtap_loops_count(loops, LOGTAP_LOOPS_LIKELY), 0);
}
