/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* How large a loop is: see detect.h.  Under the lock. */
#include "detect.h"

enum { LOOKED_AT = 32 };
/* Records of an export have arrived by then. */
#define SETTLED_NS (300 * LOGTAP_LOOPS_MS)

struct effect_on {
	const struct logtap_loops *loops;
	const struct logtap_loops_groups *groups;
	size_t group;
};

/* Of what came behind it, what is the group's.  Return: records. */
static uint64_t caused_by(const struct effect_on *on,
			  const struct logtap_loops_export *export,
			  uint64_t *bytes)
{
	uint64_t records = 0;

	for (unsigned i = 0; i < export->behind_count; i++) {
		uint16_t effect = export->behind[i].effect;
		if (on->groups->of[effect] != on->group + 1 ||
		    logtap_loops_effect_check(&on->loops->effects[effect]) !=
			    export->behind[i].check)
			continue;
		records += export->behind[i].records;
		*bytes += export->behind[i].bytes;
	}
	return records;
}

static void add_export(const struct effect_on *on,
		       const struct logtap_loops_export *export,
		       struct logtap_loops_tally *tally)
{
	uint64_t caused = caused_by(on, export, &tally->caused_bytes);

	tally->exports++;
	tally->hits += caused > 0;
	tally->idle += export->idle;
	tally->failed += export->failed;
	tally->failed_hits += export->failed && caused;
	tally->caused += caused;
	tally->records += export->records;
	tally->bytes += export->bytes;
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

void logtap_loops_count_up(const struct logtap_loops *loops,
			   const struct logtap_loops_cause *cause,
			   const struct logtap_loops_groups *groups,
			   size_t group, uint64_t now_ns,
			   struct logtap_loops_tally *tally)
{
	const struct effect_on on = {loops, groups, group};
	uint64_t first =
		cause->count > LOOKED_AT ? cause->count - LOOKED_AT : 0;
	uint64_t from_ns = 0, to_ns = 0, open_ns = 0;
	uint64_t settle_ns = settled_ns(cause);

	*tally = (struct logtap_loops_tally){0};
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
		add_export(&on, export, tally);
	}
	if (to_ns <= from_ns)
		return;
	double seconds = (double)(to_ns - from_ns) / 1e9;
	tally->busy = (double)open_ns / 1e9 / seconds;
	tally->idle_per_s = (double)tally->idle / seconds;
}

void logtap_loops_measure(struct logtap_loops_loop *loop,
			  const struct logtap_loops_cause *cause,
			  const struct logtap_loops_tally *tally)
{
	/* of one that happens only on failure, the failures count */
	bool failing = loop->class == LOGTAP_LOOPS_L7 && tally->failed_since;
	double exports = (double)(failing ? tally->failed_since : tally->since);

	if (exports > 0 && tally->caused)
		loop->k = (double)tally->caused / exports;
	if (tally->carriers)
		loop->b = (double)tally->records / (double)tally->carriers;
	if (loop->class == LOGTAP_LOOPS_L6 && tally->bytes &&
	    tally->caused_bytes > loop->byte_gain * (double)tally->bytes)
		loop->byte_gain =
			(double)tally->caused_bytes / (double)tally->bytes;
	/* an idle application's exporter sends what it has caused itself, also
	 * where that cannot be read */
	if (cause->host && !tally->records && tally->idle)
		loop->b = loop->k;
	loop->idle_per_s = tally->idle_per_s;
	loop->signs = (struct logtap_loops_signs){
		.exports = tally->exports,
		.hits = tally->hits,
		.idle = tally->idle,
		.failed = tally->failed,
		.failed_hits = tally->failed_hits,
		.peer = !cause->host &&
			logtap_peers_have(&cause->peers, loop->pid),
	};
	loop->idle_since_ns = cause->idle_streak ? cause->idle_since_ns : 0;
}

double logtap_loops_gain(const struct logtap_loops_loop *loop)
{
	return loop->b > 0 ? loop->k / loop->b : 0;
}

/* A running mean over some seconds. */
void logtap_loops_rate(struct logtap_loops_loop *loop, uint64_t now_ns)
{
	if (!loop->rated_ns || now_ns < loop->rated_ns) {
		loop->rated_ns = loop->began_ns ? loop->began_ns : now_ns;
		if (loop->rated_ns >= now_ns)
			return;
	}
	double seconds = (double)(now_ns - loop->rated_ns) / 1e9;
	/* the first one soon */
	if (seconds < (loop->rated_records ? 1 : 0.2))
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
