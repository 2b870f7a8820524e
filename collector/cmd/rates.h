/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How much processes write a second, from two looks at what is captured.  Main
 * thread.
 */
#ifndef LOGTAP_CMD_RATES_H
#define LOGTAP_CMD_RATES_H

#include "captured.h"

#include <stdint.h>

struct logtap_rates_row {
	struct logtap_captured_process process; /* with all its parts */
	double chunks;				/* a second */
	double bytes;
	double dropped;
};

struct logtap_rates {
	struct logtap_rates_row *rows; /* of those that live, busiest first */
	size_t count;
	double chunks; /* of all, also of those that have ended since */
	double bytes;
	double dropped;
};

/**
 * logtap_rates_between() - compare two looks
 * @before, @now: the looks; names are borrowed from @now
 * @between_ns:   time between them
 *
 * The parts of a process are one row.  A collector writes its status at most once a second, and only when something
 * has changed: the time between its two statuses counts where that is less than
 * @between_ns and a second.
 *
 * Return: 0 or -ENOMEM.  @out: to be freed with free(rows).
 */
int logtap_rates_between(const struct logtap_captured *before,
			 const struct logtap_captured *now, uint64_t between_ns,
			 struct logtap_rates *out);

#endif
