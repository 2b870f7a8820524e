/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Whose slots are whose, by the frames of a journal: see the header.  The
 * pipeline's thread. */
#include "sources.h"

#include "creator.h"
#include "relayed.h"
#include "threads.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct slot {
	uint64_t generation;
	struct logtap_held_thread *thread; /* NULL: none */
	uint64_t owner;			   /* of what comes next */
};

struct segment {
	uint64_t key;
	unsigned char uuid[16];
	struct logtap_process creator; /* what its processes are copied from */
	uint32_t relay_pid; /* of a relay, which speaks for @creator; 0: none */
	struct logtap_sink_info sinks[LOGTAP_SINKS];
	struct slot *slots;
	uint32_t slot_room;
};

struct logtap_sources {
	struct logtap_threads threads;
	void *segments;	      /* of tsearch(3), by key */
	struct segment *last; /* found: frames come in runs */
};

static int compare_segments(const void *left, const void *right)
{
	const struct segment *a = left, *b = right;
	return a->key < b->key ? -1 : a->key > b->key;
}

struct logtap_sources *logtap_sources_new(struct logtap_shaper *shaper)
{
	struct logtap_sources *sources = calloc(1, sizeof(*sources));
	if (sources)
		logtap_threads_init(&sources->threads, shaper);
	return sources;
}

static struct segment *find_segment(struct logtap_sources *sources,
				    uint64_t key)
{
	if (sources->last && sources->last->key == key)
		return sources->last;
	struct segment wanted = {.key = key};
	struct segment **found =
		tfind(&wanted, &sources->segments, compare_segments);
	if (found)
		sources->last = *found;
	return found ? *found : NULL;
}

static int add_segment(struct logtap_sources *sources,
		       const struct logtap_frame *frame,
		       const unsigned char *payload)
{
	struct logtap_frame_segment intro;
	if (frame->length < sizeof(intro) ||
	    find_segment(sources, frame->segment))
		return 0;
	struct segment *segment = calloc(1, sizeof(*segment));
	if (!segment)
		return -ENOMEM;
	memcpy(&intro, payload, sizeof(intro));
	segment->key = frame->segment;
	memcpy(segment->uuid, intro.uuid, sizeof(segment->uuid));
	logtap_creator_read(&segment->creator, &intro, payload + sizeof(intro),
			    payload + frame->length);
	uint32_t own_pid = segment->creator.pid;
	if (logtap_relayed_process(&segment->creator))
		segment->relay_pid = own_pid;
	if (!tsearch(segment, &sources->segments, compare_segments)) {
		free(segment);
		return -ENOMEM;
	}
	return 0;
}

static void take_sinks(struct segment *segment,
		       const struct logtap_frame *frame,
		       const unsigned char *payload)
{
	struct logtap_frame_sink from;
	for (uint32_t i = 0; i < LOGTAP_SINKS; i++) {
		struct logtap_sink_info *sink = &segment->sinks[i];
		if ((i + 1) * sizeof(from) > frame->length)
			break;
		memcpy(&from, payload + i * sizeof(from), sizeof(from));
		if (sink->kind || !from.kind)
			continue;
		sink->kind = from.kind;
		sink->file_type = from.file_type;
		sink->flags = from.flags;
		sink->device = from.device;
		sink->inode = from.inode;
		memcpy(sink->path, from.path,
		       strnlen(from.path, LOGTAP_SINK_PATH_BYTES));
	}
}

static struct slot *get_slot(struct segment *segment, uint32_t index)
{
	if (index >= LOGTAP_SLOTS_MAX)
		return NULL;
	if (index >= segment->slot_room) {
		uint32_t room = segment->slot_room ? segment->slot_room : 4;
		while (room <= index)
			room *= 2;
		struct slot *slots =
			realloc(segment->slots, room * sizeof(*slots));
		if (!slots)
			return NULL;
		memset(slots + segment->slot_room, 0,
		       (room - segment->slot_room) * sizeof(*slots));
		segment->slots = slots;
		segment->slot_room = room;
	}
	return &segment->slots[index];
}

static int end_slot(struct logtap_sources *sources, struct slot *slot,
		    bool moved, uint64_t now_ns)
{
	struct logtap_held_thread *thread = slot->thread;
	slot->thread = NULL;
	return thread ? logtap_threads_let_go(&sources->threads, thread, moved,
					      now_ns)
		      : 0;
}

