/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Scoped sinks: a stack of each thread.  See logtap/logtap.h. */
#include "scope.h"

#include "../guard/mark.h"
#include "../state.h"
#include "thread_end.h"

#include <errno.h>

/* Scoped sinks of all threads: 0 lets an event skip its thread's stack. */
static _Atomic uint32_t scoped_count;

/* A token tells thread, depth and occasion apart; 0 is none. */
static uint64_t token_of(const struct logtap_tls *tls, uint32_t depth)
{
	static _Atomic uint32_t occasions;
	uint64_t thread = (uintptr_t)tls >> 4;

	return (thread & 0xffffffff) << 32 |
	       (uint64_t)(atomic_fetch_add(&occasions, 1) & 0xffffff) << 8 |
	       (depth + 1);
}

static void settle(struct logtap_tls *tls)
{
	if (tls->sink_depth && tls->sinks[tls->sink_depth - 1].captures)
		logtap_mark_set(tls, LOGTAP_MARK_CAPTURE);
	else
		logtap_mark_clear(tls, LOGTAP_MARK_CAPTURE);
}

static void pop_to(struct logtap_tls *tls, uint32_t depth)
{
	while (tls->sink_depth > depth) {
		tls->sink_depth--;
		atomic_fetch_sub(&tls->sinks[tls->sink_depth].sink->uses, 1);
		atomic_fetch_sub(&scoped_count, 1);
	}
	settle(tls);
}

/* Of a logtap_with_sink() that a longjmp or an exception has ended, the sink
 * and what was pushed inside go. */
static void expire(struct logtap_tls *tls)
{
	uintptr_t here = LOGTAP_STACK_POINTER();

	for (uint32_t i = 0; i < tls->sink_depth; i++)
		if (tls->sinks[i].frame &&
		    logtap_frame_has_ended(tls, (uintptr_t)tls->sinks[i].frame,
					   here)) {
			pop_to(tls, i);
			return;
		}
}

static uint64_t push(struct logtap_sink_object *sink,
		     const struct logtap_frame *frame, bool captures)
{
	struct logtap_tls *tls = &logtap_tls;

	expire(tls);
	uint32_t depth = tls->sink_depth;
	if (!sink || depth == LOGTAP_SCOPED_SINKS)
		return 0;
	logtap_thread_end_await(tls);
	atomic_fetch_add(&sink->uses, 1);
	atomic_fetch_add(&scoped_count, 1);
	tls->sinks[depth] = (struct logtap_scoped_sink){
		sink, token_of(tls, depth), frame, captures};
	atomic_signal_fence(memory_order_seq_cst);
	tls->sink_depth = depth + 1;
	settle(tls);
	return tls->sinks[depth].token;
}

uint64_t(logtap_sink_push)(struct logtap_sink_object *sink)
{
	return push(sink, NULL, false);
}

uint64_t(logtap_sink_push_capturing)(struct logtap_sink_object *sink)
{
	uint32_t kind = sink ? atomic_load(&sink->kind) : SINK_FREE;

	return kind == SINK_CALLBACK || kind == SINK_CHANNEL
		       ? push(sink, NULL, true)
		       : 0;
}

int(logtap_sink_pop)(uint64_t token)
{
	struct logtap_tls *tls = &logtap_tls;
	uint64_t thread = ((uintptr_t)tls >> 4) & 0xffffffff;

	if (!token)
		return EINVAL;
	if (token >> 32 != thread)
		return EPERM;
	expire(tls);
	if (!tls->sink_depth || tls->sinks[tls->sink_depth - 1].token != token)
		return EINVAL;
	pop_to(tls, tls->sink_depth - 1);
	return 0;
}

void *(logtap_with_sink)(struct logtap_sink_object *sink,
			 void *(*function)(void *), void *argument)
{
	struct logtap_frame frame;

	frame.mark = logtap_guard_mark((uintptr_t)&frame);
	/* The mark must be in memory before the stack names it. */
	__asm__ volatile("" : : "r"(&frame) : "memory");
	uint64_t token = push(sink, &frame, false);
	void *result = function(argument);
	if (token)
		(logtap_sink_pop)(token);
	frame.mark = 0;
	__asm__ volatile("" : : "r"(&frame) : "memory");
	return result;
}

void logtap_sink_pop_all(struct logtap_tls *tls)
{
	pop_to(tls, 0);
}

struct logtap_sink_object *logtap_scope_current(struct logtap_tls *tls)
{
	if (atomic_load_explicit(&scoped_count, memory_order_relaxed) &&
	    tls->sink_depth) {
		expire(tls);
		if (tls->sink_depth)
			return tls->sinks[tls->sink_depth - 1].sink;
	}
	return logtap_sink_default();
}

bool logtap_sink_is_raw(void)
{
	const struct logtap_tls *tls = &logtap_tls;

	return logtap_armed() && tls->sink_depth &&
	       tls->sinks[tls->sink_depth - 1].sink == (logtap_sink_raw)();
}
