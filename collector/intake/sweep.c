/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ends that no death word tells.  Runs in the reader's thread.
 *
 * Where there is no mark (raw clones, other libcs, a thread killed before it
 * took its mutex) /proc is asked.
 *
 * To ask costs system calls, so their number a second is bounded, however many
 * hosts there are.  Those with a mark are asked for as well, a few at a time: a
 * host may have lost its list of mutexes.
 */
#include "ends.h"
#include "intake.h"
#include "liveness.h"
#include "notes.h"

/* A claim lasts microseconds; one that lasts longer may be a dead thread's. */
#define CLAIM_NS (2 * LOGTAP_SECOND_NS)
/* Processes and threads that one sweep asks for. */
enum { UNMARKED_ASKS = 128, MARKED_ASKS = 8 };
enum { SWEEPS_PER_WATCH = 16 };

/* The process that was asked for last: threads of one follow each other. */
struct asked {
	uint32_t pid;
	uint64_t start_ticks;
	bool gone;
	unsigned count; /* asked so far */
};

static bool process_gone(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment,
			 const struct logtap_frame_thread *who,
			 struct asked *asked)
{
	if (asked->count && asked->pid == who->pid &&
	    asked->start_ticks == who->start_ticks)
		return asked->gone;
	asked->pid = who->pid;
	asked->start_ticks = who->start_ticks;
	asked->gone =
		logtap_gone_surely(intake, segment, who->pid, who->start_ticks);
	asked->count++;
	return asked->gone;
}

/* The next visit empties and frees it. */
static void give_to_visit(struct logtap_intake_segment *segment, uint32_t index)
{
	segment->slots[index]->dead = true;
	segment->settled[index].word = LOGTAP_UNSETTLED;
}

static void ask_for_slot(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment, uint32_t index,
			 struct asked *asked)
{
	struct logtap_slot_reader *slot = segment->slots[index];
	const struct logtap_frame_thread *who = &slot->who;
	if (process_gone(intake, segment, who, asked)) {
		give_to_visit(segment, index);
		logtap_reclaim_ended(intake, segment, who->pid,
				     who->start_ticks);
		return;
	}
	/* A thread may end before its process does. */
	if (!slot->unmarked || !who->start_ticks ||
	    logtap_process_liveness(who->pid, who->start_ticks) != LOGTAP_ALIVE)
		return;
	asked->count++;
	if (logtap_thread_liveness(who->pid, who->tid) == LOGTAP_GONE)
		give_to_visit(segment, index);
}

/* Asks for held slots with or without a death mark.  Return: how often. */
static unsigned ask_for_segment(struct logtap_intake *intake,
				struct logtap_intake_segment *segment,
				bool unmarked)
{
	struct asked asked = {0};
	if (logtap_segment_lost(&segment->file))
		return 0;
	for (uint32_t i = 0; i < segment->file.header.slot_count; i++) {
		const struct logtap_slot_reader *slot = segment->slots[i];
		if (slot && !slot->dead && slot->unmarked == unmarked)
			ask_for_slot(intake, segment, i, &asked);
	}
	return asked.count;
}

/* Goes on where the last call ended. */
static void ask_for_some(struct logtap_intake *intake, bool unmarked)
{
	size_t *turn = unmarked ? &intake->ask_unmarked : &intake->ask_marked;
	unsigned most = unmarked ? UNMARKED_ASKS : MARKED_ASKS, count = 0;
	for (size_t i = 0; i < intake->segment_count; i++) {
		if (count >= most && !intake->sweeps_all)
			break;
		size_t at = (*turn)++ % intake->segment_count;
		count +=
			ask_for_segment(intake, intake->segments[at], unmarked);
	}
}

/* A claim that does not come to an end: its thread died, and whose it was is
 * not known, for the identity was not written (the death word may be of the
 * generation before).  When nobody has the file mapped, nobody will end it. */
static void sweep_claim(struct logtap_intake *intake,
			struct logtap_intake_segment *segment, uint32_t index,
			uint64_t word)
{
	if (!segment->claim_word) {
		segment->claim_word = word;
		segment->claim_slot = index;
		segment->claim_since_ns = intake->now_ns;
		return;
	}
	if (segment->claim_slot != index)
		return;
	bool ended = segment->claim_word != word;
	if (!ended && (intake->now_ns - segment->claim_since_ns < CLAIM_NS ||
		       !logtap_gone_can_tell(intake, segment) ||
		       logtap_gone_mapped(intake, segment->file.device,
					  segment->file.inode)))
		return;
	segment->claim_word = 0;
	if (!ended)
		logtap_reclaim_free(segment, index, word);
}

static void sweep_held(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment, uint32_t index,
		       uint64_t word)
{
	struct logtap_slot_reader *slot = segment->slots[index];
	if (slot && logtap_state_of(word) == LOGTAP_SLOT_FREE) {
		/* freed by someone else: end what we have of it */
		slot->overtaken = true;
		logtap_slot_end(intake, segment, index);
	} else if (!slot && logtap_state_of(word) == LOGTAP_SLOT_CLAIMED) {
		sweep_claim(intake, segment, index, word);
	}
}

/* Return: true when all slots are free. */
static bool sweep_slots(struct logtap_intake *intake,
			struct logtap_intake_segment *segment)
{
	bool all_free = true, claim = false;
	for (uint32_t i = 0; i < segment->file.header.slot_count; i++) {
		uint64_t word = logtap_slot_load(segment, i);
		if (logtap_state_of(word) == LOGTAP_SLOT_FREE &&
		    !segment->slots[i])
			continue;
		all_free = false;
		claim = claim || logtap_state_of(word) == LOGTAP_SLOT_CLAIMED;
		sweep_held(intake, segment, i, word);
	}
	if (!claim)
		segment->claim_word = 0;
	if (!all_free) {
		segment->quiet_since_ns = 0;
		segment->ask_due_ns = 0;
		segment->ask_delay_ns = 0;
	} else if (!segment->quiet_since_ns) {
		segment->quiet_since_ns = intake->now_ns;
	}
	return all_free;
}

static void sweep_segment(struct logtap_intake *intake,
			  struct logtap_intake_segment *segment)
{
	if (logtap_segment_lost(&segment->file)) {
		logtap_close_lost(intake, segment);
		return;
	}
	logtap_notes_take(intake, segment);
	if (sweep_slots(intake, segment))
		logtap_close_empty(intake, segment);
}

void logtap_sweep(struct logtap_intake *intake, bool all)
{
	intake->mapped = NULL;
	intake->sweeps_all = all;
	ask_for_some(intake, true);
	ask_for_some(intake, false);
	for (size_t i = intake->segment_count; i-- > 0;)
		sweep_segment(intake, intake->segments[i]);
	if (all || !(intake->sweeps++ % SWEEPS_PER_WATCH))
		logtap_close_forget(intake);
}
