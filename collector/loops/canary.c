/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes back: names of collectors in the texts of records, and texts that
 * hold earlier ones.  Under the lock.
 *
 * The first name in a text is that of the collector whose export caused the
 * record; those behind it caused records that it exported.
 */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NAMES_MAX = 8,
	NAME_BEFORE = 48, /* bytes between an attribute's name and value */
	CANARIES = 2,	  /* came back: no accident any more */
	RETURNS_SUSPICIOUS = 4,
	RETURNS_LIKELY = 4,
	RETURNS_SURE = 8,
	REPLAYS_LIKELY = 8,
	REPLAYS_SURE = 32,
};
#define WAYS_NS (3 * LOGTAP_LOOPS_SECOND)

/* The export of ours that is meant, as a cause. */
static struct logtap_loops_cause *sender(struct logtap_loops *loops,
					 const struct logtap_record *record,
					 uint64_t *lag_ns)
{
	struct logtap_loops_cause *found = NULL;

	*lag_ns = UINT64_MAX;
	for (size_t i = 0; i < LOGTAP_LOOPS_CAUSES; i++) {
		struct logtap_loops_cause *cause = &loops->causes[i];
		if (!cause->id || cause->host)
			continue;
		struct logtap_loops_export *export =
			logtap_loops_export_at(cause, record->time_ns);
		uint64_t lag = export && record->time_ns > export->begin_ns
				       ? record->time_ns - export->begin_ns
				       : 0;
		if (found && lag >= *lag_ns)
			continue;
		found = cause;
		*lag_ns = lag;
	}
	return found;
}

static void describe(struct logtap_loops_loop *loop,
		     const struct logtap_loops_process *process,
		     struct logtap_loops_effect *effect)
{
	memcpy(loop->comm, process->comm, sizeof(loop->comm));
	loop->stream = effect->stream;
	logtap_loops_claim(loop, effect, false);
}

/* Where requests are logged there is a header, where records are printed there
 * is the attribute of a resource. */
static bool is_attribute(const struct logtap_record *record,
			 const struct logtap_instance_mention *mention)
{
	static const char name[] = "logtap.instance";
	const char *id = mention->start;
	size_t before = (size_t)(id - record->body);
	size_t bytes = before < NAME_BEFORE ? before : NAME_BEFORE;

	return memmem(id - bytes, bytes, name, sizeof(name) - 1) != NULL;
}

static void came_back(struct logtap_loops *loops,
		      struct logtap_loops_process *process,
		      struct logtap_loops_effect *effect,
		      const struct logtap_record *record,
		      const struct logtap_instance_mention *mention,
		      const char *other)
{
	uint64_t lag_ns;
	struct logtap_loops_cause *cause = sender(loops, record, &lag_ns);
	struct logtap_loops_loop *loop =
		cause ? logtap_loops_make(loops, cause->id, process->pid,
					  process->start_ticks,
					  record->observed_ns)
		      : NULL;

	if (!loop)
		return;
	if (!loop->class || (other && loop->class == LOGTAP_LOOPS_L4))
		loop->class = other ? LOGTAP_LOOPS_L5 : LOGTAP_LOOPS_L4;
	if (is_attribute(record, mention)) {
		loop->class = LOGTAP_LOOPS_L6;
		process->loop = loop->number;
	}
	if (other)
		memcpy(loop->other, other, LOGTAP_INSTANCE_BYTES);
	describe(loop, process, effect);
	loop->proof.canaries++;
	loop->proof.canary_ns = lag_ns;
	loop->proof.canary_serial = mention->batch;
	memcpy(loop->proof.canary, mention->id, sizeof(mention->id));
	logtap_loops_raise(loops, loop,
			   loop->proof.canaries < CANARIES
				   ? LOGTAP_LOOPS_LIKELY
				   : LOGTAP_LOOPS_CONFIRMED,
			   record->observed_ns);
}

