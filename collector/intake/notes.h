/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the journal is told beside threads and chunks.  The reader's thread.
 */
#ifndef LOGTAP_INTAKE_NOTES_H
#define LOGTAP_INTAKE_NOTES_H

#include "slots.h"

struct logtap_intake;
struct logtap_running; /* run/running.h */

/* notes.c */

/* Tells in the journal who began to read a pipe, once. */
void logtap_start_tell(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment);
/* Adds what was counted since to the account of a segment's creator. */
void logtap_uncaptured_count(struct logtap_intake *intake,
			     struct logtap_intake_segment *segment);
/* Is there nothing to be told of a segment? */
bool logtap_notes_are_none(const struct logtap_intake_segment *segment);
/* Tells in the journal what the library had to say, once. */
void logtap_notes_take(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment);
/* All that is left, when nothing more will come. */
void logtap_notes_end(struct logtap_intake *intake,
		      struct logtap_intake_segment *segment);

/* chosen.c */

/* A segment goes: keeps in mind what its process made its stderr. */
void logtap_chosen_remember(struct logtap_intake *intake,
			    struct logtap_intake_segment *segment);
/* Of the sinks in use, those that an earlier image of the process chose are
 * not FOUND. */
void logtap_chosen_mark(struct logtap_intake *intake,
			struct logtap_intake_segment *segment);

/* Tells in the journal that a process is not captured.  Return: whether the
 * journal has it. */
bool logtap_stranger_tell(struct logtap_intake *intake,
			  const struct logtap_running *running,
			  const char *why);

/* strangers.c */

/* Looks for processes of the session that are not captured, and tells. */
void logtap_strangers_look(struct logtap_intake *intake);

#endif
