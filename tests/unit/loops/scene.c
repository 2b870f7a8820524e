/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A detector and what it is told: see the header. */
#include "scene.h"

#include "../../../collector/loops/stack/evidence.h"
#include "../../../collector/shape/resource.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct logtap_loops *loops;
struct logtap_tap tap;
struct logtap_process process = {
	.pid = 3999999, .start_ticks = 77, .comm = "python3"};
struct logtap_thread threads[3];
struct logtap_source *sources[3];
uint64_t now_ns = START;
int shared_fd;

void scene_begin(void)
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

void scene_end(void)
{
	for (unsigned i = 0; i < 3; i++)
		logtap_source_unref(sources[i]);
	logtap_loops_free(loops);
}

enum logtap_tap_verdict say(unsigned thread, const char *text)
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

void tell(unsigned thread, struct logtap_evidence evidence, const char *head)
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

void send_bytes(unsigned thread, const char *head)
{
	tell(thread,
	     (struct logtap_evidence){.kind = LOGTAP_EVIDENCE_SEND,
				      .flags = LOGTAP_EVIDENCE_BY_PORT,
				      .bytes = strlen(head),
				      .fd = fd_of(thread)},
	     head);
}

void post(unsigned thread, const char *body)
{
	send_bytes(thread, HEAD);
	send_bytes(thread, body);
}

void connect_to(unsigned thread, int result)
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

void pass(uint64_t ms)
{
	now_ns += ms * MS;
	logtap_loops_tick(loops, now_ns);
}

json_t *the_loop(const char *class)
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

void assert_confidence(const char *class, const char *confidence)
{
	json_t *loop = the_loop(class);

	cr_assert_not_null(loop);
	cr_assert_str_eq(json_string_value(json_object_get(loop, "confidence")),
			 confidence, "%s", json_dumps(loop, JSON_COMPACT));
}

double number(const char *class, const char *key)
{
	return json_number_value(json_object_get(the_loop(class), key));
}

void exporter_loops(unsigned rounds, uint64_t pause_ms)
{
	for (unsigned i = 0; i < rounds; i++) {
		post(1, DEBUG_BODY);
		pass(2);
		say(1, DEBUG_LINE);
		pass(pause_ms);
	}
}
