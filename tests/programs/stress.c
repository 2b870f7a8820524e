/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Everything of the API that threads share, at once: sinks are made, pushed,
 * popped and freed while other threads log to the global one and to channels;
 * spans close in any thread, counters are defined late, thresholds are asked
 * for.  Says whether all accounts are exact.  For the thread sanitizer this is
 * built with the library's logic inside, then without hooks.
 *
 *     stress [ROUNDS] */
#ifdef LINKED
#include "../unit/shim/linked.h"
#include "../unit/shim/linked_cxx.h"
#else
#include <logtap/logtap.h>
#define shim_begin_plain() ((void)0)
#define shim_end() ((void)0)
#endif
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define LOGGERS 3
#define CHURNERS 2

static struct logtap_sink_object *channel, *global;
static _Atomic uint64_t seen, received, sent;
static _Atomic int loggers;
static _Atomic uint64_t shared_span;
static struct logtap_per_thread *values;
static long rounds = 2000;

static void see(void *count, const struct logtap_event_view *event)
{
	if (event->severity == LOGTAP_INFO)
		atomic_fetch_add((_Atomic uint64_t *)count, 1);
}

static void *log_events(void *unused)
{
	logtap_metric counter = logtap_counter_new("stress.events", NULL);
	_Atomic uint64_t *own = logtap_per_thread_get(values);

	for (long i = 0; i < rounds; i++) {
		logtap_event(LOGTAP_INFO, "stress", "global",
			     LOGTAP_INT("i", i), LOGTAP_END);
		uint64_t token = logtap_sink_push(channel);
		logtap_event(LOGTAP_INFO, "stress", "channel",
			     LOGTAP_INT("i", i), LOGTAP_STR("s", "text"),
			     LOGTAP_END);
		(void)logtap_sink_pop(token);
		atomic_fetch_add(&sent, 1);
		logtap_counter_add(counter, 1);
		if (own)
			atomic_fetch_add(own, 1);
		logtap_span span = atomic_load(&shared_span);
		if (logtap_span_enter(span) >= 0)
			(void)logtap_span_exit(span);
	}
	atomic_fetch_sub(&loggers, 1);
	return unused;
}

/* Makes and frees what others must not trip over. */
static void *churn(void *unused)
{
	while (atomic_load(&loggers)) {
		_Atomic uint64_t own = 0;
		struct logtap_sink_object *sink =
			logtap_sink_callback_new(see, &own);
		uint64_t token = logtap_sink_push(sink);
		logtap_event(LOGTAP_INFO, "stress", "own", LOGTAP_END);
		(void)logtap_sink_pop(token);
		if (logtap_sink_free(sink) != 0 || (sink && own != 1))
			abort();
		logtap_span span = logtap_span_new("churned", 0);
		logtap_span old = atomic_exchange(&shared_span, span);
		(void)logtap_span_close(old);
	}
	return unused;
}

static void *receive(void *unused)
{
	while (atomic_load(&loggers))
		while (logtap_channel_receive(channel, see, &received))
			;
	while (logtap_channel_receive(channel, see, &received))
		;
	return unused;
}

static void add(void *sum, uint32_t tid, void *value)
{
	(void)tid;
	*(uint64_t *)sum += atomic_load((_Atomic uint64_t *)value);
}

static void *watch(void *unused)
{
	struct logtap_sink_stats stats;
	uint64_t sum;

	while (atomic_load(&loggers)) {
		sum = 0;
		(void)logtap_per_thread_walk(values, add, &sum);
		logtap_sink_stats(channel, &stats);
		if (sum > (uint64_t)(LOGGERS * rounds))
			abort();
	}
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t threads[LOGGERS + CHURNERS + 2];
	struct logtap_sink_stats stats;
	uint64_t sum = 0;
	int count = 0;

	shim_begin_plain();
	if (argc > 1)
		rounds = atol(argv[1]);
	channel = logtap_sink_channel_new(16384, LOGTAP_CHANNEL_DROP_OLDEST, 0);
	global = logtap_sink_callback_new(see, &seen);
	(void)logtap_sink_set_global(global);
	values = logtap_per_thread_new(sizeof(_Atomic uint64_t));
	loggers = LOGGERS;
	for (int i = 0; i < LOGGERS; i++)
		pthread_create(&threads[count++], NULL, log_events, NULL);
	for (int i = 0; i < CHURNERS; i++)
		pthread_create(&threads[count++], NULL, churn, NULL);
	pthread_create(&threads[count++], NULL, receive, NULL);
	pthread_create(&threads[count++], NULL, watch, NULL);
	while (count)
		pthread_join(threads[--count], NULL);
	(void)logtap_per_thread_walk(values, add, &sum);
	logtap_sink_stats(channel, &stats);
	printf("global %d channel %d values %d free %d\n",
	       seen == (uint64_t)(LOGGERS * rounds),
	       stats.emitted == sent && stats.delivered == received &&
		       stats.waiting == 0 &&
		       stats.delivered + stats.dropped == sent,
	       sum == (uint64_t)(LOGGERS * rounds), logtap_sink_free(channel));
	shim_end();
	return 0;
}
