/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Whose the process is: see the header.  Stores in memory that is there; nothing
 * is opened or asked for, for the host may have lost the right to. */
#include "owner.h"

#include "../state.h"

/* Of the next chunk of a thread: each one that takes a number is counted. */
static uint32_t next_sequence(const struct logtap_tls *tls,
			      const struct logtap_slot *slot)
{
	if (tls->life == LOGTAP_LIVE && tls->rings->slot == slot)
		return tls->sequence;
	return slot->first_sequence +
	       (uint32_t)atomic_load_explicit(
		       &slot->counters[LOGTAP_COUNTER_CHUNKS],
		       memory_order_relaxed);
}

static void mark(const struct logtap_tls *tls, struct logtap_mapping *mapping,
		 uint32_t uid)
{
	for (uint32_t i = 0; i < mapping->slot_count; i++) {
		struct logtap_slot *slot = &mapping->slots[i];
		uint64_t word = atomic_load_explicit(&slot->state,
						     memory_order_acquire);

		if ((word & LOGTAP_SLOT_STATE_MASK) == LOGTAP_SLOT_LIVE &&
		    slot->pid == logtap_state.identity.pid)
			/* seen by who sees the head behind the next chunk */
			atomic_store_explicit(
				&slot->owner,
				logtap_owner_word(uid,
						  next_sequence(tls, slot)),
				memory_order_relaxed);
	}
}

void logtap_owner_note(uint32_t uid)
{
	struct logtap_identity *identity = &logtap_state.identity;

	atomic_store_explicit(&identity->owner, uid, memory_order_relaxed);
	/* pairs with the acquire in claim.c */
	atomic_store_explicit(&identity->owner_known, 1, memory_order_release);
}

void logtap_owner_become(const struct logtap_tls *tls, uint32_t uid)
{
	uint32_t count = atomic_load_explicit(&logtap_state.mapping_count,
					      memory_order_acquire);

	logtap_owner_note(uid);
	for (uint32_t i = 0; i < count; i++) {
		struct logtap_mapping *mapping = logtap_mapping_at(i);

		if (mapping)
			mark(tls, mapping, uid);
	}
}
