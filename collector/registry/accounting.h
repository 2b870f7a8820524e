/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Accounting: what hosts produced and what became of it, in chunks.
 *
 * For each process, and so in total,
 *
 *     produced = settled + newest + nested + oldest + quarantined
 *                + unfinished + in the journal + in rings
 *
 * where settled is what every destination has delivered or refused; how much
 * of each, destinations count, in records.  The reader's thread counts; any
 * thread takes snapshots.  A slot that is open counts by its host's counters
 * as they stood when it was last read, or later; when it ends it is folded
 * into its process once and for ever.
 */
#ifndef LOGTAP_REGISTRY_ACCOUNTING_H
#define LOGTAP_REGISTRY_ACCOUNTING_H

#include "pending.h"

#include <logtap/abi/slot.h>
#include <stdbool.h>

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
	LOGTAP_COUNTS
};

struct logtap_counts {
	uint64_t value[LOGTAP_COUNTS];
};

/* One process.  Owned by the accounting; @folded, @live and @open_slots are
 * written by the reader under the accounting's lock. */
struct logtap_account {
	uint32_t pid;
	uint32_t uid;
	uint64_t start_ticks;
	char comm[LOGTAP_SLOT_NAME_BYTES + 1];
	uint32_t open_slots;
	uint32_t open_segments;
	struct logtap_counts folded;
	struct logtap_counts live;     /* sum of what open slots counted last */
	struct logtap_pending pending; /* of the journalled ones: not settled */
};

/* A row of a snapshot. */
struct logtap_account_row {
	uint32_t pid;
	uint32_t uid;
	uint64_t start_ticks;
	char comm[LOGTAP_SLOT_NAME_BYTES + 1];
	bool live;
	struct logtap_counts counts;
	uint64_t pending_chunks; /* of the journalled ones: not settled yet */
};

struct logtap_account_snapshot {
	struct logtap_counts total;
	uint64_t pending_chunks;
	uint64_t processes; /* seen in all */
	uint64_t live_processes;
	struct logtap_account_row *rows; /* owned; the latest ones */
	size_t row_count;
};

struct logtap_accounting;

struct logtap_accounting *logtap_accounting_new(void);
void logtap_accounting_free(struct logtap_accounting *accounting);

/* What one slot adds, from its host's counters and from what the reader saw.
 * @sequence_span: sequence numbers from the first to the highest seen.
 * @overwrites: its host gives up the oldest of a full ring, or may have.
 * @ended: nothing more will come, so nothing is in flight any more. */
struct logtap_slot_sums {
	uint64_t host[LOGTAP_COUNTERS];
	uint64_t seen_chunks;
	uint64_t seen_bytes;
	uint64_t sequence_span;
	bool overwrites;
	bool continues;
	bool quarantined;
	bool ended;
};
struct logtap_counts logtap_slot_counts(const struct logtap_slot_sums *sums);

/* Chunks that are still in rings. */
uint64_t logtap_counts_in_flight(const struct logtap_counts *counts);
void logtap_counts_add(struct logtap_counts *to,
		       const struct logtap_counts *what);

/* The reader's side.  get finds or makes; NULL without memory. */
struct logtap_account *logtap_accounting_get(
	struct logtap_accounting *accounting, uint32_t uid, uint32_t pid,
	uint64_t start_ticks, const char *comm);
void logtap_accounting_opened(struct logtap_accounting *accounting,
			      struct logtap_account *account, int slots,
			      int segments);
/* An open slot counts @now; @was is what it counted before, and becomes
 * *@now. */
void logtap_accounting_update(struct logtap_accounting *accounting,
			      struct logtap_account *account,
			      struct logtap_counts *was,
			      const struct logtap_counts *now);
/* The same, for @chunks that came into the journal, up to position @end. */
void logtap_accounting_journalled(struct logtap_accounting *accounting,
				  struct logtap_account *account,
				  struct logtap_counts *was,
				  const struct logtap_counts *now, uint64_t end,
				  uint64_t chunks);
/* Everything in the journal below @position is settled.  Any thread. */
void logtap_accounting_settled(struct logtap_accounting *accounting,
			       uint64_t position);
/* The slot has ended with @counts. */
void logtap_accounting_fold(struct logtap_accounting *accounting,
			    struct logtap_account *account,
			    struct logtap_counts *was,
			    const struct logtap_counts *counts);

/* For the journal: what processes without open slots add up to, and each
 * other account in turn.  The reader's thread. */
struct logtap_counts logtap_accounting_rest(
	struct logtap_accounting *accounting, uint64_t *processes);
struct logtap_account *logtap_accounting_next_open(
	struct logtap_accounting *accounting,
	const struct logtap_account *after);
/* Sets what a journal told; forgets all rows. */
void logtap_accounting_restore_rest(struct logtap_accounting *accounting,
				    const struct logtap_counts *counts,
				    uint64_t processes);
void logtap_accounting_restore(struct logtap_accounting *accounting,
			       struct logtap_account *account,
			       const struct logtap_counts *counts);
/* @pending: of what was restored so; moved out. */
void logtap_accounting_restore_pending(struct logtap_accounting *accounting,
				       uint32_t uid, uint32_t pid,
				       uint64_t start_ticks,
				       struct logtap_pending *pending);

/* Any thread.  Return: 0 or -ENOMEM; end with snapshot_deinit. */
int logtap_accounting_snapshot(struct logtap_accounting *accounting,
			       struct logtap_account_snapshot *out);
void logtap_account_snapshot_deinit(struct logtap_account_snapshot *snapshot);
/* Do both say the same of each process? */
bool logtap_account_snapshot_same(const struct logtap_account_snapshot *a,
				  const struct logtap_account_snapshot *b);

#endif
