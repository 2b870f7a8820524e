/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A destination's counts.  Under the dispatcher's lock.
 */
#ifndef LOGTAP_EXPORT_EXPORTER_STATS_H
#define LOGTAP_EXPORT_EXPORTER_STATS_H

#include "exporter.h"

/* A batch is no longer queued.  @rejected: as of logtap_exporter_settled(). */
void logtap_exporter_stats_settle(struct logtap_exporter_stats *stats,
				  const struct logtap_batch *batch,
				  enum logtap_outcome outcome, size_t rejected);
/* @error is kept as the last one; NULL or empty: there was none. */
void logtap_exporter_stats_fail(struct logtap_exporter_stats *stats,
				const char *error);

#endif
