/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Counters and gauges that programs keep (logtap/abi/metric.h), summed over
 * threads for each process, and over processes in total.
 *
 * The reader's thread gives what slots hold; any thread takes snapshots.  A
 * series is one metric of one process; those of processes that ended stay
 * until there are too many, and then join their metric's "others".
 *
 * What hosts define is bounded: beyond 1,024 metrics or 4,096 series of living
 * processes new ones are refused and counted.
 */
#ifndef LOGTAP_REGISTRY_USER_METRICS_H
#define LOGTAP_REGISTRY_USER_METRICS_H

#include "accounting.h"

#include <logtap/abi/metric.h>

struct logtap_user_metrics;
struct logtap_user_series;

/* Return: NULL without memory. */
struct logtap_user_metrics *logtap_user_metrics_new(void);
void logtap_user_metrics_free(struct logtap_user_metrics *metrics);

/* What one row of a segment has added to one series. */
struct logtap_user_cell {
	struct logtap_user_series *series; /* NULL: not yet, or refused */
	uint64_t value;
	bool refused;
};

/* The reader's side.  @definition is a checked copy; @process is borrowed for
 * the call.  A counter that went back is ignored. */
void logtap_user_metrics_update(
	struct logtap_user_metrics *metrics, struct logtap_user_cell *cell,
	const struct logtap_account *process,
	const struct logtap_metric_definition *definition, uint64_t value);
/* The row has ended: what a counter has stays, a gauge's part goes. */
void logtap_user_metrics_end(struct logtap_user_metrics *metrics,
			     struct logtap_user_cell *cell);

/* One metric of a snapshot, and its processes: rows[first_row] and on. */
struct logtap_user_metric {
	char name[LOGTAP_METRIC_NAME_BYTES];
	char unit[LOGTAP_METRIC_UNIT_BYTES];
	enum logtap_metric_kind kind;
	uint64_t total; /* a gauge's is signed */
	size_t first_row;
	size_t row_count;
};
struct logtap_user_metric_row {
	uint32_t pid; /* 0: processes that share a row, "others" */
	uint32_t uid;
	uint64_t start_ticks;
	char comm[LOGTAP_SLOT_NAME_BYTES + 1];
	bool live;	/* a row of it is still written */
	uint64_t value; /* a gauge's is signed */
};
struct logtap_user_metrics_snapshot {
	struct logtap_user_metric *metrics; /* by name; owned */
	size_t metric_count;
	struct logtap_user_metric_row *rows; /* owned */
	size_t row_count;
	uint64_t refused; /* series for which there was no room */
};
/* Any thread.  For each metric total = sum of its rows.  Return: 0 or -ENOMEM;
 * end with snapshot_deinit. */
int logtap_user_metrics_snapshot(struct logtap_user_metrics *metrics,
				 struct logtap_user_metrics_snapshot *out);
void logtap_user_metrics_snapshot_deinit(
	struct logtap_user_metrics_snapshot *snapshot);

#endif
