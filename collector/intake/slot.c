/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One slot: identity, order among a thread's slots, counters, its end.  Runs in
 * the reader's thread.
 */
#include "../base/log.h"
#include "intake.h"
#include "restore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void copy_identity(struct logtap_intake *intake,
			  const struct logtap_intake_segment *segment,
			  const struct logtap_slot *shared,
			  struct logtap_slot_reader *slot)
{
	struct logtap_frame_thread *who = &slot->who;
	const struct logtap_segment *header = &segment->file.header;
	uint64_t observed_ns = logtap_now_realtime_ns();
	who->pid = shared->pid;
	who->parent_pid = shared->parent_pid;
	/* The file's owner is believed; root may have become anyone. */
	who->uid = segment->file.owner ? segment->file.owner : shared->uid;
	who->tid = shared->tid;
	who->parent_tid = shared->parent_tid;
	who->flags = shared->flags & ~LOGTAP_FRAME_THREAD_FORGOTTEN;
	who->start = shared->thread_start;
	who->start_ticks = shared->start_ticks;
	who->start_time_ns =
		who->pid == header->pid &&
				who->start_ticks == header->start_ticks
			? segment->start_time_ns
			: logtap_clock_convert(&intake->clock, header, 0,
					       who->start, observed_ns);
	memcpy(who->name, shared->name, sizeof(who->name));
	memcpy(who->library, shared->library, sizeof(who->library));
	who->first_sequence = who->next_sequence = shared->first_sequence;
}

/* Where to go on: where the journal says an earlier collector came to, or
 * where the tail is.  A tail that lies ahead of the head was stored by a
 * collector that was overtaken by a new generation; nobody read this one. */
static void take_positions(const struct logtap_slot *shared,
			   const struct logtap_restored_slot *restored,
			   struct logtap_slot_reader *slot)
{
	const struct logtap_ring_producer *producers[2] = {&shared->main,
							   &shared->nested};
	const _Atomic uint64_t *tails[2] = {&shared->main_tail,
					    &shared->nested_tail};
	if (restored) {
		slot->who = restored->who;
		slot->ended = restored->ended;
		slot->introduced = true; /* by the rotation that follows */
	}
	for (int i = 0; i < 2; i++) {
		uint64_t head = atomic_load_explicit(&producers[i]->head,
						     memory_order_acquire);
		uint64_t tail =
			atomic_load_explicit(tails[i], memory_order_acquire);
		if (tail <= head && tail > slot->who.ring[i].to) {
			slot->who.ring[i].to = tail;
			/* The journal was in memory, and died there.  Nobody
			 * knows which numbers were before it. */
			slot->who.flags |= LOGTAP_FRAME_THREAD_FORGOTTEN;
			slot->lost.overwrote = UINT64_MAX;
		}
	}
}

struct logtap_slot_reader *logtap_slot_open(
	struct logtap_intake *intake, struct logtap_intake_segment *segment,
	uint32_t index)
{
	const struct logtap_slot *shared =
		logtap_segment_slot(&segment->file, index);
	/* pairs with the claimer's release: identity, and zeroed positions */
	uint64_t word =
		atomic_load_explicit(&shared->state, memory_order_acquire);
	if (logtap_state_of(word) != LOGTAP_SLOT_LIVE &&
	    logtap_state_of(word) != LOGTAP_SLOT_MOVED)
		return NULL;
	struct logtap_slot_reader *slot = calloc(1, sizeof(*slot));
	if (!slot)
		return NULL;
	slot->generation = word >> LOGTAP_SLOT_GENERATION_SHIFT;
	copy_identity(intake, segment, shared, slot);
	struct logtap_restored_segment *known =
		logtap_restored_find(intake, &segment->file);
	take_positions(shared,
		       known ? logtap_restored_slot(known, index,
						    slot->generation)
			     : NULL,
		       slot);
	char name[LOGTAP_SLOT_NAME_BYTES + 1] = {0};
	if (slot->who.pid == segment->file.header.pid)
		memcpy(name, segment->file.header.comm, LOGTAP_COMM_BYTES);
	else
		memcpy(name, slot->who.name, LOGTAP_SLOT_NAME_BYTES);
	slot->account = logtap_accounting_get(intake->accounting, slot->who.uid,
					      slot->who.pid,
					      slot->who.start_ticks, name);
	/* What was copied belongs to this generation only if it still is. */
	atomic_thread_fence(memory_order_acquire);
	uint64_t now =
		atomic_load_explicit(&shared->state, memory_order_relaxed);
	if (!slot->account ||
	    now >> LOGTAP_SLOT_GENERATION_SHIFT != slot->generation) {
		free(slot);
		return NULL;
	}
	/* A mutex is taken before its slot goes live. */
	slot->unmarked = slot->who.flags & LOGTAP_SLOT_NO_DEATH_MARK ||
			 !(atomic_load_explicit(
				   logtap_segment_death(&segment->file, index),
				   memory_order_relaxed) &
			   LOGTAP_DEATH_TID_MASK);
	slot->waits = slot->who.flags & LOGTAP_SLOT_CONTINUES;
	slot->waits_begun_ns = slot->waits_since_ns = intake->now_ns;
	logtap_accounting_opened(intake->accounting, slot->account, 1, 0);
	segment->slots[index] = slot;
	return slot;
}

