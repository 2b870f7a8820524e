/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The exporter of OTLP over HTTP: see the header.  submit(), full() and stop()
 * run in the caller's threads; everything about sending in the worker. */
#include "otlp_http.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/clock.h"
#include "otlp_health.h"
#include "otlp_queue.h"
#include "otlp_sender.h"
#include "retry.h"

enum {
	HOLD_STEP_MS = 100,
	/* Batches that wait go out together: a request costs as much as some
	 * hundred records. */
	TOGETHER_MOST = 8,
	TOGETHER_BYTES = 512 << 10,
};
/* A request that holds less begins no sooner after the one before. */
#define APART_NS (50 * UINT64_C(1000000))
/* More than this waits in the journal. */
#define HELD_BYTES ((size_t)8 << 20)

/* What one request holds. */
struct load {
	struct logtap_batch *batches[TOGETHER_MOST];
	size_t count;
	size_t records;
	bool encoded;
};

struct otlp {
	struct logtap_exporter base;
	struct logtap_otlp_config config;
	pthread_t worker;
	bool joined; /* whoever stops us */

	struct logtap_otlp_queue queue;

	/* The worker's own. */
	struct logtap_otlp_sender *sender;
	struct logtap_otlp_attempt attempt; /* the last one */
	struct logtap_retry retry;
	struct logtap_otlp_health health;
	uint64_t begun_ns; /* the last request */
	bool gave_up; /* stopping, and the receiver will not answer in time */
};

static struct otlp *otlp_of(struct logtap_exporter *exporter)
{
	return (struct otlp *)exporter;
}

static void try_later(struct otlp *otlp)
{
	int64_t after_ms = otlp->attempt.after_ms;
	logtap_otlp_health_retrying(&otlp->health, otlp->attempt.message,
				    logtap_otlp_queue_records(&otlp->queue));
	logtap_exporter_retried(&otlp->base, otlp->attempt.message);
	if (!logtap_otlp_queue_pause(
		    &otlp->queue, logtap_retry_delay_ms(&otlp->retry, after_ms),
		    after_ms > 0))
		otlp->gave_up = true;
}

static void attempt(struct otlp *otlp, struct load *load)
{
	load->encoded = load->encoded ||
			!logtap_otlp_sender_load(otlp->sender, load->batches,
						 load->count);
	if (load->encoded)
		logtap_otlp_sender_send(otlp->sender, load->batches[0],
					otlp->base.index, &otlp->attempt);
	else
		otlp->attempt = (struct logtap_otlp_attempt){
			.verdict = LOGTAP_OTLP_AGAIN,
			.after_ms = -1,
			.message = "no memory to encode a batch"};
}

/* An intervention asks that nothing is sent for a moment. */
static void wait_while_held(struct otlp *otlp)
{
	const struct logtap_export_tap *tap = otlp->config.tap;
	uint64_t until_ns;

	while (tap &&
	       (until_ns = tap->hold(tap->context, otlp->base.index)) != 0) {
		uint64_t now_ns = logtap_clock_monotonic_ns();
		uint64_t left_ms =
			until_ns > now_ns ? (until_ns - now_ns) / 1000000 : 0;
		if (!left_ms || logtap_otlp_queue_is_stopping(&otlp->queue))
			return;
		if (left_ms > HOLD_STEP_MS)
			left_ms = HOLD_STEP_MS;
		logtap_otlp_queue_pause(&otlp->queue, left_ms, false);
	}
}