/* A relay's threads stand for the first one of its program. */
static void take_name(const struct segment *segment,
		      struct logtap_frame_thread *who)
{
	who->pid = segment->creator.pid;
	who->start_ticks = segment->creator.start_ticks;
	who->tid = who->pid;
	memcpy(who->name, segment->creator.comm, sizeof(who->name));
}

static int add_thread(struct logtap_sources *sources,
		      const struct logtap_frame *frame,
		      const unsigned char *payload, uint64_t now_ns)
{
	struct logtap_frame_thread who = {0};
	struct segment *segment = find_segment(sources, frame->segment);
	if (!segment || frame->length < LOGTAP_FRAME_THREAD_BYTES_LEAST)
		return 0;
	memcpy(&who, payload,
	       frame->length < sizeof(who) ? frame->length : sizeof(who));
	bool relayed = segment->relay_pid && who.pid == segment->relay_pid;
	if (relayed)
		take_name(segment, &who);
	struct slot *slot = get_slot(segment, frame->slot);
	if (!slot)
		return -ENOMEM;
	int result = 0;
	if (slot->thread && slot->generation != frame->generation)
		result = end_slot(sources, slot, false, now_ns);
	if (!slot->thread) {
		slot->thread = logtap_threads_hold(&sources->threads,
						   &segment->creator, &who);
		if (!slot->thread)
			return -ENOMEM;
		if (relayed)
			slot->thread->thread.capture = "pipe";
		slot->generation = frame->generation;
	}
	slot->owner = who.owner;
	char *name = slot->thread->thread.name;
	memset(name, 0, LOGTAP_SLOT_NAME_BYTES + 1);
	memcpy(name, who.name, strnlen(who.name, LOGTAP_SLOT_NAME_BYTES));
	return result;
}

static int end_segment(struct logtap_sources *sources, struct segment *segment,
		       uint64_t now_ns)
{
	int result = 0;
	for (uint32_t i = 0; i < segment->slot_room; i++) {
		int error =
			end_slot(sources, &segment->slots[i], false, now_ns);
		result = result ? result : error;
	}
	tdelete(segment, &sources->segments, compare_segments);
	if (sources->last == segment)
		sources->last = NULL;
	free(segment->slots);
	free(segment);
	return result;
}

int logtap_sources_take(struct logtap_sources *sources,
			const struct logtap_frame *frame,
			const unsigned char *payload, uint64_t now_ns)
{
	struct segment *segment;
	switch (frame->type) {
	case LOGTAP_FRAME_SEGMENT:
		return add_segment(sources, frame, payload);
	case LOGTAP_FRAME_SINKS:
		segment = find_segment(sources, frame->segment);
		if (segment)
			take_sinks(segment, frame, payload);
		return 0;
	case LOGTAP_FRAME_THREAD:
		return add_thread(sources, frame, payload, now_ns);
	case LOGTAP_FRAME_THREAD_END:
		segment = find_segment(sources, frame->segment);
		if (segment && frame->slot < segment->slot_room &&
		    segment->slots[frame->slot].generation == frame->generation)
			return end_slot(sources, &segment->slots[frame->slot],
					frame->ring, now_ns);
		return 0;
	case LOGTAP_FRAME_SEGMENT_END:
		segment = find_segment(sources, frame->segment);
		return segment ? end_segment(sources, segment, now_ns) : 0;
	default:
		return 0;
	}
}

struct logtap_thread *logtap_sources_find(struct logtap_sources *sources,
					  const struct logtap_frame *frame,
					  struct logtap_source_segment *out)
{
	struct segment *segment = find_segment(sources, frame->segment);
	if (!segment || frame->slot >= segment->slot_room)
		return NULL;
	struct slot *slot = &segment->slots[frame->slot];
	if (!slot->thread || slot->generation != frame->generation)
		return NULL;
	if (!logtap_threads_own(&sources->threads, slot->thread, slot->owner))
		return NULL;
	out->uuid = segment->uuid;
	out->sinks = segment->sinks;
	return &slot->thread->thread;
}

struct logtap_process *logtap_sources_creator(struct logtap_sources *sources,
					      const struct logtap_frame *frame)
{
	struct segment *segment = find_segment(sources, frame->segment);
	return segment ? &segment->creator : NULL;
}

void logtap_sources_free(struct logtap_sources *sources)
{
	if (!sources)
		return;
	while (sources->segments)
		end_segment(sources, *(struct segment **)sources->segments, 0);
	logtap_threads_deinit(&sources->threads);
	free(sources);
}
