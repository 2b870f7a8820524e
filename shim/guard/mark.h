/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The mark of a thread: one word that the record path tests at once.
 *
 * Not 0 sends a call the long way, where the parts are told apart.
 */
#ifndef LOGTAP_GUARD_MARK_H
#define LOGTAP_GUARD_MARK_H

#include "guard.h"

enum {
	LOGTAP_MARK_COUNT = 0xffff,	/* marks as telemetry's own thread */
	LOGTAP_MARK_SPAN = 1 << 16,	/* a span is entered */
	LOGTAP_MARK_DISPATCH = 1 << 17, /* logtap_guard_enter() */
	LOGTAP_MARK_CONTEXT = 1 << 18, /* the program publishes a trace context:
	                                 * span/context.h */
};

/* Is the dispatch guard held?  One that a longjmp left behind ends here. */
static inline bool logtap_mark_is_dispatching(struct logtap_tls *tls,
					      uintptr_t here)
{
	if (!(tls->mark & LOGTAP_MARK_DISPATCH))
		return false;
	if (!logtap_guard_is_stale(tls, tls->dispatch_frame + 1, here))
		return true;
	tls->mark &= ~(uint32_t)LOGTAP_MARK_DISPATCH;
	return false;
}

/* Does the mark keep this thread from recording now? */
static inline bool logtap_mark_refuses(struct logtap_tls *tls)
{
	return (tls->mark & LOGTAP_MARK_COUNT) ||
	       logtap_mark_is_dispatching(tls, LOGTAP_STACK_POINTER());
}

#endif
