/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Segments that nobody needs any more, and those that were cut short.  Runs in
 * the reader's thread. */
#include "ends.h"
#include "intake.h"
#include "notes.h"

#include "../base/grow.h"
#include "liveness.h"

#include <stdlib.h>

/* A segment without slots whose creator still runs is asked about so late, and
 * ever more seldom. */
#define QUIET_NS (2 * LOGTAP_SECOND_NS)
#define ASK_LEAST_NS LOGTAP_SECOND_NS
#define ASK_MOST_NS (32 * LOGTAP_SECOND_NS)

/* A creator whose segment is closed, but which runs on as another image. */
struct logtap_watch {
	uint32_t pid;
	uint64_t start_ticks;
};

static void watch(struct logtap_intake *intake, uint32_t pid,
		  uint64_t start_ticks)
{
	/* It may become one image after the other. */
	for (size_t i = 0; i < intake->watch_count; i++)
		if (intake->watches[i].pid == pid &&
		    intake->watches[i].start_ticks == start_ticks)
			return;
	void *grown =
		logtap_grown(intake->watches, intake->watch_count,
			     &intake->watch_room, sizeof(*intake->watches), 8);
	if (!grown)
		return;
	intake->watches = grown;
	intake->watches[intake->watch_count++] =
		(struct logtap_watch){pid, start_ticks};
}

/* May a segment without slots go?  Its creator has ended, or has become
 * another image: nobody is likely to claim in it again, and who does finds it
 * closed and makes his own. */
static bool abandoned(struct logtap_intake *intake,
		      struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	if (!logtap_gone_creator_runs(segment))
		return segment->main_ended ||
		       logtap_gone_creator(intake, segment);
	if (!segment->main_ended &&
	    (intake->now_ns - segment->quiet_since_ns < QUIET_NS ||
	     logtap_gone_mapped(intake, segment->file.device,
				segment->file.inode)))
		return false;
	watch(intake, header->pid, header->start_ticks);
	return true;
}

static bool all_free_now(const struct logtap_intake_segment *segment)
{
	for (uint32_t i = 0; i < segment->file.header.slot_count; i++)
		if (segment->slots[i] ||
		    logtap_state_of(atomic_load(
			    &logtap_segment_slot(&segment->file, i)->state)) !=
			    LOGTAP_SLOT_FREE)
			return false;
	return true;
}

static bool is_untouched(const struct logtap_slot *slot)
{
	for (int i = 0; i < LOGTAP_COUNTERS; i++)
		if (atomic_load(&slot->counters[i]))
			return false;
	return !atomic_load(&slot->main.head) &&
	       !atomic_load(&slot->nested.head) && !atomic_load(&slot->metrics);
}

/* Has the host ended, every thread of it, without a word for us?  Nobody else
 * has a slot here: a child of its that lives has one or wants none. */
static bool is_silent(const struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	bool ended = false;
	if (header->index || segment->introduced || header->input_inode ||
	    logtap_segment_lost(&segment->file))
		return false;
	for (uint32_t i = 0; i < header->slot_count; i++) {
		const struct logtap_slot *slot =
			logtap_segment_slot(&segment->file, i);
		/* pairs with the claimer's release, and the kernel's mark */
		unsigned state = logtap_state_of(atomic_load(&slot->state));
		if (state == LOGTAP_SLOT_FREE)
			continue;
		if (state != LOGTAP_SLOT_LIVE ||
		    !(atomic_load(logtap_segment_death(&segment->file, i)) &
		      LOGTAP_DEATH_OWNER_DIED) ||
		    slot->pid != header->pid || !is_untouched(slot))
			return false;
		ended |= slot->flags & LOGTAP_SLOT_MAIN;
	}
	return ended && logtap_notes_are_none(segment);
}

/* As if its slots had been read: how many there are does not depend on when
 * they were found. */
