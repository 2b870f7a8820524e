/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading one slot: identity, rings, counters.  Runs in the reader's thread.
 *
 * The order that keeps every record: copy, check, journal, and only then
 * release the ring's tail.  If this process dies between the two, the journal
 * says how far the ring was read.
 */
#include "../base/log.h"
#include "intake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An earlier slot that is never drained holds a later one for so long. */
#define WAIT_MOST_NS (2 * LOGTAP_SECOND_NS)
#define WAIT_UNKNOWN_NS (LOGTAP_SECOND_NS / 4)
/* Times of one ring run backwards by this much at most, by the jitter of
 * clocks; more is a step of the clock, and told as it is. */
#define JITTER_NS LOGTAP_SECOND_NS
/* A handler's chunk waits for the one that it interrupted for so long. */
#define HOLD_MOST_NS (20 * (LOGTAP_SECOND_NS / 1000))
/* Of a slot whose two rings hold chunks, in one visit at most. */
#define CHUNKS_OF_BOTH 512

static unsigned state_of(uint64_t word)
{
	return (unsigned)(word & LOGTAP_SLOT_STATE_MASK);
}

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
	who->flags = shared->flags;
	who->start = shared->thread_start;
	who->start_ticks = shared->start_ticks;
	who->start_time_ns =
		who->pid == header->pid &&
				who->start_ticks == header->start_ticks
			? segment->start_time_ns
			: logtap_clock_convert(&intake->clock, header, 0,
					       who->start, observed_ns);
	memcpy(who->name, shared->name, sizeof(who->name));
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
		if (tail <= head && tail > slot->who.ring[i].to)
			slot->who.ring[i].to = tail;
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
	if (state_of(word) != LOGTAP_SLOT_LIVE &&
	    state_of(word) != LOGTAP_SLOT_MOVED)
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
	slot->waits = slot->who.flags & LOGTAP_SLOT_CONTINUES;
	slot->waits_since_ns = intake->now_ns;
	logtap_accounting_opened(intake->accounting, slot->account, 1, 0);
	segment->slots[index] = slot;
	return slot;
}

static bool same_thread(const struct logtap_frame_thread *a,
			const struct logtap_frame_thread *b)
{
	return a->pid == b->pid && a->tid == b->tid && a->start == b->start &&
	       a->uid == b->uid && a->start_ticks == b->start_ticks;
}

enum earlier { EARLIER_UNKNOWN, EARLIER_LEFT, EARLIER_DRAINED };

/* The earlier slots of the same thread: has one something left to read? */
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
			if ((int32_t)(other->who.first_sequence -
				      slot->who.first_sequence) >= 0)
				continue;
			if ((!other->moved && !other->dead) ||
			    !logtap_slot_drained(segment, j))
				return EARLIER_LEFT;
			result = EARLIER_DRAINED;
		}
	}
	return result;
}

static bool must_wait(struct logtap_intake *intake,
		      struct logtap_slot_reader *slot)
{
	if (!slot->waits)
		return false;
	uint64_t waited_ns = intake->now_ns - slot->waits_since_ns;
	switch (look_earlier(intake, slot)) {
	case EARLIER_LEFT:
		slot->waits = waited_ns < WAIT_MOST_NS;
		break;
	case EARLIER_UNKNOWN: /* its segment may not be open yet */
		slot->waits = waited_ns < WAIT_UNKNOWN_NS;
		break;
	case EARLIER_DRAINED:
		slot->waits = false;
		break;
	}
	return slot->waits;
}

static uint32_t sink_kind(struct logtap_intake_segment *segment, uint8_t index)
{
	struct logtap_sink *sinks = segment->file.header.sinks;
	if (index >= LOGTAP_SINKS)
		return LOGTAP_SINK_NONE;
	if (atomic_load_explicit(&sinks[index].state, memory_order_relaxed) !=
	    LOGTAP_SINK_READY) {
		logtap_segment_read_sinks(&segment->file);
		if (atomic_load_explicit(&sinks[index].state,
					 memory_order_relaxed) !=
		    LOGTAP_SINK_READY)
			return LOGTAP_SINK_NONE;
	}
	return sinks[index].kind <= LOGTAP_SINK_API ? sinks[index].kind
						    : LOGTAP_SINK_NONE;
}

