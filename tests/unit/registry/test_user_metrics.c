/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Counters and gauges of programs: sums, ends, bounds. */
#include "../../../collector/registry/user_metrics.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct logtap_user_metrics *metrics;
static struct logtap_user_metrics_snapshot snapshot;

static void begin(void)
{
	metrics = logtap_user_metrics_new();
}

static void end(void)
{
	logtap_user_metrics_snapshot_deinit(&snapshot);
	logtap_user_metrics_free(metrics);
}

TestSuite(user_metrics, .init = begin, .fini = end);

static struct logtap_metric_definition definition(const char *name,
						  enum logtap_metric_kind kind)
{
	struct logtap_metric_definition made = {.kind = kind, .unit = "By"};
	snprintf(made.name, sizeof(made.name), "%s", name);
	return made;
}

static struct logtap_account process(uint32_t pid)
{
	return (struct logtap_account){.pid = pid, .start_ticks = pid};
}

static void set(struct logtap_user_cell *cell, uint32_t pid, const char *name,
		enum logtap_metric_kind kind, int64_t value)
{
	struct logtap_metric_definition made = definition(name, kind);
	struct logtap_account who = process(pid);
	logtap_user_metrics_update(metrics, cell, &who, &made, (uint64_t)value);
}

static const struct logtap_user_metric *only(void)
{
	logtap_user_metrics_snapshot_deinit(&snapshot);
	cr_assert_eq(logtap_user_metrics_snapshot(metrics, &snapshot), 0);
	cr_assert_eq(snapshot.metric_count, 1);
	return &snapshot.metrics[0];
}

Test(user_metrics, a_counter_is_the_sum_over_threads_ended_ones_too)
{
	struct logtap_user_cell threads[3] = {{0}};
	for (int i = 0; i < 3; i++)
		set(&threads[i], 7, "sent", LOGTAP_METRIC_COUNTER, 10 + i);
	logtap_user_metrics_end(metrics, &threads[1]);
	set(&threads[0], 7, "sent", LOGTAP_METRIC_COUNTER, 15);
	cr_assert_eq(only()->total, 15 + 11 + 12);
	cr_assert_eq(snapshot.row_count, 1);
	cr_assert(snapshot.rows[0].live);
	cr_assert_str_eq(snapshot.metrics[0].unit, "By");
	logtap_user_metrics_end(metrics, &threads[0]);
	logtap_user_metrics_end(metrics, &threads[2]);
	cr_assert_eq(only()->total, 38);
	cr_assert_not(snapshot.rows[0].live);
}

Test(user_metrics, a_gauge_is_the_sum_over_the_threads_that_live)
{
	struct logtap_user_cell threads[2] = {{0}};
	set(&threads[0], 7, "queue", LOGTAP_METRIC_GAUGE, -5);
	set(&threads[1], 7, "queue", LOGTAP_METRIC_GAUGE, 20);
	set(&threads[1], 7, "queue", LOGTAP_METRIC_GAUGE, 8);
	cr_assert_eq((int64_t)only()->total, 3);
	logtap_user_metrics_end(metrics, &threads[1]);
	cr_assert_eq((int64_t)only()->total, -5);
}

Test(user_metrics, processes_are_told_apart_and_add_up)
{
	struct logtap_user_cell cells[2] = {{0}};
	uint64_t sum = 0;
	set(&cells[0], 1, "sent", LOGTAP_METRIC_COUNTER, 3);
	set(&cells[1], 2, "sent", LOGTAP_METRIC_COUNTER, 4);
	cr_assert_eq(only()->total, 7);
	cr_assert_eq(snapshot.row_count, 2);
	for (size_t i = 0; i < 2; i++) {
		cr_assert_eq(snapshot.rows[i].value,
			     snapshot.rows[i].pid == 1 ? 3 : 4);
		sum += snapshot.rows[i].value;
	}
	cr_assert_eq(sum, only()->total);
}

Test(user_metrics, a_counter_that_goes_back_is_not_believed)
{
	struct logtap_user_cell cell = {0};
	set(&cell, 1, "sent", LOGTAP_METRIC_COUNTER, 100);
	set(&cell, 1, "sent", LOGTAP_METRIC_COUNTER, 1);
	cr_assert_eq(only()->total, 100);
}

Test(user_metrics, one_name_may_be_a_counter_here_and_a_gauge_there)
{
	struct logtap_user_cell cells[2] = {{0}};
	set(&cells[0], 1, "x", LOGTAP_METRIC_GAUGE, 1);
	set(&cells[1], 2, "x", LOGTAP_METRIC_COUNTER, 2);
	cr_assert_eq(logtap_user_metrics_snapshot(metrics, &snapshot), 0);
	cr_assert_eq(snapshot.metric_count, 2);
	cr_assert_eq(snapshot.metrics[0].kind, LOGTAP_METRIC_COUNTER);
}

Test(user_metrics, ended_processes_join_the_others_and_nothing_is_lost)
{
	for (uint32_t pid = 1; pid <= 5000; pid++) {
		struct logtap_user_cell cell = {0};
		set(&cell, pid, "sent", LOGTAP_METRIC_COUNTER, 2);
		cr_assert_not(cell.refused);
		logtap_user_metrics_end(metrics, &cell);
	}
	cr_assert_eq(only()->total, 10000);
	cr_assert_eq(snapshot.row_count, 4096 + 1);
	cr_assert_eq(snapshot.rows[4096].value, 2 * (5000 - 4096));
	cr_assert_str_eq(snapshot.rows[4096].comm, "others");
}

Test(user_metrics, what_has_no_room_is_refused_and_counted)
{
	char name[32];
	for (int i = 0; i < 1030; i++) {
		struct logtap_user_cell cell = {0};
		snprintf(name, sizeof(name), "metric.%d", i);
		set(&cell, 1, name, LOGTAP_METRIC_COUNTER, 1);
		set(&cell, 1, name, LOGTAP_METRIC_COUNTER, 2);
		cr_assert_eq(cell.refused, i >= 1024);
	}
	cr_assert_eq(logtap_user_metrics_snapshot(metrics, &snapshot), 0);
	cr_assert_eq(snapshot.metric_count, 1024);
	cr_assert_eq(snapshot.refused, 6);
	for (size_t i = 1; i < snapshot.metric_count; i++)
		cr_assert_lt(strcmp(snapshot.metrics[i - 1].name,
				    snapshot.metrics[i].name),
			     0);
}
