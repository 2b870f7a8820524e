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
/* As long as such a slot is read, or waits itself, a later one waits on; but not
 * for ever, for a host may claim to be any thread. */
#define WAIT_EVER_NS (60 * LOGTAP_SECOND_NS)
/* The one just before may have no open segment yet. */
#define WAIT_UNKNOWN_NS (LOGTAP_SECOND_NS / 4)
#define WAIT_UNKNOWN_VISITS 16

static struct logtap_thread_key key_of(const struct logtap_frame_thread *who)
{
	return (struct logtap_thread_key){
		.pid = who->pid,
		.tid = who->tid,
		.uid = who->uid,
		.start = who->start,
		.start_ticks = who->start_ticks,
	};
}

static bool same_key(const struct logtap_thread_key *a,
		     const struct logtap_thread_key *b)
{
	return a->pid == b->pid && a->tid == b->tid && a->start == b->start &&
	       a->uid == b->uid && a->start_ticks == b->start_ticks;
}

enum earlier {
	EARLIER_UNKNOWN,
	EARLIER_LEFT,  /* one has something left */
	EARLIER_WAITS, /* one waits itself, and that comes to an end */
	EARLIER_DRAINED,
};

static bool same_thread(const struct logtap_slot_reader *a,
			const struct logtap_slot_reader *b)
{
	struct logtap_thread_key one = key_of(&a->who), other = key_of(&b->who);
	return same_key(&one, &other);
}

/* How many numbers the host took in a slot: it counts each chunk that took one,
 * also one that was dropped, and so was not read. */
static uint32_t numbers_taken(const struct logtap_intake_segment *segment,
			      uint32_t index)
{
	const struct logtap_slot *shared =
		logtap_segment_slot(&segment->file, index);
	return (uint32_t)atomic_load_explicit(
		&shared->counters[LOGTAP_COUNTER_CHUNKS], memory_order_relaxed);
}