/* Puts kinds in the place of sinks' indexes and ns in the place of ticks. */
static uint64_t normalise(struct logtap_intake *intake,
			  struct logtap_intake_segment *segment,
			  const struct logtap_frame_ring *ring, uint32_t bytes,
			  uint64_t observed_ns)
{
	unsigned char *data = logtap_window_data(&intake->window);
	uint64_t last_ns = ring->last_time_ns;
	struct logtap_chunk chunk;
	for (uint32_t at = 0; at < bytes;) {
		memcpy(&chunk, data + at, sizeof(chunk));
		uint64_t ns =
			logtap_clock_convert(&intake->clock,
					     &segment->file.header, chunk.flags,
					     chunk.time, observed_ns);
		if (ns < last_ns && last_ns - ns < JITTER_NS)
			ns = last_ns;
		last_ns = chunk.time = ns;
		chunk.sink = (uint8_t)sink_kind(segment, chunk.sink);
		memcpy(data + at, &chunk, sizeof(chunk));
		at += (uint32_t)logtap_chunk_span(chunk.length);
	}
	return last_ns;
}

static void give_up(struct logtap_intake_segment *segment, uint32_t index,
		    const char *why)
{
	struct logtap_slot_reader *slot = segment->slots[index];
	slot->bad = true;
	logtap_log(LOGTAP_LOG_WARN, "reader",
		   "gave up a slot: %s segment=%s slot=%u pid=%u tid=%u", why,
		   segment->name, index, slot->who.pid, slot->who.tid);
}

static void commit(struct logtap_slot_reader *slot, unsigned nested,
		   const struct logtap_ring_taken *taken, uint64_t last_ns)
{
	struct logtap_frame_thread *who = &slot->who;
	struct logtap_frame_ring *ring = &who->ring[nested];
	ring->to = taken->to;
	slot->stale += taken->stale;
	slot->unknown += taken->unknown;
	if (!taken->chunks)
		return;
	ring->last_time_ns = last_ns;
	ring->last_sequence = taken->last_sequence;
	ring->has_last = 1;
	who->seen_chunks += taken->chunks;
	who->seen_bytes += taken->payload_bytes;
	if ((int32_t)(taken->last_sequence + 1 - who->next_sequence) > 0)
		who->next_sequence = taken->last_sequence + 1;
}

/* What is taken in one visit, and of which ring. */
struct visit {
	struct logtap_intake *intake;
	struct logtap_intake_segment *segment;
	uint32_t index;
	int fill; /* percent of the fuller ring */
};

enum visit_result {
	VISIT_TAKEN = 0,
	VISIT_EMPTY = 1,
	VISIT_LATER = 2,
	VISIT_JOURNAL_FULL = -1,
};

static struct logtap_ring_source ring_source(const struct visit *visit,
					     unsigned nested)
{
	const struct logtap_segment_file *file = &visit->segment->file;
	struct logtap_slot *shared = logtap_segment_slot(file, visit->index);
	return (struct logtap_ring_source){
		.fd = file->fd,
		.offset =
			logtap_segment_ring_offset(file, visit->index, nested),
		.capacity = nested ? file->header.nested_bytes
				   : file->header.ring_bytes,
		.producer = nested ? &shared->nested : &shared->main,
	};
}

static enum visit_result take(struct visit *visit, unsigned nested,
			      const uint32_t *before,
			      struct logtap_ring_taken *taken)
{
	struct logtap_intake *intake = visit->intake;
	struct logtap_slot_reader *slot = visit->segment->slots[visit->index];
	struct logtap_ring_source source = ring_source(visit, nested);
	const char *why = "";
	int result = logtap_ring_take(&source, &slot->who.ring[nested], before,
				      &intake->window, taken, &why);
	if (result == LOGTAP_RING_BROKEN)
		give_up(visit->segment, visit->index, why);
	if (result == LOGTAP_RING_ROLLED_BACK && !slot->rolled_back++)
		logtap_log(LOGTAP_LOG_WARN, "reader",
			   "ignored a head that went back segment=%s slot=%u",
			   visit->segment->name, visit->index);
	if (result == LOGTAP_RING_LATER)
		return VISIT_LATER;
	if (result)
		return VISIT_EMPTY;
	int percent = (int)(taken->waiting * 100 / source.capacity);
	if (percent > visit->fill)
		visit->fill = percent;
	return VISIT_TAKEN;
}

