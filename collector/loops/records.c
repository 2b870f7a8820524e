/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Records and evidence, as they come: see loops.h.  The pipeline's thread. */
#include "model.h"

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
		logtap_loops_claim(loop, effect, false);
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
