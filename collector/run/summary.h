/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The one line that a session ends with, from the sidecar's summary.
 *
 *     logtap: 1,204 records (3 error, 12 warn) from 4 processes, 0 dropped
 *     -> logtap-nginx-4711.otlp.jsonl
 */
#ifndef LOGTAP_RUN_SUMMARY_H
#define LOGTAP_RUN_SUMMARY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The line, without "logtap: " and line feed.  @sidecar: named when processes
 * live on.  What is missing in @summary counts as 0. */
void logtap_summary_format(const json_t *summary, pid_t sidecar, char *out,
			   size_t out_bytes);

/* True if a destination did not take all it was given: said even by -q. */
bool logtap_summary_failed(const json_t *summary);

/* Are there feedback loops that are likely or sure?  @tell: reports each of
 * them on standard error. */
bool logtap_summary_loops(const json_t *summary, bool tell);

/* Chunks that were dropped, for whatever reason. */
long long logtap_summary_dropped(const json_t *summary);

/* Processes that are still running. */
long long logtap_summary_living(const json_t *summary);
/* Segments that another version of logtap made, and can read. */
long long logtap_summary_foreign(const json_t *summary);

/* "1,204" */
const char *logtap_summary_number(long long number, char scratch[32]);

#endif
