/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Every function and macro of logtap.h once, in what C99 and C++98 have in
 * common.  Without the library nothing happens; says what came back. */
#include <logtap/logtap.h>
#include <stdio.h>

static void on_event(void *context, const struct logtap_event_view *event)
{
	(void)event;
	++*(int *)context;
}

static void on_record(void *context, int severity, const char *text,
		      size_t bytes, size_t original_bytes)
{
	(void)severity;
	(void)text;
	(void)bytes;
	(void)original_bytes;
	++*(int *)context;
}

static void on_value(void *context, uint32_t tid, void *value)
{
	(void)tid;
	*(int *)context += *(int *)value;
}

static void *back(void *argument)
{
	return argument;
}

static int evaluated;

static int evaluate(void)
{
	return ++evaluated;
}

static int sinks(void)
{
	int calls = 0;
	struct logtap_sink_stats stats;
	struct logtap_sink_object *callback =
		logtap_sink_callback_new(on_event, &calls);
	struct logtap_sink_object *channel =
		logtap_sink_channel_new(4096, LOGTAP_CHANNEL_DROP_OLDEST, 0);
	uint64_t token = logtap_sink_push(callback);

	logtap_event(LOGTAP_INFO, "everything", "pushed", LOGTAP_END);
	(void)logtap_sink_pop(token);
	{
		LOGTAP_SINK_SCOPE(channel);
		logtap_event(LOGTAP_INFO, "everything", "scoped", LOGTAP_END);
	}
	(void)logtap_channel_receive(channel, on_event, &calls);
	token = logtap_sink_push_capturing(callback);
	(void)logtap_sink_pop(token);
	if (logtap_with_sink(logtap_sink_null(), back, &calls) != &calls)
		return -1;
	logtap_sink_stats(callback, &stats);
	calls += (int)stats.delivered;
	calls += logtap_sink_set_global(logtap_sink_ring());
	(void)logtap_sink_raw();
	return calls + logtap_sink_free(callback) + logtap_sink_free(channel);
}

static int spans(void)
{
	struct logtap_span_context context;
	char text[56] = "";
	logtap_span span = logtap_span_new("span", 0);
	int result = logtap_span_ref(span);

	logtap_span_on_close((logtap_span_closed_function *)0);
	result += logtap_span_enter(span);
	result += logtap_span_current() == span;
	result += logtap_span_context(span, &context);
	result += logtap_span_traceparent(span, text);
	result += logtap_span_exit(span);
	result += logtap_span_close(span);
	return result + logtap_span_close(span);
}

static int buffers(void)
{
	int records = 0;
	struct logtap_buffer_stats stats;
	struct logtap_buffer *buffer = logtap_buffer_new(0);

	(void)logtap_buffer_push(buffer, LOGTAP_INFO, "text", 4);
	logtap_buffer_stats(buffer, &stats);
	records += (int)stats.records;
	(void)logtap_buffer_drain(buffer, on_record, &records);
	(void)logtap_buffer_push(buffer, LOGTAP_INFO, "text", 4);
	records += (int)logtap_buffer_flush(buffer, "everything",
					    logtap_sink_null());
	logtap_buffer_free(buffer);
	return records;
}

static int others(void)
{
	int values = 0, *value;
	struct logtap_per_thread *object = logtap_per_thread_new(sizeof(int));
	logtap_metric counter = logtap_counter_new("everything.counted", "1");
	logtap_metric gauge = logtap_gauge_new("everything.level", NULL);

	value = (int *)logtap_per_thread_get(object);
	if (value)
		*value = 5;
	(void)logtap_per_thread_walk(object, on_value, &values);
	logtap_per_thread_free(object);
	logtap_counter_add(counter, 2);
	logtap_gauge_set(gauge, 3);
	logtap_gauge_add(gauge, -1);
	logtap_thread_mark_internal(1);
	values += logtap_enabled();
	logtap_thread_mark_internal(0);
	if (logtap_guard_enter())
		logtap_guard_leave();
	return values;
}

int main(void)
{
	logtap_event(LOGTAP_WARN, "everything", "event",
		     LOGTAP_INT("int", evaluate()), LOGTAP_BOOL("bool", 1),
		     LOGTAP_DOUBLE("double", 0.5), LOGTAP_STR("str", "s"),
		     LOGTAP_STRN("strn", "abc", 2), LOGTAP_BYTES("b", "x", 1),
		     LOGTAP_BODY("the body"), LOGTAP_END);
	printf("version %u evaluated %d", logtap_api_version(), evaluated);
	printf(" sinks %d spans %d", sinks(), spans());
	printf(" buffers %d others %d\n", buffers(), others());
	return 0;
}
