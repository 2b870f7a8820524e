/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One visit of a slot, and what was copied of its rings: shared by visit.c and
 * visit_journal.c alone.  The reader's thread.
 */
#ifndef LOGTAP_INTAKE_VISIT_H
#define LOGTAP_INTAKE_VISIT_H

#include "intake.h"

/* One ring in one visit. */
struct logtap_look {
	struct logtap_ring_source source;
	struct logtap_frame_ring *ring;
	struct logtap_window *window;
	_Atomic uint64_t *tail;
	struct logtap_ring_taken taken;
	int result;    /* of logtap_ring_take() */
	uint32_t next; /* chunk that is not journalled yet */
	uint32_t at;   /* its place in the window */
};

struct logtap_visit {
	struct logtap_intake *intake;
	struct logtap_intake_segment *segment;
	struct logtap_slot_reader *slot;
	uint32_t index;
	uint64_t observed_ns;
	struct logtap_clock_line line;
	int fill;
	uint32_t run_bytes;		 /* a longer run is not made longer */
	struct logtap_lost_numbers lost; /* when it began */
	uint64_t owner; /* of a chunk in the rings and those behind it, unless
	                 * that is the slot's already */
	struct logtap_look looks[2]; /* main and nested */
};

/* Was there more in the ring than what was copied, which ends where the window
 * or the ring does? */
static inline bool logtap_look_goes_past(const struct logtap_ring_taken *taken)
{
	return taken->waiting > taken->to - taken->from;
}

/* How much of the ring that was, in percent. */
static inline int logtap_look_fill(const struct logtap_look *look)
{
	return (int)(look->taken.waiting * 100 / look->source.capacity);
}

/* Journals what was copied, as far as it is known to be in order, and gives the
 * place in the rings back.  Return: 0, or -1: the journal is full. */
int logtap_visit_journal(struct logtap_visit *visit);

#endif
