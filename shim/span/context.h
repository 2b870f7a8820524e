/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The trace context that an instrumented program publishes for others to read:
 * a thread-local pointer called otel_thread_ctx_v1 (OTEP 4947), so that its
 * captured lines carry trace and span without a call of ours in it.
 *
 * The variable is looked up by ourselves, in the constructor and at the birth
 * of threads, never in a hook.  One in the program or in a library that it
 * starts with has the same distance from our own thread-local struct in every
 * thread, and so has one that came later with static TLS; then a record only
 * adds that distance.
 */
#ifndef LOGTAP_SPAN_CONTEXT_H
#define LOGTAP_SPAN_CONTEXT_H

#include "../api/api.h"

/* In the constructor, for the main thread. */
void logtap_context_init(void);
/* At the birth of a thread, before its first instruction; not after a fork,
 * which may have left the loader's lock held.  Any other thread: whatever is
 * known is used. */
void logtap_context_look(void);
void logtap_context_forked(void);
/* Marks the calling thread if there is something to read.  Also in handlers. */
void logtap_context_meet(struct logtap_tls *tls);

/* Reads what @tls's thread, the calling one, has published.  Return: false if
 * that is nothing. */
bool logtap_context_read(const struct logtap_tls *tls,
			 struct logtap_span_context *out);

#endif
