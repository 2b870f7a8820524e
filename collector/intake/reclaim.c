/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking slots back from the dead.  Runs in the reader's thread.
 *
 * A thread's end is the kernel's mark in its slot's death word; that holds in
 * any pid namespace, and costs nothing to look at.  sweep.c sees to the ends
 * that nobody marks.
 *
 * A slot is freed by (generation, held) -> (generation + 1, FREE) and nothing
 * else: its next claimer zeroes positions and counters before it goes live.
 */
#include "intake.h"

static uint32_t load_death(const struct logtap_intake_segment *segment,
			   uint32_t index)
{
	/* pairs with the kernel's mark: all that the thread did came before */
	return atomic_load_explicit(logtap_segment_death(&segment->file, index),
				    memory_order_acquire);
}

void logtap_reclaim_free(struct logtap_intake_segment *segment, uint32_t index,
			 uint64_t word)
{
	uint64_t next = logtap_slot_word(
		(word >> LOGTAP_SLOT_GENERATION_SHIFT) + 1, LOGTAP_SLOT_FREE);
	/* A failure is a host that took it back first; then it is not ours. */
	atomic_compare_exchange_strong(
		&logtap_segment_slot(&segment->file, index)->state, &word,
		next);
}

/* Frees a dead slot whose rings are empty. */
static void free_dead(struct logtap_intake *intake,
		      struct logtap_intake_segment *segment, uint32_t index)
{
	uint64_t word = logtap_slot_load(segment, index);
	struct logtap_slot_reader *slot = segment->slots[index];
	if (!slot || slot->waits || !logtap_slot_drained(segment, index))
		return;
	if (word >> LOGTAP_SLOT_GENERATION_SHIFT != slot->generation)
		return; /* the next visit sees to it */
	if (!logtap_slot_end(intake, segment, index))
		logtap_reclaim_free(segment, index, word);
}

/* Return: whether it is one of that process. */
static bool ask_soon(struct logtap_intake_segment *segment, uint32_t pid,
		     uint64_t start_ticks)
{
	const struct logtap_segment *header = &segment->file.header;
	if (header->pid != pid || header->start_ticks != start_ticks)
		return false;
	segment->ask_due_ns = 0;
	segment->ask_delay_ns = 0;
	return true;
}

void logtap_reclaim_ended(struct logtap_intake *intake,
			  struct logtap_intake_segment *segment, uint32_t pid,
			  uint64_t start_ticks)
{
	uint32_t left = logtap_accounting_segments(intake->accounting, pid,
						   start_ticks);
	if (left == 1 && ask_soon(segment, pid, start_ticks))
		return;
	for (size_t i = 0; left && i < intake->segment_count; i++)
		left -= ask_soon(intake->segments[i], pid, start_ticks);
}

static void mark_dead(struct logtap_intake *intake,
		      struct logtap_intake_segment *segment,
		      struct logtap_slot_reader *slot)
{
	slot->dead = true;
	if (!(slot->who.flags & LOGTAP_SLOT_MAIN))
		return;
	if (slot->who.pid == segment->file.header.pid)
		segment->main_ended = true;
	logtap_reclaim_ended(intake, segment, slot->who.pid,
			     slot->who.start_ticks);
}

void logtap_reclaim_slot(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment, uint32_t index)
{
	uint64_t word = logtap_slot_load(segment, index);
	struct logtap_slot_reader *slot = segment->slots[index];
	if (!slot || logtap_state_of(word) == LOGTAP_SLOT_FREE)
		return;
	/* Dead first, then drained: nothing can come behind that. */
	if (slot->dead)
		free_dead(intake, segment, index);
	else if (logtap_state_of(word) != LOGTAP_SLOT_CLAIMED &&
		 load_death(segment, index) & LOGTAP_DEATH_OWNER_DIED)
		mark_dead(intake, segment, slot);
}
