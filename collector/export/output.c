/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches as bytes to a file descriptor: see the header.  submit, full and stop
 * run in their callers' threads, everything else in the exporter's own.
 */
#include "output.h"

#include "../base/log.h"
#include "descriptor.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	FULL_BYTES = 8 << 20,
	PAUSE_FIRST_MS = 100,
	PAUSE_MAX_MS = 5000,
};

struct node {
	struct node *next;
	struct logtap_batch *batch;
};

struct output {
	struct logtap_exporter exporter; /* first: they are cast */
	struct logtap_exporter_ops ops;
	struct logtap_output_options options;
	pthread_t thread;
	bool joined;

	/* under the lock */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct node *first, **last;
	size_t queued_bytes;
	bool stopping;
	uint64_t deadline_ns;

	/* the thread's own */
	struct logtap_descriptor descriptor;
	struct logtap_bytes bytes; /* the batch at work */
	bool failing;
};

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct output *output_of(struct logtap_exporter *exporter)
{
	return (struct output *)exporter;
}

/* Has the time that stop() gave run out? */
static bool expired(void *context)
{
	struct output *output = context;

	pthread_mutex_lock(&output->lock);
	bool late = output->stopping && monotonic_ns() >= output->deadline_ns;
	pthread_mutex_unlock(&output->lock);
	return late;
}

static bool is_final(int error)
{
	/* the reader is gone, or the descriptor was none to write to */
	return error == EPIPE || error == EBADF || error == ECONNRESET ||
	       error == EINVAL;
}

