/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a batch is made of: batch.c owns its life, batch_fill.c fills it,
 * batcher.c closes it.  Not for others.
 */
#ifndef LOGTAP_EXPORT_BATCH_PRIVATE_H
#define LOGTAP_EXPORT_BATCH_PRIVATE_H

#include "batch.h"

#include <stdatomic.h>

enum { LOGTAP_BLOCK_BYTES = 64 << 10 };

/* What records point to is copied into blocks, which never move. */
struct logtap_block {
	struct logtap_block *next;
	size_t used, capacity;
	_Alignas(max_align_t) unsigned char data[];
};

struct logtap_batch {
	atomic_uint references;
	uint64_t serial; /* never 0, never used twice */
	uint64_t opened_ns;
	uint64_t floor;
	size_t bytes;
	size_t count, capacity;
	struct logtap_record *records;
	uint32_t *links;
	size_t group_count, group_capacity;
	struct logtap_batch_group *groups;
	size_t source_count, source_capacity;
	struct logtap_source **sources; /* a reference for each */
	struct logtap_block *blocks;
	uint64_t severities[LOGTAP_SEVERITY_CLASSES];
};

/* Room for one more record, group and source, and for @bytes in the first
 * block.  Return: 0 or -ENOMEM. */
int logtap_batch_reserve(struct logtap_batch *batch, size_t bytes);
/* Accounts for @count records from index @first on that are there, of one group
 * and source, as @record, the first of them, says.  The links between them are
 * there. */
void logtap_batch_join(struct logtap_batch *batch,
		       const struct logtap_record *record, uint32_t first,
		       uint32_t count);

#endif