uint32_t logtap_loops_look_for_names(struct logtap_loops *loops,
				     struct logtap_loops_effect *effect,
				     const struct logtap_record *record,
				     bool *over)
{
	struct logtap_instance_mention first, mention;
	const char *at = record->body, *end = at + record->body_bytes;
	struct logtap_loops_process *process;

	*over = false;
	if (!logtap_instance_find(at, record->body_bytes, &first))
		return 0;
	process = logtap_loops_process(loops, effect->pid, effect->start_ticks,
				       "", record->observed_ns);
	bool ours = !strcmp(first.id, loops->instance);
	uint32_t hop = first.hop + 1;
	if (ours) {
		came_back(loops, process, effect, record, &first, NULL);
		return hop;
	}
	memcpy(loops->open_via, first.id, sizeof(loops->open_via));
	at = first.end;
	for (size_t i = 0;
	     i < NAMES_MAX &&
	     logtap_instance_find(at, (size_t)(end - at), &mention);
	     i++, at = mention.end) {
		if (strcmp(mention.id, loops->instance) != 0)
			continue;
		came_back(loops, process, effect, record, &mention, first.id);
		break;
	}
	*over = hop > loops->options.hop_limit;
	return hop;
}

/* Is there a way on which it can have come back?  Looked for now and then. */
static bool has_way(struct logtap_loops *loops,
		    struct logtap_loops_process *process, uint64_t now_ns)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_CAUSES; i++) {
		const struct logtap_loops_cause *cause = &loops->causes[i];
		if (!cause->id || cause->host ||
		    !logtap_peers_have(&cause->peers, process->pid))
			continue;
		snprintf(process->way, sizeof(process->way), "%s",
			 cause->endpoint);
		return true;
	}
	if (process->has_way ||
	    (process->way_ns && now_ns < process->way_ns + WAYS_NS))
		return process->has_way;
	process->way_ns = now_ns;
	process->has_way = logtap_peers_cycle(process->pid, process->way);
	return process->has_way;
}

static enum logtap_loops_confidence judge(
	const struct logtap_loops_proof *proof, bool way)
{
	if (!way)
		return LOGTAP_LOOPS_SUSPECTED;
	if (proof->returns >= RETURNS_SURE || proof->replays >= REPLAYS_SURE)
		return LOGTAP_LOOPS_CONFIRMED;
	if (proof->returns >= RETURNS_LIKELY ||
	    proof->replays >= REPLAYS_LIKELY)
		return LOGTAP_LOOPS_LIKELY;
	return LOGTAP_LOOPS_SUSPECTED;
}

/* Its own loop of texts, which somebody has broken; NULL: there is none. */
static const struct logtap_loops_loop *broken_one(
	const struct logtap_loops *loops,
	const struct logtap_loops_process *process)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_MAX; i++) {
		const struct logtap_loops_loop *loop = &loops->loops[i];
		if (loop->number && loop->pid == process->pid &&
		    loop->start_ticks == process->start_ticks &&
		    loop->class == LOGTAP_LOOPS_L6 &&
		    loop->applied.what.step != LOGTAP_LOOPS_OBSERVE)
			return loop;
	}
	return NULL;
}

/* One return may be by chance, unless it is what the loop does to all. */
static bool counts(struct logtap_loops *loops,
		   const struct logtap_loops_process *process,
		   const struct logtap_echo_hit *hit)
{
	if (hit->generation < RETURNS_SUSPICIOUS)
		return logtap_echo_knows(process->echo, hit->way) &&
		       broken_one(loops, process);
	logtap_echo_learn(process->echo, hit->way);
	return true;
}

void logtap_loops_look_for_echo(struct logtap_loops *loops,
				struct logtap_loops_process *process,
				struct logtap_loops_effect *effect,
				const struct logtap_record *record)
{
	struct logtap_echo_hit hit;
	uint64_t now_ns = record->observed_ns;

	if (!process->echo)
		process->echo = calloc(1, sizeof(*process->echo));
	if (!process->echo ||
	    !logtap_echo_look(process->echo, record->body, record->body_bytes,
			      now_ns, &hit) ||
	    !counts(loops, process, &hit))
		return;
	bool way = has_way(loops, process, now_ns);
	struct logtap_loops_loop *loop = logtap_loops_make(
		loops, 0, process->pid, process->start_ticks, now_ns);
	if (!loop)
		return;
	loop->class = LOGTAP_LOOPS_L6;
	process->echo->thorough =
		loop->applied.what.step != LOGTAP_LOOPS_OBSERVE;
	describe(loop, process, effect);
	memcpy(loop->way, process->way, sizeof(loop->way));
	if (hit.replayed) {
		loop->proof.replays++;
	} else {
		loop->proof.returns++;
		loop->byte_gain = loop->byte_gain ? 0.75 * loop->byte_gain +
							    0.25 * hit.gain
						  : hit.gain;
	}
	logtap_loops_raise(loops, loop, judge(&loop->proof, way), now_ns);
}
