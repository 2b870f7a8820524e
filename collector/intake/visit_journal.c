/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was copied of the two rings of a slot goes into the journal.  Runs in the
 * reader's thread.
 *
 * Both rings belong to one thread and share one sequence, so their chunks are
 * put back into that order.  What is left in the nested ring behind the last
 * chunk of the main window may go only when the main ring holds nothing more.  A
 * handler's chunk is published before the one that it interrupted, so one whose
 * predecessor is missing is held (hold.c).
 */
#include "../base/chunk.h"
#include "visit.h"

#include <string.h>

/* Times of one ring run backwards by this much at most, by the jitter of
 * clocks; more is a step of the clock, and told as it is. */
#define JITTER_NS LOGTAP_SECOND_NS

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

static inline struct logtap_chunk chunk_at(const struct logtap_look *look,
					   uint32_t at)
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
static void extend(struct logtap_visit *visit, struct logtap_look *look,
		   struct run *run)
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

static void release(struct logtap_look *look, uint64_t to)
{
	look->ring->to = to;
	/* pairs with the producer's acquire: the bytes may be overwritten */
	atomic_store_explicit(look->tail, to, memory_order_release);
}

static void commit(struct logtap_visit *visit, struct logtap_look *look,
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
static int append(struct logtap_visit *visit, unsigned nested,
		  const struct run *run)
{
	struct logtap_look *look = &visit->looks[nested];
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

static bool left(const struct logtap_look *look)
{
	return look->next < look->taken.chunks;
}

/* Is the next chunk of @look due before that of @other? */
static bool comes_first(const struct logtap_look *look, uint32_t at,
			const struct logtap_look *other)
{
	return !left(other) ||
	       (int32_t)(chunk_at(look, at).sequence -
			 chunk_at(other, other->at).sequence) < 0;
}

/* Does the process belong to another user from the next chunk of @look on? */
static bool changes_owner(const struct logtap_visit *visit,
			  const struct logtap_look *look, uint32_t at)
{
	return visit->owner != visit->slot->who.owner &&
	       (int32_t)(chunk_at(look, at).sequence -
			 (uint32_t)visit->owner) >= 0;
}

/* May the run be longer by one?  Behind the main ring's last chunk each nested
 * one is asked about, unless it follows at once. */
static bool goes_on(const struct logtap_visit *visit, const struct run *run,
		    bool nested)
{
	const struct logtap_look *look = &visit->looks[nested];
	const struct logtap_look *other = &visit->looks[!nested];
	uint32_t at = look->at + run->bytes;
	if (look->next + run->chunks == look->taken.chunks ||
	    !comes_first(look, at, other) || changes_owner(visit, look, at))
		return false;
	return !nested || left(other) ||
	       chunk_at(look, at).sequence == run->last_sequence + 1;
}

/* Nothing is left in the main ring behind what was taken? */
static bool main_is_empty(const struct logtap_visit *visit)
{
	const struct logtap_look *look = &visit->looks[0];
	uint64_t to = look->result ? look->ring->to : look->taken.to;
	return visit->slot->bad ||
	       atomic_load_explicit(&look->source.producer->head,
				    memory_order_acquire) <= to;
}

/* Is the next nested chunk, the last of all that is there, to wait for one
 * before it? */
static bool must_hold(struct logtap_visit *visit)
{
	const struct logtap_look *look = &visit->looks[1];
	return logtap_hold_nested(visit->intake, visit->segment, visit->index,
				  chunk_at(look, look->at).sequence,
				  logtap_look_fill(look));
}

/* Does the nested ring hold chunks behind the last one that was copied? */
static bool nested_goes_on(const struct logtap_visit *visit)
{
	const struct logtap_ring_taken *taken = &visit->looks[1].taken;

	return taken->to > taken->from && logtap_look_goes_past(taken);
}

static int journal_both(struct logtap_visit *visit)
{
	struct logtap_look *looks = visit->looks;
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
		struct logtap_look *look = &looks[nested];
		struct run run = {0};
		if (changes_owner(visit, look, look->at)) {
			visit->slot->who.owner = visit->owner;
			visit->slot->introduced = false; /* again, with it */
		}
		do
			extend(visit, look, &run);
		while (run.bytes < visit->run_bytes &&
		       goes_on(visit, &run, nested));
		if (append(visit, nested, &run))
			return -1;
	}
	return 0;
}

int logtap_visit_journal(struct logtap_visit *visit)
{
	if (journal_both(visit))
		return -1;
	for (int i = 0; i < 2; i++) {
		struct logtap_look *look = &visit->looks[i];
		if (!look->result && !look->taken.chunks)
			release(look, look->taken.to); /* padding alone */
	}
	return 0;
}
