/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an earlier collector knew, read back from its journal: how far each
 * ring was taken (its tail in the segment may be older, for a tail is stored
 * after the journal has the bytes), which slots were counted, and the totals.
 * Runs in the reader's thread before anything else there.
 */
#include "restore.h"
#include "../base/grow.h"
#include "../base/log.h"
#include "intake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct logtap_restored_segment *by_key(struct logtap_intake *intake,
					      uint64_t key)
{
	for (size_t i = intake->restored_count; i-- > 0;)
		if (intake->restored[i].key == key)
			return &intake->restored[i];
	return NULL;
}

struct logtap_restored_segment *logtap_restored_find(
	struct logtap_intake *intake, const struct logtap_segment_file *file)
{
	for (size_t i = 0; i < intake->restored_count; i++) {
		struct logtap_restored_segment *segment = &intake->restored[i];
		/* The uuid is the host's word; the inode is the kernel's. */
		if (segment->inode == file->inode &&
		    segment->device == file->device && !segment->ended &&
		    !memcmp(segment->uuid, file->header.uuid, 16))
			return segment;
	}
	return NULL;
}

static struct logtap_restored_slot *find_slot(
	struct logtap_restored_segment *segment, uint32_t slot)
{
	for (size_t i = 0; i < segment->slot_count; i++)
		if (segment->slots[i].slot == slot)
			return &segment->slots[i];
	return NULL;
}

struct logtap_restored_slot *logtap_restored_slot(
	struct logtap_restored_segment *segment, uint32_t slot,
	uint64_t generation)
{
	for (size_t i = 0; i < segment->slot_count; i++)
		if (segment->slots[i].slot == slot &&
		    segment->slots[i].generation == generation)
			return &segment->slots[i];
	return NULL;
}

static int add_segment(struct logtap_intake *intake,
		       const struct logtap_frame *frame,
		       const struct logtap_frame_segment *intro)
{
	struct logtap_restored_segment *segment =
		by_key(intake, frame->segment);
	if (segment) {
		segment->uncaptured = intro->uncaptured;
		return 0;
	}
	void *grown = logtap_grown(intake->restored, intake->restored_count,
				   &intake->restored_room,
				   sizeof(*intake->restored), 16);
	if (!grown)
		return -ENOMEM;
	intake->restored = grown;
	segment = &intake->restored[intake->restored_count++];
	*segment = (struct logtap_restored_segment){
		.key = frame->segment,
		.device = intro->device,
		.inode = intro->inode,
		.uncaptured = intro->uncaptured,
	};
	memcpy(segment->uuid, intro->uuid, sizeof(segment->uuid));
	return 0;
}

static int put_slot(struct logtap_intake *intake,
		    const struct logtap_frame *frame,
		    const struct logtap_frame_thread *who)
{
	struct logtap_restored_segment *segment =
		by_key(intake, frame->segment);
	if (!segment)
		return 0;
	struct logtap_restored_slot *slot = find_slot(segment, frame->slot);
	if (!slot) {
		void *grown = logtap_grown(segment->slots, segment->slot_count,
					   &segment->slot_room,
					   sizeof(*segment->slots), 4);
		if (!grown)
			return -ENOMEM;
		segment->slots = grown;
		slot = &segment->slots[segment->slot_count++];
	}
	*slot = (struct logtap_restored_slot){
		.slot = frame->slot,
		.generation = frame->generation,
		.who = *who,
	};
	return 0;
}

static struct logtap_pending *pending_of(struct logtap_intake *intake,
					 const struct logtap_frame_thread *who)
{
	for (size_t i = intake->pending_count; i-- > 0;) {
		struct logtap_restored_pending *at = &intake->pending[i];
		if (at->pid == who->pid && at->uid == who->uid &&
		    at->start_ticks == who->start_ticks)
			return &at->pending;
	}
	void *grown = logtap_grown(intake->pending, intake->pending_count,
				   &intake->pending_room,
				   sizeof(*intake->pending), 16);
	if (!grown)
		return NULL;
	intake->pending = grown;
	struct logtap_restored_pending *made =
		&intake->pending[intake->pending_count++];
	*made = (struct logtap_restored_pending){
		.uid = who->uid,
		.pid = who->pid,
		.start_ticks = who->start_ticks,
	};
	return &made->pending;
}

/* Of a data frame, unless every destination had it before. */
static void add_pending(struct logtap_intake *intake,
			const struct logtap_frame *frame, uint64_t end)
{
	struct logtap_restored_segment *segment =
		by_key(intake, frame->segment);
	struct logtap_restored_slot *slot =
		segment ? find_slot(segment, frame->slot) : NULL;
	struct logtap_pending *pending =
		slot && end > logtap_journal_acknowledged(intake->journal)
			? pending_of(intake, &slot->who)
			: NULL;
	if (pending)
		logtap_pending_add(pending, end, frame->chunks);
}

