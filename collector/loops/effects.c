/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Processes and the kinds of records that they make: see model.h.  Under the
 * lock. */
#include "model.h"
#include "signature.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "Starting a new connection" comes so long before the connection. */
#define BEFORE_NS (5 * LOGTAP_LOOPS_MS)
enum { WAYS = 8, ENOUGH = 3, HALVE_AT = 64 };

static void end_process(struct logtap_loops_process *process)
{
	free(process->echo);
	memset(process, 0, sizeof(*process));
}

struct logtap_loops_process *logtap_loops_process(struct logtap_loops *loops,
						  uint32_t pid,
						  uint64_t start_ticks,
						  const char *comm,
						  uint64_t now_ns)
{
	struct logtap_loops_process *set =
		&loops->processes[pid * WAYS % LOGTAP_LOOPS_PROCESSES];
	struct logtap_loops_process *oldest = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].pid == pid && set[i].start_ticks == start_ticks) {
			set[i].seen_ns = now_ns;
			return &set[i];
		}
		if (set[i].seen_ns < oldest->seen_ns)
			oldest = &set[i];
	}
	end_process(oldest);
	oldest->pid = pid;
	oldest->start_ticks = start_ticks;
	oldest->parent_pid = logtap_peers_parent(pid);
	oldest->seen_ns = now_ns;
	snprintf(oldest->comm, sizeof(oldest->comm), "%s", comm);
	return oldest;
}

static void begin_effect(struct logtap_loops_effect *effect,
			 const struct logtap_record *record)
{
	const struct logtap_source *source = record->source;
	size_t bytes = record->body_bytes;

	if (bytes > sizeof(effect->sample) - 1)
		bytes = sizeof(effect->sample) - 1;
	/* not within a character */
	while (bytes && bytes < record->body_bytes &&
	       ((unsigned char)record->body[bytes] & 0xc0) == 0x80)
		bytes--;
	memcpy(effect->sample, record->body, bytes);
	effect->pid = source->resource->pid;
	effect->start_ticks = source->resource->start_ticks;
	effect->tid = source->tid;
	effect->stream = source->stream;
	snprintf(effect->thread, sizeof(effect->thread), "%.*s",
		 (int)sizeof(effect->thread) - 1, source->name);
	effect->severity = record->severity;
	effect->first_ns = record->observed_ns;
}

struct logtap_loops_effect *logtap_loops_effect(
	struct logtap_loops *loops, const struct logtap_record *record)
{
	const struct logtap_source *source = record->source;
	uint64_t signature = logtap_signature(record->body, record->body_bytes);
	uint64_t key = logtap_signature_mix(signature, source->resource->pid);

	key = logtap_signature_mix(key, source->resource->start_ticks);
	key = logtap_signature_mix(key, source->tid) | 1;
	struct logtap_loops_effect *set =
		&loops->effects[(key >> 1) * WAYS % LOGTAP_LOOPS_EFFECTS];
	struct logtap_loops_effect *effect = set;
	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key == key) {
			effect = &set[i];
			break;
		}
		/* those of loops stay longest */
		if (set[i].seen_ns + (set[i].loop ? LOGTAP_LOOPS_SECOND : 0) <
		    effect->seen_ns + (effect->loop ? LOGTAP_LOOPS_SECOND : 0))
			effect = &set[i];
	}
	if (effect->key != key) {
		*effect = (struct logtap_loops_effect){.key = key,
						       .signature = signature};
		begin_effect(effect, record);
	}
	effect->seen_ns = record->observed_ns;
	effect->records++;
	effect->bytes += record->body_bytes;
	return effect;
}

/* What says much at once lies behind one export by chance. */
static bool is_enough(const struct logtap_loops_follow *follow)
{
	return follow->matched >= ENOUGH && follow->exports >= ENOUGH &&
	       5 * follow->matched >= 4 * (follow->matched + follow->missed);
}

const struct logtap_loops_follow *logtap_loops_follows(
	const struct logtap_loops_effect *effect, uint32_t cause)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_FOLLOWS; i++)
		if (effect->follows[i].cause == cause)
			return is_enough(&effect->follows[i])
				       ? &effect->follows[i]
				       : NULL;
	return NULL;
}

bool logtap_loops_is_apart(const struct logtap_loops_effect *effect,
			   uint32_t cause)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_FOLLOWS; i++)
		if (effect->follows[i].cause == cause)
			return effect->follows[i].missed >= ENOUGH &&
			       !is_enough(&effect->follows[i]);
	return effect->records > 2 * ENOUGH;
}

uint32_t logtap_loops_missed(const struct logtap_loops_effect *effect,
			     uint32_t cause)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_FOLLOWS; i++)
		if (effect->follows[i].cause == cause)
			return effect->follows[i].missed;
	return effect->records < HALVE_AT ? (uint32_t)effect->records
					  : HALVE_AT;
}

bool logtap_loops_is_caused(const struct logtap_loops_effect *effect)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_FOLLOWS; i++)
		if (effect->follows[i].cause && is_enough(&effect->follows[i]))
			return true;
	return false;
}

