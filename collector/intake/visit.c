/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the two rings of a slot into the journal.  Runs in the reader's
 * thread.
 *
 * The order that keeps every record: copy, check, journal, and only then
 * release the ring's tail.  If this process dies between the two, the journal
 * says how far the ring was read.
 *
 * Both rings belong to one thread and share one sequence, so their chunks are
 * put back into that order.  The main ring is looked at first: whatever came
 * before its chunks in the nested ring is there when that is looked at.  What
 * is left in the nested ring behind the last chunk of the main window may go
 * only when the main ring holds nothing more.  A handler's chunk is published
 * before the one that it interrupted, so one whose predecessor is missing is
 * held (hold.c).
 */
#include "../base/chunk.h"
#include "../base/log.h"
#include "intake.h"

#include <string.h>

/* Times of one ring run backwards by this much at most, by the jitter of
 * clocks; more is a step of the clock, and told as it is. */
#define JITTER_NS LOGTAP_SECOND_NS
/* So much of a ring goes into one frame where there is little room. */
enum { PRESSED_RUN_BYTES = 4096 };

/* One ring in one visit. */
struct look {
	struct logtap_ring_source source;
	struct logtap_frame_ring *ring;
	struct logtap_window *window;
	_Atomic uint64_t *tail;
	struct logtap_ring_taken taken;
	int result;    /* of logtap_ring_take() */
	uint32_t next; /* chunk that is not journalled yet */
	uint32_t at;   /* its place in the window */
};

struct visit {
	struct logtap_intake *intake;
	struct logtap_intake_segment *segment;
	struct logtap_slot_reader *slot;
	uint32_t index;
	uint64_t observed_ns;
	struct logtap_clock_line line;
	int fill;
	uint32_t run_bytes;		 /* a longer run is not made longer */
	struct logtap_lost_numbers lost; /* when it began */
	struct look looks[2];		 /* main and nested */
};

/* The index of a sink that is there and of a kind that is known. */
static uint8_t known_sink(struct logtap_intake_segment *segment, uint8_t index)
{
	struct logtap_sink *sinks = segment->file.header.sinks;
	if (index >= LOGTAP_SINKS)
		return index < LOGTAP_SINK_INDEXES ? index
						   : LOGTAP_SINK_INDEX_UNKNOWN;
	if (segment->sinks_used & 1u << index)
		return index;
	if (atomic_load_explicit(&sinks[index].state, memory_order_relaxed) !=
	    LOGTAP_SINK_READY)
		logtap_segment_read_sinks(&segment->file);
	if (atomic_load_explicit(&sinks[index].state, memory_order_relaxed) !=
		    LOGTAP_SINK_READY ||
	    sinks[index].kind > LOGTAP_SINK_API)
		return LOGTAP_SINK_INDEX_UNKNOWN;
	segment->sinks_used |= 1u << index;
	return index;
}

static void give_up(struct visit *visit, const char *why)
{
	const struct logtap_frame_thread *who = &visit->slot->who;
	visit->slot->bad = true;
	logtap_log(LOGTAP_LOG_WARN, "reader",
		   "gave up a slot: %s segment=%s slot=%u pid=%u tid=%u", why,
		   visit->segment->name, visit->index, who->pid, who->tid);
}

static void take(struct visit *visit, struct look *look, unsigned nested,
		 const char **why)
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

/* Was there more in the ring than what was copied, which ends where the window
 * or the ring does? */
static bool goes_past(const struct logtap_ring_taken *taken)
{
	return taken->waiting > taken->to - taken->from;
}

static int fill_of(const struct look *look)
{
	return (int)(look->taken.waiting * 100 / look->source.capacity);
}

static void look_at(struct visit *visit, unsigned nested)
{
	struct look *look = &visit->looks[nested];
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
	if (goes_past(&look->taken))
		visit->segment->more = true;
	if (fill_of(look) > visit->fill)
		visit->fill = fill_of(look);
	visit->slot->stale += look->taken.stale;
	visit->slot->unknown += look->taken.unknown;
}

static inline struct logtap_chunk chunk_at(const struct look *look, uint32_t at)
{
	return logtap_chunk_load(look->window->data + at);
}

/* A stretch of one ring's chunks, as it will be journalled. */
struct run {
	uint32_t chunks;
	uint32_t bytes;
	uint64_t payload_bytes;
	uint64_t last_time_ns;
	uint32_t last_sequence;
};

/* Takes the next chunk into @run: ns in the place of ticks, and its sink will
 * be introduced. */
static void extend(struct visit *visit, struct look *look, struct run *run)
{
	uint32_t at = look->at + run->bytes;
	struct logtap_chunk chunk = chunk_at(look, at);
	uint64_t last_ns =
		run->chunks ? run->last_time_ns : look->ring->last_time_ns;
	uint64_t ns =
		logtap_clock_along(&visit->line, &visit->intake->clock,
				   &visit->segment->file.header, chunk.flags,
				   chunk.time, visit->observed_ns);
	if (ns < last_ns && last_ns - ns < JITTER_NS)
		ns = last_ns;
	/* Where they lie: to read back a copy that was just changed stalls. */
	unsigned char *place = look->window->data + at;
	memcpy(place + offsetof(struct logtap_chunk, time), &ns, sizeof(ns));
	place[offsetof(struct logtap_chunk, sink)] =
		known_sink(visit->segment, chunk.sink);
	run->chunks++;
	run->bytes += (uint32_t)logtap_chunk_span(chunk.length);
	run->payload_bytes += chunk.length - chunk.extension_bytes;
	run->last_time_ns = ns;
	run->last_sequence = chunk.sequence;
}

