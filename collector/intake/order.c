/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Order within a thread, across its slots: one that a thread went on to is not
 * read before the one that it left.  Runs in the reader's thread.
 */
#include "intake.h"

/* An earlier slot that is never drained holds a later one for so long, and for
 * so many visits: the reader itself may have had no time for them. */
#define WAIT_MOST_NS (2 * LOGTAP_SECOND_NS)
#define WAIT_MOST_VISITS 64
/* The one just before may have no open segment yet. */
#define WAIT_UNKNOWN_NS (LOGTAP_SECOND_NS / 4)
#define WAIT_UNKNOWN_VISITS 16

static bool same_thread(const struct logtap_frame_thread *a,
			const struct logtap_frame_thread *b)
{
	return a->pid == b->pid && a->tid == b->tid && a->start == b->start &&
	       a->uid == b->uid && a->start_ticks == b->start_ticks;
}

enum earlier { EARLIER_UNKNOWN, EARLIER_LEFT, EARLIER_DRAINED };

/* Does @other, which is drained, end where @slot begins?  The host counts each
 * chunk that took a sequence number, also one that was dropped, and so was not
 * read. */
static bool comes_just_before(const struct logtap_intake_segment *segment,
			      uint32_t index,
			      const struct logtap_slot_reader *slot)
{
	const struct logtap_slot_reader *other = segment->slots[index];
	const struct logtap_slot *shared =
		logtap_segment_slot(&segment->file, index);
	uint32_t taken = (uint32_t)atomic_load_explicit(
		&shared->counters[LOGTAP_COUNTER_CHUNKS], memory_order_relaxed);
	return other->who.next_sequence == slot->who.first_sequence ||
	       other->who.first_sequence + taken == slot->who.first_sequence;
}

/* Is @other earlier than @slot, or the thread's first one, of which it has used
 * nothing before it went on to @slot? */
static bool is_earlier(const struct logtap_slot_reader *other,
		       const struct logtap_slot_reader *slot)
{
	int32_t behind =
		(int32_t)(slot->who.first_sequence - other->who.first_sequence);
	return behind > 0 ||
	       (!behind && !(other->who.flags & LOGTAP_SLOT_CONTINUES));
}

/* The earlier slots of the same thread: has one something left to read?  That
 * one is drained proves nothing if it is not the one just before, or has to
 * wait itself: a thread that moves fast has three slots before the first one's
 * segment was opened.  tests/model/moves.pml tries all orders. */
static enum earlier look_earlier(struct logtap_intake *intake,
				 const struct logtap_slot_reader *slot)
{
	enum earlier result = EARLIER_UNKNOWN;
	for (size_t i = 0; i < intake->segment_count; i++) {
		struct logtap_intake_segment *segment = intake->segments[i];
		for (uint32_t j = 0; j < segment->file.header.slot_count; j++) {
			struct logtap_slot_reader *other = segment->slots[j];
			/* Not visited yet: it may be the earlier one. */
			if (!other)
				other = logtap_slot_open(intake, segment, j);
			if (!other || other == slot || other->bad ||
			    other->ended ||
			    !same_thread(&other->who, &slot->who))
				continue;
			if (!is_earlier(other, slot))
				continue;
			if ((!other->moved && !other->dead) || other->waits ||
			    !logtap_slot_drained(segment, j))
				return EARLIER_LEFT;
			if (comes_just_before(segment, j, slot))
				result = EARLIER_DRAINED;
		}
	}
	return result;
}

bool logtap_order_must_wait(struct logtap_intake *intake,
			    struct logtap_slot_reader *slot)
{
	if (!slot->waits)
		return false;
	/* While the journal takes nothing no earlier slot can be drained. */
	if (slot->waits_refusals != intake->refusals) {
		slot->waits_refusals = intake->refusals;
		slot->waits_since_ns = intake->now_ns;
		slot->waits_visits = 0;
	}
	uint64_t waited_ns = intake->now_ns - slot->waits_since_ns;
	uint32_t visits = ++slot->waits_visits;
	switch (look_earlier(intake, slot)) {
	case EARLIER_LEFT:
		slot->waits =
			waited_ns < WAIT_MOST_NS || visits < WAIT_MOST_VISITS;
		break;
	case EARLIER_UNKNOWN:
		slot->waits =
			visits < WAIT_UNKNOWN_VISITS ||
			waited_ns < (intake->unopened_count ? WAIT_MOST_NS
							    : WAIT_UNKNOWN_NS);
		break;
	case EARLIER_DRAINED:
		slot->waits = false;
		break;
	}
	return slot->waits;
}

void logtap_order_let_next_go(struct logtap_intake *intake,
			      const struct logtap_intake_segment *segment,
			      uint32_t index)
{
	const struct logtap_slot_reader *slot = segment->slots[index];
	if (!slot->moved || slot->waits || slot->bad || segment->lost)
		return;
	for (size_t i = 0; i < intake->segment_count; i++) {
		struct logtap_intake_segment *at = intake->segments[i];
		for (uint32_t j = 0; j < at->file.header.slot_count; j++) {
			struct logtap_slot_reader *other = at->slots[j];
			if (other && other != slot && other->waits &&
			    same_thread(&other->who, &slot->who) &&
			    comes_just_before(segment, index, other))
				other->waits = false;
		}
	}
}
