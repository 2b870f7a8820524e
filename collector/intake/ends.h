/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Ends: of processes that no death word tells of, and of segments.  The reader's
 * thread.
 */
#ifndef LOGTAP_INTAKE_ENDS_H
#define LOGTAP_INTAKE_ENDS_H

#include "slots.h"

struct logtap_intake;

/* sweep.c */

/* Once a second: asks the kernel for processes that no death word tells of,
 * and now and then for the others; closes segments that have no slot and no
 * creator left.  @all: asks for everything, whatever it costs. */
void logtap_sweep(struct logtap_intake *intake, bool all);

/* gone.c */

/* A segment was opened: looks for its creator. */
void logtap_gone_meet(const struct logtap_intake *intake,
		      struct logtap_intake_segment *segment);
/* Does what we see of /proc say all there is to say of a segment's hosts? */
bool logtap_gone_can_tell(const struct logtap_intake *intake,
			  const struct logtap_intake_segment *segment);
/* May a process but us have that file mapped? */
bool logtap_gone_mapped(struct logtap_intake *intake, dev_t device,
			ino_t inode);
/* Certain that no process of that pid and start is there any more? */
bool logtap_gone_surely(struct logtap_intake *intake,
			const struct logtap_intake_segment *segment,
			uint32_t pid, uint64_t start_ticks);
/* Certain that the creator of a segment has ended? */
bool logtap_gone_creator(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment);
bool logtap_gone_creator_runs(const struct logtap_intake_segment *segment);

/* close.c */

/* A segment without slots goes if nobody is likely to want one in it. */
void logtap_close_empty(struct logtap_intake *intake,
			struct logtap_intake_segment *segment);
/* One that was opened just now, of a host that has ended already and has not a
 * word for us, goes without a trace in the journal.  Return: whether it did. */
bool logtap_close_silent(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment);
/* One that was cut short goes, unless the journal is full. */
void logtap_close_lost(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment);
/* Forgets processes that ran on as another image and have ended. */
void logtap_close_forget(struct logtap_intake *intake);
/* How many of those have no segment any more. */
uint64_t logtap_close_watched(const struct logtap_intake *intake);

/* living.c */

/* Processes that live and may yet write. */
uint64_t logtap_living_count(struct logtap_intake *intake);

#endif