/* Journals what take() left in the window, then releases it. */
static enum visit_result keep(struct visit *visit, unsigned nested,
			      const struct logtap_ring_taken *taken)
{
	struct logtap_intake *intake = visit->intake;
	struct logtap_intake_segment *segment = visit->segment;
	struct logtap_slot_reader *slot = segment->slots[visit->index];
	struct logtap_slot *shared =
		logtap_segment_slot(&segment->file, visit->index);
	uint64_t observed_ns = logtap_now_realtime_ns();
	uint64_t last_ns = 0;
	if (taken->bytes) {
		if (logtap_intake_introduce(intake, segment, visit->index))
			return VISIT_JOURNAL_FULL;
		last_ns = normalise(intake, segment, &slot->who.ring[nested],
				    taken->bytes, observed_ns);
		struct logtap_frame frame = {
			.type = LOGTAP_FRAME_DATA,
			.ring = (uint16_t)nested,
			.segment = segment->key,
			.generation = slot->generation,
			.slot = visit->index,
			.chunks = taken->chunks,
			.from = taken->from,
			.to = taken->to,
			.observed_ns = observed_ns,
		};
		memcpy(intake->window.memory, &frame, sizeof(frame));
		if (logtap_intake_append_window(intake, taken->bytes))
			return VISIT_JOURNAL_FULL;
	}
	commit(slot, nested, taken, last_ns);
	/* pairs with the producer's acquire: the bytes may be overwritten */
	atomic_store_explicit(nested ? &shared->nested_tail
				     : &shared->main_tail,
			      taken->to, memory_order_release);
	return VISIT_TAKEN;
}

static enum visit_result take_and_keep(struct visit *visit, unsigned nested,
				       const uint32_t *before)
{
	struct logtap_ring_taken taken;
	enum visit_result result = take(visit, nested, before, &taken);
	return result == VISIT_TAKEN ? keep(visit, nested, &taken) : result;
}

static bool nested_waits(const struct visit *visit)
{
	const struct logtap_slot_reader *slot =
		visit->segment->slots[visit->index];
	const struct logtap_slot *shared =
		logtap_segment_slot(&visit->segment->file, visit->index);
	return atomic_load_explicit(&shared->nested.head,
				    memory_order_acquire) >
	       slot->who.ring[1].to;
}

/* A handler's chunk is published before the one that it interrupted: is the
 * one before @sequence perhaps still to come? */
static bool may_still_come(struct visit *visit, uint32_t sequence)
{
	struct logtap_slot_reader *slot = visit->segment->slots[visit->index];
	uint64_t now_ns = visit->intake->now_ns;
	if (slot->who.next_sequence == sequence || slot->dead || slot->moved)
		return false;
	if (!slot->held_since_ns)
		slot->held_since_ns = now_ns;
	return now_ns - slot->held_since_ns < HOLD_MOST_NS;
}

/* Both rings hold chunks: takes them in the order of their sequence. */
static enum visit_result visit_both(struct visit *visit)
{
	struct logtap_ring_taken taken;
	struct logtap_slot_reader *slot = visit->segment->slots[visit->index];
	for (int i = 0; i < CHUNKS_OF_BOTH && nested_waits(visit); i++) {
		const uint32_t none =
			slot->who.next_sequence - (UINT32_MAX / 4);
		enum visit_result result = take(visit, 1, &none, &taken);
		if (result == VISIT_TAKEN) /* padding alone */
			result = keep(visit, 1, &taken);
		if (result == VISIT_TAKEN)
			continue;
		if (result != VISIT_LATER)
			return result;
		uint32_t next = taken.last_sequence;
		result = take_and_keep(visit, 0, &next);
		if (result == VISIT_TAKEN)
			continue;
		if (result == VISIT_JOURNAL_FULL || slot->bad)
			return result;
		/* LATER: all before @next is known, as a ring is in order. */
		if (result == VISIT_EMPTY && may_still_come(visit, next))
			return VISIT_TAKEN;
		slot->held_since_ns = 0;
		next++;
		result = take_and_keep(visit, 1, &next);
		if (result != VISIT_TAKEN)
			return result;
	}
	return VISIT_TAKEN;
}

