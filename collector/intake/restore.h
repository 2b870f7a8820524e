/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What an earlier collector has left in its journal.  The reader's thread, at its
 * start.
 */
#ifndef LOGTAP_INTAKE_RESTORE_H
#define LOGTAP_INTAKE_RESTORE_H

#include "frame.h"
#include "segment.h"

struct logtap_intake;

/* What an earlier collector's journal says about a slot, a segment. */
struct logtap_restored_slot {
	uint32_t slot;
	bool ended;
	bool adopted; /* its slot is open again */
	uint64_t generation;
	struct logtap_frame_thread who;
};
struct logtap_restored_segment {
	uint64_t key;
	unsigned char uuid[16];
	uint64_t device;
	uint64_t inode;
	struct logtap_frame_uncaptured uncaptured;
	bool ended;
	struct logtap_restored_slot *slots;
	size_t slot_count;
	size_t slot_room;
};

/* Chunks of a process that an earlier collector left in its journal. */
struct logtap_restored_pending {
	uint32_t uid;
	uint32_t pid;
	uint64_t start_ticks;
	struct logtap_pending pending;
};

/* restore.c: reads back what the journal says of slots.  Return: 0 or -errno. */
int logtap_intake_restore(struct logtap_intake *intake);

/* restored.c: what was read, by its key in the journal, or by its file; NULL: it is
 * not known, or (of a file) has ended. */
struct logtap_restored_segment *logtap_restored_by_key(
	struct logtap_intake *intake, uint64_t key);
struct logtap_restored_segment *logtap_restored_find(
	struct logtap_intake *intake, const struct logtap_segment_file *file);
struct logtap_restored_slot *logtap_restored_slot(
	struct logtap_restored_segment *segment, uint32_t slot,
	uint64_t generation);
/* The same of whatever generation it was last. */
struct logtap_restored_slot *logtap_restored_last(
	struct logtap_restored_segment *segment, uint32_t slot);
/* Its process's; NULL without memory. */
struct logtap_account *logtap_restored_account(
	struct logtap_intake *intake, const struct logtap_frame_thread *who);
/* Opens every slot that is held, each where the journal says; call once the
 * directory was read. */
void logtap_intake_adopt(struct logtap_intake *intake);
/* Ends what has no slot any more.  After a rotation. */
void logtap_intake_end_vanished(struct logtap_intake *intake);
void logtap_intake_forget_restored(struct logtap_intake *intake);

#endif