static void release(struct look *look, uint64_t to)
{
	look->ring->to = to;
	/* pairs with the producer's acquire: the bytes may be overwritten */
	atomic_store_explicit(look->tail, to, memory_order_release);
}

static void commit(struct visit *visit, struct look *look,
		   const struct run *run, uint64_t to)
{
	struct logtap_frame_thread *who = &visit->slot->who;
	look->next += run->chunks;
	look->at += run->bytes;
	look->ring->last_time_ns = run->last_time_ns;
	look->ring->last_sequence = run->last_sequence;
	look->ring->has_last = 1;
	who->seen_chunks += run->chunks;
	who->seen_bytes += run->payload_bytes;
	if ((int32_t)(run->last_sequence + 1 - who->next_sequence) > 0)
		who->next_sequence = run->last_sequence + 1;
	visit->slot->lost = visit->lost;
	visit->slot->held_since_ns = 0;
	release(look, to);
}

/* Return: 0, or what the journal said. */
static int append(struct visit *visit, unsigned nested, const struct run *run)
{
	struct look *look = &visit->looks[nested];
	uint32_t end = look->next + run->chunks;
	int result = logtap_intake_introduce(visit->intake, visit->segment,
					     visit->index);
	struct logtap_frame frame = {
		.type = LOGTAP_FRAME_DATA,
		.ring = (uint16_t)nested,
		.segment = visit->segment->key,
		.generation = visit->slot->generation,
		.slot = visit->index,
		.chunks = run->chunks,
		.from = look->next ? look->ring->to : look->taken.from,
		/* The padding behind the last one goes with it. */
		.to = end == look->taken.chunks ? look->taken.to
						: look->window->ends[end - 1],
		.observed_ns = visit->observed_ns,
	};
	if (!result)
		result = logtap_intake_append(visit->intake, &frame,
					      look->window->data + look->at,
					      run->bytes);
	if (result)
		return result;
	commit(visit, look, run, frame.to);
	logtap_slot_journalled(visit->intake, visit->segment, visit->index,
			       run->chunks);
	return 0;
}

static bool left(const struct look *look)
{
	return look->next < look->taken.chunks;
}

/* Is the next chunk of @look due before that of @other? */
static bool comes_first(const struct look *look, uint32_t at,
			const struct look *other)
{
	return !left(other) ||
	       (int32_t)(chunk_at(look, at).sequence -
			 chunk_at(other, other->at).sequence) < 0;
}

/* May the run be longer by one?  Behind the main ring's last chunk each nested
 * one is asked about, unless it follows at once. */
static bool goes_on(const struct look *look, const struct run *run,
		    const struct look *other, bool nested)
{
	uint32_t at = look->at + run->bytes;
	if (look->next + run->chunks == look->taken.chunks ||
	    !comes_first(look, at, other))
		return false;
	return !nested || left(other) ||
	       chunk_at(look, at).sequence == run->last_sequence + 1;
}

/* Nothing is left in the main ring behind what was taken? */
static bool main_is_empty(const struct visit *visit)
{
	const struct look *look = &visit->looks[0];
	uint64_t to = look->result ? look->ring->to : look->taken.to;
	return visit->slot->bad ||
	       atomic_load_explicit(&look->source.producer->head,
				    memory_order_acquire) <= to;
}

/* Is the next nested chunk, the last of all that is there, to wait for one
 * before it? */
static bool must_hold(struct visit *visit)
{
	const struct look *look = &visit->looks[1];
	return logtap_hold_nested(visit->intake, visit->segment, visit->index,
				  chunk_at(look, look->at).sequence,
				  fill_of(look));
}

/* Does the nested ring hold chunks behind the last one that was copied? */
static bool nested_goes_on(const struct visit *visit)
{
	const struct logtap_ring_taken *taken = &visit->looks[1].taken;

	return taken->to > taken->from && goes_past(taken);
}

static int journal_both(struct visit *visit)
{
	struct look *looks = visit->looks;
	bool main_empty = left(&looks[1]) && main_is_empty(visit);
	while (left(&looks[0]) || left(&looks[1])) {
		unsigned nested =
			!left(&looks[0]) ||
			(left(&looks[1]) &&
			 comes_first(&looks[1], looks[1].at, &looks[0]));
		if (nested && !left(&looks[0]) &&
		    (!main_empty || must_hold(visit)))
			break; /* a later visit knows what comes before it */
		if (!left(&looks[1]) && nested_goes_on(visit))
			break; /* and the same of a chunk of the main ring */
		struct look *look = &looks[nested];
		struct run run = {0};
		do
			extend(visit, look, &run);
		while (run.bytes < visit->run_bytes &&
		       goes_on(look, &run, &looks[!nested], nested));
		if (append(visit, nested, &run))
			return -1;
	}
	return 0;
}

/* Is what was copied of the thread that we take it for?  Its host takes a dead
 * thread's slot back if it believes that nobody reads. */
static bool is_ours_still(const struct visit *visit)
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
	struct visit visit = {
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
	if (!is_ours_still(&visit))
		return 0; /* the next visit sees to it */
	if (journal_both(&visit))
		return -1;
	for (int i = 0; i < 2; i++) {
		struct look *look = &visit.looks[i];
		if (!look->result && !look->taken.chunks)
			release(look, look->taken.to); /* padding alone */
	}
	return visit.fill;
}
