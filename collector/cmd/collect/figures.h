/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a collector counts, as JSON, for the summary of a session and for the
 * status.  Main thread.
 */
#ifndef LOGTAP_CMD_COLLECT_FIGURES_H
#define LOGTAP_CMD_COLLECT_FIGURES_H

#include "collector.h"

void logtap_figures_put(json_t *object, const char *key, uint64_t value);
/* A text that a host wrote need not be UTF-8.  Return: a new reference. */
json_t *logtap_figures_text(const char *value);
/* @pending: of the journalled chunks, those that are not settled.
 *
 *     chunks = settled_chunks + the sum of dropped + unknown_chunks
 *              + in_flight_chunks
 *     in_flight_chunks = ring_chunks + journal_chunks */
void logtap_figures_put_counts(json_t *object,
			       const struct logtap_counts *counts,
			       uint64_t pending);

/* Return: 0 or -errno; to be freed by logtap_account_snapshot_deinit(). */
int logtap_figures_snapshot(struct logtap_collector *collector,
			    struct logtap_account_snapshot *snapshot);
/* Of all that a snapshot holds but the rows of processes.  Return: a new
 * reference. */
json_t *logtap_figures_summary(struct logtap_collector *collector,
			       const struct logtap_account_snapshot *snapshot);

#endif
