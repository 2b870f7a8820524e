/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Which kinds of records follow which exports: see effect.h.  Under the lock. */
#include "model.h"

/* "Starting a new connection" comes so long before the connection. */
#define BEFORE_NS (5 * LOGTAP_LOOPS_MS)
/* Another thread's chunks are read so much later, at most. */
#define LATE_NS (50 * LOGTAP_LOOPS_MS)
enum { ENOUGH = 3, HALVE_AT = 64 };

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
		cause->early[cause->early_count++ % LOGTAP_LOOPS_EARLY] =
			(struct logtap_loops_early){
				.time_ns = record->time_ns,
				.effect = (uint16_t)(effect - loops->effects),
				.check = logtap_loops_effect_check(effect),
				.missed = follow != NULL,
			};
		if (logtap_loops_sends(cause, effect->tid) &&
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

/* It comes before the export that it tells of, which another thread may do. */
static bool announces(const struct logtap_loops_cause *cause,
		      const struct logtap_loops_effect *effect,
		      uint64_t time_ns, uint64_t begin_ns)
{
	return time_ns <= begin_ns && begin_ns - time_ns <= BEFORE_NS &&
	       effect->pid == cause->pid &&
	       effect->start_ticks == cause->start_ticks &&
	       logtap_loops_tells(cause, effect->sample);
}

/* Another thread wrote it behind the export, and not by chance. */
static bool is_behind(const struct logtap_loops_cause *cause,
		      const struct logtap_loops_effect *effect,
		      uint64_t time_ns, uint64_t begin_ns)
{
	uint64_t window_ns = logtap_loops_interval_ns(cause) / 4;

	if (window_ns > LATE_NS)
		window_ns = LATE_NS;
	return effect->tid != cause->tid && !logtap_loops_is_busy(cause) &&
	       time_ns > begin_ns && time_ns - begin_ns <= window_ns;
}

void logtap_loops_effect_before(struct logtap_loops *loops,
				struct logtap_loops_cause *cause,
				struct logtap_loops_export *export)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_EARLY; i++) {
		struct logtap_loops_early early = cause->early[i];
		struct logtap_loops_effect *effect =
			&loops->effects[early.effect];
		cause->early[i].time_ns = 0;
		if (!early.time_ns ||
		    early.check != logtap_loops_effect_check(effect) ||
		    (!announces(cause, effect, early.time_ns,
				export->begin_ns) &&
		     !is_behind(cause, effect, early.time_ns,
				export->begin_ns)))
			continue;
		struct logtap_loops_follow *follow =
			pair(effect, cause->id, true);
		if (early.missed && follow->missed)
			follow->missed--;
		count_match(follow, export);
		note(loops, effect, export, 0);
	}
}

/* Is it the thread that exports, or the process that receives? */
static bool is_near(const struct logtap_loops_cause *cause,
		    const struct logtap_loops_effect *effect)
{
	if (cause->host)
		return logtap_loops_sends(cause, effect->tid);
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
