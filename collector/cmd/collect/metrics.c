/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* User metrics in a collector's status: a list of metrics, each with its
 * processes.  Main thread. */
#include "collector.h"

static json_t *number(enum logtap_metric_kind kind, uint64_t value)
{
	if (kind == LOGTAP_METRIC_COUNTER && value > INT64_MAX)
		value = INT64_MAX;
	return json_integer((json_int_t)value);
}

static json_t *rows_of(const struct logtap_user_metrics_snapshot *snapshot,
		       const struct logtap_user_metric *metric)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < metric->row_count; i++) {
		const struct logtap_user_metric_row *row =
			&snapshot->rows[metric->first_row + i];
		json_array_append_new(
			rows, json_pack("{s:I, s:I, s:b, s:o}", "pid",
					(json_int_t)row->pid, "start_ticks",
					(json_int_t)row->start_ticks, "live",
					row->live, "value",
					number(metric->kind, row->value)));
	}
	return rows;
}

json_t *logtap_collector_metrics(struct logtap_collector *collector)
{
	struct logtap_user_metrics_snapshot snapshot;
	json_t *list = json_array();
	if (logtap_user_metrics_snapshot(collector->metrics, &snapshot))
		return list;
	for (size_t i = 0; i < snapshot.metric_count; i++) {
		const struct logtap_user_metric *metric = &snapshot.metrics[i];
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:s, s:o, s:o}", "name",
				  metric->name, "unit", metric->unit, "kind",
				  metric->kind == LOGTAP_METRIC_COUNTER
					  ? "counter"
					  : "gauge",
				  "total", number(metric->kind, metric->total),
				  "processes", rows_of(&snapshot, metric)));
	}
	logtap_user_metrics_snapshot_deinit(&snapshot);
	return list;
}
