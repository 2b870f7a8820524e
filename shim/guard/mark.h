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

/* The lower half another thread may change, by giving this one a name; the byte
 * above it is the thread's own. */
enum {
	LOGTAP_MARK_COUNT = 0x7fff, /* marks as telemetry's own thread */
	LOGTAP_MARK_NAMED = 0x8000, /* ... by the name of the thread */
	LOGTAP_MARK_INTERNAL = LOGTAP_MARK_COUNT | LOGTAP_MARK_NAMED,
	LOGTAP_MARK_SHARED = 0xffff,
	LOGTAP_MARK_SPAN = 1 << 16,	/* a span is entered */
	LOGTAP_MARK_DISPATCH = 1 << 17, /* logtap_guard_enter() */
	LOGTAP_MARK_CONTEXT = 1 << 18, /* the program publishes a trace context:
	                                 * span/context.h */
	LOGTAP_MARK_CAPTURE = 1 << 19, /* captured writes go to a sink */
};

#if defined(__x86_64__)
/* Of the calling thread: one instruction, which no handler divides, and no
 * lock, which would cost as much as copying a line. */
#define LOGTAP_MARK_OWN(instruction, tls, value)              \
	__asm__ volatile(instruction " %1, %0"                \
			 : "+m"(((uint8_t *)&(tls)->mark)[2]) \
			 : "i"((int8_t)((value) >> 16))       \
			 : "cc", "memory")
#define LOGTAP_MARK_IS_OWN(bits) \
	(__builtin_constant_p(bits) && !((bits)&LOGTAP_MARK_SHARED))
#else
#define LOGTAP_MARK_OWN(instruction, tls, value) (void)0
#define LOGTAP_MARK_IS_OWN(bits) false
#endif

static inline __attribute__((always_inline)) void logtap_mark_set(
	struct logtap_tls *tls, uint32_t bits)
{
	if (LOGTAP_MARK_IS_OWN(bits))
		LOGTAP_MARK_OWN("orb", tls, bits);
	else
		__atomic_fetch_or(&tls->mark, bits, __ATOMIC_RELAXED);
}

static inline __attribute__((always_inline)) void logtap_mark_clear(
	struct logtap_tls *tls, uint32_t bits)
{
	if (LOGTAP_MARK_IS_OWN(bits))
		LOGTAP_MARK_OWN("andb", tls, ~bits);
	else
		__atomic_fetch_and(&tls->mark, ~bits, __ATOMIC_RELAXED);
}

/* Is the dispatch guard held?  One that a longjmp left behind ends here. */
static inline bool logtap_mark_is_dispatching(struct logtap_tls *tls,
					      uintptr_t here)
{
	if (!(tls->mark & LOGTAP_MARK_DISPATCH))
		return false;
	if (!logtap_guard_is_stale(tls, tls->dispatch_frame + 1, here))
		return true;
	logtap_mark_clear(tls, LOGTAP_MARK_DISPATCH);
	return false;
}

/* Does the mark keep this thread from recording now? */
static inline bool logtap_mark_refuses(struct logtap_tls *tls)
{
	return (tls->mark & LOGTAP_MARK_INTERNAL) ||
	       logtap_mark_is_dispatching(tls, LOGTAP_STACK_POINTER());
}

#endif
