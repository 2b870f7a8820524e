/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Feedback loops: see the header.  Any thread. */
#include "loops.h"

#include "../export/batch.h"
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

static void put_open(struct logtap_loops *loops,
		     const struct logtap_loops_effect *effect, size_t bytes,
		     uint32_t hop)
{
	uint64_t at = loops->open_end++;

	if (loops->open_end - loops->open_first > LOGTAP_LOOPS_OPEN)
		loops->open_first++;
	loops->open[at % LOGTAP_LOOPS_OPEN].effect =
		(uint16_t)(effect - loops->effects);
	loops->open[at % LOGTAP_LOOPS_OPEN].bytes = (uint32_t)bytes;
	loops->open[at % LOGTAP_LOOPS_OPEN].hop =
		hop > UINT8_MAX ? UINT8_MAX : (uint8_t)hop;
}

/* Of a process that prints what it gets, all is due to that. */
static void claim_for_process(struct logtap_loops *loops,
			      const struct logtap_loops_process *process,
			      struct logtap_loops_effect *effect)
{
	struct logtap_loops_loop *loop =
		logtap_loops_find(loops, process->loop);

	if (loop && loop->pid == process->pid)
		logtap_loops_claim(loop, effect);
}

static enum logtap_tap_verdict take_record(struct logtap_loops *loops,
					   const struct logtap_record *record,
					   struct logtap_tap_mark *mark)
{
	const struct logtap_resource *resource = record->source->resource;
	uint64_t now_ns = record->observed_ns;
	bool over;
	struct logtap_loops_process *process =
		logtap_loops_process(loops, resource->pid,
				     resource->start_ticks, resource->comm,
				     now_ns);
	struct logtap_loops_effect *effect = logtap_loops_effect(loops, record);

	process->records++;
	loops->records++;
	/* a loop that claims the effect now counts all of its records */
	bool claimed = effect->loop != 0;
	if (!claimed && process->loop)
		claim_for_process(loops, process, effect);
	logtap_loops_effect_follow(loops, effect, record);
	uint32_t hop =
		logtap_loops_look_for_names(loops, effect, record, &over);
	logtap_loops_look_for_echo(loops, process, effect, record);
	struct logtap_loops_loop *loop = logtap_loops_find(loops, effect->loop);
	if (loop && claimed)
		logtap_loops_count_record(loop, record, now_ns);
	if (!loop && !logtap_loops_is_caused(effect)) {
		process->own_records++;
		process->own_ns = now_ns;
		loops->own_records++;
	}
	mark->hop = hop;
	loops->stats.records += loop != NULL;
	enum logtap_tap_verdict verdict =
		loop ? logtap_loops_judge(loop, now_ns, mark) : LOGTAP_TAP_PASS;
	loops->stats.suppressed += verdict == LOGTAP_TAP_DROP;
	if (over && verdict != LOGTAP_TAP_DROP) {
		loops->hop_drops++;
		verdict = LOGTAP_TAP_DROP;
	}
	if (verdict == LOGTAP_TAP_PASS && hop)
		verdict = LOGTAP_TAP_TAG;
	if (verdict != LOGTAP_TAP_DROP)
		put_open(loops, effect, record->body_bytes, hop);
	return verdict;
}

static enum logtap_tap_verdict tap_record(void *context,
					  const struct logtap_record *record,
					  struct logtap_tap_mark *mark)
{
	struct logtap_loops *loops = context;

	pthread_mutex_lock(&loops->lock);
	enum logtap_tap_verdict verdict = take_record(loops, record, mark);
	pthread_mutex_unlock(&loops->lock);
	return verdict;
}

static void tap_evidence(void *context, const struct logtap_thread *thread,
			 const struct logtap_chunk_view *chunk)
{
	struct logtap_loops *loops = context;

	if (!thread->process)
		return;
	pthread_mutex_lock(&loops->lock);
	if (chunk->type == LOGTAP_CHUNK_EVIDENCE)
		logtap_loops_take_evidence(loops, thread, chunk);
	pthread_mutex_unlock(&loops->lock);
}

struct logtap_tap logtap_loops_tap(struct logtap_loops *loops)
{
	return (struct logtap_tap){
		.context = loops,
		.record = tap_record,
		.evidence = tap_evidence,
	};
}

/* One more record of a batch. */
static void mix(struct logtap_loops_batch *batch, uint16_t effect)
{
	size_t i = 0;

	while (i < batch->mix_count && batch->mix[i].effect != effect)
		i++;
	if (i == LOGTAP_LOOPS_MIX) {
		batch->mixed = true;
		return;
	}
	if (i == batch->mix_count)
		batch->mix[batch->mix_count++].effect = effect;
	batch->mix[i].records++;
}

