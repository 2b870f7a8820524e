/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a slot's process has become since its image began (setuid(2)).  Runs in the
 * reader's thread. */
#include "intake.h"

/* Only root may become anyone, and its own file says so. */
uint64_t logtap_slot_owner(const struct logtap_intake_segment *segment,
			   uint32_t index)
{
	const struct logtap_slot *shared =
		logtap_segment_slot(&segment->file, index);
	return segment->file.owner ? 0
				   : atomic_load_explicit(&shared->owner,
							  memory_order_relaxed);
}

void logtap_slot_refresh_owner(struct logtap_intake *intake,
			       const struct logtap_intake_segment *segment,
			       uint32_t index)
{
	struct logtap_slot_reader *slot = segment->slots[index];
	uint64_t owner = logtap_slot_owner(segment, index);
	if (owner != slot->owner)
		logtap_accounting_own(intake->accounting, slot->account,
				      (uint32_t)(owner >> 32));
	slot->owner = owner;
}
