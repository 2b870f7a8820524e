/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Accounting: what hosts produced and what became of it, in chunks.
 *
 * For each process, and so in total,
 *
 *     produced = settled + newest + nested + oldest + quarantined
 *                + unfinished + unknown + in the journal + in rings
 *
 * where settled is what every destination has delivered or refused; how much
 * of each, destinations count, in records.  Unknown is what an earlier collector
 * took when its journal was in memory, where it was killed.  The reader's thread counts; any
 * thread takes snapshots.  A slot that is open counts by its host's counters
 * as they stood when it was last read, or later; when it ends it is folded
 * into its process once and for ever.
 */
#ifndef LOGTAP_REGISTRY_ACCOUNTING_H
#define LOGTAP_REGISTRY_ACCOUNTING_H

#include "counts.h"
#include "pending.h"

#include <logtap/abi/slot.h>
#include <stdbool.h>
#include <sys/queue.h>

/* One process.  Owned by the accounting; @folded, @live and @open_slots are
 * written by the reader under the accounting's lock. */
struct logtap_account {
	TAILQ_ENTRY(logtap_account) next;	/* in the order of arrival */
	TAILQ_ENTRY(logtap_account) next_ended; /* of their ends */
	struct logtap_account *next_alike;	/* in its bucket */
	uint32_t pid;
	uint32_t uid;	/* it goes by this one */
	uint32_t owner; /* whose it is now */
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
	uint32_t uid; /* whose it is */
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

/* The reader's side.  get finds or makes; NULL without memory.  @comm: its name
 * from now on; "": as it is. */
struct logtap_account *logtap_accounting_get(
	struct logtap_accounting *accounting, uint32_t uid, uint32_t pid,
	uint64_t start_ticks, const char *comm);
/* How many segments a process has open, whoever it was when it made them. */
uint32_t logtap_accounting_segments(struct logtap_accounting *accounting,
				    uint32_t pid, uint64_t start_ticks);
/* It has become another user's. */
void logtap_accounting_own(struct logtap_accounting *accounting,
			   struct logtap_account *account, uint32_t owner);
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
/* Sets what a journal told; forgets all rows.  From then on each process keeps
 * its own until all that live are open again. */
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

void logtap_accounting_restored(struct logtap_accounting *accounting);

/* Any thread.  Return: 0 or -ENOMEM; end with snapshot_deinit. */
int logtap_accounting_snapshot(struct logtap_accounting *accounting,
			       struct logtap_account_snapshot *out);
void logtap_account_snapshot_deinit(struct logtap_account_snapshot *snapshot);
/* Do both say the same of each process? */
bool logtap_account_snapshot_same(const struct logtap_account_snapshot *a,
				  const struct logtap_account_snapshot *b);

#endif
