/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Which sink an event goes to: the behaviours that tracing's own tests promise
 * of its dispatcher, under their names, with threads and forks. */
#include "../../../shim/guard/internal.h"
#include "../../../shim/guard/mark.h"
#include "../../../shim/hook/pthread.h"
#include "../../../shim/real.h"
#include "../../../shim/sink/capture.h"
#include "../../../shim/sink/message.h"
#include "fixture.h"
#include "linked.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void begin(void)
{
	shim_begin((struct shim_options){0});
	logtap_tls.stack_high = (uintptr_t)__builtin_frame_address(0) + 65536;
	logtap_tls.stack_low = logtap_tls.stack_high - (8 << 20);
}

TestSuite(dispatch, .init = begin, .fini = shim_end);

/* Counts what a sink saw; does something else from inside. */
struct seen {
	_Atomic unsigned count;
	void (*inside)(struct seen *seen);
	struct logtap_sink_object *other;
	jmp_buf *leave;
	int severity;
	char body[80];
	size_t body_bytes;
};

static void emit(void)
{
	logtap_event(LOGTAP_INFO, "test", "event", LOGTAP_END);
}

static void see(void *context, const struct logtap_event_view *event)
{
	struct seen *seen = context;
	const struct logtap_attr *attr = event->attributes;

	atomic_fetch_add(&seen->count, 1);
	seen->severity = event->severity;
	if (attr->kind == LOGTAP_KIND_BODY) {
		seen->body_bytes = attr->bytes;
		memcpy(seen->body, attr->data,
		       attr->bytes < 79 ? attr->bytes : 79);
	}
	if (seen->inside)
		seen->inside(seen);
}

static struct logtap_sink_object *sink_of(struct seen *seen)
{
	struct logtap_sink_object *sink = logtap_sink_callback_new(see, seen);
	cr_assert_not_null(sink);
	return sink;
}

static void *run(void *(*function)(void *), void *argument)
{
	pthread_t thread;
	void *result;
	cr_assert_eq(pthread_create(&thread, NULL, function, argument), 0);
	pthread_join(thread, &result);
	return result;
}

static void *emit_there(void *unused)
{
	emit();
	return unused;
}

Test(dispatch, set_default_dispatch)
{
	struct seen seen = {0};
	struct logtap_sink_object *sink = sink_of(&seen);
	uint64_t token = logtap_sink_push(sink);
	emit();
	cr_assert_eq(logtap_sink_pop(token), 0);
	emit();
	cr_assert_eq(seen.count, 1);
	cr_assert_eq(logtap_sink_free(sink), 0);
}

Test(dispatch, global_dispatch)
{
	struct seen first = {0}, second = {0};
	cr_assert_eq(logtap_sink_set_global(sink_of(&first)), 0);
	emit();
	run(emit_there, NULL);
	cr_assert_eq(logtap_sink_set_global(sink_of(&second)), EEXIST);
	emit();
	cr_assert_eq(first.count, 3, "all threads, and still the first one");
	cr_assert_eq(second.count, 0);
}

Test(dispatch, local_dispatch_before_init)
{
	struct seen local = {0}, global = {0};
	/* A look before anything is set must not settle on nothing. */
	emit();
	uint64_t token = logtap_sink_push(sink_of(&local));
	emit();
	logtap_sink_pop(token);
	emit();
	cr_assert_eq(logtap_sink_set_global(sink_of(&global)), 0);
	emit();
	cr_assert_eq(local.count, 1);
	cr_assert_eq(global.count, 1);
	cr_assert_eq(counter(LOGTAP_COUNTER_CHUNKS), 2,
		     "the ring got the rest");
}

Test(dispatch, no_subscriber_disables_global)
{
	struct seen global = {0};
	cr_assert_eq(logtap_sink_set_global(sink_of(&global)), 0);
	uint64_t token = logtap_sink_push(logtap_sink_null());
	emit();
	cr_assert_eq(global.count, 0);
	logtap_sink_pop(token);
	emit();
	cr_assert_eq(global.count, 1);
	cr_assert_eq(counter(LOGTAP_COUNTER_CHUNKS), 0);
}

static void emit_inside(struct seen *seen)
{
	(void)seen;
	emit();
}

Test(dispatch, event_macros_dont_infinite_loop)
{
	struct seen seen = {.inside = emit_inside};
	cr_assert_eq(logtap_sink_set_global(sink_of(&seen)), 0);
	emit();
	cr_assert_eq(seen.count, 1);
	/* Not even enabled in there: the argument would not be evaluated. */
	emit();
	cr_assert_eq(seen.count, 2);
}

