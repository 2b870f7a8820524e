/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the parts of a look at a ring share: ring.c finds out what there is,
 * ring_pass.c copies and checks it.  Not for others.
 */
#ifndef LOGTAP_INTAKE_RING_PRIVATE_H
#define LOGTAP_INTAKE_RING_PRIVATE_H

#include "ring.h"

/* One pass over a part of a ring. */
struct logtap_ring_pass {
	const struct logtap_ring_source *source;
	struct logtap_window *window;
	uint64_t start; /* position of the first byte */
	uint64_t head;
	uint64_t limit;	   /* up to which it goes */
	uint64_t copied;   /* up to which it is in the window */
	uint64_t position; /* of the chunk that comes next */
	uint64_t shift;	   /* from a position to its place in the window */
	uint64_t stretch;  /* since here all was kept and is not moved yet */
	uint32_t last_sequence;
	bool has_last;
	struct logtap_ring_taken *taken;
};

/* Copies and checks what lies between the pass's start and @limit; fills in what
 * was taken.  Return: 0, LOGTAP_RING_BROKEN with @why, LOGTAP_RING_EMPTY when the
 * producer has overwritten it meanwhile, or -ENOMEM. */
int logtap_ring_pass(struct logtap_ring_pass *pass, uint64_t limit,
		     const char **why);

/* Makes room for a chunk of @bytes.  Return: 0 or -ENOMEM. */
int logtap_window_grow(struct logtap_window *window, uint64_t bytes);

#endif
