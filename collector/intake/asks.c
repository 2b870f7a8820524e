/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to hosts: see the header.  A lock, because there are several who ask
 * and one who writes; each holds it for a moment. */
#include "asks.h"

#include "clock.h"

#include <errno.h>
#include <logtap/abi/slot.h>
#include <pthread.h>
#include <stdlib.h>

struct request {
	uint32_t pid;
	uint32_t tid; /* 0: free */
	uint64_t until_ns;
	uint64_t memory_end; /* of a watch; 0: none is wanted */
};

struct logtap_asks {
	pthread_mutex_t lock;
	uint64_t version;
	bool used; /* else a control page is left as its host began it */
	uint32_t evidence;
	uint32_t stack_level;
	uint32_t interval_us;
	struct request watches[LOGTAP_CONTROL_WATCHES];
	struct request holds[LOGTAP_CONTROL_HOLDS];
};

struct logtap_asks *logtap_asks_new(void)
{
	struct logtap_asks *asks = calloc(1, sizeof(*asks));

	if (asks)
		pthread_mutex_init(&asks->lock, NULL);
	return asks;
}

void logtap_asks_free(struct logtap_asks *asks)
{
	if (!asks)
		return;
	pthread_mutex_destroy(&asks->lock);
	free(asks);
}

static void begin(struct logtap_asks *asks)
{
	pthread_mutex_lock(&asks->lock);
}

static void end(struct logtap_asks *asks, bool changed)
{
	if (changed) {
		asks->used = true;
		asks->version++;
	}
	pthread_mutex_unlock(&asks->lock);
}

void logtap_asks_evidence(struct logtap_asks *asks, uint32_t bits)
{
	begin(asks);
	bool changed = asks->evidence != bits;
	asks->evidence = bits;
	end(asks, changed);
}

void logtap_asks_stacks(struct logtap_asks *asks, uint32_t level,
			uint32_t interval_us)
{
	begin(asks);
	asks->stack_level = level;
	asks->interval_us = interval_us;
	end(asks, true);
}

/* The place of a thread's request, or one that is free or over. */
static struct request *place_of(struct request *list, size_t count,
				uint32_t pid, uint32_t tid)
{
	uint64_t now_ns = logtap_now_monotonic_ns();
	struct request *free_one = NULL;

	for (size_t i = 0; i < count; i++) {
		if (list[i].tid == tid && list[i].pid == pid)
			return &list[i];
		if (!list[i].tid || list[i].until_ns <= now_ns)
			free_one = &list[i];
	}
	return free_one;
}

static int ask(struct logtap_asks *asks, struct request *list, size_t count,
	       const struct request *wanted)
{
	begin(asks);
	struct request *at = place_of(list, count, wanted->pid, wanted->tid);
	if (at)
		*at = *wanted;
	end(asks, at != NULL);
	return at ? 0 : -ENOSPC;
}

int logtap_asks_watch(struct logtap_asks *asks, uint32_t pid, uint32_t tid,
		      uint64_t for_ns, uint64_t memory_end)
{
	struct request wanted = {
		.pid = pid,
		.tid = tid,
		.until_ns = logtap_now_monotonic_ns() + for_ns,
		.memory_end = memory_end,
	};

	return ask(asks, asks->watches, LOGTAP_CONTROL_WATCHES, &wanted);
}

int logtap_asks_hold(struct logtap_asks *asks, uint32_t pid, uint32_t tid,
		     uint64_t for_ns)
{
	struct request wanted = {
		.pid = pid,
		.tid = tid,
		.until_ns = logtap_now_monotonic_ns() + for_ns,
	};

	return ask(asks, asks->holds, LOGTAP_CONTROL_HOLDS, &wanted);
}

static bool release(struct request *list, size_t count, uint32_t pid,
		    uint32_t tid)
{
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		if (list[i].tid != tid || list[i].pid != pid)
			continue;
		list[i] = (struct request){0};
		found = true;
	}
	return found;
}

