/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Feedback loops: see the header.  Any thread. */
#include "loops.h"

#include "../intake/asks.h"
#include "../intake/clock.h"
#include "model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOPS = 8, NAMESPACES = 32 };
#define TICK_NS (200 * LOGTAP_LOOPS_MS)
#define PEERS_NS (1000 * LOGTAP_LOOPS_MS)

struct logtap_loops *logtap_loops_new(
	const struct logtap_loops_options *options)
{
	struct logtap_loops *loops = calloc(1, sizeof(*loops));

	if (!loops)
		return NULL;
	if (options)
		loops->options = *options;
	if (!loops->options.hop_limit)
		loops->options.hop_limit = HOPS;
	if (loops->options.asks)
		logtap_asks_evidence(loops->options.asks,
				     LOGTAP_ASK_SENDS | LOGTAP_ASK_HEADS |
					     LOGTAP_ASK_STACKS |
					     LOGTAP_ASK_PATHS);
	logtap_instance_make(loops->instance);
	pthread_mutex_init(&loops->lock, NULL);
	return loops;
}

void logtap_loops_free(struct logtap_loops *loops)
{
	if (!loops)
		return;
	for (size_t i = 0; i < LOGTAP_LOOPS_PROCESSES; i++)
		free(loops->processes[i].echo);
	pthread_mutex_destroy(&loops->lock);
	free(loops);
}

const char *logtap_loops_instance(const struct logtap_loops *loops)
{
	return loops->instance;
}

json_t *logtap_loops_json(struct logtap_loops *loops)
{
	json_t *list = json_array();

	pthread_mutex_lock(&loops->lock);
	for (unsigned number = 1; number <= loops->next_loop; number++) {
		const struct logtap_loops_loop *loop =
			logtap_loops_find(loops, number);
		if (loop && loop->confidence)
			json_array_append_new(
				list, logtap_loops_describe(loops, loop));
	}
	json_t *reply =
		json_pack("{s:s,s:I,s:i,s:o}", "instance", loops->instance,
			  "hop_limit_drops", (json_int_t)loops->hop_drops,
			  "probing", (int)loops->probe.loop, "loops", list);
	pthread_mutex_unlock(&loops->lock);
	return reply;
}

json_t *logtap_loops_json_all(struct logtap_loops *loops)
{
	json_t *reply = logtap_loops_json(loops);

	pthread_mutex_lock(&loops->lock);
	json_object_set_new(reply, "graph", logtap_loops_graph(loops));
	pthread_mutex_unlock(&loops->lock);
	return reply;
}

size_t logtap_loops_count(struct logtap_loops *loops,
			  enum logtap_loops_confidence at_least)
{
	size_t count = 0;

	pthread_mutex_lock(&loops->lock);
	for (size_t i = 0; i < LOGTAP_LOOPS_MAX; i++)
		count += loops->loops[i].number &&
			 loops->loops[i].confidence >= at_least;
	pthread_mutex_unlock(&loops->lock);
	return count;
}

size_t logtap_loops_figures(
	struct logtap_loops *loops,
	struct logtap_loops_figures out[LOGTAP_LOOPS_FIGURES])
{
	size_t count = 0;

	pthread_mutex_lock(&loops->lock);
	for (size_t i = 0; i < LOGTAP_LOOPS_MAX; i++) {
		const struct logtap_loops_loop *loop = &loops->loops[i];
		if (!loop->number || !loop->confidence ||
		    !logtap_loops_is_active(loops, loop))
			continue;
		out[count++] = (struct logtap_loops_figures){
			.number = loop->number,
			.class = logtap_loops_class_code(loop->class),
			.k = loop->k,
			.b = loop->b,
			.gain = logtap_loops_gain(loop),
			.byte_gain = loop->byte_gain,
			.idle_per_s = loop->idle_per_s,
		};
	}
	pthread_mutex_unlock(&loops->lock);
	return count;
}

