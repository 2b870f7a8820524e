/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The exporter of metrics: see the header.  Everything about sending runs in
 * its own thread. */
#include "metrics_exporter.h"

#include "../base/clock.h"
#include "../base/log.h"
#include "encode_metrics.h"
#include "otlp_sender.h"
#include "retry.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS_NS UINT64_C(1000000)

struct logtap_metrics_exporter {
	struct logtap_otlp_config config;
	struct logtap_metrics_sources sources;
	struct logtap_resources *resources;
	pthread_t thread;
	bool joined; /* whoever stops us */

	pthread_mutex_t lock; /* of these */
	pthread_cond_t changed;
	bool stopping;
	struct logtap_metrics_exporter_stats stats;

	/* The thread's own. */
	struct logtap_otlp_sender *sender;
	struct logtap_bytes encoded;
	struct logtap_retry retry;
	bool failing;
};

/* Return: true: stopping. */
static bool wait_until(struct logtap_metrics_exporter *exporter,
		       uint64_t until_ns)
{
	const struct timespec until = {
		.tv_sec = (time_t)(until_ns / 1000000000),
		.tv_nsec = (long)(until_ns % 1000000000),
	};

	pthread_mutex_lock(&exporter->lock);
	while (!exporter->stopping &&
	       !pthread_cond_timedwait(&exporter->changed, &exporter->lock,
				       &until))
		;
	bool stopping = exporter->stopping;
	pthread_mutex_unlock(&exporter->lock);
	return stopping;
}

/* Return: how many points were loaded, or -ENOMEM. */
static long load(struct logtap_metrics_exporter *exporter)
{
	struct logtap_metric_set set;
	int error = logtap_metrics_collect(&exporter->sources, &set);

	if (error)
		return error;
	long points = (long)set.point_count;
	exporter->encoded.size = 0;
	error = logtap_encode_metrics(&set, exporter->resources,
				      &exporter->encoded);
	logtap_metric_set_deinit(&set);
	if (!error)
		error = logtap_otlp_sender_load_encoded(
			exporter->sender, &exporter->encoded, (size_t)points);
	return error ? error : points;
}

static void took(struct logtap_metrics_exporter *exporter, size_t points,
		 const struct logtap_otlp_attempt *attempt)
{
	pthread_mutex_lock(&exporter->lock);
	exporter->stats.exports++;
	exporter->stats.points += points - attempt->rejected;
	exporter->stats.rejected += attempt->rejected;
	if (attempt->rejected)
		snprintf(exporter->stats.last_error,
			 sizeof(exporter->stats.last_error), "%.255s",
			 attempt->message);
	pthread_mutex_unlock(&exporter->lock);
	if (exporter->failing)
		logtap_log(LOGTAP_LOG_INFO, "metrics",
			   "the receiver takes metrics again url=%s",
			   exporter->config.name);
	exporter->failing = false;
}

static void failed(struct logtap_metrics_exporter *exporter, const char *why)
{
	pthread_mutex_lock(&exporter->lock);
	exporter->stats.failed++;
	snprintf(exporter->stats.last_error, sizeof(exporter->stats.last_error),
		 "%.255s", why);
	pthread_mutex_unlock(&exporter->lock);
	if (!exporter->failing)
		logtap_log(LOGTAP_LOG_WARN, "metrics",
			   "cannot export metrics url=%s error=%s",
			   exporter->config.name, why);
	exporter->failing = true;
}

/* All metrics as they are now; tries again while there is time. */
static void export(struct logtap_metrics_exporter *exporter, bool last)
{
	uint64_t end_ns = logtap_clock_monotonic_ns() +
			  exporter->config.metric_timeout_ms * MS_NS;
	struct logtap_otlp_attempt attempt;
	long points = load(exporter);

	if (points < 0) {
		failed(exporter, "out of memory");
		return;
	}
	logtap_retry_reset(&exporter->retry);
	for (;;) {
		logtap_otlp_sender_send(exporter->sender, NULL, 0, &attempt);
		if (attempt.verdict != LOGTAP_OTLP_AGAIN)
			break;
		uint64_t again_ns = logtap_clock_monotonic_ns() +
				    logtap_retry_delay_ms(&exporter->retry,
							  attempt.after_ms) *
					    MS_NS;
		/* at the end there will be newer ones to send */
		if (last || again_ns >= end_ns ||
		    wait_until(exporter, again_ns))
			break;
	}
	if (attempt.verdict == LOGTAP_OTLP_TAKEN)
		took(exporter, (size_t)points, &attempt);
	else
		failed(exporter, attempt.message);
}

