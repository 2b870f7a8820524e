/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking slots and segments back from the dead.  Runs in the reader's thread.
 *
 * A thread's end is the kernel's mark in its slot's death word; that holds in
 * any pid namespace.  Where there is no mark (raw clones, other libcs, a thread
 * killed before it took its mutex) the sweep asks /proc: a host is gone when
 * its pid is, and no process has the segment mapped.  In a pid namespace of
 * our own that is sound only for hosts that we have seen there, or that must be
 * in it (our supervisor's children): others may live outside of our /proc.
 *
 * A slot is freed by (generation, held) -> (generation + 1, FREE) and nothing
 * else: its next claimer zeroes positions and counters before it goes live.
 */
#include "../base/log.h"
#include "intake.h"
#include "liveness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A segment without slots whose creator still runs is asked about so late. */
#define QUIET_NS (2 * LOGTAP_SECOND_NS)
/* A claim lasts microseconds; one that lasts longer may be a dead thread's. */
#define CLAIM_NS (2 * LOGTAP_SECOND_NS)

/* A creator whose segment is closed, but which runs on as another image. */
struct logtap_watch {
	uint32_t pid;
	uint64_t start_ticks;
};

static unsigned state_of(uint64_t word)
{
	return (unsigned)(word & LOGTAP_SLOT_STATE_MASK);
}

static uint64_t load_state(const struct logtap_intake_segment *segment,
			   uint32_t index)
{
	return atomic_load_explicit(
		&logtap_segment_slot(&segment->file, index)->state,
		memory_order_acquire);
}

static uint32_t load_death(const struct logtap_intake_segment *segment,
			   uint32_t index)
{
	/* pairs with the kernel's mark: all that the thread did came before */
	return atomic_load_explicit(logtap_segment_death(&segment->file, index),
				    memory_order_acquire);
}

static void set_free(struct logtap_intake_segment *segment, uint32_t index,
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
	uint64_t word = load_state(segment, index);
	struct logtap_slot_reader *slot = segment->slots[index];
	if (!slot || slot->waits || !logtap_slot_drained(segment, index))
		return;
	if (word >> LOGTAP_SLOT_GENERATION_SHIFT != slot->generation)
		return; /* the next visit sees to it */
	if (!logtap_slot_end(intake, segment, index))
		set_free(segment, index, word);
}

static void mark_dead(struct logtap_intake_segment *segment,
		      struct logtap_slot_reader *slot)
{
	slot->dead = true;
	if (slot->who.flags & LOGTAP_SLOT_MAIN &&
	    slot->who.pid == segment->file.header.pid)
		segment->main_ended = true;
}

uint32_t logtap_reclaim_deaths(struct logtap_intake *intake,
			       struct logtap_intake_segment *segment)
{
	for (uint32_t i = 0; i < segment->file.header.slot_count; i++) {
		uint64_t word = load_state(segment, i);
		if (state_of(word) == LOGTAP_SLOT_FREE)
			continue;
		struct logtap_slot_reader *slot = segment->slots[i];
		/* Dead first, then drained: nothing can come behind that. */
		if (slot && slot->dead)
			free_dead(intake, segment, i);
		else if (load_death(segment, i) & LOGTAP_DEATH_OWNER_DIED) {
			if (slot && state_of(word) != LOGTAP_SLOT_CLAIMED)
				mark_dead(segment, slot);
		}
	}
	return segment->file.header.slot_count;
}

void logtap_reclaim_meet(struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	segment->was_seen =
		header->start_ticks &&
		logtap_process_liveness(header->pid, header->start_ticks) !=
			LOGTAP_UNKNOWN;
}

/* One reading of all maps serves a whole sweep. */
static bool mapped(struct logtap_intake *intake,
		   const struct logtap_intake_segment *segment)
{
	static struct logtap_mapped_files files;
	if (!intake->mapped) {
		logtap_mapped_files_deinit(&files);
		logtap_mapped_files_read(&files);
		intake->mapped = &files;
	}
	return logtap_mapped_files_have(intake->mapped, segment->file.device,
					segment->file.inode);
}

/* Does what we see of /proc say all there is to say of a segment's hosts? */
static bool proc_is_whole(const struct logtap_intake *intake,
			  const struct logtap_intake_segment *segment)
{
	return intake->sees_all || intake->descendants || segment->was_seen;
}

/* Certain that no process of that pid and start is there any more? */
static bool surely_gone(struct logtap_intake *intake,
			const struct logtap_intake_segment *segment,
			uint32_t pid, uint64_t start_ticks)
{
	enum logtap_liveness liveness =
		logtap_process_liveness(pid, start_ticks);
	if (liveness != LOGTAP_UNKNOWN)
		return liveness == LOGTAP_GONE;
	/* Found there before, and with its start: it was of our namespace. */
	if (segment->was_seen && pid == segment->file.header.pid)
		return true;
	return proc_is_whole(intake, segment) && !mapped(intake, segment);
}

/* A held slot that has no death mark (yet). */
static void sweep_slot(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment, uint32_t index)
{
	struct logtap_slot_reader *slot = segment->slots[index];
	const struct logtap_frame_thread *who = &slot->who;
	if (surely_gone(intake, segment, who->pid, who->start_ticks)) {
		slot->dead = true;
		return;
	}
	/* A thread may end before its process does. */
	if (who->flags & LOGTAP_SLOT_NO_DEATH_MARK && who->start_ticks &&
	    logtap_process_liveness(who->pid, who->start_ticks) ==
		    LOGTAP_ALIVE &&
	    logtap_thread_liveness(who->pid, who->tid) == LOGTAP_GONE)
		slot->dead = true;
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
	if (!ended &&
	    (intake->now_ns - segment->claim_since_ns < CLAIM_NS ||
	     !proc_is_whole(intake, segment) || mapped(intake, segment)))
		return;
	segment->claim_word = 0;
	if (!ended)
		set_free(segment, index, word);
}

static void sweep_held(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment, uint32_t index,
		       uint64_t word)
{
	struct logtap_slot_reader *slot = segment->slots[index];
	if (slot && state_of(word) == LOGTAP_SLOT_FREE) {
		/* freed by someone else: end what we have of it */
		slot->overtaken = true;
		logtap_slot_end(intake, segment, index);
	} else if (slot && !slot->dead) {
		sweep_slot(intake, segment, index);
	} else if (!slot && state_of(word) == LOGTAP_SLOT_CLAIMED) {
		sweep_claim(intake, segment, index, word);
	}
}

/* Return: true when all slots are free. */
static bool sweep_slots(struct logtap_intake *intake,
			struct logtap_intake_segment *segment)
{
	bool all_free = true, claim = false;
	for (uint32_t i = 0; i < segment->file.header.slot_count; i++) {
		uint64_t word = load_state(segment, i);
		if (state_of(word) == LOGTAP_SLOT_FREE && !segment->slots[i])
			continue;
		all_free = false;
		claim = claim || state_of(word) == LOGTAP_SLOT_CLAIMED;
		sweep_held(intake, segment, i, word);
	}
	if (!claim)
		segment->claim_word = 0;
	if (!all_free)
		segment->quiet_since_ns = 0;
	else if (!segment->quiet_since_ns)
		segment->quiet_since_ns = intake->now_ns;
	return all_free;
}

static void watch(struct logtap_intake *intake, uint32_t pid,
		  uint64_t start_ticks)
{
	if (intake->watch_count == intake->watch_room) {
		size_t room = intake->watch_room ? 2 * intake->watch_room : 8;
		void *grown = realloc(intake->watches,
				      room * sizeof(*intake->watches));
		if (!grown)
			return;
		intake->watches = grown;
		intake->watch_room = room;
	}
	intake->watches[intake->watch_count++] =
		(struct logtap_watch){pid, start_ticks};
}

/* Certain that the creator of a segment has ended?  A child that was forked
 * does not know its start, and then its pid proves nothing: in a namespace of
 * its own it may be the number of somebody else here. */
static bool creator_gone(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	/* What we ourselves have mapped is not among the mapped. */
	if (!header->start_ticks && header->pid != intake->pid)
		return proc_is_whole(intake, segment) &&
		       !mapped(intake, segment);
	return surely_gone(intake, segment, header->pid, header->start_ticks);
}

static bool creator_runs(const struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	return header->start_ticks &&
	       logtap_process_liveness(header->pid, header->start_ticks) ==
		       LOGTAP_ALIVE;
}

/* May a segment without slots go?  Its creator has ended, or has become
 * another image: nobody is likely to claim in it again, and who does finds it
 * closed and makes his own. */
static bool abandoned(struct logtap_intake *intake,
		      struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	if (!creator_runs(segment))
		return segment->main_ended || creator_gone(intake, segment);
	if (!segment->main_ended &&
	    (intake->now_ns - segment->quiet_since_ns < QUIET_NS ||
	     mapped(intake, segment)))
		return false;
	watch(intake, header->pid, header->start_ticks);
	return true;
}

static bool all_free_now(const struct logtap_intake_segment *segment)
{
	for (uint32_t i = 0; i < segment->file.header.slot_count; i++)
		if (segment->slots[i] ||
		    state_of(atomic_load(
			    &logtap_segment_slot(&segment->file, i)->state)) !=
			    LOGTAP_SLOT_FREE)
			return false;
	return true;
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

static bool close_segment(struct logtap_intake *intake,
			  struct logtap_intake_segment *segment)
{
	/* Sequentially consistent, as are the claimer's exchange and its look
	 * at the flag: one of the two sees the other. */
	atomic_store(&segment->file.control->closed, 1);
	segment->closing = true;
	if (!all_free_now(segment))
		return false;
	logtap_notes_end(intake, segment);
	if (append_end(intake, segment))
		return false;
	logtap_discover_drop(intake, segment, true);
	return true;
}

/* Cut short by someone: what was read of it stays, the rest is lost. */
static bool drop_lost(struct logtap_intake *intake,
		      struct logtap_intake_segment *segment)
{
	for (uint32_t i = 0; i < segment->file.header.slot_count; i++) {
		if (!segment->slots[i])
			continue;
		segment->slots[i]->bad = true;
		if (logtap_slot_end(intake, segment, i))
			return false;
	}
	if (append_end(intake, segment))
		return false;
	const struct logtap_segment *header = &segment->file.header;
	bool gone =
		surely_gone(intake, segment, header->pid, header->start_ticks);
	if (!gone)
		watch(intake, header->pid, header->start_ticks);
	logtap_discover_drop(intake, segment, gone);
	return true;
}

void logtap_reclaim_sweep(struct logtap_intake *intake)
{
	intake->mapped = NULL;
	for (size_t i = intake->segment_count; i-- > 0;) {
		struct logtap_intake_segment *segment = intake->segments[i];
		if (logtap_segment_lost(&segment->file)) {
			drop_lost(intake, segment);
			continue;
		}
		logtap_notes_take(intake, segment);
		if (sweep_slots(intake, segment) &&
		    (segment->closing || abandoned(intake, segment)))
			close_segment(intake, segment);
	}
	for (size_t i = intake->watch_count; i-- > 0;)
		if (logtap_process_liveness(intake->watches[i].pid,
					    intake->watches[i].start_ticks) !=
		    LOGTAP_ALIVE)
			intake->watches[i] =
				intake->watches[--intake->watch_count];
}

/* Is a segment the first in the table of its account? */
static bool counted_before(struct logtap_intake *intake, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (intake->segments[i]->account ==
		    intake->segments[index]->account)
			return true;
	return false;
}

static uint64_t held_by_others(struct logtap_intake_segment *segment)
{
	uint64_t others = 0;
	for (uint32_t i = 0; i < segment->file.header.slot_count; i++) {
		struct logtap_slot_reader *slot = segment->slots[i];
		bool known = !slot || slot->dead ||
			     slot->account == segment->account;
		for (uint32_t j = 0; !known && j < i; j++)
			known = segment->slots[j] &&
				segment->slots[j]->account == slot->account;
		others += !known;
	}
	return others;
}

static bool creator_lives(struct logtap_intake *intake,
			  struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	for (uint32_t i = 0; i < header->slot_count; i++)
		if (segment->slots[i] && !segment->slots[i]->dead &&
		    segment->slots[i]->account == segment->account)
			return true;
	/* Its children may have the file mapped for as long as they like. */
	if (segment->main_ended)
		return creator_runs(segment);
	return !creator_gone(intake, segment);
}

uint64_t logtap_reclaim_live_processes(struct logtap_intake *intake)
{
	uint64_t live = intake->watch_count;
	intake->mapped = NULL;
	for (size_t i = 0; i < intake->segment_count; i++) {
		struct logtap_intake_segment *segment = intake->segments[i];
		if (logtap_segment_lost(&segment->file))
			continue;
		live += held_by_others(segment);
		if (!counted_before(intake, i))
			live += creator_lives(intake, segment);
	}
	return live;
}
