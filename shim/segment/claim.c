/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Claiming slots: see the header.  Runs in any thread, first thing in its
 * life, or at its first chunk. */
#include "claim.h"

#include "../arch/signals.h"
#include "../arch/syscall.h"
#include "../bytes.h"
#include "../guard/guard.h"
#include "../object.h"
#include "../ring/clock.h"
#include "../sink/counters.h"
#include "../span/context.h"
#include "create.h"
#include "death.h"
#include "metrics.h"

#define RING_BYTES_FIRST 8192u
#define SLOTS_FIRST 2u
#define SLOTS_SECOND 8u
#define SLOTS_MOST 32u
#define REFUSALS_BEFORE_RETRY 1024u
#define GROWTHS_FAILED_MOST 3u

static unsigned state_of(uint64_t word)
{
	return (unsigned)(word & LOGTAP_SLOT_STATE_MASK);
}

static bool closed(const struct logtap_mapping *mapping)
{
	return atomic_load(&mapping->control->closed) != 0;
}

static void count_uncaptured(uint64_t chunks, uint64_t bytes)
{
	struct logtap_mapping *mapping = logtap_mapping_at(0);
	struct logtap_segment *segment =
		mapping ? mapping->segment : logtap_state.inherited;

	if (!segment)
		return;
	atomic_fetch_add_explicit(&segment->uncaptured_chunks, chunks,
				  memory_order_relaxed);
	atomic_fetch_add_explicit(&segment->uncaptured_bytes, bytes,
				  memory_order_relaxed);
}

/* What a dead thread left in a slot that nobody has read will be overwritten,
 * and its counters with it. */
static void count_overwritten(const struct logtap_mapping *mapping,
			      const struct logtap_slot *slot)
{
	if (atomic_load(&slot->main_tail) || atomic_load(&slot->nested_tail))
		return; /* the collector that read it has its counters */
	logtap_metrics_keep(mapping, slot);
	count_uncaptured(atomic_load(&slot->counters[LOGTAP_COUNTER_CHUNKS]),
			 atomic_load(&slot->counters[LOGTAP_COUNTER_BYTES]));
}

/* Claims @slot if it is free, or, when no collector will ever free it
 * (@recycle), if its thread has ended. */
static bool try_claim(struct logtap_mapping *mapping, struct logtap_slot *slot,
		      bool recycle)
{
	uint64_t word =
		atomic_load_explicit(&slot->state, memory_order_relaxed);
	uint64_t generation = word >> LOGTAP_SLOT_GENERATION_SHIFT;

	if (recycle) {
		if (state_of(word) != LOGTAP_SLOT_LIVE ||
		    !logtap_death_marked(slot))
			return false;
		generation++;
	} else if (state_of(word) != LOGTAP_SLOT_FREE) {
		return false;
	}
	if (!atomic_compare_exchange_strong(
		    &slot->state, &word,
		    logtap_slot_word(generation, LOGTAP_SLOT_CLAIMED)))
		return false;
	/* A collector that closes the segment sets the flag first and then
	 * looks at every slot, so one of the two sees the other. */
	if (!closed(mapping)) {
		if (recycle)
			count_overwritten(mapping, slot);
		return true;
	}
	atomic_store(&slot->state,
		     logtap_slot_word(generation, LOGTAP_SLOT_FREE));
	return false;
}

static struct logtap_slot *find(struct logtap_mapping **in, uint32_t ring_bytes,
				bool recycle)
{
	uint32_t count = atomic_load_explicit(&logtap_state.mapping_count,
					      memory_order_acquire);
	uint32_t hint = atomic_load_explicit(&logtap_state.mapping_hint,
					     memory_order_relaxed);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t index = (hint + i) % count;
		struct logtap_mapping *mapping = logtap_mapping_at(index);
		if (!mapping || mapping->ring_bytes < ring_bytes ||
		    closed(mapping))
			continue;
		for (uint32_t j = 0; j < mapping->slot_count; j++)
			if (try_claim(mapping, &mapping->slots[j], recycle)) {
				atomic_store_explicit(
					&logtap_state.mapping_hint, index,
					memory_order_relaxed);
				*in = mapping;
				return &mapping->slots[j];
			}
	}
	return NULL;
}

