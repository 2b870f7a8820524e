/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The detector is told more than it can keep. */
#include "../../../collector/shape/resource.h"
#include "scene.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

TestSuite(loops, .init = scene_begin, .fini = scene_end);

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
