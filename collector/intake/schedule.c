/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which segment is visited when.  Runs in the reader's thread.
 *
 * Hosts do not wake the reader, for that would cost them a system call; it comes
 * by.  How soon it comes again follows from how full it found a segment's rings:
 * soon enough to find them half full, 1 to 5 ms while there is anything, ever
 * later when there is not.  One window a ring and round, so that a busy thread
 * does not keep others waiting.
 *
 * A visit of a segment where nothing has happened makes no system call and reads
 * three lines of each slot that is held, one of each that is free.  Segments
 * that rest are visited together, so that the thread wakes as often for a
 * thousand as for one.
 */
#include "intake.h"
#include "notes.h"

#define DELAY_LEAST_NS LOGTAP_DELAY_LEAST_NS
#define DELAY_ACTIVE_NS (5 * LOGTAP_MS_NS)
#define DELAY_IDLE_NS (50 * LOGTAP_MS_NS)
#define DELAY_RESTING_NS (100 * LOGTAP_MS_NS)
#define ACTIVE_NS (200 * LOGTAP_MS_NS)
#define RESTING_NS LOGTAP_SECOND_NS
/* How full a ring should be found at most. */
enum { GOAL_PERCENT = 50 };

static uint64_t idle_delay(const struct logtap_intake *intake,
			   const struct logtap_intake_segment *segment)
{
	uint64_t idle_ns = intake->now_ns - segment->idle_since_ns;
	uint64_t delay = segment->delay_ns < LOGTAP_MS_NS
				 ? LOGTAP_MS_NS
				 : segment->delay_ns * 2;
	uint64_t most = idle_ns < ACTIVE_NS    ? DELAY_ACTIVE_NS
			: idle_ns < RESTING_NS ? DELAY_IDLE_NS
					       : DELAY_RESTING_NS;
	return delay < most ? delay : most;
}

static uint64_t busy_delay(uint64_t elapsed_ns, int fill)
{
	uint64_t delay = elapsed_ns * GOAL_PERCENT / (uint64_t)fill;
	if (delay < DELAY_LEAST_NS)
		return DELAY_LEAST_NS;
	return delay < DELAY_ACTIVE_NS ? delay : DELAY_ACTIVE_NS;
}

/* Return: when the segment is visited next. */
static uint64_t next_visit(struct logtap_intake *intake,
			   struct logtap_intake_segment *segment, int fill)
{
	uint64_t now_ns = intake->now_ns;
	uint64_t elapsed_ns = now_ns - segment->visited_ns;
	if (fill > segment->fullest)
		segment->fullest = fill;
	fill = segment->fullest;
	/* One window a ring was taken; others had their turn. */
	if (segment->more)
		return now_ns;
	if (fill > 0)
		segment->idle_since_ns = now_ns;
	segment->delay_ns = fill > 0 ? busy_delay(elapsed_ns, fill)
				     : idle_delay(intake, segment);
	segment->visited_ns = now_ns;
	segment->fullest = 0;
	uint64_t due_ns = now_ns + segment->delay_ns;
	if (segment->delay_ns >= DELAY_IDLE_NS)
		due_ns -= due_ns % segment->delay_ns;
	return due_ns;
}

/* Is a slot as its last visit left it? */
static bool is_settled(const struct logtap_intake_segment *segment,
		       uint32_t index)
{
	const struct logtap_slot *shared =
		logtap_segment_slot(&segment->file, index);
	const struct logtap_settled *settled = &segment->settled[index];
	uint64_t word =
		atomic_load_explicit(&shared->state, memory_order_acquire);
	if (word != settled->word)
		return false;
	if (logtap_state_of(word) == LOGTAP_SLOT_FREE)
		return true;
	return atomic_load_explicit(&shared->main.head, memory_order_relaxed) ==
		       settled->head[0] &&
	       atomic_load_explicit(&shared->nested.head,
				    memory_order_relaxed) == settled->head[1] &&
	       !(atomic_load_explicit(logtap_segment_death(&segment->file,
							   index),
				      memory_order_relaxed) &
		 LOGTAP_DEATH_OWNER_DIED);
}

