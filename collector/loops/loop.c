/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that were found: see model.h.  Under the lock. */
#include "../base/log.h"
#include "../intake/asks.h"
#include "describe.h"
#include "model.h"
#include "stack/stack.h"

#include <stdio.h>
#include <string.h>

#define OVER_NS (10 * LOGTAP_LOOPS_SECOND)
/* A stack is asked for so long at a time; as long as records may come, such as
 * tell of retries that come ever less often; and so often in vain. */
#define WATCH_NS (1 * LOGTAP_LOOPS_SECOND)
#define WATCH_MOST_NS (40 * LOGTAP_LOOPS_SECOND)
enum { WATCHES = 100 };

struct logtap_loops_loop *logtap_loops_find(struct logtap_loops *loops,
					    unsigned number)
{
	for (size_t i = 0; number && i < LOGTAP_LOOPS_MAX; i++)
		if (loops->loops[i].number == number)
			return &loops->loops[i];
	return NULL;
}

bool logtap_loops_is_active(const struct logtap_loops *loops,
			    const struct logtap_loops_loop *loop)
{
	return loops->tick_ns < loop->last_ns + OVER_NS;
}

/* What is over, not sure, and not acted upon makes way first. */
static struct logtap_loops_loop *room(struct logtap_loops *loops)
{
	struct logtap_loops_loop *least = NULL;

	for (size_t i = 0; i < LOGTAP_LOOPS_MAX; i++) {
		struct logtap_loops_loop *at = &loops->loops[i];
		if (!at->number)
			return at;
		if (at->applied.what.step != LOGTAP_LOOPS_OBSERVE)
			continue;
		if (!least || at->confidence < least->confidence ||
		    (at->confidence == least->confidence &&
		     at->last_ns < least->last_ns))
			least = at;
	}
	return least;
}

struct logtap_loops_loop *logtap_loops_make(struct logtap_loops *loops,
					    uint32_t cause, uint32_t pid,
					    uint64_t start_ticks,
					    uint64_t now_ns)
{
	struct logtap_loops_loop *loop;

	for (size_t i = 0; i < LOGTAP_LOOPS_MAX; i++) {
		loop = &loops->loops[i];
		if (!loop->number || loop->pid != pid ||
		    loop->start_ticks != start_ticks)
			continue;
		/* several signs of one thing */
		if (loop->cause && cause && loop->cause != cause)
			continue;
		if (!loop->cause)
			loop->cause = cause;
		return loop;
	}
	loop = room(loops);
	if (!loop)
		return NULL;
	for (size_t i = 0; i < LOGTAP_LOOPS_EFFECTS; i++)
		if (loop->number && loops->effects[i].loop == loop->number)
			loops->effects[i].loop = 0;
	*loop = (struct logtap_loops_loop){
		.number = ++loops->next_loop,
		.cause = cause,
		.pid = pid,
		.start_ticks = start_ticks,
		.found_ns = now_ns,
		.own_before = loops->own_records,
	};
	return loop;
}

void logtap_loops_raise(struct logtap_loops *loops,
			struct logtap_loops_loop *loop,
			enum logtap_loops_confidence confidence,
			uint64_t now_ns)
{
	(void)loops;
	if (confidence <= loop->confidence)
		return;
	if (confidence >= LOGTAP_LOOPS_LIKELY &&
	    loop->confidence < LOGTAP_LOOPS_LIKELY)
		loop->found_ns = now_ns;
	loop->confidence = confidence;
	logtap_log(LOGTAP_LOG_WARN, "loops",
		   "%s feedback loop number=%u class=L%d pid=%u records=%llu",
		   logtap_loops_confidence_name(confidence), loop->number,
		   (int)loop->class, loop->pid,
		   (unsigned long long)loop->records);
}

/* Of several forms of text the one that names its logger tells a person most:
 * not one line of a traceback. */
static bool says_more(const struct logtap_loops_effect *effect,
		      const struct logtap_loops_loop *loop)
{
	char logger[LOGTAP_LOOPS_DESCRIBED_BYTES];

	if (!loop->sample[0])
		return true;
	logtap_loops_logger(loop->sample, logger, sizeof(logger));
	if (logger[0])
		return false;
	logtap_loops_logger(effect->sample, logger, sizeof(logger));
	return logger[0] != 0;
}

void logtap_loops_claim(struct logtap_loops_loop *loop,
			struct logtap_loops_effect *effect, bool by_timing)
{
	if (effect->loop == loop->number) {
		effect->by_timing &= by_timing;
		return;
	}
	effect->loop = loop->number;
	effect->by_timing = by_timing;
	loop->records += effect->records;
	loop->bytes += effect->bytes;
	if (!loop->began_ns || effect->first_ns < loop->began_ns)
		loop->began_ns = effect->first_ns;
	loop->last_ns = effect->seen_ns;
	loop->last_tid = effect->tid;
	if (says_more(effect, loop)) {
		memcpy(loop->sample, effect->sample, sizeof(loop->sample));
		loop->severity = effect->severity;
		loop->stream = effect->stream;
	}
}

void logtap_loops_count_record(struct logtap_loops_loop *loop,
			       const struct logtap_record *record,
			       uint64_t now_ns)
{
	loop->records++;
	loop->bytes += record->body_bytes;
	loop->last_ns = now_ns;
	loop->last_tid = record->source->tid;
	logtap_loops_keep_stack(loop, record->stack);
}

static void copy(char *to, size_t room, const char *from)
{
	snprintf(to, room, "%s", from ? from : "");
}

void logtap_loops_keep_stack(struct logtap_loops_loop *loop,
			     const struct logtap_stack_trace *trace)
{
	if (!trace)
		return;
	loop->unread = trace->unread;
	logtap_loops_keep_python(loop, trace->python);
	/* one that was cut short makes way for a longer one */
	if (trace->count - trace->culprit <= loop->frame_count)
		return;
	loop->frame_count = 0;
	for (size_t i = trace->culprit;
	     i < trace->count && loop->frame_count < LOGTAP_LOOPS_FRAMES; i++) {
		const struct logtap_stack_frame *from = &trace->frames[i];
		struct logtap_loops_frame *frame =
			&loop->frames[loop->frame_count++];
		copy(frame->function, sizeof(frame->function), from->function);
		copy(frame->file, sizeof(frame->file), from->file);
		copy(frame->module, sizeof(frame->module), from->module);
		frame->line = from->line;
	}
}

void logtap_loops_ask_for_stack(struct logtap_loops *loops,
				struct logtap_loops_loop *loop)
{
	if (!loops->options.asks || !loop->last_tid ||
	    (loop->frame_count && !logtap_loops_wants_python(loop)) ||
	    loop->watched >= WATCHES ||
	    loops->tick_ns > loop->last_ns + WATCH_MOST_NS)
		return;
	loop->watched += loop->records != loop->watched_records;
	loop->watched_records = loop->records;
	logtap_asks_watch(
		loops->options.asks, loop->pid, loop->last_tid, WATCH_NS,
		logtap_loops_wants_python(loop) ? loop->python.memory_end : 0);
}