/* The slot went on to a new generation without us: its host took it back
 * while we seemed dead, and what we had not read is overwritten. */
static void overtaken(struct logtap_intake *intake,
		      struct logtap_intake_segment *segment, uint32_t index)
{
	logtap_log(LOGTAP_LOG_WARN, "reader",
		   "a host took its slot back segment=%s slot=%u",
		   segment->name, index);
	segment->slots[index]->overtaken = true;
	logtap_slot_end(intake, segment, index);
}

/* Did its thread go on to another ring? */
static void note_move(struct logtap_slot_reader *slot, uint64_t word)
{
	if (word >> LOGTAP_SLOT_GENERATION_SHIFT == slot->generation)
		slot->moved = logtap_state_of(word) == LOGTAP_SLOT_MOVED;
}

/* Nothing has come since the last visit: the usual answer. */
static bool is_quiet(const struct logtap_slot *shared,
		     const struct logtap_slot_reader *slot, uint64_t word)
{
	return slot->word == word && !slot->waits &&
	       atomic_load_explicit(&shared->main.head, memory_order_relaxed) ==
		       slot->who.ring[0].to &&
	       atomic_load_explicit(&shared->nested.head,
				    memory_order_relaxed) ==
		       slot->who.ring[1].to;
}

int logtap_slot_visit(struct logtap_intake *intake,
		      struct logtap_intake_segment *segment, uint32_t index)
{
	struct logtap_slot *shared = logtap_segment_slot(&segment->file, index);
	struct logtap_slot_reader *slot = segment->slots[index];
	uint64_t word =
		atomic_load_explicit(&shared->state, memory_order_acquire);
	unsigned state = logtap_state_of(word);
	if (slot ? is_quiet(shared, slot, word) : state == LOGTAP_SLOT_FREE)
		return 0;
	if (slot && slot->generation != word >> LOGTAP_SLOT_GENERATION_SHIFT) {
		overtaken(intake, segment, index);
		slot = segment->slots[index];
		if (slot)
			return -1;
	}
	if (!slot)
		slot = logtap_slot_open(intake, segment, index);
	if (state != LOGTAP_SLOT_LIVE && state != LOGTAP_SLOT_MOVED)
		return 0;
	if (!slot || slot->bad || slot->ended)
		return 0;
	note_move(slot, word);
	slot->word = word;
	if (logtap_order_must_wait(intake, slot))
		return 0;
	return logtap_visit_rings(intake, segment, index);
}

bool logtap_slot_drained(const struct logtap_intake_segment *segment,
			 uint32_t index)
{
	const struct logtap_slot_reader *slot = segment->slots[index];
	const struct logtap_slot *shared =
		logtap_segment_slot(&segment->file, index);
	if (!slot || slot->bad || slot->ended ||
	    logtap_segment_lost(&segment->file))
		return true;
	/* A head below what was read is a lie and leaves nothing to read. */
	return atomic_load_explicit(&shared->main.head, memory_order_acquire) <=
		       slot->who.ring[0].to &&
	       atomic_load_explicit(&shared->nested.head,
				    memory_order_acquire) <=
		       slot->who.ring[1].to;
}

/* Only since 1.4 a host says whether it gave up the oldest of a full ring; it has
 * if it took a slot back. */
static bool may_overwrite(const struct logtap_intake_segment *segment,
			  const struct logtap_slot_reader *slot)
{
	return segment->file.header.prefix.minor < 4 || slot->overtaken ||
	       slot->host[LOGTAP_COUNTER_OVERWROTE];
}

static struct logtap_counts count_slot(
	const struct logtap_intake_segment *segment, uint32_t index, bool ended)
{
	const struct logtap_slot_reader *slot = segment->slots[index];
	uint64_t span =
		(uint32_t)(slot->who.next_sequence - slot->who.first_sequence);
	bool forgotten = slot->who.flags & LOGTAP_FRAME_THREAD_FORGOTTEN;
	/* No chunk comes, whose number would tell how many were before. */
	if (forgotten && span < slot->host[LOGTAP_COUNTER_CHUNKS] &&
	    logtap_slot_drained(segment, index))
		span = slot->host[LOGTAP_COUNTER_CHUNKS];
	struct logtap_slot_sums sums = {
		.seen_chunks = slot->who.seen_chunks,
		.seen_bytes = slot->who.seen_bytes,
		.sequence_span = slot->overtaken ? UINT64_MAX : span,
		.overwrites = may_overwrite(segment, slot),
		.forgotten = forgotten,
		.continues = slot->who.flags & LOGTAP_SLOT_CONTINUES,
		.quarantined = slot->bad,
		.ended = ended,
	};
	memcpy(sums.host, slot->host, sizeof(sums.host));
	return logtap_slot_counts(&sums);
}