/* @word: of a slot that nobody held when the visit began. */
static void settle(struct logtap_intake *intake,
		   struct logtap_intake_segment *segment, uint32_t index,
		   uint64_t word)
{
	const struct logtap_slot_reader *slot = segment->slots[index];
	struct logtap_settled *settled = &segment->settled[index];
	struct logtap_settled now = {.word = LOGTAP_UNSETTLED};
	if (!slot && logtap_state_of(word) == LOGTAP_SLOT_FREE)
		now.word = word;
	if (slot && !slot->waits && !slot->dead && !slot->bad && !slot->ended &&
	    !slot->held_since_ns)
		now = (struct logtap_settled){
			.word = slot->word,
			.head = {slot->who.ring[0].to, slot->who.ring[1].to},
		};
	/* Threads that come and go: their slots are wanted soon. */
	if (now.word != settled->word)
		segment->idle_since_ns = intake->now_ns;
	*settled = now;
}

/* Return: how full its fullest ring was found, or -1: the journal is full. */
static int visit(struct logtap_intake *intake,
		 struct logtap_intake_segment *segment)
{
	int fullest = 0;
	segment->more = false;
	logtap_start_tell(intake, segment);
	for (uint32_t i = 0; i < segment->file.header.slot_count; i++) {
		if (is_settled(segment, i))
			continue;
		/* A page that was lost reads as zeros until we look. */
		if (logtap_segment_lost(&segment->file))
			break;
		/* Who is dead now has nothing to come behind what is read. */
		logtap_reclaim_slot(intake, segment, i);
		uint64_t word = logtap_slot_load(segment, i);
		int fill = logtap_slot_visit(intake, segment, i);
		if (fill < 0)
			return -1;
		if (fill > fullest)
			fullest = fill;
		logtap_reclaim_slot(intake, segment, i);
		settle(intake, segment, i, word);
	}
	return fullest;
}

static bool is_due(const struct logtap_intake *intake, size_t index, bool all)
{
	return index < intake->segment_count &&
	       (all || intake->due_ns[index] <= intake->now_ns);
}

/* Segments that rest are in no cache: the next ones are fetched while one is
 * looked at, first what leads to their slots, then those. */
static void fetch_ahead(const struct logtap_intake *intake, size_t index,
			bool all)
{
	if (is_due(intake, index + 8, all)) {
		const struct logtap_intake_segment *segment =
			intake->segments[index + 8];
		__builtin_prefetch(segment);
		__builtin_prefetch(&segment->file.slots);
		__builtin_prefetch(&segment->file.header.slot_count);
	}
	if (is_due(intake, index + 4, all)) {
		const struct logtap_intake_segment *segment =
			intake->segments[index + 4];
		const struct logtap_slot *first =
			logtap_segment_slot(&segment->file, 0);
		__builtin_prefetch(segment->settled);
		__builtin_prefetch(&first->state);
		__builtin_prefetch(&first->main);
		__builtin_prefetch(first->death);
	}
}

void logtap_schedule_visit(struct logtap_intake *intake, bool all)
{
	for (size_t i = 0; i < intake->segment_count; i++) {
		fetch_ahead(intake, i, all);
		if (!is_due(intake, i, all))
			continue;
		struct logtap_intake_segment *segment = intake->segments[i];
		int fill = visit(intake, segment);
		/* If it is full nothing fits anywhere else either. */
		intake->due_ns[i] = fill < 0
					    ? intake->now_ns + DELAY_ACTIVE_NS
					    : next_visit(intake, segment, fill);
	}
}

uint64_t logtap_schedule_due(const struct logtap_intake *intake)
{
	uint64_t due_ns = UINT64_MAX;
	for (size_t i = 0; i < intake->segment_count; i++)
		if (intake->due_ns[i] < due_ns)
			due_ns = intake->due_ns[i];
	return due_ns;
}

void logtap_schedule_refresh(struct logtap_intake *intake, bool all)
{
	for (size_t i = 0; i < intake->segment_count; i++) {
		struct logtap_intake_segment *segment = intake->segments[i];
		if (!all &&
		    intake->now_ns - segment->idle_since_ns > LOGTAP_SECOND_NS)
			continue;
		if (logtap_segment_lost(&segment->file))
			continue;
		for (uint32_t j = 0; j < segment->file.header.slot_count; j++)
			if (segment->slots[j])
				logtap_slot_refresh(intake, segment, j);
		logtap_uncaptured_count(intake, segment);
	}
}
