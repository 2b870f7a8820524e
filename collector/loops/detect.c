/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judging what was seen: for each cause and each process whose records follow
 * its exports, is that a loop, how sure is that, and how large is it?  A few
 * times a second; under the lock.
 */
#include "model.h"

#include <stdio.h>
#include <string.h>

enum {
	EXPORTS_MIN = 3,
	IDLE_STREAK = 3,
	IDLE_MIN = 5, /* of those that are looked at */
	LOOKED_AT = 32,
	STEADY_MIN = 20, /* exports, where the application is never idle */
	RETURNED_MIN = 3,
	GROUPS = 16,
};
#define BUSY_NS (60 * LOGTAP_LOOPS_SECOND)
#define RECENT_NS (30 * LOGTAP_LOOPS_SECOND)
/* Records of an export have arrived by then. */
#define SETTLED_NS (300 * LOGTAP_LOOPS_MS)

/* Effects of one process that follow one cause. */
struct group {
	uint32_t pid;
	uint64_t start_ticks;
	uint64_t matched;
	uint64_t lag_ns; /* the shortest: what comes next */
	bool on_thread;	 /* of the cause */
	bool elsewhere;
	bool app_thread; /* the cause's thread also writes on its own */
	bool tells;	 /* of the export, in so many words */
	uint32_t loop;	 /* all of its effects belong to that one already */
	bool is_free;	 /* some do not */
};

struct tally {
	uint64_t exports, hits, idle;
	uint64_t failed, failed_hits, caused;
	uint64_t carriers, records; /* exports that carry any, and how many */
	uint64_t bytes, caused_bytes;
	uint64_t since;	       /* exports from the first with effect on */
	uint64_t failed_since; /* of these */
	double busy; /* share of the time in which records would match */
	double idle_per_s;
};

static void add_export(struct tally *tally,
		       const struct logtap_loops_export *export)
{
	tally->exports++;
	tally->hits += export->caused > 0;
	tally->idle += export->idle;
	tally->failed += export->failed;
	tally->failed_hits += export->failed && export->caused;
	tally->caused += export->caused;
	tally->records += export->records;
	tally->bytes += export->bytes;
	tally->caused_bytes += export->caused_bytes;
	tally->carriers += export->records > 0;
	tally->since += tally->hits > 0;
	tally->failed_since += tally->hits && export->failed;
}

/* Of so many exports that all of them are recent, only the last few are left
 * out. */
static uint64_t settled_ns(const struct logtap_loops_cause *cause)
{
	uint64_t few_ns = 8 * logtap_loops_interval_ns(cause);

	return few_ns && few_ns < SETTLED_NS ? few_ns : SETTLED_NS;
}

static void count_up(const struct logtap_loops_cause *cause, uint64_t now_ns,
		     struct tally *tally)
{
	uint64_t first =
		cause->count > LOOKED_AT ? cause->count - LOOKED_AT : 0;
	uint64_t from_ns = 0, to_ns = 0, open_ns = 0;
	uint64_t settle_ns = settled_ns(cause);

	*tally = (struct tally){0};
	for (uint64_t i = first; i < cause->count; i++) {
		const struct logtap_loops_export *export =
			&cause->exports[i % LOGTAP_LOOPS_EXPORTS];
		if (export->begin_ns + settle_ns > now_ns && i > first)
			break;
		if (!from_ns)
			from_ns = export->begin_ns;
		to_ns = export->begin_ns;
		if (export->end_ns > export->begin_ns)
			open_ns += export->end_ns - export->begin_ns;
		open_ns += settle_ns;
		add_export(tally, export);
	}
	if (to_ns <= from_ns)
		return;
	double seconds = (double)(to_ns - from_ns) / 1e9;
	tally->busy = (double)open_ns / 1e9 / seconds;
	tally->idle_per_s = (double)tally->idle / seconds;
}