static bool beats(const struct logtap_control *control)
{
	uint64_t beat, after, now;

	if (logtap_clock_is_counter())
		return logtap_claim_beats_at(control, logtap_clock_counter());
	beat = atomic_load_explicit(&control->heartbeat_ns,
				    memory_order_relaxed);
	after = atomic_load_explicit(&control->stale_after_ns,
				     memory_order_relaxed);
	now = logtap_clock_ns(CLOCK_MONOTONIC_COARSE);
	return beat && (now < beat || now - beat <= after);
}

/* Does a collector look after this process's slots?  It frees them itself. */
static bool is_watched(void)
{
	const struct logtap_mapping *mapping = logtap_mapping_at(0);

	return mapping && beats(mapping->control);
}

static struct logtap_slot *find_or_make(struct logtap_mapping **in,
					uint32_t slots, uint32_t ring_bytes)
{
	static _Atomic uint32_t refused;
	struct logtap_slot *slot = NULL;
	long error;

	/* Where nobody frees slots and no more memory is to be had, it is
	 * quicker to begin with the dead. */
	if (atomic_load_explicit(&refused, memory_order_relaxed) &&
	    !is_watched())
		slot = find(in, ring_bytes, true);
	if (!slot)
		slot = find(in, ring_bytes, false);
	if (slot)
		return slot;
	*in = logtap_segment_create(slots, ring_bytes, &error);
	if (*in) /* its first slot is the maker's */
		return &(*in)->slots[0];
	if (!atomic_exchange(&refused, 1))
		logtap_segment_diagnose((int)-error,
					"no new segment: some threads are not "
					"captured, or rings stay small");
	return is_watched() ? NULL : find(in, ring_bytes, true);
}

/* More slots each time, so that a thousand threads need few segments. */
static uint32_t slots_for_next(void)
{
	uint32_t count = atomic_load(&logtap_state.mapping_count);
	uint32_t slots = SLOTS_SECOND;

	if (!count)
		return SLOTS_FIRST;
	while (--count && slots < SLOTS_MOST)
		slots *= 2;
	return slots;
}

static uint32_t first_ring_bytes(void)
{
	uint64_t most = logtap_state.config.ring_bytes_max;

	return most < RING_BYTES_FIRST ? (uint32_t)most : RING_BYTES_FIRST;
}

static void put_identity(struct logtap_tls *tls, struct logtap_slot *slot)
{
	const struct logtap_identity *identity = &logtap_state.identity;

	slot->pid = identity->pid;
	slot->tid = tls->tid;
	slot->thread_start = tls->start;
	slot->start_ticks = identity->start_ticks;
	slot->parent_tid = tls->parent_tid;
	slot->start_routine = tls->start_routine;
	slot->parent_pid = identity->parent_pid;
	slot->first_sequence = tls->sequence;
	slot->uid = identity->uid;
	__builtin_memcpy(slot->name, tls->name, sizeof slot->name);
	logtap_object_name((uintptr_t)tls->start_routine, slot->library,
			   sizeof slot->library);
}

static void reset(struct logtap_slot *slot)
{
	atomic_store_explicit(&slot->main.head, 0, memory_order_relaxed);
	atomic_store_explicit(&slot->main.floor, 0, memory_order_relaxed);
	atomic_store_explicit(&slot->nested.head, 0, memory_order_relaxed);
	atomic_store_explicit(&slot->nested.floor, 0, memory_order_relaxed);
	atomic_store_explicit(&slot->main_tail, 0, memory_order_relaxed);
	atomic_store_explicit(&slot->nested_tail, 0, memory_order_relaxed);
	for (unsigned i = 0; i < LOGTAP_COUNTERS; i++)
		atomic_store_explicit(&slot->counters[i], 0,
				      memory_order_relaxed);
}

/* Makes @slot, which is claimed, the calling thread's. */
static void move_in(struct logtap_tls *tls, struct logtap_mapping *mapping,
		    struct logtap_slot *slot, uint32_t flags)
{
	struct logtap_rings *rings =
		&tls->ring_pair[tls->rings == &tls->ring_pair[0]];
	uint64_t stride = (uint64_t)mapping->ring_bytes + mapping->nested_bytes;
	unsigned char *data =
		mapping->data + (uint64_t)(slot - mapping->slots) * stride;
	uint64_t word =
		atomic_load_explicit(&slot->state, memory_order_relaxed);
	uint32_t tid;

