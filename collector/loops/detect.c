/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judging what was seen: for each cause and each process whose records follow
 * its exports, is that a loop, how sure is that, and how large is it?  A few
 * times a second; under the lock.
 */
#include "detect.h"

#include <stdio.h>
#include <string.h>

enum {
	EXPORTS_MIN = 3,
	IDLE_STREAK = 3,
	IDLE_MIN = 5,	 /* of those that are looked at */
	STEADY_MIN = 20, /* exports, where the application is never idle */
	RETURNED_MIN = 3,
	STRAYS_MIN = 3, /* behind exports that did not fail */
};
#define BUSY_NS (60 * LOGTAP_LOOPS_SECOND)
#define RECENT_NS (30 * LOGTAP_LOOPS_SECOND)

static uint64_t strays(const struct logtap_loops_tally *tally)
{
	return tally->hits - tally->failed_hits;
}

/* Does it happen only where exports fail? */
static bool follows_failures(const struct logtap_loops_tally *tally)
{
	uint64_t others = tally->exports - tally->failed;

	return tally->failed_hits && strays(tally) <= tally->hits / 10 &&
	       (!others || others > 4 * strays(tally));
}

static enum logtap_loops_class classify(const struct logtap_loops_loop *loop,
					const struct logtap_loops_cause *cause,
					const struct logtap_loops_group *group,
					const struct logtap_loops_tally *tally)
{
	if (loop->class == LOGTAP_LOOPS_L5 || loop->class == LOGTAP_LOOPS_L6)
		return loop->class;
	if (cause->host && group->on_thread &&
	    (group->app_thread || cause->tid == cause->pid))
		return LOGTAP_LOOPS_L1;
	/* exports that are taken, and that next to nothing follows, do not
	 * tell against it; a record or two may have come late */
	if (follows_failures(tally) ||
	    (loop->class == LOGTAP_LOOPS_L7 && strays(tally) < STRAYS_MIN))
		return LOGTAP_LOOPS_L7;
	return cause->host ? LOGTAP_LOOPS_L2 : LOGTAP_LOOPS_L4;
}

static void describe_cause(struct logtap_loops_loop *loop,
			   const struct logtap_loops_cause *cause)
{
	memcpy(loop->endpoint, cause->endpoint, sizeof(loop->endpoint));
	loop->host = cause->host;
}

static void describe(struct logtap_loops *loops, struct logtap_loops_loop *loop,
		     const struct logtap_loops_cause *cause,
		     const struct logtap_loops_group *group)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_PROCESSES; i++)
		if (loops->processes[i].pid == loop->pid)
			memcpy(loop->comm, loops->processes[i].comm,
			       sizeof(loop->comm));
	describe_cause(loop, cause);
	if (!cause->host)
		return;
	loop->tid = group->elsewhere || !logtap_loops_is_alone(cause)
			    ? 0
			    : cause->tid;
	memcpy(loop->thread, cause->thread, sizeof(loop->thread));
	loop->lineage = cause->lineage;
}

/* What was found to follow then may do so by chance, and says so for a while. */
static bool was_busy(const struct logtap_loops_cause *cause, uint64_t now_ns)
{
	return cause->busy_ns && now_ns < cause->busy_ns + BUSY_NS;
}

static enum logtap_loops_confidence confidence_of(
	const struct logtap_loops_cause *cause,
	const struct logtap_loops_group *group, bool cycle, uint64_t now_ns)
{
	if (!cycle)
		return LOGTAP_LOOPS_SUSPECTED;
	if (!cause->host)
		return LOGTAP_LOOPS_LIKELY;
	/* What can be read must be seen to hold what the exports caused. */
	if (!cause->hidden && !cause->returned && !cause->failures)
		return LOGTAP_LOOPS_SUSPECTED;
	/* A thread that logs and exports each record at once looks the same. */
	if (!group->tells && (group->app_thread || cause->tid == cause->pid ||
			      was_busy(cause, now_ns)))
		return LOGTAP_LOOPS_SUSPECTED;
	if (cause->returned >= RETURNED_MIN)
		return LOGTAP_LOOPS_CONFIRMED;
	return LOGTAP_LOOPS_LIKELY;
}

/* Is the program a receiver of ours?  What it passes on is what we sent. */
static bool is_receiver(struct logtap_loops *loops, uint32_t pid)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_CAUSES; i++)
		if (loops->causes[i].id && !loops->causes[i].host &&
		    logtap_peers_have(&loops->causes[i].peers, pid))
			return true;
	return false;
}

