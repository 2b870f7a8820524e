/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What one slot adds to the counts: see the header.  Any thread. */
#include "counts.h"

static uint64_t less(uint64_t from, uint64_t what)
{
	return from > what ? from - what : 0;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void copy_plain(struct logtap_counts *counts, const uint64_t *host)
{
	static const struct {
		enum logtap_count to;
		enum logtap_counter from;
	} plain[] = {
		{LOGTAP_COUNT_NEWEST_CHUNKS, LOGTAP_COUNTER_DROPPED_CHUNKS},
		{LOGTAP_COUNT_NEWEST_BYTES, LOGTAP_COUNTER_DROPPED_BYTES},
		{LOGTAP_COUNT_NESTED_CHUNKS,
		 LOGTAP_COUNTER_NESTED_DROPPED_CHUNKS},
		{LOGTAP_COUNT_NESTED_BYTES,
		 LOGTAP_COUNTER_NESTED_DROPPED_BYTES},
		{LOGTAP_COUNT_REENTRANT, LOGTAP_COUNTER_REENTRANT},
		{LOGTAP_COUNT_SUPPRESSED, LOGTAP_COUNTER_SUPPRESSED},
		{LOGTAP_COUNT_STALE_GUARDS, LOGTAP_COUNTER_STALE_GUARDS},
		{LOGTAP_COUNT_GAP_BYTES, LOGTAP_COUNTER_GAP_BYTES},
		{LOGTAP_COUNT_TRUNCATED, LOGTAP_COUNTER_TRUNCATED},
		{LOGTAP_COUNT_GROWN, LOGTAP_COUNTER_GROWN},
		{LOGTAP_COUNT_FALLBACK, LOGTAP_COUNTER_FALLBACK},
		{LOGTAP_COUNT_BLOCKED_NS, LOGTAP_COUNTER_BLOCKED_NS},
	};
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		counts->value[plain[i].to] = host[plain[i].from];
}

/* How many of the numbers that never came are those of chunks which never will.
 * A host dropped them, which it counted; or overwrote them, which it cannot count;
 * or left a call half-way, and then its guard as well.  Or somebody took them of
 * whom there is no account.  While a thread lives, one
 * may be of a copy that a handler has interrupted. */
static uint64_t numbers_gone(const struct logtap_slot_sums *sums,
			     uint64_t host_drops)
{
	uint64_t missing = less(sums->sequence_span, sums->seen_chunks);

	if (sums->quarantined || !sums->ended)
		missing = less(missing, host_drops);
	if (sums->overwrites || sums->forgotten)
		return missing;
	return smaller(missing, sums->host[LOGTAP_COUNTER_STALE_GUARDS]);
}

struct logtap_counts logtap_slot_counts(const struct logtap_slot_sums *sums)
{
	struct logtap_counts counts = {0};
	uint64_t *value = counts.value;
	copy_plain(&counts, sums->host);
	value[LOGTAP_COUNT_THREADS] = !sums->continues;
	value[LOGTAP_COUNT_JOURNALLED_CHUNKS] = sums->seen_chunks;
	value[LOGTAP_COUNT_JOURNALLED_BYTES] = sums->seen_bytes;
	uint64_t host_drops = value[LOGTAP_COUNT_NEWEST_CHUNKS] +
			      value[LOGTAP_COUNT_NESTED_CHUNKS];
	/* Counters are stored apart from what they count: a chunk that was
	 * seen was produced, whatever its host had time to add up. */
	uint64_t known = sums->seen_chunks + host_drops;
	uint64_t produced = sums->host[LOGTAP_COUNTER_CHUNKS];
	if (produced < known)
		produced = known;
	uint64_t bytes = sums->host[LOGTAP_COUNTER_BYTES];
	if (bytes < sums->seen_bytes)
		bytes = sums->seen_bytes;
	value[LOGTAP_COUNT_PRODUCED_CHUNKS] = produced;
	value[LOGTAP_COUNT_PRODUCED_BYTES] = bytes;
	uint64_t residue = produced - known;
	uint64_t gone = smaller(residue, numbers_gone(sums, host_drops));
	value[sums->forgotten	 ? LOGTAP_COUNT_UNKNOWN_CHUNKS
	      : sums->overwrites ? LOGTAP_COUNT_OLDEST_CHUNKS
				 : LOGTAP_COUNT_UNFINISHED_CHUNKS] = gone;
	if (sums->quarantined)
		value[LOGTAP_COUNT_QUARANTINED_CHUNKS] = residue - gone;
	else if (sums->ended)
		value[LOGTAP_COUNT_UNFINISHED_CHUNKS] += residue - gone;
	return counts;
}

uint64_t logtap_counts_in_flight(const struct logtap_counts *counts)
{
	const uint64_t *value = counts->value;
	return value[LOGTAP_COUNT_PRODUCED_CHUNKS] -
	       value[LOGTAP_COUNT_JOURNALLED_CHUNKS] -
	       value[LOGTAP_COUNT_NEWEST_CHUNKS] -
	       value[LOGTAP_COUNT_NESTED_CHUNKS] -
	       value[LOGTAP_COUNT_OLDEST_CHUNKS] -
	       value[LOGTAP_COUNT_QUARANTINED_CHUNKS] -
	       value[LOGTAP_COUNT_UNFINISHED_CHUNKS] -
	       value[LOGTAP_COUNT_UNKNOWN_CHUNKS];
}

void logtap_counts_add(struct logtap_counts *to,
		       const struct logtap_counts *what)
{
	for (int i = 0; i < LOGTAP_COUNTS; i++)
		to->value[i] += what->value[i];
}