static void span_inside(struct seen *seen)
{
	logtap_span span = logtap_span_new("inner", 0);
	logtap_span_enter(span);
	emit();
	logtap_span_exit(span);
	logtap_span_close(span);
	(void)seen;
}

Test(dispatch, spans_dont_infinite_loop)
{
	struct seen seen = {.inside = span_inside};
	uint64_t token = logtap_sink_push(sink_of(&seen));
	emit();
	cr_assert_eq(seen.count, 1);
	cr_assert_eq(logtap_span_current(), 0);
	logtap_sink_pop(token);
}

/* What a first event of a place would do: look at everything there is. */
static void register_inside(struct seen *seen)
{
	struct logtap_sink_stats stats;
	struct logtap_sink_object *made = logtap_sink_callback_new(see, seen);
	(void)logtap_event_enabled(LOGTAP_TRACE, "new.place");
	logtap_sink_stats(made, &stats);
	logtap_sink_pop(logtap_sink_push(made));
	logtap_sink_free(made);
	logtap_counter_add(logtap_counter_new("new", NULL), 1);
}

Test(dispatch, register_callsite_doesnt_deadlock)
{
	struct seen seen = {.inside = register_inside};
	uint64_t token = logtap_sink_push(sink_of(&seen));
	emit();
	emit();
	cr_assert_eq(seen.count, 2);
	cr_assert_eq(logtap_sink_pop(token), 0);
}

static void *enter_and_emit(void *span)
{
	logtap_span_enter(*(logtap_span *)span);
	emit();
	logtap_span current = logtap_span_current();
	logtap_span_exit(*(logtap_span *)span);
	return (void *)(uintptr_t)(current == *(logtap_span *)span);
}

Test(dispatch, span_entered_on_different_thread_from_subscriber)
{
	struct seen seen = {0};
	uint64_t token = logtap_sink_push(sink_of(&seen));
	logtap_span span = logtap_span_new("span", 0);
	cr_assert_not_null(run(enter_and_emit, &span));
	cr_assert_eq(seen.count, 0, "the sink is another thread's");
	cr_assert_eq(logtap_span_current(), 0, "and so is the span");
	logtap_sink_pop(token);
	cr_assert_eq(logtap_span_close(span), 1);
	cr_assert_eq(logtap_span_close(span), 0, "nobody held it any more");
}

Test(dispatch, context_event_span)
{
	/* An event finds the span that its thread is in, in a callback, too. */
	logtap_span span = logtap_span_new("span", 0);
	struct logtap_span_context context, found;
	struct logtap_stamp stamp = {.type = LOGTAP_CHUNK_DATA};
	struct chunk chunk;
	logtap_span_enter(span);
	emit();
	cr_assert(logtap_capture_bytes(&stamp, "line\n", 5));
	logtap_span_exit(span);
	emit();
	cr_assert(logtap_span_context(span, &context));
	struct ring_reader reader = reader_of_main(logtap_tls.rings);
	for (int i = 0; i < 3; i++) {
		cr_assert(reader_next(&reader, &chunk));
		cr_assert_eq(chunk.header.extension_bytes != 0, i < 2);
		memcpy(found.trace_id, chunk.extension + 4, 16);
		if (i < 2)
			cr_assert_arr_eq(found.trace_id, context.trace_id, 16);
	}
}

/* A cancelled frame would leave its poison to libc, which writes there. */
__attribute__((no_sanitize("address"))) static void *push_and_leave(void *how)
{
	struct seen *seen = how;
	logtap_span span = logtap_span_new("left", 0);
	(void)logtap_sink_push(seen->other);
	(void)logtap_sink_push(seen->other);
	logtap_span_enter(span);
	logtap_span_enter(span);
	logtap_span_close(span);
	emit();
	if (seen->severity == 1)
		pthread_exit(NULL);
	while (seen->severity == 2)
		pause();
	return NULL;
}

/* It returns, calls pthread_exit, is cancelled.  ASan takes what a cancelled
 * thread's frames were for theirs still, and complains of the thread's end. */
#ifdef __SANITIZE_ADDRESS__
enum { ENDINGS = 2 };
#else
enum { ENDINGS = 3 };
#endif

static unsigned closed;
static void on_close(logtap_span span, const char *name)
{
	(void)span;
	(void)name;
	closed++;
}