void logtap_loops_stats(struct logtap_loops *loops,
			struct logtap_loops_stats *out)
{
	pthread_mutex_lock(&loops->lock);
	*out = loops->stats;
	out->hop_drops = loops->hop_drops;
	pthread_mutex_unlock(&loops->lock);
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
	int result = 0;

	if (what->step == LOGTAP_LOOPS_RATE &&
	    !(what->rate_per_s > 0 && what->rate_per_s < 1e9)) {
		snprintf(error, error_bytes,
			 "loops: rate: not a number of records a second; "
			 "for instance 1");
		return -EINVAL;
	}
	pthread_mutex_lock(&loops->lock);
	struct logtap_loops_loop *loop = logtap_loops_find(loops, number);
	if (!loop)
		result = no_such_loop(number, error, error_bytes);
	else if (what->at_source)
		result = logtap_loops_slow_check(loops, loop, error,
						 error_bytes);
	if (!result) {
		uint64_t now_ns = logtap_now_realtime_ns();
		logtap_loops_slow_end(loops, loop);
		loop->applied.what = *what;
		loop->applied.until_ns =
			what->ttl_ns ? now_ns + what->ttl_ns : 0;
		loop->applied.tokens = 1;
		loop->applied.filled_ns = now_ns;
	}
	pthread_mutex_unlock(&loops->lock);
	return result;
}

int logtap_loops_probe(struct logtap_loops *loops, unsigned number, char *error,
		       size_t error_bytes)
{
	int result = 0;

	if (!loops->options.probe) {
		snprintf(error, error_bytes,
			 "loops: probe: this collector may not hold exports; "
			 "start it with --loops=probe");
		return -EPERM;
	}
	pthread_mutex_lock(&loops->lock);
	struct logtap_loops_loop *loop = logtap_loops_find(loops, number);
	if (number && !loop) {
		result = no_such_loop(number, error, error_bytes);
	} else if (loop) {
		result = logtap_loops_probe_begin(loops, loop,
						  logtap_now_realtime_ns(),
						  error, error_bytes);
	} else {
		/* each in its turn */
		loops->options.probe_alone = true;
		for (size_t i = 0; i < LOGTAP_LOOPS_MAX; i++)
			loops->loops[i].probe_ns = 0;
	}
	pthread_mutex_unlock(&loops->lock);
	return result;
}

/* Looks for the processes at the other ends, without the lock meanwhile. */
static void find_peers(struct logtap_loops *loops, uint64_t now_ns)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_CAUSES; i++) {
		struct logtap_loops_cause *cause = &loops->causes[i];
		uint32_t pids[NAMESPACES], id = cause->id;
		size_t count = 0;
		if (!cause->connection_is_new ||
		    now_ns < cause->peers_ns + PEERS_NS)
			continue;
		for (size_t j = 0;
		     j < LOGTAP_LOOPS_PROCESSES && count < NAMESPACES; j++)
			if (loops->processes[j].pid)
				pids[count++] = loops->processes[j].pid;
		struct logtap_connection connection = cause->connection;
		struct logtap_peers peers;
		cause->connection_is_new = false;
		cause->peers_ns = now_ns;
		pthread_mutex_unlock(&loops->lock);
		logtap_peers_find(&connection, pids, count, &peers);
		pthread_mutex_lock(&loops->lock);
		if (cause->id == id)
			cause->peers = peers;
	}
}

void logtap_loops_tick(struct logtap_loops *loops, uint64_t now_ns)
{
	pthread_mutex_lock(&loops->lock);
	/* a clock may be set back */
	if (now_ns >= loops->tick_ns + TICK_NS || now_ns < loops->tick_ns) {
		loops->tick_ns = now_ns;
		find_peers(loops, now_ns);
		logtap_loops_detect(loops, now_ns);
		logtap_loops_probe_tick(loops, now_ns);
	}
	pthread_mutex_unlock(&loops->lock);
}