void logtap_asks_release(struct logtap_asks *asks, uint32_t pid, uint32_t tid)
{
	begin(asks);
	bool watched = release(asks->watches, LOGTAP_CONTROL_WATCHES, pid, tid);
	bool held = release(asks->holds, LOGTAP_CONTROL_HOLDS, pid, tid);
	end(asks, watched || held);
}

uint64_t logtap_asks_version(struct logtap_asks *asks)
{
	begin(asks);
	uint64_t version = asks->version;
	end(asks, false);
	return version;
}

/* Does the thread live here, or may it come to? */
static bool concerns(const struct logtap_asks_place *place,
		     const struct request *request)
{
	if (place->creator == request->pid)
		return true;
	for (uint32_t i = 0; i < place->slot_count; i++) {
		const struct logtap_slot *slot =
			(const void *)(place->slots +
				       (size_t)i * place->slot_bytes);
		/* What a host has put there since is a request for nobody. */
		if (slot->tid == request->tid && slot->pid == request->pid)
			return true;
	}
	return false;
}

/* The id goes first and comes last, so that no thread meets another's end. */
static void store(_Atomic uint32_t *tid, _Atomic uint64_t *until_ns,
		  const struct request *request)
{
	if (!request) {
		atomic_store_explicit(tid, 0, memory_order_relaxed);
		return;
	}
	if (atomic_load_explicit(tid, memory_order_relaxed) != request->tid)
		atomic_store_explicit(tid, 0, memory_order_release);
	atomic_store_explicit(until_ns, request->until_ns,
			      memory_order_relaxed);
	atomic_store_explicit(tid, request->tid, memory_order_release);
}

/* NULL: not of this place, or over. */
static const struct request *pick(const struct logtap_asks_place *place,
				  const struct request *request,
				  uint64_t now_ns)
{
	return request->tid && request->until_ns > now_ns &&
			       concerns(place, request)
		       ? request
		       : NULL;
}

static uint32_t store_watches(const struct logtap_asks *asks,
			      const struct logtap_asks_place *place,
			      uint64_t now_ns)
{
	struct logtap_control *control = place->control;
	uint32_t count = 0;

	for (size_t i = 0; i < LOGTAP_CONTROL_WATCHES; i++) {
		const struct request *request =
			pick(place, &asks->watches[i], now_ns);
		/* of another thread for a moment: wrong, and harmless */
		atomic_store_explicit(&control->memory_ends[i],
				      request ? request->memory_end : 0,
				      memory_order_relaxed);
		store(&control->watches[i].tid, &control->watches[i].until_ns,
		      request);
		count += request != NULL;
	}
	atomic_store_explicit(&control->watch_count, count,
			      memory_order_relaxed);
	return count;
}

static void store_holds(const struct logtap_asks *asks,
			const struct logtap_asks_place *place, uint64_t now_ns)
{
	struct logtap_control *control = place->control;
	uint32_t count = 0;

	for (size_t i = 0; i < LOGTAP_CONTROL_HOLDS; i++) {
		const struct request *request =
			pick(place, &asks->holds[i], now_ns);
		store(&control->holds[i].tid, &control->holds[i].until_ns,
		      request);
		count += request != NULL;
	}
	atomic_store_explicit(&control->hold_count, count,
			      memory_order_relaxed);
}

void logtap_asks_store(struct logtap_asks *asks,
		       const struct logtap_asks_place *place)
{
	struct logtap_control *control = place->control;
	uint64_t now_ns = logtap_now_monotonic_ns();

	begin(asks);
	if (asks->used) {
		atomic_store_explicit(&control->ask, asks->evidence,
				      memory_order_relaxed);
		atomic_store_explicit(&control->stack_interval_us,
				      asks->interval_us, memory_order_relaxed);
		atomic_store_explicit(&control->stack_level, asks->stack_level,
				      memory_order_relaxed);
		store_holds(asks, place, now_ns);
		uint32_t watches = store_watches(asks, place, now_ns);
		/* pairs with nothing: a record more or less is looked at */
		atomic_store_explicit(&control->look,
				      watches || asks->stack_level,
				      memory_order_release);
	}
	end(asks, false);
}