Test(dispatch, what_a_thread_has_left_ends_with_it_however_it_ends)
{
	struct seen seen = {0};
	logtap_span_on_close(on_close);
	for (int how = 0; how < ENDINGS; how++) {
		struct seen given = {.other = sink_of(&seen), .severity = how};
		pthread_t thread;
		unsigned before = seen.count;
		cr_assert_eq(pthread_create(&thread, NULL, push_and_leave,
					    &given),
			     0);
		while (how == 2 && seen.count == before)
			sched_yield();
		if (how == 2)
			pthread_cancel(thread);
		pthread_join(thread, NULL);
		cr_assert_eq(logtap_sink_free(given.other), 0,
			     "pushed nowhere any more");
	}
	cr_assert_eq(seen.count, ENDINGS);
	cr_assert_eq(closed, ENDINGS);
}

static void *push_and_jump(void *leave)
{
	(void)logtap_sink_push(logtap_sink_null());
	longjmp(*(jmp_buf *)leave, 1);
}

/* Where the frames were lies something else now. */
static __attribute__((noinline)) void use_stack(void)
{
	volatile unsigned char bytes[2048];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = 1;
}

Test(dispatch, a_longjmp_out_of_with_sink_restores_what_was_there)
{
	struct seen outer = {0}, inner = {0};
	struct logtap_sink_object *inner_sink = sink_of(&inner);
	uint64_t token = logtap_sink_push(sink_of(&outer));
	jmp_buf leave;
	if (!setjmp(leave))
		logtap_with_sink(inner_sink, push_and_jump, &leave);
	use_stack();
	emit();
	cr_assert_eq(outer.count, 1);
	cr_assert_eq(inner.count, 0);
	cr_assert_eq(logtap_sink_pop(token), 0);
	cr_assert_eq(logtap_sink_free(inner_sink), 0);
}

static void *with_inner(void *seen)
{
	emit();
	return seen;
}

Test(dispatch, with_default_returns_what_its_function_returned)
{
	struct seen seen = {0};
	cr_assert_eq(logtap_with_sink(sink_of(&seen), with_inner, &seen),
		     &seen);
	emit();
	cr_assert_eq(seen.count, 1);
}

