/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * User metrics: counters and gauges that a program keeps through the API.
 *
 * A segment's metrics area (logtap_segment.counters_offset) holds, one behind
 * the other,
 *
 *     a row of values for each slot | one shared row | definitions
 *
 * A row has one 64-bit value for each definition.  A slot's row belongs to its
 * thread alone, which needs no locked instruction to add; it is zeros when the
 * slot is claimed, and the collector adds it to what it knows of the process
 * when the slot has ended.  The shared row is that of the segment's creator's
 * threads that have no slot, who add with locked instructions.
 *
 * A process's counter is the sum over its rows, of threads that have ended,
 * too.  Its gauge is the sum over the rows of threads that live.
 *
 * Definitions are appended by hosts, as sinks are: a forked child that lives
 * in its parent's segment shares them.
 */
#ifndef LOGTAP_ABI_METRIC_H
#define LOGTAP_ABI_METRIC_H

#include <logtap/abi/version.h>

#define LOGTAP_METRICS 64		/* a bit each in logtap_slot.metrics */
#define LOGTAP_METRIC_INDEX_UNKNOWN 255 /* the table was full */
#define LOGTAP_METRIC_NAME_BYTES 64
#define LOGTAP_METRIC_UNIT_BYTES 16

enum logtap_metric_state {
	LOGTAP_METRIC_EMPTY = 0,
	LOGTAP_METRIC_WRITING = 1,
	LOGTAP_METRIC_READY = 2, /* stored with release, loaded with acquire */
};

enum logtap_metric_kind {
	LOGTAP_METRIC_COUNTER = 1, /* unsigned, only rises */
	LOGTAP_METRIC_GAUGE = 2,   /* signed */
};

struct logtap_metric_definition {
	_Atomic uint32_t state;		     /* enum logtap_metric_state */
	uint32_t kind;			     /* enum logtap_metric_kind */
	char unit[LOGTAP_METRIC_UNIT_BYTES]; /* UCUM; both NUL-terminated */
	char name[LOGTAP_METRIC_NAME_BYTES]; /* letter first, then letters,
	                                      * digits and _ . - / */
};
static_assert(offsetof(struct logtap_metric_definition, kind) == 4,
	      "metric ABI");
static_assert(offsetof(struct logtap_metric_definition, unit) == 8,
	      "metric ABI");
static_assert(offsetof(struct logtap_metric_definition, name) == 24,
	      "metric ABI");
static_assert(sizeof(struct logtap_metric_definition) == 88, "metric ABI");

#define LOGTAP_METRIC_ROW_BYTES (LOGTAP_METRICS * 8)

/* Of the area of a segment with @slots slots. */
static inline uint64_t logtap_metric_area_bytes(uint64_t slots)
{
	return (slots + 1) * LOGTAP_METRIC_ROW_BYTES +
	       LOGTAP_METRICS * sizeof(struct logtap_metric_definition);
}

#endif
