/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * User metrics: the process's definitions in the tables of its segments, and
 * the rows of values (logtap/abi/metric.h).  Lock-free; any thread.
 */
#ifndef LOGTAP_SEGMENT_METRICS_H
#define LOGTAP_SEGMENT_METRICS_H

#include "../guard/tls.h"
#include "../state.h"

/* The index in the process of a metric, made if it is new.  Return:
 * LOGTAP_METRIC_INDEX_UNKNOWN if the table is full, or another kind has that
 * name, or the name or the unit cannot be one. */
uint8_t logtap_metrics_define(enum logtap_metric_kind kind, const char *name,
			      const char *unit);
/* Of a metric of the process that is there. */
enum logtap_metric_kind logtap_metrics_kind(uint8_t metric);

/* Fills the table of a new segment and mapping->metric_index. */
void logtap_metrics_publish(struct logtap_mapping *mapping);

static inline _Atomic uint64_t *logtap_metrics_row(
	const struct logtap_mapping *mapping, uint32_t slot)
{
	return mapping->metrics + (uint64_t)slot * LOGTAP_METRICS;
}

/* @slot is claimed anew: its row is zeros again. */
void logtap_metrics_reset(const struct logtap_mapping *mapping,
			  struct logtap_slot *slot);
/* A thread moved: its gauges go with it. */
void logtap_metrics_move(const struct logtap_rings *from,
			 const struct logtap_rings *to);
/* A slot that no collector has read is to be reused: the counts of a thread of
 * this process are kept in the shared row. */
void logtap_metrics_keep(const struct logtap_mapping *mapping,
			 const struct logtap_slot *slot);
/* Adds to the shared row, if the segment is this process's own. */
void logtap_metrics_add_shared(const struct logtap_mapping *mapping,
			       uint8_t index, uint64_t amount);

#endif
