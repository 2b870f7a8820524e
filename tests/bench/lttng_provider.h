/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What a captured write is compared with: a tracepoint of one string; and an
 * event: one of four fields.  Read several times by LTTng-UST's own headers, hence the odd guard. */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER logtap_bench

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "lttng_provider.h"

#if !defined(LOGTAP_BENCH_LTTNG_PROVIDER_H) || \
	defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define LOGTAP_BENCH_LTTNG_PROVIDER_H

#include <lttng/tracepoint.h>

/* clang-format off */
LTTNG_UST_TRACEPOINT_EVENT(logtap_bench, line,
	LTTNG_UST_TP_ARGS(const char *, text),
	LTTNG_UST_TP_FIELDS(lttng_ust_field_string(text, text)))

LTTNG_UST_TRACEPOINT_EVENT(logtap_bench, four,
	LTTNG_UST_TP_ARGS(long, rows, const char *, db, int, ok, double, ms),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(long, rows, rows)
		lttng_ust_field_string(db, db)
		lttng_ust_field_integer(int, ok, ok)
		lttng_ust_field_float(double, ms, ms)))
/* clang-format on */

#endif

#include <lttng/tracepoint-event.h>
