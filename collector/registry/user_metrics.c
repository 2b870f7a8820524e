/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Counters and gauges of programs: see the header. */
#include "user_metrics.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { METRICS_MAX = 1024, SERIES_MAX = 4096 };

struct logtap_user_series {
	struct logtap_user_series *next; /* of the metric, latest first */
	struct metric *metric;
	struct logtap_user_metric_row row;
	uint32_t open; /* cells that refer to it */
};

struct metric {
	struct metric *next; /* by name, then kind */
	struct logtap_user_series *series;
	size_t series_count;
	bool has_others;
	uint64_t others;
	enum logtap_metric_kind kind;
	char name[LOGTAP_METRIC_NAME_BYTES];
	char unit[LOGTAP_METRIC_UNIT_BYTES];
};

struct logtap_user_metrics {
	pthread_mutex_t lock;
	struct metric *first;
	size_t metric_count;
	size_t series_count;
	uint64_t refused;
};

struct logtap_user_metrics *logtap_user_metrics_new(void)
{
	struct logtap_user_metrics *metrics = calloc(1, sizeof(*metrics));
	if (metrics)
		pthread_mutex_init(&metrics->lock, NULL);
	return metrics;
}

void logtap_user_metrics_free(struct logtap_user_metrics *metrics)
{
	if (!metrics)
		return;
	for (struct metric *metric = metrics->first, *next; metric;
	     metric = next) {
		next = metric->next;
		while (metric->series) {
			struct logtap_user_series *series = metric->series;
			metric->series = series->next;
			free(series);
		}
		free(metric);
	}
	pthread_mutex_destroy(&metrics->lock);
	free(metrics);
}

static int compare(const struct metric *metric,
		   const struct logtap_metric_definition *definition)
{
	int order = strcmp(metric->name, definition->name);
	return order ? order : (int)metric->kind - (int)definition->kind;
}

/* Finds or makes; NULL: no room. */
static struct metric *metric_of(
	struct logtap_user_metrics *metrics,
	const struct logtap_metric_definition *definition)
{
	struct metric **at = &metrics->first;
	int order = -1;
	while (*at && (order = compare(*at, definition)) < 0)
		at = &(*at)->next;
	if (*at && !order)
		return *at;
	if (metrics->metric_count >= METRICS_MAX)
		return NULL;
	struct metric *metric = calloc(1, sizeof(*metric));
	if (!metric)
		return NULL;
	metric->kind = (enum logtap_metric_kind)definition->kind;
	memcpy(metric->name, definition->name, sizeof(metric->name));
	memcpy(metric->unit, definition->unit, sizeof(metric->unit));
	metric->next = *at;
	*at = metric;
	metrics->metric_count++;
	return metric;
}

/* The oldest series of an ended process joins the others of its metric: of
 * @wanted if it has one, else of any. */
static bool evict_from(struct logtap_user_metrics *metrics,
		       struct metric *metric)
{
	struct logtap_user_series **found = NULL;
	for (struct logtap_user_series **at = &metric->series; *at;
	     at = &(*at)->next)
		if (!(*at)->open)
			found = at;
	if (!found)
		return false;
	struct logtap_user_series *series = *found;
	*found = series->next;
	metric->others += series->row.value;
	metric->has_others = true;
	metric->series_count--;
	metrics->series_count--;
	free(series);
	return true;
}

static bool evict(struct logtap_user_metrics *metrics, struct metric *wanted)
{
	if (evict_from(metrics, wanted))
		return true;
	for (struct metric *metric = metrics->first; metric;
	     metric = metric->next)
		if (evict_from(metrics, metric))
			return true;
	return false;
}

static bool is_of(const struct logtap_user_series *series,
		  const struct logtap_account *process)
{
	return series->row.pid == process->pid &&
	       series->row.start_ticks == process->start_ticks &&
	       series->row.uid == process->uid;
}