	reset(slot);
	logtap_metrics_reset(mapping, slot);
	if (!logtap_death_take(slot, &tid) || (flags & LOGTAP_SLOT_RAW_FORK))
		flags |= LOGTAP_SLOT_NO_DEATH_MARK;
	/* Behind libc's back its idea of the tid is the parent's. */
	if ((flags & LOGTAP_SLOT_RAW_FORK) || !tid)
		tid = logtap_filtered() ? 0
					: (uint32_t)logtap_sys1(SYS_gettid, 0);
	tls->tid = tid;
	if (!logtap_state.identity.pid) /* a forked child's first thread */
		logtap_state.identity.pid = tid;
	slot->flags = flags;
	put_identity(tls, slot);
	logtap_writer_init(&rings->main, data, mapping->ring_bytes, &slot->main,
			   &slot->main_tail);
	logtap_writer_init(&rings->nested, data + mapping->ring_bytes,
			   mapping->nested_bytes, &slot->nested,
			   &slot->nested_tail);
	rings->slot = slot;
	rings->mapping = mapping;
	rings->control = mapping->control;
	rings->metrics =
		logtap_metrics_row(mapping, (uint32_t)(slot - mapping->slots));
	/* pairs with the collector's acquire: identity before LIVE */
	atomic_store_explicit(&slot->state,
			      (word & ~LOGTAP_SLOT_STATE_MASK) |
				      LOGTAP_SLOT_LIVE,
			      memory_order_release);
	atomic_signal_fence(memory_order_seq_cst);
	tls->rings = rings;
}

struct logtap_place logtap_claim_place(void)
{
	struct logtap_place place = {.pid = logtap_state.identity.pid};

	if (place.pid) /* else it is a forked child that has no slot itself */
		place.slot = find_or_make(&place.mapping, slots_for_next(),
					  first_ring_bytes());
	if (place.slot)
		place.word = atomic_load_explicit(&place.slot->state,
						  memory_order_relaxed);
	return place;
}

/* The process is the one that claimed it, and not a copy. */
static bool is_ours(const struct logtap_place *place)
{
	return place->slot && place->pid == logtap_state.identity.pid &&
	       logtap_alive();
}

void logtap_claim_leave(const struct logtap_place *place)
{
	uint64_t word = place->word;

	/* Not if its thread has moved in: the word is another one then. */
	if (is_ours(place))
		atomic_compare_exchange_strong(
			&place->slot->state, &word,
			(word & ~LOGTAP_SLOT_STATE_MASK) | LOGTAP_SLOT_FREE);
}

static bool be_born(struct logtap_tls *tls, const struct logtap_place *place)
{
	struct logtap_mapping *mapping = place->mapping;
	struct logtap_slot *slot = is_ours(place) ? place->slot : NULL;
	struct logtap_frame frame;

	/* Held, so that a handler which leaves by siglongjmp, or forks, in the
	 * middle of this is known, where signals could not be blocked. */
	tls->guard = logtap_guard_word(&frame, LOGTAP_PHASE_COPY);
	tls->life = LOGTAP_BIRTH;
	atomic_signal_fence(memory_order_seq_cst);
	if (!slot)
		slot = find_or_make(&mapping, slots_for_next(),
				    first_ring_bytes());
	if (!slot) {
		tls->life = LOGTAP_REFUSED;
		tls->guard = 0;
		return false;
	}
	tls->start = logtap_clock_now().time;
	logtap_context_meet(tls);
	if (!tls->name[0])
		__builtin_memcpy(tls->name, logtap_state.identity.comm,
				 sizeof tls->name);
	move_in(tls, mapping, slot, tls->birth_flags);
	atomic_signal_fence(memory_order_seq_cst);
	tls->guard = 0;
	if (tls->life == LOGTAP_ORPHAN) { /* its parent has the slot */
		logtap_claim_forget(tls);
		return false;
	}
	tls->life = LOGTAP_LIVE;
	return true;
}

static bool claim_birth(struct logtap_tls *tls,
			const struct logtap_place *place)
{
	uintptr_t here = LOGTAP_STACK_POINTER();
	uint64_t saved;
	bool blocked, born;

	if (tls->life == LOGTAP_LIVE)
		return true;
	if (tls->life == LOGTAP_ORPHAN ||
	    (tls->life == LOGTAP_BIRTH && logtap_guard_is_held(tls, here)) ||
	    !logtap_guard_has_stack(tls, here, LOGTAP_STACK_TO_CLAIM))
		return false;
	if (tls->life == LOGTAP_REFUSED &&
	    ++tls->refusals % REFUSALS_BEFORE_RETRY)
		return false;
	/* What a handler logs now would find no slot.  libc starts its threads
	 * with this call, so no filter can mind it there. */
	blocked = (!logtap_filtered() || tls->start_routine) &&
		  logtap_signals_block(&saved);
	if (blocked)
		tls->usual_signals = saved;
	/* The last one may have come just before. */
	born = tls->life == LOGTAP_LIVE || be_born(tls, place);
	if (blocked)
		logtap_signals_restore(&saved);
	return born;
}

