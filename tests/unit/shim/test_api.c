/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The API's sinks, guard and marks, by the behaviours that tokio's tracing
 * tests of its dispatcher; and where that one fails. */
#include "../../../shim/api/level.h"
#include "../../../shim/segment/claim.h"
#include "../../../shim/sink/capture.h"
#include "fixture.h"
#include "linked.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <string.h>

#define CALLS 8

struct calls {
	unsigned count;
	struct calls *inner; /* emits to the thread's sink again */
	jmp_buf *leave;
};

static void begin(void)
{
	shim_begin((struct shim_options){0});
	atomic_store(&logtap_armed_word, 1);
	logtap_tls.stack_high = (uintptr_t)__builtin_frame_address(0) + 65536;
	logtap_tls.stack_low = logtap_tls.stack_high - (8 << 20);
}

static void end(void)
{
	atomic_store(&logtap_armed_word, 0);
	shim_end();
}

TestSuite(api, .init = begin, .fini = end);

static void emit(void)
{
	logtap_event(LOGTAP_INFO, "test", "event", LOGTAP_END);
}

static void on_event(void *context, const struct logtap_event_view *event)
{
	struct calls *calls = context;

	(void)event;
	calls->count++;
	if (calls->inner)
		emit();
	if (calls->leave)
		longjmp(*calls->leave, 1);
}

Test(api, nested_set_default)
{
	struct calls a = {0}, b = {0};
	struct logtap_sink_object *sink_a =
		logtap_sink_callback_new(on_event, &a);
	struct logtap_sink_object *sink_b =
		logtap_sink_callback_new(on_event, &b);
	uint64_t token_a = logtap_sink_push(sink_a);
	emit();
	uint64_t token_b = logtap_sink_push(sink_b);
	emit();
	cr_assert_eq(logtap_sink_pop(token_b), 0);
	emit();
	cr_assert_eq(logtap_sink_pop(token_a), 0);
	emit(); /* to the ring */
	cr_assert_eq(a.count, 2);
	cr_assert_eq(b.count, 1);
	cr_assert_eq(counter(LOGTAP_COUNTER_CHUNKS), 1);
	cr_assert_eq(logtap_sink_free(sink_a), 0);
	cr_assert_eq(logtap_sink_free(sink_b), 0);
}

Test(api, sinks_that_are_popped_out_of_order_stay)
{
	struct logtap_sink_object *null = logtap_sink_null();
	uint64_t first = logtap_sink_push(null),
		 second = logtap_sink_push(null);
	cr_assert_eq(logtap_sink_pop(first), EINVAL);
	cr_assert_eq(logtap_tls.sink_depth, 2, "nothing has changed");
	cr_assert_eq(logtap_sink_pop(second), 0);
	cr_assert_eq(logtap_sink_pop(second), EINVAL, "it is gone");
	cr_assert_eq(logtap_sink_pop(first), 0);
}

static void *pop_elsewhere(void *token)
{
	return (void *)(intptr_t)logtap_sink_pop(*(uint64_t *)token);
}

Test(api, a_token_of_another_thread_is_refused)
{
	uint64_t token = logtap_sink_push(logtap_sink_null());
	pthread_t thread;
	void *result;
	cr_assert_eq(pthread_create(&thread, NULL, pop_elsewhere, &token), 0);
	pthread_join(thread, &result);
	cr_assert_eq((intptr_t)result, EPERM);
	cr_assert_eq(logtap_tls.sink_depth, 1);
	cr_assert_eq(logtap_sink_pop(token), 0);
}

static void *emit_elsewhere(void *unused)
{
	emit();
	return unused;
}

Test(api, scoped_clobbers_global)
{
	struct calls global = {0}, scoped = {0};
	struct logtap_sink_object *sink =
		logtap_sink_callback_new(on_event, &global);
	pthread_t thread;
	emit(); /* looking up before init must not settle on nothing */
	cr_assert_eq(logtap_sink_set_global(sink), 0);
	cr_assert_eq(logtap_sink_set_global(logtap_sink_null()), EEXIST);
	cr_assert_eq(logtap_sink_free(sink), EBUSY);
	uint64_t token =
		logtap_sink_push(logtap_sink_callback_new(on_event, &scoped));
	emit();
	cr_assert_eq(pthread_create(&thread, NULL, emit_elsewhere, NULL), 0);
	pthread_join(thread, NULL);
	cr_assert_eq(logtap_sink_pop(token), 0);
	emit();
	cr_assert_eq(scoped.count, 1);
	cr_assert_eq(global.count, 2, "another thread's, and after the scope");
}

Test(api, events_dont_infinite_loop)
{
	struct calls calls = {.inner = &calls};
	uint64_t token =
		logtap_sink_push(logtap_sink_callback_new(on_event, &calls));
	emit();
	cr_assert_eq(calls.count, 1, "the nested event does not come back");
	cr_assert_eq(counter(LOGTAP_COUNTER_REENTRANT), 1);
	cr_assert_eq(logtap_sink_pop(token), 0);
}

static void write_inside(void *context, const struct logtap_event_view *event)
{
	struct logtap_stamp stamp = {.type = LOGTAP_CHUNK_DATA};

	(void)event;
	*(bool *)context = logtap_capture_bytes(&stamp, "inner\n", 6);
}

