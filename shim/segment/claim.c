/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Claiming slots: see the header.  Runs in any thread, first thing in its
 * life, or at its first chunk. */
#include "claim.h"

#include "../arch/signals.h"
#include "../arch/syscall.h"
#include "../guard/guard.h"
#include "../object.h"
#include "../ring/clock.h"
#include "../sink/counters.h"
#include "../span/context.h"
#include "death.h"
#include "metrics.h"
#include "nowhere.h"
#include "slots.h"

#define REFUSALS_BEFORE_RETRY 1024u
#define GROWTHS_FAILED_MOST 3u

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
	/* pairs with the release in logtap_slots_own */
	atomic_store_explicit(
		&slot->owner,
		atomic_load_explicit(&identity->owner_known,
				     memory_order_acquire)
			? logtap_owner_word(
				  atomic_load_explicit(&identity->owner,
						       memory_order_relaxed),
				  tls->sequence)
			: 0,
		memory_order_relaxed);
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
		place.slot = logtap_slots_take_first(&place.mapping);
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
		slot = logtap_slots_take_first(&mapping);
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

	slot = logtap_slots_take_larger(&mapping, ring_bytes);
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
	uint64_t saved;
	bool grown, blocked;

	if (want < LOGTAP_RING_BYTES_SECOND)
		want = LOGTAP_RING_BYTES_SECOND;
	while (want < bytes && want < most)
		want *= 2;
	if (want > most)
		want = most;
	if (tls->life != LOGTAP_LIVE || want <= tls->rings->main.capacity ||
	    tls->growths >= GROWTHS_FAILED_MOST || logtap_sealed() ||
	    !logtap_guard_has_stack(tls, frame, LOGTAP_STACK_TO_CLAIM))
		return false;
	if (tls->growing_sp &&
	    !logtap_guard_is_stale(tls, tls->growing_sp, frame))
		return false; /* a handler inside a growth */
	/* A child that a handler forks now would move into its parent's new
	 * ring. */
	blocked = !logtap_filtered() && logtap_signals_block(&saved);
	tls->growing_sp = frame;
	atomic_signal_fence(memory_order_seq_cst);
	grown = grow(tls, (uint32_t)want);
	atomic_signal_fence(memory_order_seq_cst);
	tls->growing_sp = 0;
	if (blocked)
		logtap_signals_restore(&saved);
	return grown;
}

void logtap_claim_reserve(struct logtap_tls *tls, uintptr_t frame)
{
	uint64_t saved;
	bool blocked;

	if (tls->life != LOGTAP_LIVE || tls->guard || logtap_filtered() ||
	    !logtap_guard_has_stack(tls, frame, LOGTAP_STACK_TO_CLAIM))
		return;
	blocked = logtap_signals_block(&saved);
	logtap_slots_reserve();
	if (blocked)
		logtap_signals_restore(&saved);
}

void logtap_claim_forget(struct logtap_tls *tls)
{
	struct logtap_frame frame;

	/* A handler that logs finds the guard held, and claims no slot whose
	 * rings would be taken from it here. */
	tls->life = LOGTAP_ORPHAN;
	tls->guard = logtap_guard_word(&frame, LOGTAP_PHASE_COPY);
	atomic_signal_fence(memory_order_seq_cst);
	logtap_nowhere_enter(tls);
	tls->refusals = 0;
	tls->growths = 0;
	tls->sequence = 0;
	tls->objects_told = 0;
	atomic_signal_fence(memory_order_seq_cst);
	tls->life = LOGTAP_UNBORN;
	tls->guard = 0;
}

void logtap_claim_uncaptured(uint64_t bytes)
{
	logtap_slots_uncaptured(1, bytes);
}
