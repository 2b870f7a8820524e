/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Who follows a cause: see detect.h.  Under the lock. */
#include "detect.h"

#include <string.h>

#define RECENT_NS (30 * LOGTAP_LOOPS_SECOND)
/* An exporter's library may say a little before it sends; a thread that works
 * for the application says at least such a part of all. */
enum { APART_SHARE = 3 };
/* Behind so many exports in a row nothing comes by chance. */
enum { EXPORTS_SURE = 8 };

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

static struct logtap_loops_group *group_of(struct logtap_loops_groups *in,
					   uint32_t pid, uint64_t start_ticks)
{
	for (size_t i = 0; i < in->count; i++)
		if (in->groups[i].pid == pid &&
		    in->groups[i].start_ticks == start_ticks)
			return &in->groups[i];
	if (in->count == LOGTAP_LOOPS_GROUPS)
		return NULL;
	in->groups[in->count] = (struct logtap_loops_group){
		.pid = pid, .start_ticks = start_ticks};
	return &in->groups[in->count++];
}

static bool is_recent(const struct logtap_loops_effect *effect, uint64_t now_ns)
{
	return effect->key && now_ns < effect->seen_ns + RECENT_NS;
}

void logtap_loops_gather(struct logtap_loops *loops,
			 const struct logtap_loops_cause *cause,
			 uint64_t now_ns, struct logtap_loops_groups *out)
{
	uint64_t apart = 0;

	memset(out, 0, sizeof(*out));

	for (size_t i = 0; i < LOGTAP_LOOPS_EFFECTS; i++) {
		const struct logtap_loops_effect *effect = &loops->effects[i];
		if (!is_recent(effect, now_ns))
			continue;
		const struct logtap_loops_follow *follow =
			logtap_loops_follows(effect, cause->id);
		bool on_thread = cause->host && effect->pid == cause->pid &&
				 logtap_loops_sends(cause, effect->tid);
		if (!follow) {
			if (on_thread &&
			    logtap_loops_is_apart(effect, cause->id) &&
			    !logtap_loops_tells(cause, effect->sample))
				apart += logtap_loops_missed(effect, cause->id);
			continue;
		}
		uint32_t pid = effect->pid;
		uint64_t start_ticks = effect->start_ticks;
		find_root(loops, &pid, &start_ticks);
		struct logtap_loops_group *group =
			group_of(out, pid, start_ticks);
		if (!group)
			continue;
		out->of[i] = (uint8_t)(group - out->groups + 1);
		group->matched += follow->matched;
		if (!group->lag_ns || follow->lag_ns < group->lag_ns)
			group->lag_ns = follow->lag_ns;
		group->on_thread |= on_thread;
		group->matched_there += on_thread ? follow->matched : 0;
		group->elsewhere |= !on_thread;
		group->loop = effect->loop;
		group->is_free |= !effect->loop;
		group->tells |= logtap_loops_tells(cause, effect->sample);
	}
	for (size_t i = 0; i < out->count; i++)
		out->groups[i].app_thread =
			apart &&
			APART_SHARE * apart >= out->groups[i].matched_there;
}

/* What is broken is left out: what only happens to follow must not be. */
static bool may_claim(const struct logtap_loops_loop *loop,
		      const struct logtap_loops_cause *cause,
		      const struct logtap_loops_effect *effect)
{
	const struct logtap_loops_follow *follow =
		logtap_loops_follows(effect, cause->id);

	return follow &&
	       (!loop->records ||
		(cause->host && logtap_loops_sends(cause, effect->tid)) ||
		follow->exports >= EXPORTS_SURE);
}

void logtap_loops_claim_all(struct logtap_loops *loops,
			    struct logtap_loops_loop *loop,
			    const struct logtap_loops_cause *cause,
			    uint64_t now_ns)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_EFFECTS; i++) {
		struct logtap_loops_effect *effect = &loops->effects[i];
		uint32_t pid = effect->pid;
		uint64_t start_ticks = effect->start_ticks;
		if (!is_recent(effect, now_ns) || effect->loop ||
		    !may_claim(loop, cause, effect))
			continue;
		find_root(loops, &pid, &start_ticks);
		if (pid == loop->pid && start_ticks == loop->start_ticks)
			logtap_loops_claim(loop, effect, true);
	}
}

void logtap_loops_release(struct logtap_loops *loops,
			  const struct logtap_loops_loop *loop)
{
	for (size_t i = 0; loop->cause && i < LOGTAP_LOOPS_EFFECTS; i++) {
		struct logtap_loops_effect *effect = &loops->effects[i];
		if (effect->key && effect->loop == loop->number &&
		    effect->by_timing &&
		    logtap_loops_is_apart(effect, loop->cause))
			effect->loop = 0;
	}
}
