/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The end of a thread that has pushed sinks or entered spans: by whatever way
 * libc ends it, cancellation and pthread_exit(3) included, both are taken back,
 * so that a sink can be freed and a span closes.
 */
#ifndef LOGTAP_API_THREAD_END_H
#define LOGTAP_API_THREAD_END_H

#include "../guard/tls.h"

/* Makes sure of it for the calling thread.  Only from the API. */
void logtap_thread_end_await(struct logtap_tls *tls);

/* What is done then: sink.c and span/stack.c. */
void logtap_sink_pop_all(struct logtap_tls *tls);
void logtap_span_exit_all(struct logtap_tls *tls);

#endif
