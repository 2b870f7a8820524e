/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A call in several chunks: which of them belong together, and how much of it
 * never came.  Pure functions on a state that its owner keeps.
 */
#ifndef LOGTAP_SHAPE_CALL_H
#define LOGTAP_SHAPE_CALL_H

#include "extension.h"

/* The call that a stream is at. */
struct logtap_call {
	bool open;	/* it goes on in the next chunk */
	uint64_t bytes; /* that it has; 0: unknown */
	uint64_t next;	/* so many of them have come, or never will */
};

/* How a chunk joins what came before it. */
struct logtap_seam {
	bool torn;	      /* something in between never came */
	bool headless;	      /* it begins in the middle of a call */
	uint64_t lost_before; /* bytes that the call before it is short of */
	uint64_t missing;     /* of its own call, in front of it */
};

/* Takes the next chunk.  @extensions: of it, or NULL. */
void logtap_call_take(struct logtap_call *call,
		      const struct logtap_chunk_view *chunk,
		      const struct logtap_extensions *extensions,
		      struct logtap_seam *seam);

/* The rest of the call will not come.  Return: its bytes, 0 if unknown. */
uint64_t logtap_call_rest(struct logtap_call *call);

#endif
