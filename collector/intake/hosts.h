/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What hosts are told.  The reader's thread.
 */
#ifndef LOGTAP_INTAKE_HOSTS_H
#define LOGTAP_INTAKE_HOSTS_H

#include "slots.h"

struct logtap_intake;

/* beat.c: tells hosts that someone reads, in the clocks they have. */

void logtap_beat(struct logtap_intake *intake,
		 struct logtap_intake_segment *segment);
/* What hosts are asked for, if that has changed. */
void logtap_beat_asks(struct logtap_intake *intake);
/* All segments, and the file for processes that are just beginning. */
void logtap_beat_all(struct logtap_intake *intake);
/* The end of it: nobody reads any more. */
void logtap_beat_stop(struct logtap_intake *intake);

/* level_file.c: thresholds of events. */

/* Looks for the file of levels.h; the next beat tells. */
void logtap_level_look(struct logtap_intake *intake);
void logtap_level_tell(const struct logtap_intake *intake,
		       struct logtap_intake_segment *segment);

#endif
