/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Feedback loops: see the header.  Any thread. */
#include "loops.h"

#include "instance.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct logtap_loops {
	struct logtap_loops_options options;
	char instance[LOGTAP_INSTANCE_BYTES + 1];
	pthread_mutex_t lock;
};

struct logtap_loops *logtap_loops_new(
	const struct logtap_loops_options *options)
{
	struct logtap_loops *loops = calloc(1, sizeof(*loops));

	if (!loops)
		return NULL;
	if (options)
		loops->options = *options;
	logtap_instance_make(loops->instance);
	pthread_mutex_init(&loops->lock, NULL);
	return loops;
}

void logtap_loops_free(struct logtap_loops *loops)
{
	if (!loops)
		return;
	pthread_mutex_destroy(&loops->lock);
	free(loops);
}

const char *logtap_loops_instance(const struct logtap_loops *loops)
{
	return loops->instance;
}

json_t *logtap_loops_json(struct logtap_loops *loops)
{
	return json_pack("{s:s,s:[]}", "instance", loops->instance, "loops");
}

size_t logtap_loops_count(struct logtap_loops *loops,
			  enum logtap_loops_confidence at_least)
{
	(void)loops;
	(void)at_least;
	return 0;
}

static int no_such_loop(unsigned number, char *error, size_t error_bytes)
{
	snprintf(error, error_bytes,
		 "loops: %u: no such loop; `logtap loops' lists them", number);
	return -ENOENT;
}

int logtap_loops_break(struct logtap_loops *loops, unsigned number,
		       const struct logtap_loops_break *what, char *error,
		       size_t error_bytes)
{
	(void)loops;
	(void)what;
	return no_such_loop(number, error, error_bytes);
}

int logtap_loops_probe(struct logtap_loops *loops, unsigned number, char *error,
		       size_t error_bytes)
{
	(void)loops;
	return number ? no_such_loop(number, error, error_bytes) : 0;
}

static enum logtap_tap_verdict tap_record(void *context,
					  const struct logtap_record *record,
					  struct logtap_tap_mark *mark)
{
	(void)context;
	(void)record;
	(void)mark;
	return LOGTAP_TAP_PASS;
}

static void tap_evidence(void *context, const struct logtap_thread *thread,
			 const struct logtap_chunk_view *chunk)
{
	(void)context;
	(void)thread;
	(void)chunk;
}

struct logtap_tap logtap_loops_tap(struct logtap_loops *loops)
{
	return (struct logtap_tap){
		.context = loops,
		.record = tap_record,
		.evidence = tap_evidence,
	};
}

static uint64_t export_hold(void *context, unsigned destination)
{
	(void)context;
	(void)destination;
	return 0;
}

static size_t export_begin(
	void *context, unsigned destination, const struct logtap_batch *batch,
	char headers[LOGTAP_EXPORT_HEADERS][LOGTAP_EXPORT_HEADER_BYTES])
{
	struct logtap_loops *loops = context;

	(void)destination;
	(void)batch;
	snprintf(headers[0], LOGTAP_EXPORT_HEADER_BYTES, "logtap-instance: %s",
		 loops->instance);
	return 1;
}

static void export_end(void *context, unsigned destination,
		       const struct logtap_batch *batch,
		       const struct logtap_export_end *end)
{
	(void)context;
	(void)destination;
	(void)batch;
	(void)end;
}

struct logtap_export_tap logtap_loops_export_tap(struct logtap_loops *loops)
{
	return (struct logtap_export_tap){
		.context = loops,
		.hold = export_hold,
		.begin = export_begin,
		.end = export_end,
	};
}

void logtap_loops_submit(struct logtap_loops *loops,
			 const struct logtap_batch *batch)
{
	(void)loops;
	(void)batch;
}

void logtap_loops_tick(struct logtap_loops *loops, uint64_t now_ns)
{
	(void)loops;
	(void)now_ns;
}
