/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A worker that makes the calls of logtap.h; the driver preloads the library or
 * not. */
#include "bench.h"

#include <logtap/logtap.h>
#include <unistd.h>

static logtap_span span;
static logtap_metric counter;

static void run_event(long count)
{
	for (long i = 0; i < count; i++)
		logtap_event(LOGTAP_INFO, "bench", "query",
			     LOGTAP_INT("rows", i), LOGTAP_STR("db", "main"),
			     LOGTAP_BOOL("ok", 1), LOGTAP_DOUBLE("ms", 0.5),
			     LOGTAP_END);
}

static void run_enabled(long count)
{
	for (long i = 0; i < count; i++)
		BENCH_KEEP(logtap_enabled());
}

static void run_event_marked(long count)
{
	logtap_thread_mark_internal(1);
	run_event(count);
	logtap_thread_mark_internal(0);
}

static void run_write(long count)
{
	for (long i = 0; i < count; i++)
		if (write(2, bench_line, BENCH_LINE_BYTES) != BENCH_LINE_BYTES)
			bench_die("write fails");
}

static void run_write_marked(long count)
{
	logtap_thread_mark_internal(1);
	run_write(count);
	logtap_thread_mark_internal(0);
}

static void run_write_guarded(long count)
{
	int entered = logtap_guard_enter();

	run_write(count);
	if (entered)
		logtap_guard_leave();
}

static void run_guard(long count)
{
	for (long i = 0; i < count; i++)
		if (logtap_guard_enter())
			logtap_guard_leave();
}

static void run_span(long count)
{
	for (long i = 0; i < count; i++) {
		(void)logtap_span_enter(span);
		(void)logtap_span_exit(span);
	}
}

static void run_counter(long count)
{
	for (long i = 0; i < count; i++)
		logtap_counter_add(counter, 1);
}

static void run_sink(long count)
{
	for (long i = 0; i < count; i++) {
		uint64_t token = logtap_sink_push(logtap_sink_null());
		(void)logtap_sink_pop(token);
	}
}

const struct bench_operation bench_operations[] = {
	{"event", run_event, NULL},
	{"enabled", run_enabled, NULL},
	{"event_marked", run_event_marked, NULL},
	{"write", run_write, NULL},
	{"write_marked", run_write_marked, NULL},
	{"write_guarded", run_write_guarded, NULL},
	{"guard", run_guard, NULL},
	{"span", run_span, NULL},
	{"counter", run_counter, NULL},
	{"sink", run_sink, NULL},
	{NULL, NULL, NULL},
};

int main(void)
{
	span = logtap_span_new("bench", 0);
	counter = logtap_counter_new("bench.calls", "1");
	return bench_serve();
}
