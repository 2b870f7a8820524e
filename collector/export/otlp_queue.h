/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Batches on their way to an exporter's worker thread, and the worker's waits:
 * for a batch, and between two attempts.  stop() ends both.
 *
 * One worker calls take(), done() and pause(); any thread the rest.
 */
#ifndef LOGTAP_EXPORT_OTLP_QUEUE_H
#define LOGTAP_EXPORT_OTLP_QUEUE_H

#include <pthread.h>

#include "batch.h"

/* Any of these is enough for a request. */
struct logtap_otlp_queue_enough {
	size_t count;
	size_t bytes;
	size_t records; /* with the batches that the worker has */
};

struct logtap_otlp_queue {
	pthread_mutex_t lock; /* of all the rest */
	pthread_cond_t changed;
	struct logtap_otlp_queue_entry *first;
	struct logtap_otlp_queue_entry **last;
	size_t count;	   /* batches that are in it */
	size_t bytes;	   /* of those */
	size_t records;	   /* with the batches that the worker has */
	size_t held_bytes; /* with those as well */
	const struct logtap_otlp_queue_enough *gathers; /* NULL: it does not */
	bool stopping;
	uint64_t deadline_ns; /* when stopping; CLOCK_MONOTONIC */
};

void logtap_otlp_queue_init(struct logtap_otlp_queue *queue);
/* Nothing may be left in it. */
void logtap_otlp_queue_deinit(struct logtap_otlp_queue *queue);

/* Takes the reference to @batch, unless it returns -ENOMEM. */
int logtap_otlp_queue_push(struct logtap_otlp_queue *queue,
			   struct logtap_batch *batch);
size_t logtap_otlp_queue_records(struct logtap_otlp_queue *queue);
/* Are there so many records, or so many bytes, with those that the worker has? */
bool logtap_otlp_queue_holds(struct logtap_otlp_queue *queue, size_t records,
			     size_t bytes);
/* What is in it can still be taken. */
void logtap_otlp_queue_stop(struct logtap_otlp_queue *queue,
			    uint64_t deadline_ns);

/* Waits for a batch; the caller gets its reference.  NULL: stopping, and there
 * are no more. */
bool logtap_otlp_queue_is_stopping(struct logtap_otlp_queue *queue);
struct logtap_batch *logtap_otlp_queue_take(struct logtap_otlp_queue *queue);
/* Waits until there is enough, until @until_ns (CLOCK_MONOTONIC), or for stop();
 * push() wakes the worker for nothing less. */
void logtap_otlp_queue_gather(struct logtap_otlp_queue *queue,
			      const struct logtap_otlp_queue_enough *enough,
			      uint64_t until_ns);
/* The next one if it is there already and holds @bytes at most, else NULL. */
struct logtap_batch *logtap_otlp_queue_take_more(
	struct logtap_otlp_queue *queue, size_t bytes);
/* The fate of a batch of so many that was taken is known. */
void logtap_otlp_queue_done(struct logtap_otlp_queue *queue, size_t records,
			    size_t bytes);

/**
 * logtap_otlp_queue_pause() - wait before the next attempt
 * @asked: the receiver asked for that long, so it is kept; a wait of our own is
 *         cut short by stop() for one more attempt at once, and after that made
 *         to fit the time that is left
 * Return: false when there is no time left for another attempt.
 */
bool logtap_otlp_queue_pause(struct logtap_otlp_queue *queue, uint64_t delay_ms,
			     bool asked);

#endif
