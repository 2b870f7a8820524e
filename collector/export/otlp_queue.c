/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of an exporter's worker: see the header. */
#include "otlp_queue.h"

#include <errno.h>
#include <stdlib.h>

#include "../base/clock.h"

enum {
	NS_PER_MS = 1000000,
	NS_PER_S = 1000000000,
	/* Between attempts while we are stopping: time is short. */
	STOPPING_DELAY_MS = 1000,
	LAST_ATTEMPT_MS = 20,
};

struct logtap_otlp_queue_entry {
	struct logtap_otlp_queue_entry *next;
	struct logtap_batch *batch;
};

void logtap_otlp_queue_init(struct logtap_otlp_queue *queue)
{
	pthread_condattr_t attributes;
	*queue = (struct logtap_otlp_queue){0};
	queue->last = &queue->first;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&queue->lock, NULL);
}

void logtap_otlp_queue_deinit(struct logtap_otlp_queue *queue)
{
	pthread_cond_destroy(&queue->changed);
	pthread_mutex_destroy(&queue->lock);
}

/* Has the worker something to do?  Under the lock. */
static bool is_enough(const struct logtap_otlp_queue *queue)
{
	const struct logtap_otlp_queue_enough *enough = queue->gathers;
	return !enough || queue->stopping || queue->count >= enough->count ||
	       queue->bytes >= enough->bytes ||
	       queue->records >= enough->records;
}

int logtap_otlp_queue_push(struct logtap_otlp_queue *queue,
			   struct logtap_batch *batch)
{
	struct logtap_otlp_queue_entry *entry = malloc(sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	*entry = (struct logtap_otlp_queue_entry){.batch = batch};
	pthread_mutex_lock(&queue->lock);
	queue->records += logtap_batch_records(batch);
	*queue->last = entry;
	queue->last = &entry->next;
	queue->count++;
	queue->bytes += logtap_batch_bytes(batch);
	queue->held_bytes += logtap_batch_bytes(batch);
	bool wake = is_enough(queue);
	pthread_mutex_unlock(&queue->lock);
	/* Only now, or it would wake up to wait for the lock. */
	if (wake)
		pthread_cond_signal(&queue->changed);
	return 0;
}

bool logtap_otlp_queue_holds(struct logtap_otlp_queue *queue, size_t records,
			     size_t bytes)
{
	pthread_mutex_lock(&queue->lock);
	bool holds = queue->records >= records || queue->held_bytes >= bytes;
	pthread_mutex_unlock(&queue->lock);
	return holds;
}

size_t logtap_otlp_queue_records(struct logtap_otlp_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	size_t records = queue->records;
	pthread_mutex_unlock(&queue->lock);
	return records;
}

void logtap_otlp_queue_stop(struct logtap_otlp_queue *queue,
			    uint64_t deadline_ns)
{
	pthread_mutex_lock(&queue->lock);
	queue->stopping = true;
	queue->deadline_ns = deadline_ns;
	pthread_cond_signal(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
}

bool logtap_otlp_queue_is_stopping(struct logtap_otlp_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	bool stopping = queue->stopping;
	pthread_mutex_unlock(&queue->lock);
	return stopping;
}

/* Under the lock. */
static struct logtap_batch *take_first(struct logtap_otlp_queue *queue)
{
	struct logtap_otlp_queue_entry *entry = queue->first;
	if (!entry)
		return NULL;
	queue->first = entry->next;
	if (!queue->first)
		queue->last = &queue->first;
	struct logtap_batch *batch = entry->batch;
	queue->count--;
	queue->bytes -= logtap_batch_bytes(batch);
	free(entry);
	return batch;
}

struct logtap_batch *logtap_otlp_queue_take(struct logtap_otlp_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	while (!queue->first && !queue->stopping)
		pthread_cond_wait(&queue->changed, &queue->lock);
	struct logtap_batch *batch = take_first(queue);
	pthread_mutex_unlock(&queue->lock);
	return batch;
}

static struct timespec time_of(uint64_t ns)
{
	return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S),
				 .tv_nsec = (long)(ns % NS_PER_S)};
}

void logtap_otlp_queue_gather(struct logtap_otlp_queue *queue,
			      const struct logtap_otlp_queue_enough *enough,
			      uint64_t until_ns)
{
	const struct timespec until = time_of(until_ns);
	pthread_mutex_lock(&queue->lock);
	queue->gathers = enough;
	while (!is_enough(queue) && logtap_clock_monotonic_ns() < until_ns)
		pthread_cond_timedwait(&queue->changed, &queue->lock, &until);
	queue->gathers = NULL;
	pthread_mutex_unlock(&queue->lock);
}

struct logtap_batch *logtap_otlp_queue_take_more(
	struct logtap_otlp_queue *queue, size_t bytes)
{
	struct logtap_batch *batch = NULL;
	pthread_mutex_lock(&queue->lock);
	if (queue->first && logtap_batch_bytes(queue->first->batch) <= bytes)
		batch = take_first(queue);
	pthread_mutex_unlock(&queue->lock);
	return batch;
}

void logtap_otlp_queue_done(struct logtap_otlp_queue *queue, size_t records,
			    size_t bytes)
{
	pthread_mutex_lock(&queue->lock);
	queue->records -= records;
	queue->held_bytes -= bytes;
	pthread_mutex_unlock(&queue->lock);
}

/* While we are stopping a wait of our own is half of the time left at most, so
 * that there is one more attempt; 0: it is not worth one. */
static uint64_t hurried_ms(uint64_t delay_ms, uint64_t deadline_ns)
{
	uint64_t now_ns = logtap_clock_monotonic_ns();
	uint64_t left_ms = 0;
	if (deadline_ns > now_ns)
		left_ms = (deadline_ns - now_ns) / NS_PER_MS;
	if (left_ms < LAST_ATTEMPT_MS)
		return 0;
	if (delay_ms > STOPPING_DELAY_MS)
		delay_ms = STOPPING_DELAY_MS;
	return delay_ms < left_ms / 2 ? delay_ms : left_ms / 2;
}

/* Return: false when stop() leaves no time to wait until @until_ns. */
static bool wait_until(struct logtap_otlp_queue *queue, uint64_t until_ns,
		       bool until_stop)
{
	const struct timespec until = time_of(until_ns);
	while (logtap_clock_monotonic_ns() < until_ns) {
		if (queue->stopping && until_stop)
			return true;
		if (queue->stopping && until_ns >= queue->deadline_ns)
			return false;
		pthread_cond_timedwait(&queue->changed, &queue->lock, &until);
	}
	return true;
}

bool logtap_otlp_queue_pause(struct logtap_otlp_queue *queue, uint64_t delay_ms,
			     bool asked)
{
	pthread_mutex_lock(&queue->lock);
	bool stopping = queue->stopping;
	if (stopping && !asked)
		delay_ms = hurried_ms(delay_ms, queue->deadline_ns);
	bool go_on = delay_ms > 0 && wait_until(queue,
						logtap_clock_monotonic_ns() +
							delay_ms * NS_PER_MS,
						!stopping && !asked);
	pthread_mutex_unlock(&queue->lock);
	return go_on;
}
