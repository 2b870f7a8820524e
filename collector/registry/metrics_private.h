/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the parts of the metrics registry share: each puts the families of one
 * of those who count.  An error stays in the set.  Any thread.
 */
#ifndef LOGTAP_REGISTRY_METRICS_PRIVATE_H
#define LOGTAP_REGISTRY_METRICS_PRIVATE_H

#include "metrics.h"

/* A family without labels, and its only point, which is the collector's. */
void logtap_metrics_put_one(struct logtap_metric_set *to, const char *name,
			    const char *unit, bool counter, const char *help,
			    uint64_t value);
/* The process as an owner of points; @pid 0: the others. */
size_t logtap_metrics_owner(struct logtap_metric_set *to, uint32_t pid,
			    uint64_t start_ticks, const char *comm);

void logtap_metrics_put_chunks(struct logtap_metric_set *to,
			       const struct logtap_metrics_sources *sources);
void logtap_metrics_put_destinations(struct logtap_metric_set *to,
				     struct logtap_dispatcher *dispatcher);
void logtap_metrics_put_loops(struct logtap_metric_set *to,
			      struct logtap_loops *loops);
void logtap_metrics_put_programs(struct logtap_metric_set *to,
				 struct logtap_user_metrics *programs);

#endif