static void count_threads(struct logtap_intake *intake,
			  const struct logtap_intake_segment *segment)
{
	struct logtap_counts none = {0}, counts = {0};
	for (uint32_t i = 0; i < segment->file.header.slot_count; i++) {
		const struct logtap_slot *slot =
			logtap_segment_slot(&segment->file, i);
		counts.value[LOGTAP_COUNT_THREADS] +=
			logtap_state_of(atomic_load(&slot->state)) !=
				LOGTAP_SLOT_FREE &&
			!(slot->flags & LOGTAP_SLOT_CONTINUES);
	}
	logtap_accounting_fold(intake->accounting, segment->account, &none,
			       &counts);
}

static int append_end(struct logtap_intake *intake,
		      struct logtap_intake_segment *segment)
{
	struct logtap_frame frame = {
		.type = LOGTAP_FRAME_SEGMENT_END,
		.segment = segment->key,
		.observed_ns = logtap_now_realtime_ns(),
	};
	return segment->introduced
		       ? logtap_intake_append(intake, &frame,
					      &segment->uncaptured,
					      sizeof(segment->uncaptured))
		       : 0;
}

static void close_segment(struct logtap_intake *intake,
			  struct logtap_intake_segment *segment)
{
	/* Sequentially consistent, as are the claimer's exchange and its look
	 * at the flag: one of the two sees the other. */
	atomic_store(&segment->file.control->closed, 1);
	segment->closing = true;
	if (!all_free_now(segment))
		return;
	logtap_notes_end(intake, segment);
	if (append_end(intake, segment))
		return;
	logtap_table_drop(intake, segment, true);
}

bool logtap_close_silent(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	/* Another image of the process would go on. */
	if (!is_silent(segment) || logtap_gone_creator_runs(segment))
		return false;
	/* As in close_segment(): who claims now is seen, or sees the flag. */
	atomic_store(&segment->file.control->closed, 1);
	segment->closing = true;
	if (!is_silent(segment))
		return false;
	count_threads(intake, segment);
	logtap_reclaim_ended(intake, segment, header->pid, header->start_ticks);
	logtap_table_drop(intake, segment, true);
	return true;
}

/* Cut short by someone: what was read of it stays, the rest is lost. */
void logtap_close_lost(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment)
{
	for (uint32_t i = 0; i < segment->file.header.slot_count; i++) {
		if (!segment->slots[i])
			continue;
		segment->slots[i]->bad = true;
		if (logtap_slot_end(intake, segment, i))
			return;
	}
	if (append_end(intake, segment))
		return;
	const struct logtap_segment *header = &segment->file.header;
	bool gone = logtap_gone_surely(intake, segment, header->pid,
				       header->start_ticks);
	if (!gone)
		watch(intake, header->pid, header->start_ticks);
	logtap_table_drop(intake, segment, gone);
}

/* Is it time to ask for the creator of a segment without slots? */
static bool ask_is_due(const struct logtap_intake *intake,
		       struct logtap_intake_segment *segment)
{
	if (!intake->sweeps_all && intake->now_ns < segment->ask_due_ns)
		return false;
	uint64_t delay_ns = 2 * segment->ask_delay_ns;
	if (delay_ns < ASK_LEAST_NS)
		delay_ns = ASK_LEAST_NS;
	if (delay_ns > ASK_MOST_NS)
		delay_ns = ASK_MOST_NS;
	segment->ask_delay_ns = delay_ns;
	segment->ask_due_ns = intake->now_ns + delay_ns;
	return true;
}

void logtap_close_forget(struct logtap_intake *intake)
{
	for (size_t i = intake->watch_count; i-- > 0;)
		if (logtap_process_liveness(intake->watches[i].pid,
					    intake->watches[i].start_ticks) !=
		    LOGTAP_ALIVE)
			intake->watches[i] =
				intake->watches[--intake->watch_count];
}

uint64_t logtap_close_watched(const struct logtap_intake *intake)
{
	uint64_t count = 0;
	for (size_t i = 0; i < intake->watch_count; i++)
		count += !logtap_accounting_segments(
			intake->accounting, intake->watches[i].pid,
			intake->watches[i].start_ticks);
	return count;
}

void logtap_close_empty(struct logtap_intake *intake,
			struct logtap_intake_segment *segment)
{
	if (segment->closing ||
	    (ask_is_due(intake, segment) && abandoned(intake, segment)))
		close_segment(intake, segment);
}