static struct logtap_user_series *series_of(
	struct logtap_user_metrics *metrics,
	const struct logtap_account *process,
	const struct logtap_metric_definition *definition)
{
	struct metric *metric = metric_of(metrics, definition);
	struct logtap_user_series *series = metric ? metric->series : NULL;
	while (series && !is_of(series, process))
		series = series->next;
	if (series || !metric)
		return series;
	if (metrics->series_count >= SERIES_MAX && !evict(metrics, metric))
		return NULL;
	series = calloc(1, sizeof(*series));
	if (!series)
		return NULL;
	series->metric = metric;
	series->row.pid = process->pid;
	series->row.uid = process->uid;
	series->row.start_ticks = process->start_ticks;
	memcpy(series->row.comm, process->comm, sizeof(series->row.comm));
	series->next = metric->series;
	metric->series = series;
	metric->series_count++;
	metrics->series_count++;
	return series;
}

void logtap_user_metrics_update(
	struct logtap_user_metrics *metrics, struct logtap_user_cell *cell,
	const struct logtap_account *process,
	const struct logtap_metric_definition *definition, uint64_t value)
{
	if (cell->refused)
		return;
	pthread_mutex_lock(&metrics->lock);
	if (!cell->series) {
		cell->series = series_of(metrics, process, definition);
		cell->value = 0;
		if (cell->series)
			cell->series->open++;
		else
			metrics->refused++;
		cell->refused = !cell->series;
	}
	if (cell->series &&
	    (value >= cell->value ||
	     cell->series->metric->kind == LOGTAP_METRIC_GAUGE)) {
		cell->series->row.value += value - cell->value;
		cell->value = value;
	}
	pthread_mutex_unlock(&metrics->lock);
}

void logtap_user_metrics_end(struct logtap_user_metrics *metrics,
			     struct logtap_user_cell *cell)
{
	if (!cell->series)
		return;
	pthread_mutex_lock(&metrics->lock);
	if (cell->series->metric->kind == LOGTAP_METRIC_GAUGE)
		cell->series->row.value -= cell->value;
	cell->series->open--;
	pthread_mutex_unlock(&metrics->lock);
	memset(cell, 0, sizeof(*cell));
}

static void copy_metric(struct logtap_user_metrics_snapshot *out,
			const struct metric *from)
{
	struct logtap_user_metric *metric = &out->metrics[out->metric_count++];
	memcpy(metric->name, from->name, sizeof(metric->name));
	memcpy(metric->unit, from->unit, sizeof(metric->unit));
	metric->kind = from->kind;
	metric->first_row = out->row_count;
	for (const struct logtap_user_series *series = from->series; series;
	     series = series->next) {
		struct logtap_user_metric_row *row =
			&out->rows[out->row_count++];
		*row = series->row;
		row->live = series->open;
		metric->total += row->value;
	}
	if (from->has_others) {
		out->rows[out->row_count++] = (struct logtap_user_metric_row){
			.comm = "others", .value = from->others};
		metric->total += from->others;
	}
	metric->row_count = out->row_count - metric->first_row;
}

int logtap_user_metrics_snapshot(struct logtap_user_metrics *metrics,
				 struct logtap_user_metrics_snapshot *out)
{
	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&metrics->lock);
	out->refused = metrics->refused;
	out->metrics = calloc(metrics->metric_count + 1, sizeof(*out->metrics));
	out->rows = calloc(metrics->series_count + metrics->metric_count + 1,
			   sizeof(*out->rows));
	if (out->metrics && out->rows)
		for (const struct metric *metric = metrics->first; metric;
		     metric = metric->next)
			copy_metric(out, metric);
	pthread_mutex_unlock(&metrics->lock);
	if (out->metrics && out->rows)
		return 0;
	logtap_user_metrics_snapshot_deinit(out);
	return -ENOMEM;
}

void logtap_user_metrics_snapshot_deinit(
	struct logtap_user_metrics_snapshot *snapshot)
{
	free(snapshot->metrics);
	free(snapshot->rows);
	memset(snapshot, 0, sizeof(*snapshot));
}