/* The pair's own, or the one that says least. */
static struct logtap_loops_follow *pair(struct logtap_loops_effect *effect,
					uint32_t cause, bool make)
{
	struct logtap_loops_follow *least = &effect->follows[0];

	for (size_t i = 0; i < LOGTAP_LOOPS_FOLLOWS; i++) {
		if (effect->follows[i].cause == cause)
			return &effect->follows[i];
		if (effect->follows[i].matched < least->matched)
			least = &effect->follows[i];
	}
	if (!make)
		return NULL;
	*least = (struct logtap_loops_follow){.cause = cause};
	return least;
}

uint16_t logtap_loops_effect_check(const struct logtap_loops_effect *effect)
{
	return (uint16_t)(effect->key >> 48);
}

/* A record that came behind @export. */
static void note(struct logtap_loops *loops,
		 const struct logtap_loops_effect *effect,
		 struct logtap_loops_export *export, size_t bytes)
{
	uint16_t index = (uint16_t)(effect - loops->effects);
	uint16_t check = logtap_loops_effect_check(effect);
	unsigned i = 0;

	while (i < export->behind_count && (export->behind[i].effect != index ||
					    export->behind[i].check != check))
		i++;
	if (i == LOGTAP_LOOPS_CAUSED) {
		i--;
	} else if (i == export->behind_count) {
		export->behind[i].effect = index;
		export->behind[i].check = check;
		export->behind_count++;
	}
	export->behind[i].records++;
	export->behind[i].bytes += (uint32_t)bytes;
}

static void count_match(struct logtap_loops_follow *follow,
			const struct logtap_loops_export *export)
{
	follow->matched++;
	follow->exports += follow->export_ns != export->begin_ns;
	follow->export_ns = export->begin_ns;
}

static void match(struct logtap_loops *loops, struct logtap_loops_cause *cause,
		  struct logtap_loops_effect *effect,
		  const struct logtap_record *record)
{
	struct logtap_loops_export *export =
		logtap_loops_export_at(cause, record->time_ns);
	struct logtap_loops_follow *follow =
		pair(effect, cause->id, export != NULL);

	if (!export && cause->host) {
		cause->before_ns = record->time_ns;
		cause->before_effect = (uint16_t)(effect - loops->effects);
		cause->before_missed = follow != NULL;
		if (effect->tid == cause->tid &&
		    logtap_loops_tells(cause, effect->sample))
			logtap_loops_remember_text(cause, record);
	}
	if (!follow)
		return;
	if (!export) {
		follow->missed++;
	} else {
		uint64_t lag_ns = record->time_ns > export->begin_ns
					  ? record->time_ns - export->begin_ns
					  : 0;
		follow->lag_ns = follow->matched
					 ? follow->lag_ns - follow->lag_ns / 8 +
						   lag_ns / 8
					 : lag_ns;
		count_match(follow, export);
		if (cause->host)
			logtap_loops_remember_text(cause, record);
	}
	if (follow->matched + follow->missed > HALVE_AT) {
		follow->matched /= 2;
		follow->missed /= 2;
	}
	if (export)
		note(loops, effect, export, record->body_bytes);
}

void logtap_loops_effect_before(struct logtap_loops *loops,
				struct logtap_loops_cause *cause,
				struct logtap_loops_export *export)
{
	struct logtap_loops_effect *effect =
		&loops->effects[cause->before_effect];
	uint64_t before_ns = cause->before_ns;

	cause->before_ns = 0;
	if (!before_ns || before_ns > export->begin_ns ||
	    export->begin_ns - before_ns > BEFORE_NS ||
	    effect->pid != cause->pid || effect->tid != cause->tid ||
	    !logtap_loops_tells(cause, effect->sample))
		return;
	struct logtap_loops_follow *follow = pair(effect, cause->id, true);
	if (cause->before_missed && follow->missed)
		follow->missed--;
	count_match(follow, export);
	note(loops, effect, export, 0);
}

/* Is it the thread that exports, or the process that receives? */
static bool is_near(const struct logtap_loops_cause *cause,
		    const struct logtap_loops_effect *effect)
{
	if (cause->host)
		return effect->tid == cause->tid;
	for (size_t i = 0; i < cause->peers.count; i++)
		if (cause->peers.pids[i] == effect->pid)
			return true;
	return effect->loop != 0;
}

void logtap_loops_effect_follow(struct logtap_loops *loops,
				struct logtap_loops_effect *effect,
				const struct logtap_record *record)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_CAUSES; i++) {
		struct logtap_loops_cause *cause = &loops->causes[i];
		if (!cause->id || !cause->count)
			continue;
		/* a program's exports cause records of the program */
		if (cause->host && (cause->pid != effect->pid ||
				    cause->start_ticks != effect->start_ticks))
			continue;
		if (logtap_loops_is_busy(cause) && !is_near(cause, effect))
			continue;
		match(loops, cause, effect, record);
	}
}