/* Master and workers are one program. */
static void find_root(struct logtap_loops *loops, uint32_t *pid,
		      uint64_t *start_ticks)
{
	const struct logtap_loops_process *self = NULL, *parent = NULL;

	for (size_t i = 0; i < LOGTAP_LOOPS_PROCESSES; i++)
		if (loops->processes[i].pid == *pid &&
		    loops->processes[i].start_ticks == *start_ticks)
			self = &loops->processes[i];
	for (size_t i = 0; self && i < LOGTAP_LOOPS_PROCESSES; i++)
		if (loops->processes[i].pid == self->parent_pid)
			parent = &loops->processes[i];
	if (!self || !parent || !self->parent_pid ||
	    strcmp(self->comm, parent->comm) != 0)
		return;
	*pid = parent->pid;
	*start_ticks = parent->start_ticks;
}

static struct group *group_of(struct group *groups, size_t *count, uint32_t pid,
			      uint64_t start_ticks)
{
	for (size_t i = 0; i < *count; i++)
		if (groups[i].pid == pid &&
		    groups[i].start_ticks == start_ticks)
			return &groups[i];
	if (*count == GROUPS)
		return NULL;
	groups[*count] = (struct group){.pid = pid, .start_ticks = start_ticks};
	return &groups[(*count)++];
}

static bool is_recent(const struct logtap_loops_effect *effect, uint64_t now_ns)
{
	return effect->key && now_ns < effect->seen_ns + RECENT_NS;
}

static size_t gather(struct logtap_loops *loops,
		     const struct logtap_loops_cause *cause, uint64_t now_ns,
		     struct group *groups)
{
	size_t count = 0;
	bool app_thread = false;

	for (size_t i = 0; i < LOGTAP_LOOPS_EFFECTS; i++) {
		const struct logtap_loops_effect *effect = &loops->effects[i];
		if (!is_recent(effect, now_ns))
			continue;
		const struct logtap_loops_follow *follow =
			logtap_loops_follows(effect, cause->id);
		bool on_thread = cause->host && effect->pid == cause->pid &&
				 effect->tid == cause->tid;
		if (!follow) {
			app_thread |=
				on_thread &&
				logtap_loops_is_apart(effect, cause->id) &&
				!logtap_loops_tells(cause, effect->sample);
			continue;
		}
		uint32_t pid = effect->pid;
		uint64_t start_ticks = effect->start_ticks;
		find_root(loops, &pid, &start_ticks);
		struct group *group =
			group_of(groups, &count, pid, start_ticks);
		if (!group)
			continue;
		group->matched += follow->matched;
		if (!group->lag_ns || follow->lag_ns < group->lag_ns)
			group->lag_ns = follow->lag_ns;
		group->on_thread |= on_thread;
		group->elsewhere |= !on_thread;
		group->loop = effect->loop;
		group->is_free |= !effect->loop;
		group->tells |= logtap_loops_tells(cause, effect->sample);
	}
	for (size_t i = 0; i < count; i++)
		groups[i].app_thread = app_thread;
	return count;
}

static void claim(struct logtap_loops *loops, struct logtap_loops_loop *loop,
		  const struct logtap_loops_cause *cause, uint64_t now_ns)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_EFFECTS; i++) {
		struct logtap_loops_effect *effect = &loops->effects[i];
		uint32_t pid = effect->pid;
		uint64_t start_ticks = effect->start_ticks;
		if (!is_recent(effect, now_ns) || effect->loop ||
		    !logtap_loops_follows(effect, cause->id))
			continue;
		find_root(loops, &pid, &start_ticks);
		if (pid == loop->pid && start_ticks == loop->start_ticks)
			logtap_loops_claim(loop, effect);
	}
}

static enum logtap_loops_class classify(const struct logtap_loops_loop *loop,
					const struct logtap_loops_cause *cause,
					const struct group *group,
					const struct tally *tally)
{
	bool failing = tally->failed_hits &&
		       tally->hits - tally->failed_hits <= tally->hits / 10 &&
		       (tally->failed == tally->exports ||
			tally->exports - tally->failed >
				4 * (tally->hits - tally->failed_hits));

	if (loop->class == LOGTAP_LOOPS_L5 || loop->class == LOGTAP_LOOPS_L6)
		return loop->class;
	if (cause->host && group->on_thread &&
	    (group->app_thread || cause->tid == cause->pid))
		return LOGTAP_LOOPS_L1;
	if (failing)
		return LOGTAP_LOOPS_L7;
	return cause->host ? LOGTAP_LOOPS_L2 : LOGTAP_LOOPS_L4;
}

