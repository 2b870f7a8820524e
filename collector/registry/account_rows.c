/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of processes: see the header. */
#include "account_rows.h"

#include <stdlib.h>

/* Ended processes that keep a row of their own. */
enum { ENDED_ROWS_MAX = 256 };

static struct logtap_account **bucket_of(
	const struct logtap_accounting *accounting, uint32_t pid,
	uint64_t start_ticks)
{
	/* Fibonacci hashing; who makes up pids that collide has all of them
	 * looked at, as without it */
	uint64_t mixed = (pid ^ start_ticks << 22) * 0x9e3779b97f4a7c15u;
	size_t at = mixed >> 32 & (accounting->bucket_count - 1);
	return &accounting->buckets[at];
}

static void link_row(struct logtap_accounting *accounting,
		     struct logtap_account *account)
{
	struct logtap_account **bucket =
		bucket_of(accounting, account->pid, account->start_ticks);
	account->next_alike = *bucket;
	*bucket = account;
}

/* Room for one more.  Return: false without memory. */
static bool have_buckets(struct logtap_accounting *accounting)
{
	enum { FIRST = 64 };
	size_t wanted =
		accounting->bucket_count ? 2 * accounting->bucket_count : FIRST;
	if (accounting->count < accounting->bucket_count)
		return true;
	struct logtap_account **buckets = calloc(wanted, sizeof(*buckets));
	if (!buckets)
		return accounting->bucket_count;
	free(accounting->buckets);
	accounting->buckets = buckets;
	accounting->bucket_count = wanted;
	struct logtap_account *account;
	TAILQ_FOREACH(account, &accounting->accounts, next)
	{
		link_row(accounting, account);
	}
	return true;
}

/* Not from the list of the ended, in which it may be. */
static void remove_row(struct logtap_accounting *accounting,
		       struct logtap_account *account)
{
	struct logtap_account **at =
		bucket_of(accounting, account->pid, account->start_ticks);
	while (*at != account)
		at = &(*at)->next_alike;
	*at = account->next_alike;
	TAILQ_REMOVE(&accounting->accounts, account, next);
	accounting->count--;
	logtap_pending_deinit(&account->pending);
	free(account);
}

void logtap_account_rows_forget(struct logtap_accounting *accounting)
{
	struct logtap_account *account;
	while ((account = TAILQ_FIRST(&accounting->accounts)))
		remove_row(accounting, account);
	TAILQ_INIT(&accounting->ended);
	accounting->ended_count = 0;
}

void logtap_account_rows_end(struct logtap_accounting *accounting,
			     struct logtap_account *account)
{
	TAILQ_INSERT_TAIL(&accounting->ended, account, next_ended);
	accounting->ended_count++;
}

void logtap_account_rows_reopen(struct logtap_accounting *accounting,
				struct logtap_account *account)
{
	TAILQ_REMOVE(&accounting->ended, account, next_ended);
	accounting->ended_count--;
}

/* The row of the process that ended first joins the rest. */
static void evict(struct logtap_accounting *accounting)
{
	struct logtap_account *account = TAILQ_FIRST(&accounting->ended);
	logtap_counts_add(&accounting->rest, &account->folded);
	logtap_pending_settle(&account->pending, accounting->settled);
	logtap_pending_move(&accounting->rest_pending, &account->pending);
	accounting->rest_processes++;
	logtap_account_rows_reopen(accounting, account);
	remove_row(accounting, account);
}

void logtap_account_rows_trim(struct logtap_accounting *accounting)
{
	while (!accounting->restoring &&
	       accounting->ended_count > ENDED_ROWS_MAX)
		evict(accounting);
}

struct logtap_account *logtap_account_rows_find(
	struct logtap_accounting *accounting, uint32_t uid, uint32_t pid,
	uint64_t start_ticks)
{
	if (!accounting->bucket_count)
		return NULL;
	struct logtap_account *at = *bucket_of(accounting, pid, start_ticks);
	while (at && (at->pid != pid || at->start_ticks != start_ticks ||
		      at->uid != uid))
		at = at->next_alike;
	return at;
}

struct logtap_account *logtap_account_rows_add(
	struct logtap_accounting *accounting, uint32_t uid, uint32_t pid,
	uint64_t start_ticks)
{
	logtap_account_rows_trim(accounting);
	struct logtap_account *account =
		have_buckets(accounting) ? calloc(1, sizeof(*account)) : NULL;
	if (!account)
		return NULL;
	account->uid = account->owner = uid;
	account->pid = pid;
	account->start_ticks = start_ticks;
	link_row(accounting, account);
	TAILQ_INSERT_TAIL(&accounting->accounts, account, next);
	accounting->count++;
	logtap_account_rows_end(accounting, account); /* until it is open */
	return account;
}

uint32_t logtap_account_rows_segments(
	const struct logtap_accounting *accounting, uint32_t pid,
	uint64_t start_ticks)
{
	uint32_t count = 0;
	if (!accounting->bucket_count)
		return 0;
	const struct logtap_account *at =
		*bucket_of(accounting, pid, start_ticks);
	for (; at; at = at->next_alike)
		if (at->pid == pid && at->start_ticks == start_ticks)
			count += at->open_segments;
	return count;
}