static bool is_no_space(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

static void say_failing(struct output *output, int error)
{
	if (logtap_log_is_news(&output->failing, true))
		logtap_log(LOGTAP_LOG_ERROR, "export",
			   "cannot write records, %s "
			   "destination=%s error=\"%s\"",
			   is_final(error)	? "gives them up"
			   : is_no_space(error) ? "will try again; make room "
						  "there"
						: "will try again",
			   output->exporter.name, strerror(error));
}

static void say_working(struct output *output)
{
	if (logtap_log_is_news(&output->failing, false))
		logtap_log(LOGTAP_LOG_INFO, "export",
			   "writes records again destination=%s",
			   output->exporter.name);
}

/* Waits before the next try.  Return: false when there is to be none. */
static bool pause_or_stop(struct output *output, unsigned pause_ms)
{
	uint64_t until_ns =
		monotonic_ns() + (uint64_t)pause_ms * UINT64_C(1000000);
	bool again = true;

	pthread_mutex_lock(&output->lock);
	for (;;) {
		uint64_t now_ns = monotonic_ns(), end_ns = until_ns;
		if (output->stopping && now_ns >= output->deadline_ns)
			again = false;
		if (output->stopping && output->deadline_ns < end_ns)
			end_ns = output->deadline_ns;
		if (!again || now_ns >= end_ns)
			break;
		struct timespec end = {
			.tv_sec = (time_t)(end_ns / 1000000000),
			.tv_nsec = (long)(end_ns % 1000000000),
		};
		pthread_cond_timedwait(&output->changed, &output->lock, &end);
	}
	pthread_mutex_unlock(&output->lock);
	return again;
}

static void settle(struct output *output, struct logtap_batch *batch, int error)
{
	char text[128] = "";

	if (error)
		snprintf(text, sizeof(text), "write: %s", strerror(error));
	if (!error)
		logtap_exporter_sent(&output->exporter, output->bytes.size);
	logtap_exporter_settled(&output->exporter, batch,
				!error		  ? LOGTAP_DELIVERED
				: is_final(error) ? LOGTAP_REFUSED
						  : LOGTAP_DROPPED,
				0, text);
}

static void deliver(struct output *output, struct logtap_batch *batch)
{
	unsigned pause_ms = PAUSE_FIRST_MS;
	int error;

	output->bytes.size = 0;
	output->descriptor.written = 0;
	for (;;) {
		error = output->bytes.size
				? 0
				: -output->options.encode(batch,
							  &output->bytes);
		if (!error)
			error = logtap_descriptor_write(&output->descriptor,
							&output->bytes);
		if (!error) {
			say_working(output);
			break;
		}
		say_failing(output, error);
		if (is_final(error))
			break;
		logtap_exporter_retried(&output->exporter, strerror(error));
		if (!pause_or_stop(output, pause_ms))
			break;
		pause_ms = pause_ms * 2 < PAUSE_MAX_MS ? pause_ms * 2
						       : PAUSE_MAX_MS;
	}
	settle(output, batch, error);
}

/* The next batch, or NULL when there will be none. */
static struct logtap_batch *next_batch(struct output *output)
{
	struct logtap_batch *batch = NULL;

	pthread_mutex_lock(&output->lock);
	while (!output->first && !output->stopping)
		pthread_cond_wait(&output->changed, &output->lock);
	struct node *node = output->first;
	if (node) {
		output->first = node->next;
		if (!output->first)
			output->last = &output->first;
		batch = node->batch;
		output->queued_bytes -= logtap_batch_bytes(batch);
		free(node);
	}
	pthread_mutex_unlock(&output->lock);
	return batch;
}

static void *run(void *argument)
{
	struct output *output = argument;
	struct logtap_batch *batch;
	sigset_t all;

	/* a closed pipe or a file over its limit is an error to be handled,
	 * and no other signal is for this thread */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while ((batch = next_batch(output)))
		deliver(output, batch);
	return NULL;
}

static void submit(struct logtap_exporter *exporter, struct logtap_batch *batch)
{
	struct output *output = output_of(exporter);
	struct node *node = malloc(sizeof(*node));

	if (!node) {
		logtap_exporter_settled(exporter, batch, LOGTAP_DROPPED, 0,
					"out of memory");
		return;
	}
	*node = (struct node){.batch = batch};
	pthread_mutex_lock(&output->lock);
	*output->last = node;
	output->last = &node->next;
	output->queued_bytes += logtap_batch_bytes(batch);
	pthread_cond_signal(&output->changed);
	pthread_mutex_unlock(&output->lock);
}

static bool full(struct logtap_exporter *exporter)
{
	struct output *output = output_of(exporter);

	pthread_mutex_lock(&output->lock);
	bool is_full = output->queued_bytes >= FULL_BYTES;
	pthread_mutex_unlock(&output->lock);
	return is_full;
}

static void stop(struct logtap_exporter *exporter, uint64_t deadline_ns)
{
	struct output *output = output_of(exporter);

	pthread_mutex_lock(&output->lock);
	output->stopping = true;
	output->deadline_ns = deadline_ns;
	pthread_cond_broadcast(&output->changed);
	pthread_mutex_unlock(&output->lock);
	if (!output->joined)
		pthread_join(output->thread, NULL);
	output->joined = true;
}

static void output_free(struct logtap_exporter *exporter)
{
	struct output *output = output_of(exporter);

	stop(exporter, 0);
	if (output->options.close_fd)
		close(output->options.fd);
	logtap_bytes_deinit(&output->bytes);
	pthread_cond_destroy(&output->changed);
	pthread_mutex_destroy(&output->lock);
	free(output);
}

int logtap_output_new(const struct logtap_output_options *options,
		      struct logtap_exporter **out)
{
	struct output *output = calloc(1, sizeof(*output));
	pthread_condattr_t attributes;

	if (!output)
		return -ENOMEM;
	output->descriptor = (struct logtap_descriptor){
		.fd = options->fd,
		.undo = options->undo,
		.late = expired,
		.context = output,
	};
	logtap_descriptor_init(&output->descriptor);
	output->ops = (struct logtap_exporter_ops){
		.kind = options->kind,
		.submit = submit,
		.full = full,
		.stop = stop,
		.free = output_free,
	};
	output->options = *options;
	logtap_exporter_init(&output->exporter, &output->ops, options->name);
	output->options.name = output->exporter.name;
	output->last = &output->first;
	pthread_mutex_init(&output->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&output->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	int error = pthread_create(&output->thread, NULL, run, output);
	if (error) {
		pthread_cond_destroy(&output->changed);
		pthread_mutex_destroy(&output->lock);
		free(output);
		return -error;
	}
	*out = &output->exporter;
	return 0;
}
