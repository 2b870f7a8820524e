/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The trace context in a TRACEPARENT (W3C Trace Context).  Pure; any thread.
 */
#ifndef LOGTAP_SHAPE_TRACEPARENT_H
#define LOGTAP_SHAPE_TRACEPARENT_H

#include <stdbool.h>

struct logtap_trace_context {
	bool valid;
	unsigned char trace_id[16];
	unsigned char span_id[8];
	unsigned char flags;
};

/* @text may be NULL.  What is no valid one leaves out->valid false. */
void logtap_traceparent_read(const char *text,
			     struct logtap_trace_context *out);

#endif