static void hand_over_pending(struct logtap_intake *intake)
{
	for (size_t i = 0; i < intake->pending_count; i++)
		logtap_accounting_restore_pending(
			intake->accounting, intake->pending[i].uid,
			intake->pending[i].pid, intake->pending[i].start_ticks,
			&intake->pending[i].pending);
	free(intake->pending);
	intake->pending = NULL;
	intake->pending_count = intake->pending_room = 0;
}

/* Counts what a data frame holds, as the reader did when it took it. */
static void add_data(struct logtap_intake *intake,
		     const struct logtap_frame *frame,
		     const unsigned char *payload)
{
	struct logtap_restored_segment *segment =
		by_key(intake, frame->segment);
	struct logtap_restored_slot *slot =
		segment ? find_slot(segment, frame->slot) : NULL;
	if (!slot || slot->generation != frame->generation)
		return;
	struct logtap_frame_thread *who = &slot->who;
	struct logtap_frame_ring *ring = &who->ring[frame->ring];
	struct logtap_chunk chunk;
	for (uint64_t at = 0; at + sizeof(chunk) <= frame->length;) {
		memcpy(&chunk, payload + at, sizeof(chunk));
		at += logtap_chunk_span(chunk.length);
		if (at > frame->length || chunk.extension_bytes > chunk.length)
			break; /* the pipeline ends there, too */
		who->seen_chunks++;
		who->seen_bytes += chunk.length - chunk.extension_bytes;
		if ((int32_t)(chunk.sequence + 1 - who->next_sequence) > 0)
			who->next_sequence = chunk.sequence + 1;
		ring->last_sequence = chunk.sequence;
		ring->last_time_ns = chunk.time;
		ring->has_last = 1;
	}
	ring->to = frame->to;
}

static void put_account(struct logtap_intake *intake,
			const struct logtap_frame_account *payload)
{
	if (payload->rest) {
		logtap_accounting_restore_rest(intake->accounting,
					       &payload->counts,
					       payload->start_ticks);
		return;
	}
	char comm[LOGTAP_COMM_BYTES + 1] = {0};
	memcpy(comm, payload->comm, LOGTAP_COMM_BYTES);
	struct logtap_account *account =
		logtap_accounting_get(intake->accounting, payload->uid,
				      payload->pid, payload->start_ticks, comm);
	if (account)
		logtap_accounting_restore(intake->accounting, account,
					  &payload->counts);
}

/* A thread that nobody named has its process's name. */
static struct logtap_account *account_of(struct logtap_intake *intake,
					 const struct logtap_frame_thread *who)
{
	char name[LOGTAP_SLOT_NAME_BYTES + 1] = {0};
	memcpy(name, who->name, LOGTAP_SLOT_NAME_BYTES);
	return logtap_accounting_get(intake->accounting, who->uid, who->pid,
				     who->start_ticks, name);
}

static void end_slot(struct logtap_intake *intake,
		     const struct logtap_frame *frame,
		     const struct logtap_counts *counts)
{
	struct logtap_restored_segment *segment =
		by_key(intake, frame->segment);
	struct logtap_restored_slot *slot =
		segment ? find_slot(segment, frame->slot) : NULL;
	if (!slot || slot->generation != frame->generation)
		return;
	slot->ended = true;
	struct logtap_counts none = {0};
	struct logtap_account *account = account_of(intake, &slot->who);
	if (account)
		logtap_accounting_fold(intake->accounting, account, &none,
				       counts);
}

static int take_frame(struct logtap_intake *intake,
		      const struct logtap_frame *frame,
		      const unsigned char *payload)
{
	union {
		struct logtap_frame_segment segment;
		struct logtap_frame_thread thread;
		struct logtap_frame_account account;
		struct logtap_counts counts;
	} copy = {0};
	if (frame->type != LOGTAP_FRAME_DATA)
		memcpy(&copy, payload,
		       frame->length < sizeof(copy) ? frame->length
						    : sizeof(copy));
	if (frame->segment >= intake->next_key)
		intake->next_key = frame->segment + 1;
	switch (frame->type) {
	case LOGTAP_FRAME_SEGMENT:
		return add_segment(intake, frame, &copy.segment);
	case LOGTAP_FRAME_THREAD:
		return put_slot(intake, frame, &copy.thread);
	case LOGTAP_FRAME_DATA:
		add_data(intake, frame, payload);
		break;
	case LOGTAP_FRAME_THREAD_END:
		end_slot(intake, frame, &copy.counts);
		break;
	case LOGTAP_FRAME_SEGMENT_END: {
		struct logtap_restored_segment *segment =
			by_key(intake, frame->segment);
		if (segment)
			segment->ended = true;
		break;
	}
	case LOGTAP_FRAME_ACCOUNT:
		put_account(intake, &copy.account);
		break;
	}
	return 0;
}

