/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The metrics registry: everything that is counted, from all who count, as one
 * set of metrics.
 *
 * All that is told of chunks comes from one snapshot, so that in every set, for
 * each process and in total,
 *
 *     produced = settled + dropped + in flight
 *
 * and the totals are the sums over processes; those that ended long ago share
 * the row of "others".  What records became is told for each destination:
 *
 *     accepted = delivered + refused + dropped + queued
 */
#ifndef LOGTAP_REGISTRY_METRICS_H
#define LOGTAP_REGISTRY_METRICS_H

#include "../intake/journal.h"
#include "../loops/loops.h"
#include "accounting.h"
#include "logs.h"
#include "metric_set.h"
#include "user_metrics.h"

/* All of it is borrowed. */
struct logtap_metrics_sources {
	struct logtap_accounting *accounting;
	struct logtap_journal *journal;
	struct logtap_dispatcher *dispatcher;
	struct logtap_logs *logs;	      /* NULL: none is kept */
	struct logtap_loops *loops;	      /* NULL: not looked for */
	struct logtap_user_metrics *programs; /* NULL: none are */
	uint64_t start_ns;		      /* CLOCK_REALTIME, of counting */
};

/* Any thread.  Return: 0, or -ENOMEM with an empty @out; end with
 * logtap_metric_set_deinit(). */
int logtap_metrics_collect(const struct logtap_metrics_sources *sources,
			   struct logtap_metric_set *out);

#endif
