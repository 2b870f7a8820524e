/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dispatcher: see exporter.h.  Any thread, under one mutex that is never
 * held while a destination is called.
 */
#include "backlog.h"
#include "exporter.h"
#include "exporter_stats.h"
#include "outstanding.h"

#include "../base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EXPORTERS_MAX = 8 };

#define BOUND_BYTES ((size_t)64 << 20)

struct logtap_dispatcher {
	pthread_mutex_t lock;
	pthread_cond_t settled; /* nothing is outstanding any more */
	size_t count;		/* written before the first submit */
	struct logtap_exporter *exporters[EXPORTERS_MAX];
	struct logtap_exporter_stats stats[EXPORTERS_MAX];
	struct logtap_backlog backlogs[EXPORTERS_MAX];
	size_t bound_bytes;
	bool keep; /* whatever waits: drop nothing */
	struct logtap_outstanding_list outstanding;
};

struct logtap_dispatcher *logtap_dispatcher_new(void)
{
	struct logtap_dispatcher *dispatcher = calloc(1, sizeof(*dispatcher));
	pthread_condattr_t attributes;

	if (!dispatcher)
		return NULL;
	pthread_mutex_init(&dispatcher->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&dispatcher->settled, &attributes);
	pthread_condattr_destroy(&attributes);
	logtap_outstanding_init(&dispatcher->outstanding);
	dispatcher->bound_bytes = BOUND_BYTES;
	return dispatcher;
}

void logtap_dispatcher_free(struct logtap_dispatcher *dispatcher)
{
	if (!dispatcher)
		return;
	for (size_t i = 0; i < dispatcher->count; i++)
		dispatcher->exporters[i]->ops->free(dispatcher->exporters[i]);
	logtap_outstanding_deinit(&dispatcher->outstanding);
	pthread_cond_destroy(&dispatcher->settled);
	pthread_mutex_destroy(&dispatcher->lock);
	free(dispatcher);
}

void logtap_exporter_init(struct logtap_exporter *exporter,
			  const struct logtap_exporter_ops *ops,
			  const char *name)
{
	memset(exporter, 0, sizeof(*exporter));
	exporter->ops = ops;
	snprintf(exporter->name, sizeof(exporter->name), "%s", name);
}

int logtap_dispatcher_add(struct logtap_dispatcher *dispatcher,
			  struct logtap_exporter *exporter)
{
	if (dispatcher->count == EXPORTERS_MAX)
		return -ENOSPC;
	exporter->dispatcher = dispatcher;
	exporter->index = (unsigned)dispatcher->count;
	dispatcher->exporters[dispatcher->count++] = exporter;
	return 0;
}

size_t logtap_dispatcher_count(const struct logtap_dispatcher *dispatcher)
{
	return dispatcher->count;
}

const struct logtap_exporter *logtap_dispatcher_exporter(
	const struct logtap_dispatcher *dispatcher, size_t index)
{
	return index < dispatcher->count ? dispatcher->exporters[index] : NULL;
}

/* Return: a bit for each destination that has no room. */
static unsigned add_outstanding(struct logtap_dispatcher *dispatcher,
				struct logtap_outstanding *entry,
				struct logtap_batch *batch)
{
	uint64_t now_ns = logtap_clock_monotonic_ns();
	size_t bytes = logtap_batch_memory(batch);
	bool may_drop = dispatcher->count > 1 && !dispatcher->keep;
	unsigned drop = 0;

	pthread_mutex_lock(&dispatcher->lock);
	for (size_t i = 0; i < dispatcher->count; i++) {
		if (logtap_backlog_add(&dispatcher->backlogs[i], bytes,
				       may_drop ? dispatcher->bound_bytes
						: SIZE_MAX,
				       now_ns, dispatcher->exporters[i]->name))
			drop |= 1u << i;
		dispatcher->stats[i].accepted += logtap_batch_records(batch);
		dispatcher->stats[i].queued += logtap_batch_records(batch);
		dispatcher->stats[i].batches++;
	}
	if (entry)
		logtap_outstanding_add(&dispatcher->outstanding, entry, batch,
				       (1u << dispatcher->count) - 1);
	pthread_mutex_unlock(&dispatcher->lock);
	return drop;
}

void logtap_dispatcher_submit(void *context, struct logtap_batch *batch)
{
	struct logtap_dispatcher *dispatcher = context;
	struct logtap_outstanding *entry =
		dispatcher->count ? malloc(sizeof(*entry)) : NULL;

	/* without memory for the entry the batch still goes out; only the
	 * journal may then be freed before it was acknowledged */
	unsigned drop = add_outstanding(dispatcher, entry, batch);
	for (size_t i = 0; i < dispatcher->count; i++) {
		struct logtap_exporter *exporter = dispatcher->exporters[i];
		logtap_batch_ref(batch);
		if (drop & 1u << i)
			logtap_exporter_settled(exporter, batch, LOGTAP_DROPPED,
						0,
						"takes nothing, and too "
						"much waits for it");
		else
			exporter->ops->submit(exporter, batch);
	}
	logtap_batch_unref(batch);
}

