/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Counters and gauges of the program: see logtap/logtap.h.  A handle is the
 * index of the metric in the process, and one. */
#include "../hook/fork.h"
#include "../segment/claim.h"
#include "../segment/metrics.h"
#include "../sink/counters.h"
#include "api.h"

static logtap_metric define(enum logtap_metric_kind kind, const char *name,
			    const char *unit)
{
	uint8_t index = logtap_armed() ? logtap_metrics_define(kind, name, unit)
				       : LOGTAP_METRIC_INDEX_UNKNOWN;

	return index == LOGTAP_METRIC_INDEX_UNKNOWN ? 0 : index + 1u;
}

logtap_metric(logtap_counter_new)(const char *name, const char *unit)
{
	return define(LOGTAP_METRIC_COUNTER, name, unit);
}

logtap_metric(logtap_gauge_new)(const char *name, const char *unit)
{
	return define(LOGTAP_METRIC_GAUGE, name, unit);
}

static bool is_kind(logtap_metric metric, enum logtap_metric_kind kind)
{
	return metric - 1 < LOGTAP_METRICS && logtap_armed() &&
	       logtap_metrics_kind((uint8_t)(metric - 1)) == kind;
}

/* The calling thread's slot; NULL: it has none now. */
static struct logtap_rings *rings_of_thread(void)
{
	struct logtap_tls *tls = &logtap_tls;

	if (!logtap_alive())
		logtap_fork_unseen(tls);
	if (tls->life != LOGTAP_LIVE && !logtap_claim_birth(tls))
		return NULL;
	return tls->rings;
}

static _Atomic uint64_t *cell(const struct logtap_rings *rings,
			      logtap_metric metric)
{
	uint8_t index = rings->mapping->metric_index[metric - 1];
	uint64_t bit = UINT64_C(1) << (index % LOGTAP_METRICS);

	if (index >= LOGTAP_METRICS)
		return NULL;
	if (!(atomic_load_explicit(&rings->slot->metrics,
				   memory_order_relaxed) &
	      bit))
		atomic_fetch_or(&rings->slot->metrics, bit);
	return &rings->metrics[index];
}

static void add(logtap_metric metric, uint64_t amount)
{
	struct logtap_rings *rings = rings_of_thread();
	struct logtap_mapping *first;
	_Atomic uint64_t *at;

	if (rings) {
		at = cell(rings, metric);
		if (at)
			logtap_count_add(at, amount);
		return;
	}
	first = logtap_mapping_at(0);
	if (first && first->metric_index[metric - 1] < LOGTAP_METRICS)
		logtap_metrics_add_shared(
			first, first->metric_index[metric - 1], amount);
}

void(logtap_counter_add)(logtap_metric counter, uint64_t amount)
{
	if (is_kind(counter, LOGTAP_METRIC_COUNTER))
		add(counter, amount);
}

void(logtap_gauge_add)(logtap_metric gauge, int64_t amount)
{
	if (is_kind(gauge, LOGTAP_METRIC_GAUGE))
		add(gauge, (uint64_t)amount);
}

void(logtap_gauge_set)(logtap_metric gauge, int64_t value)
{
	struct logtap_rings *rings;
	_Atomic uint64_t *at;

	if (!is_kind(gauge, LOGTAP_METRIC_GAUGE))
		return;
	rings = rings_of_thread();
	at = rings ? cell(rings, gauge) : NULL;
	if (at)
		atomic_store_explicit(at, (uint64_t)value,
				      memory_order_relaxed);
}
