/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Visiting the two rings of a slot.  Runs in the reader's thread.
 *
 * The order that keeps every record: copy, check, journal, and only then
 * release the ring's tail.  If this process dies between the two, the journal
 * says how far the ring was read.  Here they are copied and checked; what goes
 * into the journal, and when, is in visit_journal.c.
 *
 * The main ring is looked at first: whatever came before its chunks in the
 * nested ring is there when that is looked at.
 */
#include "visit.h"
#include "../base/log.h"
#include "intake.h"

#include <string.h>

/* So much of a ring goes into one frame where there is little room. */
enum { PRESSED_RUN_BYTES = 4096 };

static void give_up(struct logtap_visit *visit, const char *why)
{
	const struct logtap_frame_thread *who = &visit->slot->who;
	visit->slot->bad = true;
	logtap_log(LOGTAP_LOG_WARN, "reader",
		   "gave up a slot: %s segment=%s slot=%u pid=%u tid=%u", why,
		   visit->segment->name, visit->index, who->pid, who->tid);
}

static void take(struct logtap_visit *visit, struct logtap_look *look,
		 unsigned nested, const char **why)
{
	struct logtap_ring_maps *maps = &visit->intake->ring_maps;
	struct logtap_segment_file *file = &visit->segment->file;
	struct logtap_ring_source *source = &look->source;
	struct logtap_ring_use *use = &visit->slot->use;
	uint64_t now_ns = visit->intake->now_ns;
	if (!nested)
		source->map = logtap_ring_maps_find(maps, file, source->offset,
						    use, now_ns);
	look->result = logtap_ring_take(source, look->ring, look->window,
					&look->taken, why);
	if (!look->result && !nested && !source->map)
		logtap_ring_maps_read(maps, file, source->offset,
				      source->capacity, use,
				      look->taken.to - look->taken.from,
				      now_ns);
}

static void look_at(struct logtap_visit *visit, unsigned nested)
{
	struct logtap_look *look = &visit->looks[nested];
	const struct logtap_segment_file *file = &visit->segment->file;
	struct logtap_slot *shared = logtap_segment_slot(file, visit->index);
	const char *why = "";
	look->ring = &visit->slot->who.ring[nested];
	look->window = &visit->intake->windows[nested];
	look->tail = nested ? &shared->nested_tail : &shared->main_tail;
	look->source = (struct logtap_ring_source){
		.fd = file->fd,
		.offset =
			logtap_segment_ring_offset(file, visit->index, nested),
		.capacity = nested ? file->header.nested_bytes
				   : file->header.ring_bytes,
		.producer = nested ? &shared->nested : &shared->main,
	};
	take(visit, look, nested, &why);
	if (look->result == LOGTAP_RING_BROKEN)
		give_up(visit, why);
	if (look->result == LOGTAP_RING_ROLLED_BACK &&
	    !visit->slot->rolled_back++)
		logtap_log(LOGTAP_LOG_WARN, "reader",
			   "ignored a head that went back segment=%s slot=%u",
			   visit->segment->name, visit->index);
	if (look->result) {
		memset(&look->taken, 0, sizeof(look->taken));
		return;
	}
	if (logtap_look_goes_past(&look->taken))
		visit->segment->more = true;
	if (logtap_look_fill(look) > visit->fill)
		visit->fill = logtap_look_fill(look);
	visit->slot->stale += look->taken.stale;
	visit->slot->unknown += look->taken.unknown;
}

/* Is what was copied of the thread that we take it for?  Its host takes a dead
 * thread's slot back if it believes that nobody reads. */
static bool is_ours_still(const struct logtap_visit *visit)
{
	const struct logtap_slot *shared =
		logtap_segment_slot(&visit->segment->file, visit->index);
	/* pairs with the claimer's exchange: it comes before its chunks */
	atomic_thread_fence(memory_order_acquire);
	uint64_t word =
		atomic_load_explicit(&shared->state, memory_order_relaxed);
	return word >> LOGTAP_SLOT_GENERATION_SHIFT == visit->slot->generation;
}

int logtap_visit_rings(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment, uint32_t index)
{
	struct logtap_visit visit = {
		.intake = intake,
		.segment = segment,
		.slot = segment->slots[index],
		.index = index,
		.observed_ns = logtap_now_realtime_ns(),
		.run_bytes = logtap_room_is_short(intake) ? PRESSED_RUN_BYTES
							  : UINT32_MAX,
		.line = logtap_clock_line(&intake->clock,
					  &segment->file.header),
		.lost = logtap_hold_lost(segment, index),
	};
	look_at(&visit, 0);
	look_at(&visit, 1);
	/* Stored before the head that lies behind the first chunk of it. */
	visit.owner = logtap_slot_owner(segment, index);
	if (!is_ours_still(&visit))
		return 0; /* the next visit sees to it */
	return logtap_visit_journal(&visit) ? -1 : visit.fill;
}
