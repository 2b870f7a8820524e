/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Batches that are not settled everywhere: see the header. */
#include "outstanding.h"

#include <stdlib.h>

void logtap_outstanding_init(struct logtap_outstanding_list *list)
{
	list->first = NULL;
	list->last = &list->first;
}

void logtap_outstanding_deinit(struct logtap_outstanding_list *list)
{
	while (list->first) {
		struct logtap_outstanding *entry = list->first;
		list->first = entry->next;
		logtap_batch_unref(entry->batch);
		free(entry);
	}
}

void logtap_outstanding_add(struct logtap_outstanding_list *list,
			    struct logtap_outstanding *entry,
			    struct logtap_batch *batch, unsigned waiting)
{
	*entry = (struct logtap_outstanding){
		.batch = logtap_batch_ref(batch),
		.waiting = waiting,
	};
	*list->last = entry;
	list->last = &entry->next;
}

struct logtap_outstanding *logtap_outstanding_settle(
	struct logtap_outstanding_list *list, const struct logtap_batch *batch,
	unsigned index)
{
	struct logtap_outstanding **link = &list->first;

	while (*link && (*link)->batch != batch)
		link = &(*link)->next;
	struct logtap_outstanding *entry = *link;
	if (!entry)
		return NULL;
	entry->waiting &= ~(1u << index);
	if (entry->waiting)
		return NULL;
	*link = entry->next;
	if (!*link)
		list->last = link;
	return entry;
}

uint64_t logtap_outstanding_floor(const struct logtap_outstanding_list *list)
{
	uint64_t floor = UINT64_MAX;

	for (const struct logtap_outstanding *at = list->first; at;
	     at = at->next)
		if (logtap_batch_floor(at->batch) < floor)
			floor = logtap_batch_floor(at->batch);
	return floor;
}
