/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holding a signal handler's chunks.  Runs in the reader's thread.
 *
 * A handler that interrupts a copy publishes its chunk before the one that it
 * interrupted, whose number is lower.  How long that takes is not the thread's
 * choice: it may be stopped, or wait for a processor, or the handler goes on.
 * So its chunks are held as long as the number may still come.  It cannot if the
 * host counted it as dropped, or if the thread is dead, or has gone on to
 * another ring, which it does not do inside a copy.
 *
 * What a host cannot tell is that the handler left for good, by siglongjmp: that
 * is known when the thread logs again.  A thread that then rests would keep the
 * handler's words for itself, so there is a bound, far beyond what a thread
 * waits for a processor.
 */
#include "intake.h"

#define HOLD_MOST_NS (60 * LOGTAP_SECOND_NS)
/* What comes into a ring that is fuller must have room. */
enum { HOLD_MOST_PERCENT = 50 };

static uint64_t count_of(const struct logtap_slot *shared,
			 enum logtap_counter counter)
{
	return atomic_load_explicit(&shared->counters[counter],
				    memory_order_relaxed);
}

struct logtap_lost_numbers logtap_hold_lost(
	const struct logtap_intake_segment *segment, uint32_t index)
{
	const struct logtap_slot *shared =
		logtap_segment_slot(&segment->file, index);
	return (struct logtap_lost_numbers){
		.chunks =
			count_of(shared, LOGTAP_COUNTER_DROPPED_CHUNKS) +
			count_of(shared, LOGTAP_COUNTER_NESTED_DROPPED_CHUNKS) +
			segment->slots[index]->unknown,
		.overwrote = count_of(shared, LOGTAP_COUNTER_OVERWROTE),
	};
}

/* May a number before @sequence still come? */
static bool may_come(const struct logtap_intake_segment *segment,
		     uint32_t index, uint32_t sequence)
{
	const struct logtap_slot_reader *slot = segment->slots[index];
	int32_t missing = (int32_t)(sequence - slot->who.next_sequence);
	if (missing <= 0 || slot->dead || slot->moved || slot->bad)
		return false;
	struct logtap_lost_numbers lost = logtap_hold_lost(segment, index);
	return lost.overwrote == slot->lost.overwrote &&
	       lost.chunks - slot->lost.chunks < (uint64_t)missing;
}

bool logtap_hold_nested(const struct logtap_intake *intake,
			struct logtap_intake_segment *segment, uint32_t index,
			uint32_t sequence, int fill)
{
	struct logtap_slot_reader *slot = segment->slots[index];
	if (!may_come(segment, index, sequence) || intake->in_any_order ||
	    fill >= HOLD_MOST_PERCENT)
		return false;
	if (!slot->held_since_ns)
		slot->held_since_ns = intake->now_ns;
	return intake->now_ns - slot->held_since_ns < HOLD_MOST_NS;
}