void logtap_exporter_settled(struct logtap_exporter *exporter,
			     struct logtap_batch *batch,
			     enum logtap_outcome outcome, size_t rejected,
			     const char *error)
{
	struct logtap_dispatcher *dispatcher = exporter->dispatcher;
	struct logtap_exporter_stats *stats =
		&dispatcher->stats[exporter->index];

	pthread_mutex_lock(&dispatcher->lock);
	logtap_backlog_settle(&dispatcher->backlogs[exporter->index],
			      logtap_batch_memory(batch),
			      outcome != LOGTAP_DROPPED);
	logtap_exporter_stats_settle(stats, batch, outcome, rejected);
	logtap_exporter_stats_fail(stats, error);
	struct logtap_outstanding *entry = logtap_outstanding_settle(
		&dispatcher->outstanding, batch, exporter->index);
	if (entry && !dispatcher->outstanding.first)
		pthread_cond_broadcast(&dispatcher->settled);
	pthread_mutex_unlock(&dispatcher->lock);
	if (entry) {
		logtap_batch_unref(entry->batch);
		free(entry);
	}
	logtap_batch_unref(batch);
}

void logtap_exporter_retried(struct logtap_exporter *exporter,
			     const char *error)
{
	struct logtap_dispatcher *dispatcher = exporter->dispatcher;

	pthread_mutex_lock(&dispatcher->lock);
	dispatcher->stats[exporter->index].retries++;
	logtap_exporter_stats_fail(&dispatcher->stats[exporter->index], error);
	pthread_mutex_unlock(&dispatcher->lock);
}

void logtap_exporter_sent(struct logtap_exporter *exporter, size_t bytes)
{
	struct logtap_dispatcher *dispatcher = exporter->dispatcher;

	pthread_mutex_lock(&dispatcher->lock);
	dispatcher->stats[exporter->index].bytes += bytes;
	pthread_mutex_unlock(&dispatcher->lock);
}

uint64_t logtap_dispatcher_floor(struct logtap_dispatcher *dispatcher)
{
	pthread_mutex_lock(&dispatcher->lock);
	uint64_t floor = logtap_outstanding_floor(&dispatcher->outstanding);
	pthread_mutex_unlock(&dispatcher->lock);
	return floor;
}

static bool stalls(struct logtap_dispatcher *dispatcher, size_t index)
{
	uint64_t now_ns = logtap_clock_monotonic_ns();

	pthread_mutex_lock(&dispatcher->lock);
	bool stalled =
		logtap_backlog_stalls(&dispatcher->backlogs[index], now_ns);
	pthread_mutex_unlock(&dispatcher->lock);
	return stalled;
}

bool logtap_dispatcher_full(struct logtap_dispatcher *dispatcher)
{
	bool one_is_full = false, one_takes = false;

	for (size_t i = 0; i < dispatcher->count; i++) {
		struct logtap_exporter *exporter = dispatcher->exporters[i];
		if (!exporter->ops->full || !exporter->ops->full(exporter))
			one_takes = true;
		else if (!stalls(dispatcher, i))
			return true;
		else
			one_is_full = true;
	}
	return one_is_full && !one_takes;
}

bool logtap_dispatcher_holds(struct logtap_dispatcher *dispatcher, size_t bytes)
{
	uint64_t now_ns = logtap_clock_monotonic_ns();
	bool holds = false;

	pthread_mutex_lock(&dispatcher->lock);
	for (size_t i = 0; i < dispatcher->count; i++)
		if (dispatcher->backlogs[i].bytes > bytes &&
		    !logtap_backlog_stalls(&dispatcher->backlogs[i], now_ns))
			holds = true;
	pthread_mutex_unlock(&dispatcher->lock);
	return holds;
}

void logtap_dispatcher_set_bound(struct logtap_dispatcher *dispatcher,
				 size_t bytes)
{
	pthread_mutex_lock(&dispatcher->lock);
	dispatcher->bound_bytes = bytes ? bytes : BOUND_BYTES;
	pthread_mutex_unlock(&dispatcher->lock);
}

void logtap_dispatcher_keep(struct logtap_dispatcher *dispatcher)
{
	pthread_mutex_lock(&dispatcher->lock);
	dispatcher->keep = true;
	pthread_mutex_unlock(&dispatcher->lock);
}

void logtap_dispatcher_stats(struct logtap_dispatcher *dispatcher, size_t index,
			     struct logtap_exporter_stats *out)
{
	memset(out, 0, sizeof(*out));
	if (index >= dispatcher->count)
		return;
	pthread_mutex_lock(&dispatcher->lock);
	*out = dispatcher->stats[index];
	pthread_mutex_unlock(&dispatcher->lock);
}

void logtap_dispatcher_stop(struct logtap_dispatcher *dispatcher,
			    uint64_t deadline_ns)
{
	struct timespec deadline = {
		.tv_sec = (time_t)(deadline_ns / 1000000000),
		.tv_nsec = (long)(deadline_ns % 1000000000),
	};

	for (size_t i = 0; i < dispatcher->count; i++) {
		struct logtap_exporter *exporter = dispatcher->exporters[i];
		if (exporter->ops->stopping)
			exporter->ops->stopping(exporter, deadline_ns);
	}
	for (size_t i = 0; i < dispatcher->count; i++)
		dispatcher->exporters[i]->ops->stop(dispatcher->exporters[i],
						    deadline_ns);
	pthread_mutex_lock(&dispatcher->lock);
	while (dispatcher->outstanding.first &&
	       !pthread_cond_timedwait(&dispatcher->settled, &dispatcher->lock,
				       &deadline))
		;
	pthread_mutex_unlock(&dispatcher->lock);
}
