/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Writes metrics in the text format of Prometheus or in OpenMetrics.  One
 * thread a writer.  The first error stays, and later calls do nothing.
 */
#ifndef LOGTAP_ADMIN_EXPOSITION_H
#define LOGTAP_ADMIN_EXPOSITION_H

#include "../base/bytes.h"
#include "../registry/metric_set.h"

#include <stdbool.h>
#include <stdint.h>

struct logtap_exposition {
	struct logtap_bytes *out;
	bool open_metrics;
	const char *name; /* of the family being written */
	bool counter;
	int error;
};

/* Begins a family.  @name is without the _total of a counter. */
void logtap_exposition_family(struct logtap_exposition *to, const char *name,
			      bool counter, const char *help);
void logtap_exposition_sample(struct logtap_exposition *to,
			      const struct logtap_label *labels, size_t count,
			      uint64_t value);
void logtap_exposition_signed(struct logtap_exposition *to,
			      const struct logtap_label *labels, size_t count,
			      int64_t value);
/* The same, in seconds. */
void logtap_exposition_seconds(struct logtap_exposition *to,
			       const struct logtap_label *labels, size_t count,
			       uint64_t value_ns);
/* All of a set.  Names that programs chose become logtap_program_NAME, with the
 * name as it was in the label "metric". */
void logtap_exposition_set(struct logtap_exposition *to,
			   const struct logtap_metric_set *set);
void logtap_exposition_end(struct logtap_exposition *to);

#endif
