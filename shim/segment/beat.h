/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The heartbeat of a segment that nobody has opened yet.
 */
#ifndef LOGTAP_SEGMENT_BEAT_H
#define LOGTAP_SEGMENT_BEAT_H

#include "../state.h"

/* Before @mapping is published: takes over the latest heartbeat that this
 * process knows of, or reads the collector's file, where a chunk that is too
 * early for the collector would be treated otherwise.  Three system calls, in
 * the first segment alone. */
void logtap_beat_adopt(struct logtap_mapping *mapping);
/* What this thread's segment asks for, or LOGTAP_STACKS does. */
void logtap_beat_adopt_asks(struct logtap_mapping *mapping);

/* Does a collector say that the kernel keeps time by the time stamp counter?
 * For the constructor. */
bool logtap_beat_has_counter(void);

#endif
