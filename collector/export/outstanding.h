/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Batches that some destination has not settled yet, in the order of submission.
 * Under the dispatcher's lock.
 */
#ifndef LOGTAP_EXPORT_OUTSTANDING_H
#define LOGTAP_EXPORT_OUTSTANDING_H

#include "batch.h"

struct logtap_outstanding {
	struct logtap_outstanding *next;
	struct logtap_batch *batch; /* counted */
	unsigned waiting;	    /* one bit a destination */
};

struct logtap_outstanding_list {
	struct logtap_outstanding *first, **last;
};

void logtap_outstanding_init(struct logtap_outstanding_list *list);
/* Frees what is left. */
void logtap_outstanding_deinit(struct logtap_outstanding_list *list);
/* @entry: to be filled; owned by the list, and freed with free(3) by who takes
 * it out. */
void logtap_outstanding_add(struct logtap_outstanding_list *list,
			    struct logtap_outstanding *entry,
			    struct logtap_batch *batch, unsigned waiting);
/* Takes a destination's bit off.  Return: the entry, no longer in the list, when
 * it was the last one; NULL: others are waited for. */
struct logtap_outstanding *logtap_outstanding_settle(
	struct logtap_outstanding_list *list, const struct logtap_batch *batch,
	unsigned index);
/* The lowest journal position of any; UINT64_MAX: there are none. */
uint64_t logtap_outstanding_floor(const struct logtap_outstanding_list *list);

#endif
