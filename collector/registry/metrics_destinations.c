/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of destinations: what became of records at each.  Any thread. */
#include "metrics_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The members of a destination's counts that are told. */
static const struct told {
	const char *name, *unit, *help;
	size_t offset;
	bool gauge;
} destinations[] = {
#define TOLD(member, name, unit, help, gauge)                                 \
	{                                                                     \
		name, unit, help,                                             \
			offsetof(struct logtap_exporter_stats, member), gauge \
	}
	TOLD(accepted, "accepted_records", "{record}", "Records handed to it",
	     0),
	TOLD(delivered, "delivered_records", "{record}", "Records it took", 0),
	TOLD(refused, "refused_records", "{record}", "Records it rejected", 0),
	TOLD(dropped, "dropped_records", "{record}", "Records given up", 0),
	TOLD(queued, "queued_records", "{record}", "Records that wait for it",
	     1),
	TOLD(batches, "batches", "{batch}", "Batches handed to it", 0),
	TOLD(retries, "retries", "{retry}", "Attempts after the first", 0),
	TOLD(bytes, "sent_bytes", "By", "Bytes before compression", 0),
#undef TOLD
};

static void put_destination(struct logtap_metric_set *to,
			    const struct told *told,
			    const struct logtap_exporter *exporter,
			    const struct logtap_exporter_stats *stats)
{
	char number[24];
	uint64_t value;

	memcpy(&value, (const char *)stats + told->offset, sizeof(value));
	snprintf(number, sizeof(number), "%u", exporter->index);
	const struct logtap_label labels[] = {
		{"number", number},
		{"kind", exporter->ops->kind},
		{"name", exporter->name},
	};
	logtap_metric_set_point(to, LOGTAP_METRIC_COLLECTOR, labels, 3, value);
}

void logtap_metrics_put_destinations(struct logtap_metric_set *to,
				     struct logtap_dispatcher *dispatcher)
{
	size_t count = logtap_dispatcher_count(dispatcher);
	struct logtap_exporter_stats *stats = calloc(count + 1, sizeof(*stats));
	char name[64];

	if (!stats) {
		to->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < count; i++)
		logtap_dispatcher_stats(dispatcher, i, &stats[i]);
	for (size_t i = 0; i < sizeof(destinations) / sizeof(destinations[0]);
	     i++) {
		const struct told *told = &destinations[i];
		const struct logtap_metric_family family = {
			.name = name,
			.help = told->help,
			.unit = told->unit,
			.counter = !told->gauge};
		snprintf(name, sizeof(name), "logtap.destination.%s",
			 told->name);
		logtap_metric_set_family(to, &family);
		for (size_t j = 0; j < count; j++)
			put_destination(to, told,
					logtap_dispatcher_exporter(dispatcher,
								   j),
					&stats[j]);
	}
	free(stats);
}
