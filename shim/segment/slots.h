/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Slots for claim.c: a free one of a mapped segment, or of a new one.
 *
 * No lock; system calls only for a new segment.  Any thread, its signals blocked
 * or its guard held.
 */
#ifndef LOGTAP_SEGMENT_SLOTS_H
#define LOGTAP_SEGMENT_SLOTS_H

#include "../state.h"

/* A slot with a first ring, claimed, and the mapping that it is @in.  Where no
 * collector would ever free one, and no segment can be made, that of a thread
 * which has ended.  Return: NULL if there is none. */
struct logtap_slot *logtap_slots_take_first(struct logtap_mapping **in);
/* The same, with a ring of at least @ring_bytes. */
struct logtap_slot *logtap_slots_take_larger(struct logtap_mapping **in,
					     uint32_t ring_bytes);

/* Makes a segment now, for threads that will begin where none can be made. */
void logtap_slots_reserve(void);

/* Does a collector look after this process's slots?  It frees them itself. */
bool logtap_slots_are_watched(void);

/* Counts calls that found no slot, where any segment is mapped. */
void logtap_slots_uncaptured(uint64_t chunks, uint64_t bytes);

#endif