Test(dispatch, a_forked_child_keeps_sinks_and_tokens)
{
	struct seen seen = {0};
	int status;
	uint64_t token = logtap_sink_push(sink_of(&seen));
	pid_t pid = fork();
	if (pid == 0) {
		emit();
		bool good = seen.count == 1 && logtap_sink_pop(token) == 0;
		emit();
		_exit(good && seen.count == 1 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	cr_assert_eq(status, 0);
	emit();
	cr_assert_eq(seen.count, 1, "the child's were its own");
	cr_assert_eq(logtap_sink_pop(token), 0);
}

static bool write_line(const char *line)
{
	struct logtap_stamp stamp = logtap_stamp_for(LOGTAP_SINK_INDEX_STDERR);
	return logtap_capture_bytes(&stamp, line, strlen(line));
}

Test(dispatch, captured_writes_go_to_a_sink_only_on_request)
{
	struct seen seen = {0};
	struct logtap_sink_object *sink = sink_of(&seen);
	uint64_t token = logtap_sink_push(sink);
	write_line("to the ring\n");
	cr_assert_eq(seen.count, 0);
	logtap_sink_pop(token);
	token = logtap_sink_push_capturing(sink);
	cr_assert_neq(token, 0);
	cr_assert(write_line("to the sink\n"));
	cr_assert_eq(seen.count, 1);
	cr_assert_eq(seen.severity, 0);
	cr_assert_str_eq(seen.body, "to the sink\n");
	uint64_t inner = logtap_sink_push(logtap_sink_null());
	write_line("to the ring again\n");
	cr_assert_eq(seen.count, 1, "the innermost one did not ask");
	logtap_sink_pop(inner);
	write_line("to the sink again\n");
	cr_assert_eq(seen.count, 2);
	logtap_sink_pop(token);
	write_line("and to the ring\n");
	cr_assert_eq(seen.count, 2);
	cr_assert_eq(counter(LOGTAP_COUNTER_CHUNKS), 3);
	cr_assert_eq(logtap_sink_push_capturing(logtap_sink_null()), 0);
	cr_assert_eq(logtap_sink_push_capturing(NULL), 0);
}

static void write_inside(struct seen *seen)
{
	(void)seen;
	cr_assert(write_line("inside\n"));
}

Test(dispatch, a_capturing_sink_that_writes_is_called_once)
{
	struct seen seen = {.inside = write_inside};
	uint64_t token = logtap_sink_push_capturing(sink_of(&seen));
	write_line("outside\n");
	cr_assert_eq(seen.count, 1);
	cr_assert_eq(counter(LOGTAP_COUNTER_REENTRANT), 1);
	logtap_sink_pop(token);
}

Test(dispatch, captured_parts_and_messages_arrive_whole)
{
	static char large[5000];
	struct seen seen = {0};
	uint64_t token = logtap_sink_push_capturing(sink_of(&seen));
	struct logtap_stamp stamp = logtap_stamp_for(LOGTAP_SINK_INDEX_STDERR);
	struct iovec parts[3] = {{(void *)"one ", 4},
				 {(void *)"two ", 4},
				 {large, sizeof large}};
	memset(large, 'x', sizeof large - 1);
	cr_assert(logtap_capture_parts(&stamp, parts, 2, 8));
	cr_assert_str_eq(seen.body, "one two ");
	cr_assert(logtap_capture_parts(&stamp, parts, 3, 8 + sizeof large));
	cr_assert_eq(seen.body_bytes, 8 + sizeof large);
	struct logtap_message message = {
		.stamp = {.type = LOGTAP_CHUNK_DATA, .priority = 3 << 3 | 4}};
	memset(seen.body, 0, sizeof seen.body);
	logtap_message_print(&message, "a %s message %d", "short", 7);
	cr_assert_str_eq(seen.body, "a short message 7");
	cr_assert_eq(seen.severity, LOGTAP_WARN);
	logtap_message_print(&message, "%s", large);
	cr_assert_eq(seen.body_bytes, sizeof large - 1);
	cr_assert_eq(counter(LOGTAP_COUNTER_CHUNKS), 0);
	logtap_sink_pop(token);
}

Test(dispatch, a_channel_can_take_captured_writes)
{
	struct seen seen = {0};
	struct logtap_sink_object *channel =
		logtap_sink_channel_new(4096, LOGTAP_CHANNEL_DROP_OLDEST, 0);
	uint64_t token = logtap_sink_push_capturing(channel);
	write_line("first\n");
	write_line("second\n");
	logtap_sink_pop(token);
	cr_assert_eq(logtap_channel_receive(channel, see, &seen), 1);
	cr_assert_str_eq(seen.body, "first\n");
	cr_assert_eq(logtap_channel_receive(channel, see, &seen), 1);
	cr_assert_eq(logtap_channel_receive(channel, see, &seen), 0);
	cr_assert_eq(logtap_sink_free(channel), 0);
}

Test(dispatch, long_names_of_events_pass_through_channels)
{
	static char name[6000];
	struct seen seen = {0};
	struct logtap_sink_object *channel =
		logtap_sink_channel_new(65536, LOGTAP_CHANNEL_DROP_NEWEST, 0);
	memset(name, 'n', sizeof name - 1);
	uint64_t token = logtap_sink_push(channel);
	logtap_event(LOGTAP_INFO, "t", name, LOGTAP_STR(name, "v"), LOGTAP_END);
	logtap_sink_pop(token);
	cr_assert_eq(logtap_channel_receive(channel, see, &seen), 1);
	cr_assert_eq(seen.count, 1, "shown, if without its name");
}

/* --------------------------------------------- marks by configuration -- */

static void *is_internal(void *unused)
{
	(void)unused;
	return (void *)(uintptr_t)((logtap_tls.mark & LOGTAP_MARK_INTERNAL) !=
				   0);
}

static bool started_internal(void)
{
	pthread_t thread;
	void *result;
	cr_assert_eq(logtap_on_pthread_create(&thread, NULL, is_internal, NULL),
		     0);
	pthread_join(thread, &result);
	return result != NULL;
}

Test(dispatch, a_thread_is_marked_by_its_name_and_what_it_starts)
{
	logtap_internal_init("otel-*:exporter", NULL);
	cr_assert_not(started_internal());
	logtap_internal_rename(&logtap_tls, "otel-batch");
	cr_assert_not(logtap_enabled());
	cr_assert(started_internal());
	logtap_internal_rename(&logtap_tls, "worker");
	cr_assert(logtap_enabled());
	cr_assert_not(started_internal());
}

static void *count_marked(void *count)
{
	if (logtap_tls.mark & LOGTAP_MARK_INTERNAL)
		atomic_fetch_add((_Atomic int *)count, 1);
	return NULL;
}

Test(dispatch, a_burst_of_threads_inherits_the_mark)
{
	enum { THREADS = 400 };
	static pthread_t threads[THREADS];
	_Atomic int count = 0;
	logtap_thread_mark_internal(1);
	for (int i = 0; i < THREADS; i++)
		cr_assert_eq(logtap_on_pthread_create(&threads[i], NULL,
						      count_marked, &count),
			     0);
	logtap_thread_mark_internal(0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	cr_assert_eq(count, THREADS);
}
