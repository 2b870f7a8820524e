/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Accounting: see the header. */
#include "account_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct logtap_accounting *logtap_accounting_new(void)
{
	struct logtap_accounting *accounting = calloc(1, sizeof(*accounting));
	if (!accounting)
		return NULL;
	pthread_mutex_init(&accounting->lock, NULL);
	TAILQ_INIT(&accounting->accounts);
	TAILQ_INIT(&accounting->ended);
	return accounting;
}

void logtap_accounting_free(struct logtap_accounting *accounting)
{
	if (!accounting)
		return;
	logtap_account_rows_forget(accounting);
	free(accounting->buckets);
	logtap_pending_deinit(&accounting->rest_pending);
	pthread_mutex_destroy(&accounting->lock);
	free(accounting);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct logtap_account *logtap_accounting_get(
	struct logtap_accounting *accounting, uint32_t uid, uint32_t pid,
	uint64_t start_ticks, const char *comm)
{
	pthread_mutex_lock(&accounting->lock);
	struct logtap_account *found =
		logtap_account_rows_find(accounting, uid, pid, start_ticks);
	if (!found)
		found = logtap_account_rows_add(accounting, uid, pid,
						start_ticks);
	if (found && *comm) {
		memset(found->comm, 0, sizeof(found->comm));
		memcpy(found->comm, comm,
		       strnlen(comm, sizeof(found->comm) - 1));
	}
	pthread_mutex_unlock(&accounting->lock);
	return found;
}

void logtap_accounting_own(struct logtap_accounting *accounting,
			   struct logtap_account *account, uint32_t owner)
{
	pthread_mutex_lock(&accounting->lock);
	account->owner = owner;
	pthread_mutex_unlock(&accounting->lock);
}

uint32_t logtap_accounting_segments(struct logtap_accounting *accounting,
				    uint32_t pid, uint64_t start_ticks)
{
	pthread_mutex_lock(&accounting->lock);
	uint32_t count =
		logtap_account_rows_segments(accounting, pid, start_ticks);
	pthread_mutex_unlock(&accounting->lock);
	return count;
}

void logtap_accounting_opened(struct logtap_accounting *accounting,
			      struct logtap_account *account, int slots,
			      int segments)
{
	pthread_mutex_lock(&accounting->lock);
	bool before = logtap_account_is_open(account);
	account->open_slots += (uint32_t)slots;
	account->open_segments += (uint32_t)segments;
	if (before && !logtap_account_is_open(account))
		logtap_account_rows_end(accounting, account);
	else if (!before && logtap_account_is_open(account))
		logtap_account_rows_reopen(accounting, account);
	pthread_mutex_unlock(&accounting->lock);
}

static void replace_live(struct logtap_account *account,
			 struct logtap_counts *was,
			 const struct logtap_counts *now)
{
	for (int i = 0; i < LOGTAP_COUNTS; i++)
		account->live.value[i] += now->value[i] - was->value[i];
	*was = *now;
}

void logtap_accounting_update(struct logtap_accounting *accounting,
			      struct logtap_account *account,
			      struct logtap_counts *was,
			      const struct logtap_counts *now)
{
	pthread_mutex_lock(&accounting->lock);
	replace_live(account, was, now);
	pthread_mutex_unlock(&accounting->lock);
}

void logtap_accounting_journalled(struct logtap_accounting *accounting,
				  struct logtap_account *account,
				  struct logtap_counts *was,
				  const struct logtap_counts *now, uint64_t end,
				  uint64_t chunks)
{
	pthread_mutex_lock(&accounting->lock);
	replace_live(account, was, now);
	logtap_pending_settle(&account->pending, accounting->settled);
	logtap_pending_add(&account->pending, end, chunks);
	pthread_mutex_unlock(&accounting->lock);
}

void logtap_accounting_settled(struct logtap_accounting *accounting,
			       uint64_t position)
{
	pthread_mutex_lock(&accounting->lock);
	accounting->settled = position;
	pthread_mutex_unlock(&accounting->lock);
}

void logtap_accounting_fold(struct logtap_accounting *accounting,
			    struct logtap_account *account,
			    struct logtap_counts *was,
			    const struct logtap_counts *counts)
{
	static const struct logtap_counts nothing;
	pthread_mutex_lock(&accounting->lock);
	replace_live(account, was, &nothing);
	logtap_counts_add(&account->folded, counts);
	pthread_mutex_unlock(&accounting->lock);
}

struct logtap_counts logtap_accounting_rest(
	struct logtap_accounting *accounting, uint64_t *processes)
{
	struct logtap_counts rest = accounting->rest;
	const struct logtap_account *account;
	*processes = accounting->rest_processes + accounting->ended_count;
	TAILQ_FOREACH(account, &accounting->ended, next_ended)
	logtap_counts_add(&rest, &account->folded);
	return rest;
}

struct logtap_account *logtap_accounting_next_open(
	struct logtap_accounting *accounting,
	const struct logtap_account *after)
{
	struct logtap_account *account =
		after ? TAILQ_NEXT(after, next)
		      : TAILQ_FIRST(&accounting->accounts);
	while (account && !logtap_account_is_open(account))
		account = TAILQ_NEXT(account, next);
	return account;
}

void logtap_accounting_restore_rest(struct logtap_accounting *accounting,
				    const struct logtap_counts *counts,
				    uint64_t processes)
{
	pthread_mutex_lock(&accounting->lock);
	logtap_account_rows_forget(accounting);
	accounting->rest = *counts;
	accounting->rest_processes = processes;
	accounting->restoring = true;
	pthread_mutex_unlock(&accounting->lock);
}

void logtap_accounting_restored(struct logtap_accounting *accounting)
{
	pthread_mutex_lock(&accounting->lock);
	accounting->restoring = false;
	logtap_account_rows_trim(accounting);
	pthread_mutex_unlock(&accounting->lock);
}

void logtap_accounting_restore(struct logtap_accounting *accounting,
			       struct logtap_account *account,
			       const struct logtap_counts *counts)
{
	pthread_mutex_lock(&accounting->lock);
	account->folded = *counts;
	pthread_mutex_unlock(&accounting->lock);
}

void logtap_accounting_restore_pending(struct logtap_accounting *accounting,
				       uint32_t uid, uint32_t pid,
				       uint64_t start_ticks,
				       struct logtap_pending *pending)
{
	pthread_mutex_lock(&accounting->lock);
	struct logtap_account *account =
		logtap_account_rows_find(accounting, uid, pid, start_ticks);
	logtap_pending_move(account ? &account->pending
				    : &accounting->rest_pending,
			    pending);
	pthread_mutex_unlock(&accounting->lock);
}

static void fill_row(const struct logtap_accounting *accounting,
		     struct logtap_account *account,
		     struct logtap_account_row *row)
{
	row->pid = account->pid;
	row->uid = account->owner;
	row->start_ticks = account->start_ticks;
	memcpy(row->comm, account->comm, sizeof(row->comm));
	row->live = logtap_account_is_open(account);
	row->counts = account->folded;
	logtap_counts_add(&row->counts, &account->live);
	logtap_pending_settle(&account->pending, accounting->settled);
	/* An earlier collector's count once their slots are open. */
	row->pending_chunks =
		smaller(account->pending.chunks,
			row->counts.value[LOGTAP_COUNT_JOURNALLED_CHUNKS]);
}

int logtap_accounting_snapshot(struct logtap_accounting *accounting,
			       struct logtap_account_snapshot *out)
{
	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&accounting->lock);
	out->rows = calloc(accounting->count + 1, sizeof(*out->rows));
	if (!out->rows) {
		pthread_mutex_unlock(&accounting->lock);
		return -ENOMEM;
	}
	logtap_pending_settle(&accounting->rest_pending, accounting->settled);
	out->total = accounting->rest;
	out->pending_chunks =
		smaller(accounting->rest_pending.chunks,
			out->total.value[LOGTAP_COUNT_JOURNALLED_CHUNKS]);
	out->processes = accounting->rest_processes + accounting->count;
	struct logtap_account *account;
	TAILQ_FOREACH(account, &accounting->accounts, next)
	{
		struct logtap_account_row *row = &out->rows[out->row_count++];
		fill_row(accounting, account, row);
		out->live_processes += row->live;
		out->pending_chunks += row->pending_chunks;
		logtap_counts_add(&out->total, &row->counts);
	}
	pthread_mutex_unlock(&accounting->lock);
	return 0;
}

void logtap_account_snapshot_deinit(struct logtap_account_snapshot *snapshot)
{
	free(snapshot->rows);
	memset(snapshot, 0, sizeof(*snapshot));
}

bool logtap_account_snapshot_same(const struct logtap_account_snapshot *a,
				  const struct logtap_account_snapshot *b)
{
	/* Rows are made of zeros and filled field by field. */
	return a->row_count == b->row_count &&
	       (!a->row_count ||
		!memcmp(a->rows, b->rows, a->row_count * sizeof(*a->rows)));
}
