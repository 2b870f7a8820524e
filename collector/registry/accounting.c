/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Accounting: see the header. */
#include "accounting.h"

#include "../base/grow.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Ended processes that keep a row of their own. */
enum { ENDED_ROWS_MAX = 256 };

struct logtap_accounting {
	pthread_mutex_t lock;
	struct logtap_account **accounts; /* in the order of their arrival */
	size_t count;
	size_t room;
	size_t ended;
	struct logtap_counts rest; /* of processes without a row */
	struct logtap_pending rest_pending;
	uint64_t rest_processes;
	uint64_t settled; /* journal position */
};

struct logtap_accounting *logtap_accounting_new(void)
{
	struct logtap_accounting *accounting = calloc(1, sizeof(*accounting));
	if (accounting)
		pthread_mutex_init(&accounting->lock, NULL);
	return accounting;
}

static void forget_rows(struct logtap_accounting *accounting)
{
	for (size_t i = 0; i < accounting->count; i++) {
		logtap_pending_deinit(&accounting->accounts[i]->pending);
		free(accounting->accounts[i]);
	}
	accounting->count = accounting->ended = 0;
}

void logtap_accounting_free(struct logtap_accounting *accounting)
{
	if (!accounting)
		return;
	forget_rows(accounting);
	free(accounting->accounts);
	logtap_pending_deinit(&accounting->rest_pending);
	pthread_mutex_destroy(&accounting->lock);
	free(accounting);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static bool is_open(const struct logtap_account *account)
{
	return account->open_slots || account->open_segments;
}

/* The oldest row of an ended process joins the rest. */
static void evict(struct logtap_accounting *accounting)
{
	for (size_t i = 0; i < accounting->count; i++) {
		struct logtap_account *account = accounting->accounts[i];
		if (is_open(account))
			continue;
		logtap_counts_add(&accounting->rest, &account->folded);
		logtap_pending_settle(&account->pending, accounting->settled);
		logtap_pending_move(&accounting->rest_pending,
				    &account->pending);
		accounting->rest_processes++;
		accounting->ended--;
		accounting->count--;
		memmove(accounting->accounts + i, accounting->accounts + i + 1,
			(accounting->count - i) *
				sizeof(*accounting->accounts));
		free(account);
		return;
	}
}

static struct logtap_account *find_row(struct logtap_accounting *accounting,
				       uint32_t uid, uint32_t pid,
				       uint64_t start_ticks)
{
	for (size_t i = accounting->count; i-- > 0;) {
		struct logtap_account *account = accounting->accounts[i];
		if (account->pid == pid &&
		    account->start_ticks == start_ticks && account->uid == uid)
			return account;
	}
	return NULL;
}

static struct logtap_account *add_row(struct logtap_accounting *accounting,
				      uint32_t uid, uint32_t pid,
				      uint64_t start_ticks)
{
	if (accounting->ended > ENDED_ROWS_MAX)
		evict(accounting);
	struct logtap_account **accounts =
		logtap_grown(accounting->accounts, accounting->count,
			     &accounting->room, sizeof(*accounts), 16);
	if (!accounts)
		return NULL;
	accounting->accounts = accounts;
	struct logtap_account *account = calloc(1, sizeof(*account));
	if (!account)
		return NULL;
	account->uid = uid;
	account->pid = pid;
	account->start_ticks = start_ticks;
	accounting->accounts[accounting->count++] = account;
	accounting->ended++;
	return account;
}

struct logtap_account *logtap_accounting_get(
	struct logtap_accounting *accounting, uint32_t uid, uint32_t pid,
	uint64_t start_ticks, const char *comm)
{
	pthread_mutex_lock(&accounting->lock);
	struct logtap_account *found =
		find_row(accounting, uid, pid, start_ticks);
	if (!found)
		found = add_row(accounting, uid, pid, start_ticks);
	if (found) {
		memset(found->comm, 0, sizeof(found->comm));
		memcpy(found->comm, comm,
		       strnlen(comm, sizeof(found->comm) - 1));
	}
	pthread_mutex_unlock(&accounting->lock);
	return found;
}

void logtap_accounting_opened(struct logtap_accounting *accounting,
			      struct logtap_account *account, int slots,
			      int segments)
{
	pthread_mutex_lock(&accounting->lock);
	bool before = is_open(account);
	account->open_slots += (uint32_t)slots;
	account->open_segments += (uint32_t)segments;
	if (before != is_open(account))
		accounting->ended += before ? 1 : (size_t)-1;
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
	*processes = accounting->rest_processes;
	for (size_t i = 0; i < accounting->count; i++)
		if (!is_open(accounting->accounts[i])) {
			logtap_counts_add(&rest,
					  &accounting->accounts[i]->folded);
			++*processes;
		}
	return rest;
}

struct logtap_account *logtap_accounting_next_open(
	struct logtap_accounting *accounting,
	const struct logtap_account *after)
{
	size_t i = 0;
	if (after)
		while (i < accounting->count &&
		       accounting->accounts[i++] != after)
			;
	for (; i < accounting->count; i++)
		if (is_open(accounting->accounts[i]))
			return accounting->accounts[i];
	return NULL;
}

void logtap_accounting_restore_rest(struct logtap_accounting *accounting,
				    const struct logtap_counts *counts,
				    uint64_t processes)
{
	pthread_mutex_lock(&accounting->lock);
	forget_rows(accounting);
	accounting->rest = *counts;
	accounting->rest_processes = processes;
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
		find_row(accounting, uid, pid, start_ticks);
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
	row->uid = account->uid;
	row->start_ticks = account->start_ticks;
	memcpy(row->comm, account->comm, sizeof(row->comm));
	row->live = is_open(account);
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
	for (size_t i = 0; i < accounting->count; i++) {
		struct logtap_account_row *row = &out->rows[out->row_count++];
		fill_row(accounting, accounting->accounts[i], row);
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
