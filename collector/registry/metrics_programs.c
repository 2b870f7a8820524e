/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics that programs count by themselves.  Any thread. */
#include "metrics_private.h"

#include <errno.h>

static void put_program(struct logtap_metric_set *to,
			const struct logtap_user_metrics_snapshot *snapshot,
			const struct logtap_user_metric *metric)
{
	bool counter = metric->kind == LOGTAP_METRIC_COUNTER;
	const struct logtap_metric_family family = {
		.name = metric->name,
		.help = "",
		.unit = metric->unit,
		.counter = counter,
		.by_program = true,
		.form = counter ? LOGTAP_FORM_COUNT : LOGTAP_FORM_SIGNED,
	};

	logtap_metric_set_family(to, &family);
	for (size_t i = 0; i < metric->row_count; i++) {
		const struct logtap_user_metric_row *row =
			&snapshot->rows[metric->first_row + i];
		logtap_metric_set_point(to,
					logtap_metrics_owner(to, row->pid,
							     row->start_ticks,
							     row->comm),
					NULL, 0, row->value);
	}
}

void logtap_metrics_put_programs(struct logtap_metric_set *to,
				 struct logtap_user_metrics *programs)
{
	struct logtap_user_metrics_snapshot snapshot;

	if (logtap_user_metrics_snapshot(programs, &snapshot)) {
		to->error = -ENOMEM;
		return;
	}
	logtap_metrics_put_one(
		to, "logtap.refused_metrics", "{metric}", true,
		"Metrics of programs for which there was no room",
		snapshot.refused);
	for (size_t i = 0; i < snapshot.metric_count; i++)
		put_program(to, &snapshot, &snapshot.metrics[i]);
	logtap_user_metrics_snapshot_deinit(&snapshot);
}
