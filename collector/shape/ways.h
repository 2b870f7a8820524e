/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where a pipe leads, through the programs that read it: see passed.h.  The
 * pipeline's thread.
 */
#ifndef LOGTAP_SHAPE_WAYS_H
#define LOGTAP_SHAPE_WAYS_H

#include "passed.h"

enum logtap_way {
	LOGTAP_WAY_UNKNOWN,
	LOGTAP_WAY_SHOWN,  /* it comes out where nothing is captured */
	LOGTAP_WAY_HIDDEN, /* it is recorded where it comes out, or seen by
	                    * nobody */
};

/* Readers of pipes that are known: those that were met last. */
enum { LOGTAP_WAYS_READERS = 1024 };

struct logtap_ways_reader {
	struct logtap_file_id input;
	struct logtap_file_id output;
	bool uncaptured;
	bool records;	/* it puts what it reads into a log that is captured */
	uint64_t asked; /* the last question that met it */
};

/* All zeros: none is known. */
struct logtap_ways {
	struct logtap_ways_reader readers[LOGTAP_WAYS_READERS];
	size_t reader_count; /* ever */
	uint64_t questions;  /* ever */
};

static inline bool logtap_file_id_same(const struct logtap_file_id *a,
				       const struct logtap_file_id *b)
{
	return a->inode == b->inode && a->device == b->device;
}

/* A program has started.  Return: false: it reads no pipe, or only by what it
 * starts in turn. */
bool logtap_ways_add(struct logtap_ways *ways,
		     const struct logtap_program_start *start);

/* One that records it is enough to hide it: no line twice.  Then one that
 * shows it, then one of which is not known where it leads. */
enum logtap_way logtap_ways_find(struct logtap_ways *ways,
				 const struct logtap_sink_policy *policy,
				 const struct logtap_file_id *pipe);

#endif
