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

static int add_segment(struct logtap_intake *intake,
		       const struct logtap_frame *frame,
		       const struct logtap_frame_segment *intro)
{
	struct logtap_restored_segment *segment =
		logtap_restored_by_key(intake, frame->segment);
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
		logtap_restored_by_key(intake, frame->segment);
	if (!segment)
		return 0;
	struct logtap_restored_slot *slot =
		logtap_restored_last(segment, frame->slot);
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
		logtap_restored_by_key(intake, frame->segment);
	struct logtap_restored_slot *slot =
		segment ? logtap_restored_last(segment, frame->slot) : NULL;
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
		logtap_restored_by_key(intake, frame->segment);
	struct logtap_restored_slot *slot =
		segment ? logtap_restored_last(segment, frame->slot) : NULL;
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

static void end_slot(struct logtap_intake *intake,
		     const struct logtap_frame *frame,
		     const struct logtap_counts *counts)
{
	struct logtap_restored_segment *segment =
		logtap_restored_by_key(intake, frame->segment);
	struct logtap_restored_slot *slot =
		segment ? logtap_restored_last(segment, frame->slot) : NULL;
	if (!slot || slot->generation != frame->generation)
		return;
	slot->ended = true;
	struct logtap_counts none = {0};
	struct logtap_account *account =
		logtap_restored_account(intake, &slot->who);
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
			logtap_restored_by_key(intake, frame->segment);
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