/* Another loop explains all of it. */
static bool is_explained(struct logtap_loops *loops,
			 const struct logtap_loops_cause *cause,
			 const struct logtap_loops_group *group)
{
	const struct logtap_loops_loop *loop =
		logtap_loops_find(loops, group->loop);

	if (!group->is_free && loop && loop->cause != cause->id)
		return true;
	return cause->host && is_receiver(loops, group->pid);
}

static void judge(struct logtap_loops *loops, struct logtap_loops_cause *cause,
		  const struct logtap_loops_group *group,
		  const struct logtap_loops_tally *tally, uint64_t now_ns)
{
	bool cycle =
		cause->host || logtap_peers_have(&cause->peers, group->pid);
	bool idle =
		cause->idle_streak >= IDLE_STREAK || tally->idle >= IDLE_MIN;
	bool steady = tally->exports >= STEADY_MIN &&
		      10 * tally->hits >= 9 * tally->exports &&
		      tally->busy < 0.5;
	bool returned = cause->host && cause->returned >= RETURNED_MIN;

	if (cause->other || (!idle && !(cycle && (steady || returned))) ||
	    is_explained(loops, cause, group))
		return;
	struct logtap_loops_loop *loop = logtap_loops_make(
		loops, cause->id, group->pid, group->start_ticks, now_ns);
	if (!loop)
		return;
	loop->judged_ns = now_ns;
	logtap_loops_claim_all(loops, loop, cause, now_ns);
	loop->class = classify(loop, cause, group, tally);
	describe(loops, loop, cause, group);
	logtap_loops_measure(loop, cause, tally);
	loop->lag_ms = (double)group->lag_ns / 1e6;
	if (cause->host) {
		loop->proof.requests = cause->returned;
		loop->proof.request_ns = cause->returned_ns;
	}
	logtap_loops_raise(loops, loop,
			   confidence_of(cause, group, cycle, now_ns), now_ns);
}

static void judge_cause(struct logtap_loops *loops,
			struct logtap_loops_cause *cause, uint64_t now_ns)
{
	struct logtap_loops_groups groups;
	struct logtap_loops_tally tally;

	if (logtap_loops_is_busy(cause))
		cause->busy_ns = now_ns;
	if (cause->count < EXPORTS_MIN || now_ns > cause->seen_ns + RECENT_NS)
		return;
	logtap_loops_gather(loops, cause, now_ns, &groups);
	for (size_t i = 0; i < groups.count; i++) {
		logtap_loops_count_up(loops, cause, &groups, i, now_ns, &tally);
		judge(loops, cause, &groups.groups[i], &tally, now_ns);
	}
}

/* One that is known by what came back, while the application is busy. */
static void measure_anyway(struct logtap_loops *loops,
			   struct logtap_loops_loop *loop, uint64_t now_ns)
{
	const struct logtap_loops_cause *cause =
		logtap_loops_cause_of(loops, loop->cause);
	struct logtap_loops_groups groups;
	struct logtap_loops_tally tally;
	size_t i = 0;

	if (!cause || loop->judged_ns == now_ns ||
	    now_ns > cause->seen_ns + RECENT_NS)
		return;
	describe_cause(loop, cause);
	logtap_loops_gather(loops, cause, now_ns, &groups);
	while (i < LOGTAP_LOOPS_EFFECTS &&
	       (!groups.of[i] || loops->effects[i].loop != loop->number))
		i++;
	if (i == LOGTAP_LOOPS_EFFECTS)
		return;
	size_t group = groups.of[i] - 1u;
	logtap_loops_count_up(loops, cause, &groups, group, now_ns, &tally);
	logtap_loops_measure(loop, cause, &tally);
	loop->lag_ms = (double)groups.groups[group].lag_ns / 1e6;
}

void logtap_loops_detect(struct logtap_loops *loops, uint64_t now_ns)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_CAUSES; i++)
		if (loops->causes[i].id)
			judge_cause(loops, &loops->causes[i], now_ns);
	for (size_t i = 0; i < LOGTAP_LOOPS_MAX; i++)
		if (loops->loops[i].number) {
			struct logtap_loops_loop *loop = &loops->loops[i];
			loop->own_records =
				loops->own_records - loop->own_before;
			logtap_loops_release(loops, loop);
			measure_anyway(loops, loop, now_ns);
			logtap_loops_rate(loop, now_ns);
			logtap_loops_ask_for_stack(loops, loop);
		}
}
