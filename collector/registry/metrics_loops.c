/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of feedback loops.  Any thread. */
#include "metrics_private.h"

#include <stdio.h>
#include <string.h>

/* The members of a loop's figures that are told. */
static const struct told {
	const char *name, *unit, *help;
	size_t offset;
	bool may_be_0; /* else 0 means that it was not measured */
} figures[] = {
	{"logtap.loop.records_per_export", "{record}",
	 "Records of a loop that one export causes (k)",
	 offsetof(struct logtap_loops_figures, k), false},
	{"logtap.loop.exported_records", "{record}",
	 "Records that one export of a loop carries (B)",
	 offsetof(struct logtap_loops_figures, b), false},
	{"logtap.loop.gain", "1",
	 "Records that each record of a loop causes (k by B)",
	 offsetof(struct logtap_loops_figures, gain), false},
	{"logtap.loop.byte_gain", "1",
	 "How much a text grows each time it comes back",
	 offsetof(struct logtap_loops_figures, byte_gain), false},
	{"logtap.loop.idle_exports", "{export}/s",
	 "Exports a second while the application is silent",
	 offsetof(struct logtap_loops_figures, idle_per_s), true},
};

static void put_figure(struct logtap_metric_set *to, const struct told *told,
		       const struct logtap_loops_figures *loop)
{
	char number[16];
	double value;

	memcpy(&value, (const char *)loop + told->offset, sizeof(value));
	if (!(value > 0) && !told->may_be_0)
		return;
	snprintf(number, sizeof(number), "%u", loop->number);
	const struct logtap_label labels[] = {{"loop", number},
					      {"class", loop->class}};
	logtap_metric_set_point(to, LOGTAP_METRIC_COLLECTOR, labels, 2,
				(uint64_t)(value * 1e9));
}

/* What is measured of each loop that goes on; what is not is left out. */
static void put_figures(struct logtap_metric_set *to,
			struct logtap_loops *loops)
{
	struct logtap_loops_figures rows[LOGTAP_LOOPS_FIGURES];
	size_t count = logtap_loops_figures(loops, rows);

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		const struct logtap_metric_family family = {
			.name = figures[i].name,
			.help = figures[i].help,
			.unit = figures[i].unit,
			.form = LOGTAP_FORM_NANO};
		logtap_metric_set_family(to, &family);
		for (size_t j = 0; j < count; j++)
			put_figure(to, &figures[i], &rows[j]);
	}
}

void logtap_metrics_put_loops(struct logtap_metric_set *to,
			      struct logtap_loops *loops)
{
	static const char *const names[] = {"", "suspected", "likely",
					    "confirmed"};
	const struct logtap_metric_family found = {
		.name = "logtap.loops",
		.help = "Feedback loops that are at least so sure",
		.unit = "{loop}"};
	struct logtap_loops_stats stats;

	logtap_metric_set_family(to, &found);
	for (int i = LOGTAP_LOOPS_SUSPECTED; i <= LOGTAP_LOOPS_CONFIRMED; i++) {
		const struct logtap_label label = {"confidence", names[i]};
		logtap_metric_set_point(
			to, LOGTAP_METRIC_COLLECTOR, &label, 1,
			logtap_loops_count(loops,
					   (enum logtap_loops_confidence)i));
	}
	logtap_loops_stats(loops, &stats);
	logtap_metrics_put_one(to, "logtap.loops.records", "{record}", true,
			       "Records of feedback loops", stats.records);
	logtap_metrics_put_one(to, "logtap.loops.suppressed_records",
			       "{record}", true,
			       "Records of feedback loops that were left out",
			       stats.suppressed);
	logtap_metrics_put_one(
		to, "logtap.loops.hop_limit_records", "{record}", true,
		"Records left out that came through too many collectors",
		stats.hop_drops);
	put_figures(to, loops);
}
