/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Finding slots, and segments to put them in: see the header. */
#include "slots.h"

#include "../arch/syscall.h"
#include "claim.h"
#include "create.h"
#include "death.h"
#include "metrics.h"

#include <sys/statfs.h>

#define RING_BYTES_FIRST 8192u
#define SLOTS_FIRST 2u
#define SLOTS_SECOND 8u
#define SLOTS_MOST 32u
/* Of the room that there is, what may be reserved is at most a part. */
#define RESERVE_PART 128u

static unsigned state_of(uint64_t word)
{
	return (unsigned)(word & LOGTAP_SLOT_STATE_MASK);
}

static bool closed(const struct logtap_mapping *mapping)
{
	return atomic_load(&mapping->control->closed) != 0;
}

void logtap_slots_uncaptured(uint64_t chunks, uint64_t bytes)
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
	logtap_slots_uncaptured(
		atomic_load(&slot->counters[LOGTAP_COUNTER_CHUNKS]),
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

static struct logtap_slot *find_or_make(struct logtap_mapping **in,
					uint32_t slots, uint32_t ring_bytes)
{
	static _Atomic uint32_t refused;
	struct logtap_slot *slot = NULL;
	long error;

	/* Where nobody frees slots and no more memory is to be had, it is
	 * quicker to begin with the dead. */
	if (atomic_load_explicit(&refused, memory_order_relaxed) &&
	    !logtap_slots_are_watched())
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
	return logtap_slots_are_watched() ? NULL : find(in, ring_bytes, true);
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

struct logtap_slot *logtap_slots_take_first(struct logtap_mapping **in)
{
	return find_or_make(in, slots_for_next(), first_ring_bytes());
}

struct logtap_slot *logtap_slots_take_larger(struct logtap_mapping **in,
					     uint32_t ring_bytes)
{
	return find_or_make(in, 1, ring_bytes);
}

/* That this process may run on. */
static uint32_t count_processors(void)
{
	unsigned long set[1024 / 64];
	long got = logtap_sys3(SYS_sched_getaffinity, 0, sizeof set, (long)set);
	uint32_t count = 0;

	for (long i = 0; i < got / (long)sizeof set[0]; i++)
		for (; set[i]; set[i] &= set[i] - 1)
			count++;
	return count;
}

/* Free slots with a ring of so many bytes or more. */
static uint32_t count_free(uint32_t ring_bytes)
{
	uint32_t count = atomic_load_explicit(&logtap_state.mapping_count,
					      memory_order_acquire);
	uint32_t free = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct logtap_mapping *mapping = logtap_mapping_at(i);
		if (!mapping || mapping->ring_bytes < ring_bytes ||
		    closed(mapping))
			continue;
		for (uint32_t j = 0; j < mapping->slot_count; j++)
			free += state_of(atomic_load_explicit(
					&mapping->slots[j].state,
					memory_order_relaxed)) ==
				LOGTAP_SLOT_FREE;
	}
	return free;
}

/* Not of memory that others may need more: a server may have a thousand such
 * processes. */
static bool has_room(uint64_t bytes)
{
	struct statfs room;

	return !logtap_sys2(SYS_statfs, (long)logtap_state.config.directory,
			    (long)&room) &&
	       room.f_bavail * (uint64_t)room.f_bsize / RESERVE_PART >= bytes;
}

static void reserve(uint32_t slots, uint32_t ring_bytes)
{
	struct logtap_mapping *mapping = NULL;
	long error;

	if (count_free(ring_bytes) < slots &&
	    has_room((uint64_t)slots * ring_bytes))
		mapping = logtap_segment_create(slots, ring_bytes, &error);
	if (mapping) /* nobody's yet */
		atomic_store(&mapping->slots[0].state,
			     logtap_slot_word(0, LOGTAP_SLOT_FREE));
}

/* A server has as many threads as there are processors, or twice that, beside
 * its own; and each of them may say much at once. */
void logtap_slots_reserve(void)
{
	uint32_t processors = count_processors();
	uint32_t slots = SLOTS_SECOND + 2 * processors;
	uint32_t busy = 1 + processors;
	uint32_t most = (uint32_t)logtap_state.config.ring_bytes_max;

	reserve(slots < SLOTS_MOST ? slots : SLOTS_MOST, first_ring_bytes());
	if (most > LOGTAP_RING_BYTES_SECOND)
		most = LOGTAP_RING_BYTES_SECOND;
	reserve(busy < SLOTS_SECOND ? busy : SLOTS_SECOND, most);
}
