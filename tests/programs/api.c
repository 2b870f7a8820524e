/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A program that uses logtap.h: under the library its events are records, and
 * without it every call is nothing.  Says on stdout what it saw. */
#include <logtap/logtap.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static int evaluated;

static int costly(void)
{
	return ++evaluated;
}

static void on_event(void *context, const struct logtap_event_view *event)
{
	++*(int *)context;
	fprintf(stderr, "inside a callback for %s\n", event->name);
}

static void *internal(void *unused)
{
	logtap_event(LOGTAP_WARN, "telemetry", "raw", LOGTAP_INT("n", -5),
		     LOGTAP_END);
	fprintf(stderr, "of an internal thread\n");
	return unused;
}

static void in_a_span(void)
{
	logtap_span outer = logtap_span_new("outer", 0);
	logtap_span inner = logtap_span_new("inner", outer);
	char text[56] = "";

	logtap_span_enter(outer);
	logtap_span_enter(inner);
	fprintf(stderr, "a line in a span\n");
	logtap_span_traceparent(inner, text);
	printf("span %s\n", text);
	logtap_span_exit(inner);
	logtap_span_exit(outer);
	logtap_span_close(inner);
	logtap_span_close(outer);
}

int main(void)
{
	int calls = 0;
	pthread_t thread;

	printf("version %u\n", logtap_api_version());
	logtap_event(LOGTAP_INFO, "app.db", "query",
		     LOGTAP_INT("rows", costly()), LOGTAP_STR("db", "main"),
		     LOGTAP_BOOL("ok", 1), LOGTAP_DOUBLE("ms", 1.5),
		     LOGTAP_BYTES("raw", "\x00\xff", 2),
		     LOGTAP_BODY("three rows"), LOGTAP_END);
	logtap_event(LOGTAP_DEBUG, "app", "quiet", LOGTAP_INT("n", costly()),
		     LOGTAP_END);
	struct logtap_sink_object *sink =
		logtap_sink_callback_new(on_event, &calls);
	uint64_t token = logtap_sink_push(sink);
	logtap_event(LOGTAP_ERROR, "app", "called", LOGTAP_END);
	(void)logtap_sink_pop(token);
	printf("evaluated %d calls %d\n", evaluated, calls);
	in_a_span();
	if (!logtap_spawn_internal("internal", internal, NULL, &thread))
		pthread_join(thread, NULL);
	fprintf(stderr, "the last line\n");
	return 0;
}
