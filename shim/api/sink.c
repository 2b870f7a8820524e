/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Sinks: global, scoped, and what an event does at each kind.  See
 * logtap/logtap.h. */
#include "../feedback/evidence.h"
#include "../feedback/stack.h"
#include "../guard/guard.h"
#include "../sink/counters.h"
#include "../state.h"
#include "api.h"
#include "raw.h"
#include "scope.h"

#include <errno.h>

#define SINKS 64

static struct logtap_sink_object null_sink = {.kind = SINK_NULL};
static struct logtap_sink_object raw_sink = {.kind = SINK_RAW};
static struct logtap_sink_object ring_sink = {.kind = SINK_RING};
static LOGTAP_BSS("4") struct logtap_sink_object sinks[SINKS];
static struct logtap_sink_object *_Atomic global_sink;

struct logtap_sink_object *(logtap_sink_null)(void)
{
	return &null_sink;
}

struct logtap_sink_object *(logtap_sink_raw)(void)
{
	return &raw_sink;
}

struct logtap_sink_object *(logtap_sink_ring)(void)
{
	return &ring_sink;
}

static struct logtap_sink_object *take(void)
{
	for (size_t i = 0; i < SINKS; i++) {
		uint32_t is_free = SINK_FREE;
		if (atomic_compare_exchange_strong(&sinks[i].kind, &is_free,
						   SINK_TAKEN)) {
			atomic_store(&sinks[i].emitted, 0);
			atomic_store(&sinks[i].delivered, 0);
			return &sinks[i];
		}
	}
	return NULL;
}

struct logtap_sink_object *(
	logtap_sink_callback_new)(logtap_sink_function *function, void *context)
{
	struct logtap_sink_object *sink = function ? take() : NULL;

	if (!sink)
		return NULL;
	sink->function = function;
	sink->context = context;
	atomic_store(&sink->kind, SINK_CALLBACK);
	return sink;
}

struct logtap_sink_object *(logtap_sink_channel_new)(size_t bytes, int policy,
						     unsigned deadline_ms)
{
	struct logtap_sink_object *sink = take();

	if (!sink)
		return NULL;
	sink->channel = logtap_channel_new(bytes, policy, deadline_ms);
	atomic_store(&sink->kind, sink->channel ? SINK_CHANNEL : SINK_FREE);
	return sink->channel ? sink : NULL;
}

int(logtap_sink_free)(struct logtap_sink_object *sink)
{
	uint32_t kind = sink ? atomic_load(&sink->kind) : SINK_FREE;

	if (!sink)
		return 0;
	if (kind != SINK_CALLBACK && kind != SINK_CHANNEL)
		return EINVAL;
	if (atomic_load(&sink->uses))
		return EBUSY;
	if (kind == SINK_CHANNEL)
		logtap_channel_free(sink->channel);
	atomic_store(&sink->kind, SINK_FREE);
	return 0;
}

int(logtap_sink_set_global)(struct logtap_sink_object *sink)
{
	struct logtap_sink_object *none = NULL;

	if (!sink)
		return EINVAL;
	atomic_fetch_add(&sink->uses, 1);
	if (atomic_compare_exchange_strong(&global_sink, &none, sink))
		return 0;
	atomic_fetch_sub(&sink->uses, 1);
	return EEXIST;
}

/* User code: under the guard, so that what it logs cannot come back here.
 * The frame's mark on the stack tells later calls that it has ended, also by
 * longjmp, an exception or cancellation. */
static __attribute__((noinline)) void call(
	struct logtap_sink_object *sink, const struct logtap_event_view *event)
{
	struct logtap_tls *tls = &logtap_tls;
	struct logtap_frame frame;

	logtap_stack_expect(tls);
	enum logtap_entry entry =
		logtap_guard_enter(tls, &frame, LOGTAP_PHASE_CALLBACK);

	if (entry != LOGTAP_ENTER_MAIN) {
		if (entry != LOGTAP_ENTER_CALLBACK) /* inside a copy */
			logtap_guard_leave(tls);
		logtap_count(tls, LOGTAP_COUNTER_REENTRANT, 1);
		logtap_evidence_reentry(tls, LOGTAP_EVIDENCE_IN_CALLBACK, 0);
		return;
	}
	sink->function(sink->context, event);
	frame.mark = 0;
	logtap_guard_open(tls);
	atomic_fetch_add(&sink->delivered, 1);
}

struct logtap_sink_object *logtap_sink_default(void)
{
	struct logtap_sink_object *sink = atomic_load(&global_sink);

	return sink ? sink : &ring_sink;
}

void logtap_sink_emit(struct logtap_sink_object *sink,
		      const struct logtap_event_view *event)
{
	if (!sink)
		sink = logtap_scope_current(&logtap_tls);
	atomic_fetch_add_explicit(&sink->emitted, 1, memory_order_relaxed);
	switch (atomic_load(&sink->kind)) {
	case SINK_RING:
		logtap_event_to_ring(event);
		break;
	case SINK_RAW:
		logtap_raw_write(event);
		break;
	case SINK_CALLBACK:
		call(sink, event);
		break;
	case SINK_CHANNEL:
		logtap_channel_send(sink->channel, event);
		break;
	default:
		break;
	}
}

int(logtap_channel_receive)(struct logtap_sink_object *sink,
			    logtap_sink_function *function, void *context)
{
	if (!sink || atomic_load(&sink->kind) != SINK_CHANNEL)
		return 0;
	return logtap_channel_take(sink->channel, function, context);
}

void(logtap_sink_stats)(const struct logtap_sink_object *sink,
			struct logtap_sink_stats *out)
{
	*out = (struct logtap_sink_stats){0};
	if (!sink)
		return;
	if (atomic_load(&sink->kind) == SINK_CHANNEL) {
		logtap_channel_stats(sink->channel, out);
		return;
	}
	out->emitted = atomic_load(&sink->emitted);
	out->delivered = atomic_load(&sink->kind) == SINK_CALLBACK
				 ? atomic_load(&sink->delivered)
				 : out->emitted;
	if (atomic_load(&sink->kind) == SINK_NULL)
		out->delivered = 0;
	out->dropped = out->emitted - out->delivered;
}
