/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* How many processes may still write.  Runs in the reader's thread. */
#include "ends.h"
#include "intake.h"

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
		return logtap_gone_creator_runs(segment);
	return !logtap_gone_creator(intake, segment);
}

uint64_t logtap_living_count(struct logtap_intake *intake)
{
	uint64_t live = logtap_close_watched(intake);
	intake->mapped = NULL;
	intake->sweeps_all = true;
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