static void *work(void *context)
{
	struct logtap_metrics_exporter *exporter = context;
	uint64_t interval_ns = exporter->config.metric_interval_ms * MS_NS;
	uint64_t due_ns = logtap_clock_monotonic_ns() + interval_ns;

	while (!wait_until(exporter, due_ns)) {
		export(exporter, false);
		uint64_t now_ns = logtap_clock_monotonic_ns();
		do
			due_ns += interval_ns;
		while (due_ns <= now_ns);
	}
	export(exporter, true);
	return NULL;
}

static void deinit(struct logtap_metrics_exporter *exporter)
{
	logtap_otlp_sender_free(exporter->sender);
	logtap_otlp_config_deinit(&exporter->config);
	logtap_bytes_deinit(&exporter->encoded);
	pthread_cond_destroy(&exporter->changed);
	pthread_mutex_destroy(&exporter->lock);
	free(exporter);
}

static void init(struct logtap_metrics_exporter *exporter)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&exporter->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&exporter->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	logtap_retry_init(&exporter->retry,
			  logtap_clock_monotonic_ns() ^ (uintptr_t)exporter);
}

/* Signals are the main thread's; a broken connection is EPIPE here. */
static int start(struct logtap_metrics_exporter *exporter)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&exporter->thread, NULL, work, exporter);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -error;
}

int logtap_metrics_exporter_new(struct logtap_otlp_config *config,
				const struct logtap_metrics_sources *sources,
				struct logtap_resources *resources,
				struct logtap_metrics_exporter **out,
				char *error, size_t error_bytes)
{
	struct logtap_metrics_exporter *exporter = calloc(1, sizeof(*exporter));

	if (!exporter) {
		snprintf(error, error_bytes,
			 "export of metrics: %s: no memory; free some",
			 config->name);
		logtap_otlp_config_deinit(config);
		return -ENOMEM;
	}
	init(exporter);
	exporter->config = *config;
	*config = (struct logtap_otlp_config){0};
	exporter->sources = *sources;
	exporter->resources = resources;
	int result = logtap_otlp_sender_new(
		&exporter->config, &exporter->sender, error, error_bytes);
	if (!result) {
		result = start(exporter);
		if (result)
			snprintf(error, error_bytes,
				 "export of metrics: %s: %s; free memory or "
				 "threads and start again",
				 exporter->config.name, strerror(-result));
	}
	if (result)
		deinit(exporter);
	else
		*out = exporter;
	return result;
}

void logtap_metrics_exporter_stop(struct logtap_metrics_exporter *exporter,
				  uint64_t deadline_ns)
{
	if (exporter->joined)
		return;
	logtap_otlp_sender_stop_by(exporter->sender, deadline_ns);
	pthread_mutex_lock(&exporter->lock);
	exporter->stopping = true;
	pthread_mutex_unlock(&exporter->lock);
	pthread_cond_signal(&exporter->changed);
	pthread_join(exporter->thread, NULL);
	exporter->joined = true;
}

void logtap_metrics_exporter_free(struct logtap_metrics_exporter *exporter)
{
	if (!exporter)
		return;
	logtap_metrics_exporter_stop(exporter, 0);
	deinit(exporter);
}

const char *logtap_metrics_exporter_name(
	const struct logtap_metrics_exporter *exporter)
{
	return exporter->config.name;
}

void logtap_metrics_exporter_stats(struct logtap_metrics_exporter *exporter,
				   struct logtap_metrics_exporter_stats *out)
{
	pthread_mutex_lock(&exporter->lock);
	*out = exporter->stats;
	pthread_mutex_unlock(&exporter->lock);
}
