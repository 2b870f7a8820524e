/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What a destination's counts are after an outcome: see the header. */
#include "exporter_stats.h"

#include <stdio.h>

void logtap_exporter_stats_settle(struct logtap_exporter_stats *stats,
				  const struct logtap_batch *batch,
				  enum logtap_outcome outcome, size_t rejected)
{
	size_t records = logtap_batch_records(batch);
	const uint64_t *severities = logtap_batch_severities(batch);

	stats->queued -= records;
	switch (outcome) {
	case LOGTAP_DELIVERED:
		if (rejected > records)
			rejected = records;
		stats->delivered += records - rejected;
		stats->refused += rejected;
		for (size_t i = 0; i < LOGTAP_SEVERITY_CLASSES; i++)
			stats->severities[i] += severities[i];
		break;
	case LOGTAP_REFUSED:
		stats->refused += records;
		break;
	case LOGTAP_DROPPED:
		stats->dropped += records;
		break;
	}
}

void logtap_exporter_stats_fail(struct logtap_exporter_stats *stats,
				const char *error)
{
	if (error && error[0])
		snprintf(stats->last_error, sizeof(stats->last_error), "%s",
			 error);
}