/* The host's counters, unless the slot is no longer of this generation, or was
 * read as zeros because it is not there any more. */
static void read_counters(const struct logtap_intake_segment *segment,
			  uint32_t index)
{
	struct logtap_slot_reader *slot = segment->slots[index];
	const struct logtap_slot *shared =
		logtap_segment_slot(&segment->file, index);
	uint64_t host[LOGTAP_COUNTERS];
	for (int i = 0; i < LOGTAP_COUNTERS; i++)
		host[i] = atomic_load_explicit(&shared->counters[i],
					       memory_order_relaxed);
	atomic_thread_fence(memory_order_acquire);
	uint64_t word =
		atomic_load_explicit(&shared->state, memory_order_relaxed);
	if (word >> LOGTAP_SLOT_GENERATION_SHIFT == slot->generation &&
	    !logtap_segment_lost(&segment->file))
		memcpy(slot->host, host, sizeof(host));
}

void logtap_slot_refresh(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment, uint32_t index)
{
	struct logtap_slot_reader *slot = segment->slots[index];
	const struct logtap_slot *shared =
		logtap_segment_slot(&segment->file, index);
	if (slot->ended)
		return;
	logtap_slot_refresh_owner(intake, segment, index);
	/* What comes later is counted as it is journalled. */
	if (slot->introduced &&
	    !memcmp(slot->host, (const void *)shared->counters,
		    sizeof(slot->host)) &&
	    !memcmp(slot->who.name, shared->name, sizeof(slot->who.name)))
		return;
	if (memcmp(slot->who.name, shared->name, sizeof(slot->who.name))) {
		memcpy(slot->who.name, shared->name, sizeof(slot->who.name));
		slot->introduced = false; /* again, with the new name */
	}
	read_counters(segment, index);
	logtap_metrics_read_slot(intake, segment, index);
	struct logtap_counts counts = count_slot(segment, index, false);
	logtap_accounting_update(intake->accounting, slot->account, &slot->live,
				 &counts);
}

void logtap_slot_journalled(struct logtap_intake *intake,
			    struct logtap_intake_segment *segment,
			    uint32_t index, uint64_t chunks)
{
	struct logtap_slot_reader *slot = segment->slots[index];
	read_counters(segment, index);
	struct logtap_counts counts = count_slot(segment, index, false);
	logtap_accounting_journalled(intake->accounting, slot->account,
				     &slot->live, &counts,
				     logtap_journal_end(intake->journal),
				     chunks);
}

int logtap_slot_end(struct logtap_intake *intake,
		    struct logtap_intake_segment *segment, uint32_t index)
{
	struct logtap_slot_reader *slot = segment->slots[index];
	int result = 0;
	if (!slot->ended) {
		if (!logtap_segment_lost(&segment->file)) {
			read_counters(segment, index);
			logtap_metrics_read_slot(intake, segment, index);
			/* It may have moved since the last visit began. */
			note_move(slot, atomic_load_explicit(
						&logtap_segment_slot(
							 &segment->file, index)
							 ->state,
						memory_order_acquire));
		}
		struct logtap_counts counts = count_slot(segment, index, true);
		result = logtap_intake_introduce(intake, segment, index);
		struct logtap_frame frame = {
			.type = LOGTAP_FRAME_THREAD_END,
			.ring = slot->moved,
			.segment = segment->key,
			.generation = slot->generation,
			.slot = index,
			.observed_ns = logtap_now_realtime_ns(),
		};
		if (!result)
			result = logtap_intake_append(intake, &frame, &counts,
						      sizeof(counts));
		if (result)
			return result;
		logtap_accounting_fold(intake->accounting, slot->account,
				       &slot->live, &counts);
	}
	if (slot->stale || slot->unknown || slot->rolled_back)
		logtap_log(LOGTAP_LOG_WARN, "reader",
			   "left out chunks segment=%s slot=%u stale=%u "
			   "unknown=%u heads_back=%u",
			   segment->name, index, slot->stale, slot->unknown,
			   slot->rolled_back);
	logtap_order_let_next_go(intake, segment, index);
	logtap_accounting_opened(intake->accounting, slot->account, -1, 0);
	logtap_metrics_end_row(intake, &slot->metrics);
	segment->slots[index] = NULL;
	free(slot);
	return 0;
}
