/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The reentrancy guard of a thread.
 *
 * Closed only while logtap itself works (a copy into the ring, later a user's
 * callback), never across the real call.  It stores the stack pointer of its
 * frame: whoever enters on the same stack from a frame that is not deeper
 * proves that the old frame is gone (siglongjmp, cancellation), and takes the
 * guard over.  So does whoever enters deeper and finds the mark overwritten
 * that the frame left on the stack.
 *
 * Frame, phase and depth share one word: a handler between any two
 * instructions finds the guard open or held, never half of either.
 */
#ifndef LOGTAP_GUARD_GUARD_H
#define LOGTAP_GUARD_GUARD_H

#include "tls.h"

/* The word: the frame's stack pointer, of which the low four bits are the
 * phase and the depth: 1 in a copy or callback, 2 nested, 3 and more deeper. */
#define LOGTAP_GUARD_DEPTH_MASK ((uintptr_t)7)
#define LOGTAP_GUARD_FRAME_MASK (~(uintptr_t)15)

/* On the stack of the function that holds the guard. */
struct logtap_frame {
	_Alignas(16) uintptr_t mark;
};

static inline uintptr_t logtap_guard_mark(uintptr_t frame)
{
	return frame + 1; /* frames are 16-aligned */
}

static inline uintptr_t logtap_guard_word(struct logtap_frame *frame,
					  enum logtap_phase phase)
{
	uintptr_t mark = logtap_guard_mark((uintptr_t)frame);

	frame->mark = mark;
	/* The mark must be in memory before the word says so. */
	__asm__ volatile("" : : "r"(frame) : "memory");
	return mark | (uintptr_t)phase;
}

static inline unsigned logtap_guard_depth(const struct logtap_tls *tls)
{
	return (unsigned)(tls->guard & LOGTAP_GUARD_DEPTH_MASK);
}

static inline uintptr_t logtap_guard_frame(const struct logtap_tls *tls)
{
	return tls->guard & LOGTAP_GUARD_FRAME_MASK;
}

/* What putting a chunk needs of a stack, what a new segment does, and what a look
 * at a program that is to be executed does. */
#define LOGTAP_STACK_TO_PUT 768
#define LOGTAP_STACK_TO_CLAIM 4096
#define LOGTAP_STACK_TO_EXECUTE 3072

/* Are @bytes left below @here?  An alternate signal stack may be as small as the
 * kernel allows; others count as large enough. */
static inline bool logtap_guard_has_stack(const struct logtap_tls *tls,
					  uintptr_t here, uintptr_t bytes)
{
	uintptr_t left = here - tls->alternate_low;

	return left >= tls->alternate_high - tls->alternate_low ||
	       left >= bytes;
}

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

/* Reads what may be the stack of a frame that has ended. */
__attribute__((no_sanitize("address"))) static inline uintptr_t
logtap_guard_read_mark(const struct logtap_frame *frame)
{
	return frame->mark;
}

/* Has the frame at @held ended, which left a mark there?  @here: the caller's. */
static inline bool logtap_frame_has_ended(const struct logtap_tls *tls,
					  uintptr_t held, uintptr_t here)
{
	const struct logtap_frame *frame = (const void *)held;

	if (!logtap_guard_same_stack(tls, held, here))
		return false;
	/* Above us on our own stack: that can be read. */
	return here >= held ||
	       logtap_guard_read_mark(frame) != logtap_guard_mark(held);
}

/* Is the guard left over from a frame that has ended?  @here: of the caller. */
static inline bool logtap_guard_is_left_over(const struct logtap_tls *tls,
					     uintptr_t here)
{
	return logtap_frame_has_ended(tls, logtap_guard_frame(tls), here);
}

enum logtap_entry logtap_guard_enter_held(struct logtap_tls *tls,
					  struct logtap_frame *frame,
					  enum logtap_phase phase);

/* A LOGTAP_ENTER_MAIN for one who has found the guard open: a handler that came
 * since has left it so. */
static inline void logtap_guard_close(struct logtap_tls *tls,
				      struct logtap_frame *frame,
				      enum logtap_phase phase)
{
	tls->guard = logtap_guard_word(frame, phase);
	atomic_signal_fence(memory_order_seq_cst);
}

/* Every MAIN, NESTED and DEEP entry ends with one logtap_guard_leave(), in the
 * function that @frame belongs to. */
static inline enum logtap_entry logtap_guard_enter(struct logtap_tls *tls,
						   struct logtap_frame *frame,
						   enum logtap_phase phase)
{
	if (__builtin_expect(tls->guard != 0, 0))
		return logtap_guard_enter_held(tls, frame, phase);
	logtap_guard_close(tls, frame, phase);
	return LOGTAP_ENTER_MAIN;
}

static inline void logtap_guard_leave(struct logtap_tls *tls)
{
	atomic_signal_fence(memory_order_seq_cst);
	/* 0: threads that were made behind libc's back share one guard, and
	 * another one may have opened it. */
	tls->guard = logtap_guard_depth(tls) <= 1 ? 0 : tls->guard - 1;
}

/* Opens the guard if it is left over from a frame that has ended.  For those
 * who are jumped to when the guard was found held: the frame at @here is then
 * where the one was that may have closed it. */
void logtap_guard_expire(struct logtap_tls *tls, uintptr_t here);

/* The end of a LOGTAP_ENTER_MAIN: whatever entered deeper has left, or its
 * frame is gone. */
static inline void logtap_guard_open(struct logtap_tls *tls)
{
	atomic_signal_fence(memory_order_seq_cst);
	tls->guard = 0;
}

/* Before the guard opens: is what was copied since it closed in a ring that the
 * collector reads?  Not in a child that a handler forked meanwhile, or just
 * before, if it has found no ring of its own. */
static inline bool logtap_guard_kept(const struct logtap_tls *tls)
{
	atomic_signal_fence(memory_order_seq_cst);
	return __builtin_expect(tls->life == LOGTAP_LIVE, 1);
}

/* Is the guard held by a frame that is still there? */
static inline bool logtap_guard_is_held(const struct logtap_tls *tls,
					uintptr_t here)
{
	return tls->guard && !logtap_guard_is_left_over(tls, here);
}

#define LOGTAP_STACK_POINTER() ((uintptr_t)__builtin_frame_address(0))

#endif