/* Does @other, which is drained, end where @slot begins? */
static bool comes_just_before(const struct logtap_intake_segment *segment,
			      uint32_t index,
			      const struct logtap_slot_reader *slot)
{
	const struct logtap_slot_reader *other = segment->slots[index];
	return other->who.next_sequence == slot->who.first_sequence ||
	       other->who.first_sequence + numbers_taken(segment, index) ==
		       slot->who.first_sequence;
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

/* Of a slot that was freed, with nothing left in it, before @slot was open? */
static bool follows_a_left_one(const struct logtap_intake *intake,
			       const struct logtap_slot_reader *slot)
{
	struct logtap_thread_key key = key_of(&slot->who);
	for (size_t i = 0; i < LOGTAP_LEFT_SLOTS && i < intake->left_slot_count;
	     i++) {
		const struct logtap_left_slot *left = &intake->left_slots[i];
		if (same_key(&left->thread, &key) &&
		    (left->next[0] == slot->who.first_sequence ||
		     left->next[1] == slot->who.first_sequence))
			return true;
	}
	return false;
}

/* The earlier slots of the same thread: has one something left to read?  That
 * one is drained proves nothing if it is not the one just before, or has to
 * wait itself: a thread that moves fast has three slots before the first one's
 * segment was opened.  tests/model/moves.pml tries all orders.
 * @progress: another number when any of them was read, or came, or went. */
static enum earlier look_earlier(struct logtap_intake *intake,
				 const struct logtap_slot_reader *slot,
				 uint64_t *progress)
{
	bool waits = false, left = false, drained = false;
	*progress = 0;
	for (size_t i = 0; i < intake->segment_count; i++) {
		struct logtap_intake_segment *segment = intake->segments[i];
		for (uint32_t j = 0; j < segment->file.header.slot_count; j++) {
			struct logtap_slot_reader *other = segment->slots[j];
			/* Not visited yet: it may be the earlier one. */
			if (!other)
				other = logtap_slot_open(intake, segment, j);
			if (!other || other == slot || other->bad ||
			    other->ended || !same_thread(other, slot))
				continue;
			if (!is_earlier(other, slot))
				continue;
			*progress += 1 + !other->waits + other->who.ring[0].to +
				     other->who.ring[1].to;
			if (other->waits)
				waits = true;
			else if ((!other->moved && !other->dead) ||
				 !logtap_slot_drained(segment, j))
				left = true;
			else if (comes_just_before(segment, j, slot))
				drained = true;
		}
	}
	if (waits)
		return EARLIER_WAITS;
	if (left)
		return EARLIER_LEFT;
	return drained || follows_a_left_one(intake, slot) ? EARLIER_DRAINED
							   : EARLIER_UNKNOWN;
}

/* The wait begins anew: while the journal takes nothing no earlier slot can be
 * drained, and one that is being read may take long. */
static void begin_anew(const struct logtap_intake *intake,
		       struct logtap_slot_reader *slot, uint64_t progress)
{
	bool refused = slot->waits_refusals != intake->refusals;
	if (refused)
		slot->waits_begun_ns = intake->now_ns;
	bool goes_on = slot->waits_progress != progress &&
		       intake->now_ns - slot->waits_begun_ns < WAIT_EVER_NS;
	slot->waits_refusals = intake->refusals;
	slot->waits_progress = progress;
	if (!refused && !goes_on)
		return;
	slot->waits_since_ns = intake->now_ns;
	slot->waits_visits = 0;
}

bool logtap_order_must_wait(struct logtap_intake *intake,
			    struct logtap_slot_reader *slot)
{
	uint64_t progress;
	if (intake->in_any_order)
		slot->waits = false;
	if (!slot->waits)
		return false;
	enum earlier earlier = look_earlier(intake, slot, &progress);
	begin_anew(intake, slot, progress);
	uint64_t waited_ns = intake->now_ns - slot->waits_since_ns;
	uint32_t visits = ++slot->waits_visits;
	switch (earlier) {
	case EARLIER_LEFT:
		slot->waits =
			waited_ns < WAIT_MOST_NS || visits < WAIT_MOST_VISITS;
		break;
	case EARLIER_UNKNOWN:
		slot->waits =
			visits < WAIT_UNKNOWN_VISITS ||
			waited_ns < (intake->young_count ? WAIT_MOST_NS
							 : WAIT_UNKNOWN_NS);
		break;
	case EARLIER_WAITS:
		slot->waits =
			intake->now_ns - slot->waits_begun_ns < WAIT_EVER_NS;
		break;
	case EARLIER_DRAINED:
		slot->waits = false;
		break;
	}
	return slot->waits;
}

/* Nobody waits for it yet: whoever comes is to know that it need not. */
static void remember_left(struct logtap_intake *intake,
			  const struct logtap_intake_segment *segment,
			  uint32_t index)
{
	const struct logtap_frame_thread *who = &segment->slots[index]->who;
	intake->left_slots[intake->left_slot_count++ % LOGTAP_LEFT_SLOTS] =
		(struct logtap_left_slot){
			.thread = key_of(who),
			.next = {who->next_sequence,
				 who->first_sequence +
					 numbers_taken(segment, index)},
		};
}

void logtap_order_let_next_go(struct logtap_intake *intake,
			      const struct logtap_intake_segment *segment,
			      uint32_t index)
{
	const struct logtap_slot_reader *slot = segment->slots[index];
	bool found = false;
	if (!slot->moved || slot->waits || slot->bad ||
	    logtap_segment_lost(&segment->file))
		return;
	for (size_t i = 0; i < intake->segment_count; i++) {
		struct logtap_intake_segment *at = intake->segments[i];
		for (uint32_t j = 0; j < at->file.header.slot_count; j++) {
			struct logtap_slot_reader *other = at->slots[j];
			if (!other || other == slot || !other->waits ||
			    !same_thread(other, slot) ||
			    !comes_just_before(segment, index, other))
				continue;
			other->waits = false;
			found = true;
		}
	}
	if (!found)
		remember_left(intake, segment, index);
}