int logtap_intake_restore(struct logtap_intake *intake)
{
	struct logtap_journal_cursor *cursor;
	int result = logtap_journal_cursor_new(intake->journal, 0, &cursor);
	if (result)
		return result;
	struct logtap_frame frame;
	const unsigned char *payload;
	uint64_t position, frames = 0;
	while (!(result = logtap_journal_next(cursor, &frame, &payload,
					      &position))) {
		frames++;
		result = take_frame(intake, &frame, payload);
		if (result)
			break;
		if (frame.type == LOGTAP_FRAME_DATA)
			add_pending(intake, &frame,
				    position + logtap_frame_span(frame.length));
	}
	logtap_journal_cursor_free(cursor);
	hand_over_pending(intake);
	if (result != LOGTAP_JOURNAL_END)
		return result;
	if (frames)
		logtap_log(LOGTAP_LOG_INFO, "journal",
			   "goes on where an earlier collector ended "
			   "segments=%zu frames=%llu",
			   intake->restored_count, (unsigned long long)frames);
	return 0;
}

/* Its rings are gone with its file: what was seen of it is all there is. */
static void end_vanished_slot(struct logtap_intake *intake, uint64_t key,
			      const struct logtap_restored_slot *slot)
{
	struct logtap_slot_sums sums = {
		.seen_chunks = slot->who.seen_chunks,
		.seen_bytes = slot->who.seen_bytes,
		.sequence_span =
			slot->who.next_sequence - slot->who.first_sequence,
		.continues = slot->who.flags & LOGTAP_SLOT_CONTINUES,
		.ended = true,
	};
	struct logtap_counts counts = logtap_slot_counts(&sums), none = {0};
	struct logtap_account *account = account_of(intake, &slot->who);
	struct logtap_frame frame = {
		.type = LOGTAP_FRAME_THREAD_END,
		.segment = key,
		.slot = slot->slot,
		.generation = slot->generation,
		.observed_ns = logtap_now_realtime_ns(),
	};
	if (!logtap_intake_append(intake, &frame, &counts, sizeof(counts)) &&
	    account)
		logtap_accounting_fold(intake->accounting, account, &none,
				       &counts);
}

static bool file_is_open(struct logtap_intake *intake, uint64_t key)
{
	for (size_t i = 0; i < intake->segment_count; i++)
		if (intake->segments[i]->key == key)
			return true;
	return false;
}

void logtap_intake_adopt(struct logtap_intake *intake)
{
	for (size_t i = 0; i < intake->segment_count; i++) {
		struct logtap_intake_segment *segment = intake->segments[i];
		struct logtap_restored_segment *known =
			logtap_restored_find(intake, &segment->file);
		for (uint32_t j = 0;
		     known && j < segment->file.header.slot_count; j++) {
			struct logtap_slot_reader *slot =
				logtap_slot_open(intake, segment, j);
			struct logtap_restored_slot *restored =
				slot ? logtap_restored_slot(known, j,
							    slot->generation)
				     : NULL;
			if (restored)
				restored->adopted = true;
		}
	}
	logtap_accounting_restored(intake->accounting);
}

void logtap_intake_end_vanished(struct logtap_intake *intake)
{
	for (size_t i = 0; i < intake->restored_count; i++) {
		struct logtap_restored_segment *segment = &intake->restored[i];
		if (segment->ended)
			continue;
		for (size_t j = 0; j < segment->slot_count; j++)
			if (!segment->slots[j].ended &&
			    !segment->slots[j].adopted)
				end_vanished_slot(intake, segment->key,
						  &segment->slots[j]);
		if (file_is_open(intake, segment->key))
			continue;
		struct logtap_frame frame = {
			.type = LOGTAP_FRAME_SEGMENT_END,
			.segment = segment->key,
			.observed_ns = logtap_now_realtime_ns(),
		};
		struct logtap_frame_uncaptured none = {0};
		logtap_intake_append(intake, &frame, &none, sizeof(none));
	}
}

void logtap_intake_forget_restored(struct logtap_intake *intake)
{
	for (size_t i = 0; i < intake->restored_count; i++)
		free(intake->restored[i].slots);
	free(intake->restored);
	intake->restored = NULL;
	intake->restored_count = intake->restored_room = 0;
}