/* Sends @load until its fate is known. */
static enum logtap_outcome deliver(struct otlp *otlp, struct load *load)
{
	char failed_before[sizeof(otlp->attempt.message)] = "";
	while (!otlp->gave_up) {
		wait_while_held(otlp);
		attempt(otlp, load);
		switch (otlp->attempt.verdict) {
		case LOGTAP_OTLP_TAKEN:
			logtap_retry_reset(&otlp->retry);
			logtap_exporter_sent(&otlp->base, otlp->attempt.bytes);
			logtap_otlp_health_delivered(&otlp->health,
						     otlp->attempt.rejected,
						     otlp->attempt.message);
			return LOGTAP_DELIVERED;
		case LOGTAP_OTLP_REFUSED:
			logtap_retry_reset(&otlp->retry);
			if (load->count == 1)
				logtap_otlp_health_refused(
					&otlp->health, otlp->attempt.message,
					load->records);
			return LOGTAP_REFUSED;
		case LOGTAP_OTLP_AGAIN:
			memcpy(failed_before, otlp->attempt.message,
			       sizeof(failed_before));
			try_later(otlp);
			break;
		case LOGTAP_OTLP_STOPPED:
			/* Why it failed before says more. */
			if (failed_before[0])
				memcpy(otlp->attempt.message, failed_before,
				       sizeof(failed_before));
			otlp->gave_up = true;
			break;
		}
	}
	return LOGTAP_DROPPED;
}

/* @rejected: what is left of the records that the receiver rejected; it does
 * not say which. */
static void settle(struct otlp *otlp, struct logtap_batch *batch,
		   enum logtap_outcome outcome, size_t *rejected)
{
	size_t records = logtap_batch_records(batch);
	size_t bytes = logtap_batch_bytes(batch);
	size_t part = *rejected < records ? *rejected : records;
	char why[sizeof(otlp->attempt.message) + 32];
	*rejected -= part;
	snprintf(why, sizeof(why), "%s%s",
		 outcome == LOGTAP_DROPPED ? "given up at the end: " : "",
		 otlp->attempt.message);
	logtap_exporter_settled(&otlp->base, batch, outcome, part,
				why[0] ? why : NULL);
	logtap_otlp_queue_done(&otlp->queue, records, bytes);
}

static struct load alone(struct logtap_batch *batch)
{
	return (struct load){.batches = {batch},
			     .count = 1,
			     .records = logtap_batch_records(batch)};
}

static void send_load(struct otlp *otlp, struct load *load)
{
	enum logtap_outcome outcome = deliver(otlp, load);
	size_t rejected =
		outcome == LOGTAP_DELIVERED ? otlp->attempt.rejected : 0;
	/* What a receiver refuses may be one batch of them. */
	if (outcome == LOGTAP_REFUSED && load->count > 1) {
		for (size_t i = 0; i < load->count; i++) {
			struct load one = alone(load->batches[i]);
			send_load(otlp, &one);
		}
		return;
	}
	for (size_t i = 0; i < load->count; i++)
		settle(otlp, load->batches[i], outcome, &rejected);
}

/* Who looks at requests wants to see each batch. */
static bool may_join(const struct otlp *otlp)
{
	return otlp->config.may_join && !otlp->config.tap &&
	       otlp->config.protocol == LOGTAP_OTLP_PROTOBUF;
}

/* Waits before the first one is taken, to wake up once for all of them. */
static void gather(struct otlp *otlp)
{
	const struct logtap_otlp_queue_enough enough = {
		.count = TOGETHER_MOST,
		.bytes = TOGETHER_BYTES,
		.records = otlp->config.max_queue_records,
	};
	logtap_otlp_queue_gather(&otlp->queue, &enough,
				 otlp->begun_ns + APART_NS);
}

static void join_more(struct otlp *otlp, struct load *load)
{
	size_t bytes = logtap_batch_bytes(load->batches[0]);
	struct logtap_batch *batch;
	while (load->count < TOGETHER_MOST && bytes < TOGETHER_BYTES &&
	       (batch = logtap_otlp_queue_take_more(
			&otlp->queue, TOGETHER_BYTES - bytes)) != NULL) {
		load->batches[load->count++] = batch;
		load->records += logtap_batch_records(batch);
		bytes += logtap_batch_bytes(batch);
	}
}