void logtap_loops_submit(struct logtap_loops *loops,
			 const struct logtap_batch *from)
{
	size_t records = logtap_batch_records(from);

	pthread_mutex_lock(&loops->lock);
	struct logtap_loops_batch *batch =
		&loops->batches[loops->next_batch++ % LOGTAP_LOOPS_BATCHES];
	*batch = (struct logtap_loops_batch){
		.serial = logtap_batch_serial(from),
		.records = (uint32_t)records,
	};
	for (; records && loops->open_first < loops->open_end; records--) {
		size_t at = loops->open_first++ % LOGTAP_LOOPS_OPEN;
		mix(batch, loops->open[at].effect);
		batch->bytes += loops->open[at].bytes;
		if (loops->open[at].hop > batch->hop)
			batch->hop = loops->open[at].hop;
	}
	batch->mixed |= records > 0;
	if (batch->hop)
		memcpy(batch->via, loops->open_via, sizeof(batch->via));
	pthread_mutex_unlock(&loops->lock);
}

static uint64_t export_hold(void *context, unsigned destination)
{
	struct logtap_loops *loops = context;

	return destination < sizeof(loops->hold_until_ns) /
				       sizeof(loops->hold_until_ns[0])
		       ? atomic_load(&loops->hold_until_ns[destination])
		       : 0;
}

/* Nothing but records that exports have caused? */
static bool is_idle(struct logtap_loops *loops,
		    const struct logtap_loops_cause *cause,
		    const struct logtap_loops_batch *batch)
{
	if (cause->count && loops->own_records == cause->own_records)
		return true; /* sent again, or nothing new in it */
	if (!batch || batch->mixed)
		return false;
	for (size_t i = 0; i < batch->mix_count; i++)
		if (!logtap_loops_is_caused(
			    &loops->effects[batch->mix[i].effect]))
			return false;
	return batch->mix_count > 0;
}

static void begin_export(struct logtap_loops *loops,
			 struct logtap_loops_cause *cause, uint64_t serial)
{
	const struct logtap_loops_batch *batch =
		logtap_loops_batch_of(loops, serial);
	bool idle = is_idle(loops, cause, batch);
	struct logtap_loops_export *export =
		logtap_loops_export_begin(cause, logtap_now_realtime_ns());

	export->serial = serial;
	export->records = batch ? batch->records : 0;
	export->bytes = batch ? batch->bytes : 0;
	export->idle = idle;
	cause->own_records = loops->own_records;
	cause->idle_streak = idle ? cause->idle_streak + 1 : 0;
	if (cause->idle_streak == 1)
		cause->idle_since_ns = export->begin_ns;
}

static size_t export_begin(
	void *context, unsigned destination, const struct logtap_batch *batch,
	char headers[LOGTAP_EXPORT_HEADERS][LOGTAP_EXPORT_HEADER_BYTES])
{
	struct logtap_loops *loops = context;
	uint64_t serial = logtap_batch_serial(batch);
	char hop[16] = "", via[LOGTAP_INSTANCE_BYTES + 8] = "";

	pthread_mutex_lock(&loops->lock);
	struct logtap_loops_cause *cause =
		logtap_loops_cause_own(loops, destination);
	if (cause)
		begin_export(loops, cause, serial);
	const struct logtap_loops_batch *known =
		logtap_loops_batch_of(loops, serial);
	if (known && known->hop)
		snprintf(hop, sizeof(hop), "+%u", known->hop);
	if (known && known->via[0])
		snprintf(via, sizeof(via), " via %s", known->via);
	pthread_mutex_unlock(&loops->lock);
	snprintf(headers[0], LOGTAP_EXPORT_HEADER_BYTES,
		 "logtap-instance: %s.%llu%s%s", loops->instance,
		 (unsigned long long)serial, hop, via);
	/* what receivers write into their access logs */
	snprintf(headers[1], LOGTAP_EXPORT_HEADER_BYTES,
		 "User-Agent: OTel-OTLP-Exporter-logtap/" LOGTAP_VERSION
		 " (%s%s%s)",
		 loops->instance, hop, via);
	return 2;
}

static bool is_another(const struct logtap_connection *a,
		       const struct logtap_connection *b)
{
	return a->local_port != b->local_port || a->peer_port != b->peer_port ||
	       strcmp(a->peer, b->peer) != 0 || strcmp(a->local, b->local) != 0;
}

static void export_end(void *context, unsigned destination,
		       const struct logtap_batch *batch,
		       const struct logtap_export_end *end)
{
	struct logtap_loops *loops = context;
	uint64_t serial = logtap_batch_serial(batch);

	pthread_mutex_lock(&loops->lock);
	struct logtap_loops_cause *cause =
		logtap_loops_cause_own(loops, destination);
	struct logtap_loops_export *export =
		cause && cause->count ? &cause->exports[(cause->count - 1) %
							LOGTAP_LOOPS_EXPORTS]
				      : NULL;
	if (export && export->serial == serial) {
		export->end_ns = logtap_now_realtime_ns();
		export->failed = !end->taken;
		cause->failures += !end->taken;
	}
	if (cause && end->connection.peer_port &&
	    is_another(&cause->connection, &end->connection)) {
		cause->connection = end->connection;
		cause->connection_is_new = true;
		snprintf(cause->endpoint, sizeof(cause->endpoint),
			 strchr(end->connection.peer, ':') ? "[%s]:%u"
							   : "%s:%u",
			 end->connection.peer, end->connection.peer_port);
	}
	pthread_mutex_unlock(&loops->lock);
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
