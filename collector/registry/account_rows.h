/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The rows of the accounting: a process each, found by its identity, in the order
 * of their arrival, and those of ended ones in the order of their ends.  Under the
 * accounting's lock.
 */
#ifndef LOGTAP_REGISTRY_ACCOUNT_ROWS_H
#define LOGTAP_REGISTRY_ACCOUNT_ROWS_H

#include "accounting.h"

#include <pthread.h>

TAILQ_HEAD(logtap_accounts, logtap_account);

struct logtap_accounting {
	pthread_mutex_t lock;
	struct logtap_accounts accounts;
	size_t count;
	struct logtap_accounts ended;
	size_t ended_count;
	struct logtap_account **buckets; /* a power of two, or none */
	size_t bucket_count;
	struct logtap_counts rest; /* of processes without a row */
	struct logtap_pending rest_pending;
	uint64_t rest_processes;
	uint64_t settled; /* journal position */
	bool restoring;	  /* who lives is not known yet: no row is given up */
};

static inline bool logtap_account_is_open(const struct logtap_account *account)
{
	return account->open_slots || account->open_segments;
}

/* NULL: there is none. */
struct logtap_account *logtap_account_rows_find(
	struct logtap_accounting *accounting, uint32_t uid, uint32_t pid,
	uint64_t start_ticks);
/* Where too many have ended, the first of them join the rest. */
void logtap_account_rows_trim(struct logtap_accounting *accounting);
/* A new one, among the ended until it is open; these are trimmed before.  NULL
 * without memory. */
struct logtap_account *logtap_account_rows_add(
	struct logtap_accounting *accounting, uint32_t uid, uint32_t pid,
	uint64_t start_ticks);
void logtap_account_rows_forget(struct logtap_accounting *accounting);
/* It is not open any more, or open again. */
void logtap_account_rows_end(struct logtap_accounting *accounting,
			     struct logtap_account *account);
void logtap_account_rows_reopen(struct logtap_accounting *accounting,
				struct logtap_account *account);
/* As logtap_accounting_segments(). */
uint32_t logtap_account_rows_segments(
	const struct logtap_accounting *accounting, uint32_t pid,
	uint64_t start_ticks);

#endif