bool logtap_claim_birth(struct logtap_tls *tls)
{
	static const struct logtap_place none;

	return claim_birth(tls, &none);
}

bool logtap_claim_birth_at(struct logtap_tls *tls,
			   const struct logtap_place *place)
{
	bool born = claim_birth(tls, place);

	/* A handler that logged has come first, and claimed another one. */
	logtap_claim_leave(place);
	return born;
}

static bool grow(struct logtap_tls *tls, uint32_t ring_bytes)
{
	const struct logtap_rings *rings = tls->rings;
	struct logtap_slot *old = rings->slot, *slot;
	struct logtap_mapping *mapping;
	uint64_t word;

	slot = find_or_make(&mapping, 1, ring_bytes);
	if (!slot) {
		tls->growths++;
		return false;
	}
	word = atomic_load_explicit(&old->state, memory_order_relaxed);
	/* Another thread may have given it a new one. */
	__builtin_memcpy(tls->name, old->name, sizeof tls->name);
	move_in(tls, mapping, slot,
		(old->flags & ~(uint32_t)LOGTAP_SLOT_NO_DEATH_MARK) |
			LOGTAP_SLOT_CONTINUES);
	logtap_metrics_move(rings, tls->rings);
	/* The old ring is final; the collector drains it before the new one. */
	atomic_store_explicit(&old->state,
			      (word & ~LOGTAP_SLOT_STATE_MASK) |
				      LOGTAP_SLOT_MOVED,
			      memory_order_release);
	logtap_count(tls, LOGTAP_COUNTER_GROWN, 1);
	return true;
}

bool logtap_claim_grow(struct logtap_tls *tls, uint64_t bytes, uintptr_t frame)
{
	uint64_t most = logtap_state.config.ring_bytes_max;
	uint64_t want = tls->rings->main.capacity * 4;
	bool grown;

	if (want < LOGTAP_RING_BYTES_SECOND)
		want = LOGTAP_RING_BYTES_SECOND;
	while (want < bytes && want < most)
		want *= 2;
	if (want > most)
		want = most;
	if (want <= tls->rings->main.capacity ||
	    tls->growths >= GROWTHS_FAILED_MOST || logtap_sealed() ||
	    !logtap_guard_has_stack(tls, frame, LOGTAP_STACK_TO_CLAIM))
		return false;
	if (tls->growing_sp &&
	    !logtap_guard_is_stale(tls, tls->growing_sp, frame))
		return false; /* a handler inside a growth */
	tls->growing_sp = frame;
	atomic_signal_fence(memory_order_seq_cst);
	grown = grow(tls, (uint32_t)want);
	atomic_signal_fence(memory_order_seq_cst);
	tls->growing_sp = 0;
	return grown;
}

void logtap_claim_forget(struct logtap_tls *tls)
{
	tls->life = LOGTAP_UNBORN;
	tls->rings = NULL;
	tls->refusals = 0;
	tls->growths = 0;
	tls->sequence = 0;
	tls->objects_told = 0;
}

bool logtap_claim_has_collector(const struct logtap_tls *tls)
{
	const struct logtap_control *control = tls->rings->control;

	/* A segment that is as young as this has not been found yet: then the
	 * collector of the first one is asked about. */
	if (!atomic_load_explicit(&control->collector_pid,
				  memory_order_relaxed))
		return is_watched();
	return beats(control);
}

bool logtap_claim_sees_collector(struct logtap_tls *tls)
{
	const struct logtap_control *control = tls->rings->control;

	tls->collected_until = atomic_load_explicit(&control->heartbeat_tsc,
						    memory_order_relaxed) +
			       atomic_load_explicit(&control->stale_after_tsc,
						    memory_order_relaxed);
	return logtap_claim_has_collector(tls);
}

void logtap_claim_uncaptured(uint64_t bytes)
{
	count_uncaptured(1, bytes);
}