static void *work(void *context)
{
	struct otlp *otlp = context;
	struct logtap_batch *batch;
	for (;;) {
		if (may_join(otlp))
			gather(otlp);
		batch = logtap_otlp_queue_take(&otlp->queue);
		if (!batch)
			return NULL;
		struct load load = alone(batch);
		if (may_join(otlp))
			join_more(otlp, &load);
		otlp->begun_ns = logtap_clock_monotonic_ns();
		/* An empty request is not to be sent. */
		if (load.records)
			send_load(otlp, &load);
		else
			logtap_exporter_settled(&otlp->base, batch,
						LOGTAP_DELIVERED, 0, NULL);
	}
}

static void submit(struct logtap_exporter *exporter, struct logtap_batch *batch)
{
	if (logtap_otlp_queue_push(&otlp_of(exporter)->queue, batch))
		logtap_exporter_settled(exporter, batch, LOGTAP_DROPPED, 0,
					"no memory to queue a batch");
}

static bool full(struct logtap_exporter *exporter)
{
	struct otlp *otlp = otlp_of(exporter);
	return logtap_otlp_queue_holds(
		&otlp->queue, otlp->config.max_queue_records, HELD_BYTES);
}

static void stopping(struct logtap_exporter *exporter, uint64_t deadline_ns)
{
	struct otlp *otlp = otlp_of(exporter);
	logtap_otlp_queue_stop(&otlp->queue, deadline_ns);
	logtap_otlp_sender_stop_by(otlp->sender, deadline_ns);
}

static void stop(struct logtap_exporter *exporter, uint64_t deadline_ns)
{
	struct otlp *otlp = otlp_of(exporter);
	if (otlp->joined)
		return;
	stopping(exporter, deadline_ns);
	pthread_join(otlp->worker, NULL);
	otlp->joined = true;
}

static void deinit(struct otlp *otlp)
{
	logtap_otlp_queue_deinit(&otlp->queue);
	logtap_otlp_sender_free(otlp->sender);
	logtap_otlp_config_deinit(&otlp->config);
	free(otlp);
}

static void free_exporter(struct logtap_exporter *exporter)
{
	struct otlp *otlp = otlp_of(exporter);
	stop(exporter, 0);
	deinit(otlp);
}

static const struct logtap_exporter_ops ops = {
	.kind = "otlp-http",
	.submit = submit,
	.full = full,
	.stopping = stopping,
	.stop = stop,
	.free = free_exporter,
};

/* Signals are the main thread's; a broken connection is EPIPE here. */
static int start(struct otlp *otlp)
{
	sigset_t all;
	sigset_t before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&otlp->worker, NULL, work, otlp);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -failed;
}

int logtap_otlp_exporter_new(struct logtap_otlp_config *config,
			     struct logtap_exporter **out, char *error,
			     size_t error_bytes)
{
	*out = NULL;
	error[0] = 0;
	struct otlp *otlp = calloc(1, sizeof(*otlp));
	if (!otlp) {
		snprintf(error, error_bytes,
			 "export by OTLP: %s: no memory; free some",
			 config->name);
		logtap_otlp_config_deinit(config);
		return -ENOMEM;
	}
	otlp->config = *config;
	*config = (struct logtap_otlp_config){0};
	logtap_otlp_queue_init(&otlp->queue);
	logtap_exporter_init(&otlp->base, &ops, otlp->config.name);
	otlp->health.name = otlp->base.name;
	logtap_retry_init(&otlp->retry,
			  logtap_clock_monotonic_ns() ^ (uintptr_t)otlp);
	int failed = logtap_otlp_sender_new(&otlp->config, &otlp->sender, error,
					    error_bytes);
	if (!failed)
		failed = start(otlp);
	if (failed) {
		if (!error[0])
			snprintf(error, error_bytes,
				 "export by OTLP: %s: %s; free memory or "
				 "threads and start again",
				 otlp->base.name, strerror(-failed));
		deinit(otlp);
		return failed;
	}
	*out = &otlp->base;
	return 0;
}
