/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A worker that records with LTTng-UST: the same line, the same message.  The
 * driver runs it beside a session daemon of its own. */
#include "lttng_provider.h"

#include "bench.h"

#include <lttng/tracef.h>

static void run_tracepoint(long count)
{
	for (long i = 0; i < count; i++)
		lttng_ust_tracepoint(logtap_bench, line, bench_line);
}

static void run_four(long count)
{
	for (long i = 0; i < count; i++)
		lttng_ust_tracepoint(logtap_bench, four, i, "main", 1, 0.5);
}

static void run_tracef_string(long count)
{
	for (long i = 0; i < count; i++)
		lttng_ust_tracef("%s", bench_line);
}

static void run_tracef(long count)
{
	for (long i = 0; i < count; i++)
		lttng_ust_tracef(BENCH_FORMAT, BENCH_ARGUMENTS(i));
}

const struct bench_operation bench_operations[] = {
	{"tracepoint", run_tracepoint, NULL},
	{"four", run_four, NULL},
	{"tracef_string", run_tracef_string, NULL},
	{"tracef", run_tracef, NULL},
	{NULL, NULL, NULL},
};

int main(void)
{
	return bench_serve();
}
