/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a batch is made of: batch.c owns its life, batch_fill.c and batch_lines.c
 * fill it, batch_join.c puts together what belongs together, batcher.c closes it.
 * Not for others.
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
	struct logtap_batch_line *lines;
	size_t run_count, run_capacity;
	struct logtap_batch_run *runs;
	size_t group_count, group_capacity;
	struct logtap_batch_group *groups;
	size_t source_count, source_capacity;
	struct logtap_source **sources; /* a reference for each */
	struct logtap_block *blocks;
	uint64_t severities[LOGTAP_SEVERITY_CLASSES];
};

/* Room for one more record, run, group and source, and for @bytes in the first
 * block.  Return: 0 or -ENOMEM. */
int logtap_batch_reserve(struct logtap_batch *batch, size_t bytes);
/* The next run, of which all but the group is there, is part of the batch now,
 * and so are its lines. */
void logtap_batch_join(struct logtap_batch *batch);
/* The next line belongs to the last run, if it is of the same kind as @record.
 * Return: whether it is. */
bool logtap_batch_prolong(struct logtap_batch *batch,
			  const struct logtap_record *record);

#endif