static void measure(struct logtap_loops_loop *loop,
		    const struct logtap_loops_cause *cause,
		    const struct tally *tally, const struct group *group)
{
	/* of one that happens only on failure, the failures count */
	bool failing = loop->class == LOGTAP_LOOPS_L7 && tally->failed_since;
	double exports = (double)(failing ? tally->failed_since : tally->since);

	if (exports > 0)
		loop->k = (double)tally->caused / exports;
	if (tally->carriers)
		loop->b = (double)tally->records / (double)tally->carriers;
	if (loop->class == LOGTAP_LOOPS_L6 && tally->bytes &&
	    tally->caused_bytes > loop->byte_gain * (double)tally->bytes)
		loop->byte_gain =
			(double)tally->caused_bytes / (double)tally->bytes;
	/* an idle application's exporter sends what it has caused itself */
	if (cause->host && !tally->records)
		loop->b = loop->k;
	loop->idle_per_s = tally->idle_per_s;
	loop->lag_ms = (double)group->lag_ns / 1e6;
	loop->idle_since_ns = cause->idle_streak ? cause->idle_since_ns : 0;
}

static void describe(struct logtap_loops *loops, struct logtap_loops_loop *loop,
		     const struct logtap_loops_cause *cause,
		     const struct group *group)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_PROCESSES; i++)
		if (loops->processes[i].pid == loop->pid)
			memcpy(loop->comm, loops->processes[i].comm,
			       sizeof(loop->comm));
	memcpy(loop->endpoint, cause->endpoint, sizeof(loop->endpoint));
	loop->host = cause->host;
	if (!cause->host)
		return;
	loop->tid = group->elsewhere ? 0 : cause->tid;
	memcpy(loop->thread, cause->thread, sizeof(loop->thread));
}

/* What was found to follow then may do so by chance, and says so for a while. */
static bool was_busy(const struct logtap_loops_cause *cause, uint64_t now_ns)
{
	return cause->busy_ns && now_ns < cause->busy_ns + BUSY_NS;
}

static enum logtap_loops_confidence confidence_of(
	const struct logtap_loops_cause *cause, const struct group *group,
	bool cycle, uint64_t now_ns)
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
			 const struct group *group)
{
	const struct logtap_loops_loop *loop =
		logtap_loops_find(loops, group->loop);

	if (!group->is_free && loop && loop->cause != cause->id)
		return true;
	return cause->host && is_receiver(loops, group->pid);
}

static void judge(struct logtap_loops *loops, struct logtap_loops_cause *cause,
		  const struct group *group, const struct tally *tally,
		  uint64_t now_ns)
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
	claim(loops, loop, cause, now_ns);
	loop->class = classify(loop, cause, group, tally);
	describe(loops, loop, cause, group);
	measure(loop, cause, tally, group);
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
	struct group groups[GROUPS];
	struct tally tally;

	if (logtap_loops_is_busy(cause))
		cause->busy_ns = now_ns;
	if (cause->count < EXPORTS_MIN || now_ns > cause->seen_ns + RECENT_NS)
		return;
	size_t count = gather(loops, cause, now_ns, groups);
	if (!count)
		return;
	count_up(cause, now_ns, &tally);
	for (size_t i = 0; i < count; i++)
		judge(loops, cause, &groups[i], &tally, now_ns);
}

/* A running mean over some seconds. */
static void rate(struct logtap_loops_loop *loop, uint64_t now_ns)
{
	if (!loop->rated_ns || now_ns < loop->rated_ns) {
		loop->rated_ns = loop->began_ns ? loop->began_ns : now_ns;
		if (loop->rated_ns >= now_ns)
			return;
	}
	double seconds = (double)(now_ns - loop->rated_ns) / 1e9;
	if (seconds < 1)
		return;
	double share = loop->rated_records ? 0.3 : 1;
	loop->records_per_s +=
		share *
		((double)(loop->records - loop->rated_records) / seconds -
		 loop->records_per_s);
	loop->bytes_per_s +=
		share * ((double)(loop->bytes - loop->rated_bytes) / seconds -
			 loop->bytes_per_s);
	loop->rated_ns = now_ns;
	loop->rated_records = loop->records;
	loop->rated_bytes = loop->bytes;
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
			rate(loop, now_ns);
			logtap_loops_ask_for_stack(loops, loop);
		}
}
