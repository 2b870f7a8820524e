/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Counts of chunks, by what became of them: of a slot, of a process, in total.
 * Values without a lock.
 */
#ifndef LOGTAP_REGISTRY_COUNTS_H
#define LOGTAP_REGISTRY_COUNTS_H

#include <logtap/abi/slot.h>
#include <stdbool.h>
#include <stdint.h>

enum logtap_count {
	LOGTAP_COUNT_PRODUCED_CHUNKS,
	LOGTAP_COUNT_PRODUCED_BYTES,
	LOGTAP_COUNT_JOURNALLED_CHUNKS,
	LOGTAP_COUNT_JOURNALLED_BYTES,
	LOGTAP_COUNT_NEWEST_CHUNKS, /* ring full: the new one was dropped */
	LOGTAP_COUNT_NEWEST_BYTES,
	LOGTAP_COUNT_NESTED_CHUNKS, /* nested ring full, or too deep */
	LOGTAP_COUNT_NESTED_BYTES,
	LOGTAP_COUNT_OLDEST_CHUNKS,	 /* overwritten by a flight recorder */
	LOGTAP_COUNT_QUARANTINED_CHUNKS, /* in rings we gave up */
	LOGTAP_COUNT_UNFINISHED_CHUNKS,	 /* counted by a host that ended before
	                                  * it published them, or left them by
	                                  * siglongjmp */
	LOGTAP_COUNT_REENTRANT,
	LOGTAP_COUNT_SUPPRESSED,
	LOGTAP_COUNT_STALE_GUARDS,
	LOGTAP_COUNT_GAP_BYTES,
	LOGTAP_COUNT_TRUNCATED,
	LOGTAP_COUNT_GROWN,
	LOGTAP_COUNT_FALLBACK,
	LOGTAP_COUNT_BLOCKED_NS,
	LOGTAP_COUNT_THREADS, /* slots that did not continue another */
	LOGTAP_COUNT_UNCAPTURED_CHUNKS, /* calls that found no slot */
	LOGTAP_COUNT_UNCAPTURED_BYTES,
	LOGTAP_COUNT_UNKNOWN_CHUNKS, /* delivered, or lost with a collector
	                              * that had taken them into memory */
	LOGTAP_COUNTS
};

struct logtap_counts {
	uint64_t value[LOGTAP_COUNTS];
};

/* What one slot adds, from its host's counters and from what the reader saw.
 * @sequence_span: sequence numbers from the first to the highest seen.
 * @overwrites: its host gives up the oldest of a full ring, or may have.
 * @forgotten: an earlier reader saw some of which there is no account.
 * @ended: nothing more will come, so nothing is in flight any more. */
struct logtap_slot_sums {
	uint64_t host[LOGTAP_COUNTERS];
	uint64_t seen_chunks;
	uint64_t seen_bytes;
	uint64_t sequence_span;
	bool overwrites;
	bool forgotten;
	bool continues;
	bool quarantined;
	bool ended;
};
struct logtap_counts logtap_slot_counts(const struct logtap_slot_sums *sums);

/* Chunks that are still in rings. */
uint64_t logtap_counts_in_flight(const struct logtap_counts *counts);
void logtap_counts_add(struct logtap_counts *to,
		       const struct logtap_counts *what);

#endif