static enum visit_result visit_rings(struct visit *visit)
{
	struct logtap_ring_taken taken;
	enum visit_result result = VISIT_EMPTY;
	if (!nested_waits(visit)) {
		result = take(visit, 0, NULL, &taken);
		/* Looked at again: what is taken may come after a handler's
		 * chunk that was published meanwhile. */
		if (!nested_waits(visit))
			return result == VISIT_TAKEN ? keep(visit, 0, &taken)
						     : result;
	}
	return visit_both(visit);
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

int logtap_slot_visit(struct logtap_intake *intake,
		      struct logtap_intake_segment *segment, uint32_t index)
{
	struct logtap_slot *shared = logtap_segment_slot(&segment->file, index);
	struct logtap_slot_reader *slot = segment->slots[index];
	uint64_t word =
		atomic_load_explicit(&shared->state, memory_order_acquire);
	unsigned state = state_of(word);
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
	slot->moved = state == LOGTAP_SLOT_MOVED;
	if (must_wait(intake, slot))
		return 0;
	struct visit visit = {intake, segment, index, 0};
	if (visit_rings(&visit) == VISIT_JOURNAL_FULL)
		return -1;
	return visit.fill;
}

bool logtap_slot_drained(const struct logtap_intake_segment *segment,
			 uint32_t index)
{
	const struct logtap_slot_reader *slot = segment->slots[index];
	const struct logtap_slot *shared =
		logtap_segment_slot(&segment->file, index);
	if (!slot || slot->bad || slot->ended || segment->lost)
		return true;
	/* A head below what was read is a lie and leaves nothing to read. */
	return atomic_load_explicit(&shared->main.head, memory_order_acquire) <=
		       slot->who.ring[0].to &&
	       atomic_load_explicit(&shared->nested.head,
				    memory_order_acquire) <=
		       slot->who.ring[1].to;
}

static struct logtap_counts count_slot(const struct logtap_slot_reader *slot,
				       bool ended)
{
	uint32_t span = slot->who.next_sequence - slot->who.first_sequence;
	struct logtap_slot_sums sums = {
		.seen_chunks = slot->who.seen_chunks,
		.seen_bytes = slot->who.seen_bytes,
		.sequence_span = slot->overtaken ? UINT64_MAX : span,
		.continues = slot->who.flags & LOGTAP_SLOT_CONTINUES,
		.quarantined = slot->bad,
		.ended = ended,
	};
	memcpy(sums.host, slot->host, sizeof(sums.host));
	return logtap_slot_counts(&sums);
}

/* The host's counters, unless the slot is no longer of this generation. */
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
	if (word >> LOGTAP_SLOT_GENERATION_SHIFT == slot->generation)
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
	if (memcmp(slot->who.name, shared->name, sizeof(slot->who.name))) {
		memcpy(slot->who.name, shared->name, sizeof(slot->who.name));
		slot->introduced = false; /* again, with the new name */
	}
	read_counters(segment, index);
	struct logtap_counts counts = count_slot(slot, false);
	logtap_accounting_update(intake->accounting, slot->account, &slot->live,
				 &counts);
}

int logtap_slot_end(struct logtap_intake *intake,
		    struct logtap_intake_segment *segment, uint32_t index)
{
	struct logtap_slot_reader *slot = segment->slots[index];
	int result = 0;
	if (!slot->ended) {
		if (!segment->lost)
			read_counters(segment, index);
		struct logtap_counts counts = count_slot(slot, true);
		result = logtap_intake_introduce(intake, segment, index);
		struct logtap_frame frame = {
			.type = LOGTAP_FRAME_THREAD_END,
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
	logtap_accounting_opened(intake->accounting, slot->account, -1, 0);
	segment->slots[index] = NULL;
	free(slot);
	return 0;
}
