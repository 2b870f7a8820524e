/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was read back of an earlier collector's journal (restore.c) meets what is
 * there: slots that are still held are opened where it came to, and what has no
 * slot any more is ended.  Runs in the reader's thread.
 */
#include "intake.h"
#include "restore.h"

#include <stdlib.h>
#include <string.h>

struct logtap_restored_segment *logtap_restored_by_key(
	struct logtap_intake *intake, uint64_t key)
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

struct logtap_restored_slot *logtap_restored_last(
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

/* A thread that nobody named has its process's name. */
struct logtap_account *logtap_restored_account(
	struct logtap_intake *intake, const struct logtap_frame_thread *who)
{
	char name[LOGTAP_SLOT_NAME_BYTES + 1] = {0};
	memcpy(name, who->name, LOGTAP_SLOT_NAME_BYTES);
	return logtap_accounting_get(intake->accounting, who->uid, who->pid,
				     who->start_ticks, name);
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
	struct logtap_account *account =
		logtap_restored_account(intake, &slot->who);
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
