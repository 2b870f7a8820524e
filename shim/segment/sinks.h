/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The process's sinks in the table of a segment.
 */
#ifndef LOGTAP_SEGMENT_SINKS_H
#define LOGTAP_SEGMENT_SINKS_H

#include "../state.h"

/* Of a new mapping: no sink of the table has an index yet. */
void logtap_sinks_begin(struct logtap_mapping *mapping);

/* Fills the sink table of a new segment and mapping->sink_index. */
void logtap_sinks_publish(struct logtap_mapping *mapping);

#endif
