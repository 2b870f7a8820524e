/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where records came from: the stack that a host put in front of a chunk,
 * unwound, and as attributes of the records that end in that chunk (semantic
 * conventions, "Source Code Attributes"). The pipeline's thread.
 */
#ifndef LOGTAP_SHAPE_PLACE_H
#define LOGTAP_SHAPE_PLACE_H

#include "../loops/stack/stack.h"

enum { LOGTAP_PLACE_TEXT_BYTES = 16384, LOGTAP_PLACE_NAME_BYTES = 1024 };

struct logtap_place {
	const struct logtap_thread *thread; /* NULL: none */
	bool nested;
	uint32_t sequence; /* of the chunk that it belongs to */
	const struct logtap_stack_trace *trace;
	/* printed when a record wants it; valid UTF-8 */
	bool printed;
	size_t text_bytes;
	char text[LOGTAP_PLACE_TEXT_BYTES];
	char function[LOGTAP_PLACE_NAME_BYTES];
	char file[LOGTAP_PLACE_NAME_BYTES];
};

/* A STACK chunk, or an EVIDENCE chunk that tells of modules; others are left
 * alone. */
void logtap_place_take(struct logtap_place *place,
		       struct logtap_unwinder *unwinder,
		       const struct logtap_thread *thread,
		       const struct logtap_chunk_view *chunk);

/* The trace of @chunk, or NULL. */
static inline const struct logtap_stack_trace *logtap_place_of(
	const struct logtap_place *place, const struct logtap_thread *thread,
	const struct logtap_chunk_view *chunk)
{
	return place->thread == thread && place->nested == chunk->nested &&
			       place->sequence == chunk->sequence
		       ? place->trace
		       : NULL;
}

/* Fills text, function and file. */
void logtap_place_print(struct logtap_place *place);

#endif