Test(api, a_callback_under_the_global_sink_alone_is_guarded_too)
{
	bool captured = true;
	logtap_sink_set_global(
		logtap_sink_callback_new(write_inside, &captured));
	emit();
	cr_assert_not(captured, "what a callback writes passes through");
	cr_assert_eq(counter(LOGTAP_COUNTER_REENTRANT), 1);
}

Test(api, a_longjmp_out_of_a_callback_leaves_later_events_delivered)
{
	jmp_buf leave;
	struct calls calls = {.leave = &leave};
	uint64_t token =
		logtap_sink_push(logtap_sink_callback_new(on_event, &calls));
	for (volatile unsigned i = 0; i < 3; i++)
		if (!setjmp(leave))
			emit();
	cr_assert_eq(calls.count, 3);
	cr_assert_eq(logtap_sink_pop(token), 0);
	emit();
	cr_assert_eq(counter(LOGTAP_COUNTER_CHUNKS), 1);
}

static unsigned evaluated;
static int costly(void)
{
	return (int)++evaluated;
}

Test(api, a_marked_thread_evaluates_and_captures_nothing)
{
	struct logtap_stamp stamp = {.type = LOGTAP_CHUNK_DATA};
	evaluated = 0;
	logtap_thread_mark_internal(1);
	cr_assert_not(logtap_enabled());
	logtap_event(LOGTAP_FATAL, "t", "e", LOGTAP_INT("n", costly()),
		     LOGTAP_END);
	cr_assert_not(logtap_capture_bytes(&stamp, "x\n", 2));
	logtap_thread_mark_internal(0);
	cr_assert(logtap_enabled());
	cr_assert_eq(evaluated, 0);
	cr_assert_eq(counter(LOGTAP_COUNTER_SUPPRESSED), 1);
	cr_assert_eq(counter(LOGTAP_COUNTER_CHUNKS), 0);
}

Test(api, the_dispatch_guard_is_not_the_mark)
{
	struct logtap_stamp stamp = {.type = LOGTAP_CHUNK_DATA};
	cr_assert_eq(logtap_guard_enter(), 1);
	cr_assert_eq(logtap_guard_enter(), 0, "a nested try fails");
	cr_assert_not(logtap_capture_bytes(&stamp, "x\n", 2));
	logtap_guard_leave();
	cr_assert_eq(counter(LOGTAP_COUNTER_REENTRANT), 1);
	cr_assert_eq(counter(LOGTAP_COUNTER_SUPPRESSED), 0);
	cr_assert_eq(logtap_guard_enter(), 1, "after release it succeeds");
	logtap_guard_leave();
}

Test(api, the_longest_prefix_sets_the_threshold)
{
	logtap_level_init("info,h2=off,h2.frame=debug");
	cr_assert(logtap_event_enabled(LOGTAP_INFO, "app"));
	cr_assert_not(logtap_event_enabled(LOGTAP_DEBUG, "app"));
	cr_assert_not(logtap_event_enabled(LOGTAP_FATAL, "h2"));
	cr_assert(logtap_event_enabled(LOGTAP_DEBUG, "h2.frame.read"));
}

static void *count_events(void *channel)
{
	for (int i = 0; i < 1000; i++)
		logtap_event(LOGTAP_INFO, "t", "e", LOGTAP_INT("i", i),
			     LOGTAP_END);
	return channel;
}

static void *send_thousand(void *channel)
{
	return logtap_with_sink(channel, count_events, channel);
}

static void nothing(void *context, const struct logtap_event_view *event)
{
	++*(unsigned *)context;
	cr_assert_str_eq(event->attributes[0].key, "i");
}

Test(api, a_bounded_channel_loses_nothing_uncounted)
{
	struct logtap_sink_stats stats;
	for (int policy = LOGTAP_CHANNEL_DROP_NEWEST;
	     policy <= LOGTAP_CHANNEL_BLOCK; policy++) {
		struct logtap_sink_object *channel =
			logtap_sink_channel_new(4096, policy, 1);
		unsigned received = 0;
		pthread_t threads[2];
		for (int i = 0; i < 2; i++)
			pthread_create(&threads[i], NULL,
				       i ? send_thousand : send_thousand,
				       channel);
		while (received < 20)
			logtap_channel_receive(channel, nothing, &received);
		for (int i = 0; i < 2; i++)
			pthread_join(threads[i], NULL);
		logtap_sink_stats(channel, &stats);
		cr_assert_eq(stats.emitted, 2000);
		cr_assert_eq(stats.delivered, received);
		while (logtap_channel_receive(channel, nothing, &received))
			;
		logtap_sink_stats(channel, &stats);
		cr_assert_eq(stats.waiting, 0);
		cr_assert_eq(stats.delivered + stats.dropped, 2000);
		cr_assert_eq(logtap_sink_free(channel), 0);
	}
}

Test(api, a_large_event_arrives_whole_in_chunks)
{
	static char text[40000];
	memset(text, 'a', sizeof text);
	logtap_tls.rings->main.capacity = logtap_tls.rings->main.capacity;
	logtap_event(LOGTAP_INFO, "t", "large", LOGTAP_STRN("text", text, 6000),
		     LOGTAP_END);
	struct ring_reader reader = reader_of_main(logtap_tls.rings);
	struct chunk chunk;
	size_t bytes = 0;
	while (reader_next(&reader, &chunk)) {
		cr_assert_eq(chunk.header.type, LOGTAP_CHUNK_EVENT);
		bytes += chunk.payload_bytes;
	}
	cr_assert_eq(bytes, 12u + 5 + 1 + 8 + 4 + 6000);
}
