/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The reentrancy guard of a thread.
 *
 * Closed only while logtap itself works (a copy into the ring, later a user's
 * callback), never across the real call.  It stores the stack pointer of its
 * frame: whoever enters on the same stack from a frame that is not deeper
 * proves that the old frame is gone (siglongjmp, cancellation), and takes the
 * guard over.
 */
#ifndef LOGTAP_GUARD_GUARD_H
#define LOGTAP_GUARD_GUARD_H

#include "tls.h"

enum logtap_entry {
	LOGTAP_ENTER_MAIN,     /* the thread's own ring */
	LOGTAP_ENTER_NESTED,   /* a handler inside a copy: the nested ring */
	LOGTAP_ENTER_DEEP,     /* deeper still: count and drop */
	LOGTAP_ENTER_CALLBACK, /* inside a callback: count, pass through */
};

/* Is @sp on the alternate signal stack, or a stack that we know nothing of? */
static inline bool logtap_guard_same_stack(const struct logtap_tls *tls,
					   uintptr_t a, uintptr_t b)
{
	bool alternate_a = a - tls->alternate_low <
			   tls->alternate_high - tls->alternate_low;
	bool alternate_b = b - tls->alternate_low <
			   tls->alternate_high - tls->alternate_low;

	if (alternate_a || alternate_b)
		return alternate_a && alternate_b;
	/* Coroutines and unregistered signal stacks lie outside: then nothing
	 * is known, and the guard counts as held. */
	return a - tls->stack_low < tls->stack_high - tls->stack_low &&
	       b - tls->stack_low < tls->stack_high - tls->stack_low;
}

/* Has the frame at @held ended, now that we run at @here? */
static inline bool logtap_guard_is_stale(const struct logtap_tls *tls,
					 uintptr_t held, uintptr_t here)
{
	return here >= held && logtap_guard_same_stack(tls, held, here);
}

enum logtap_entry logtap_guard_enter_held(struct logtap_tls *tls, uintptr_t sp,
					  enum logtap_phase phase);

/* Every MAIN, NESTED and DEEP entry ends with one logtap_guard_leave(). */
static inline enum logtap_entry logtap_guard_enter(struct logtap_tls *tls,
						   uintptr_t sp,
						   enum logtap_phase phase)
{
	if (__builtin_expect(tls->depth != 0, 0))
		return logtap_guard_enter_held(tls, sp, phase);
	tls->guard_sp = sp;
	tls->phase = (uint8_t)phase;
	tls->depth = 1;
	atomic_signal_fence(memory_order_seq_cst);
	return LOGTAP_ENTER_MAIN;
}

static inline void logtap_guard_leave(struct logtap_tls *tls)
{
	atomic_signal_fence(memory_order_seq_cst);
	tls->depth--;
}

#define LOGTAP_STACK_POINTER() ((uintptr_t)__builtin_frame_address(0))

#endif
