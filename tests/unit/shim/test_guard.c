/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The guard, with frames at places of our choosing. */
#include "../../../shim/guard/guard.h"
#include "fixture.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Stacks grow down: a lower index is a deeper frame. */
static struct logtap_frame *stack, *alternate, *elsewhere;
static struct logtap_tls *tls;

enum { FRAMES = 16 };

static void begin(void)
{
	size_t bytes = FRAMES * sizeof *stack;

	stack = aligned_alloc(64, bytes);
	alternate = aligned_alloc(64, bytes);
	elsewhere = aligned_alloc(64, bytes);
	memset(stack, 0, bytes);
	memset(alternate, 0, bytes);
	memset(elsewhere, 0, bytes);
	tls = &logtap_tls;
	tls->stack_low = (uintptr_t)stack;
	tls->stack_high = (uintptr_t)(stack + FRAMES);
	tls->alternate_low = (uintptr_t)alternate;
	tls->alternate_high = (uintptr_t)(alternate + FRAMES);
}

static void end(void)
{
	free(stack);
	free(alternate);
	free(elsewhere);
}

static enum logtap_entry enter(struct logtap_frame *frame)
{
	return logtap_guard_enter(tls, frame, LOGTAP_PHASE_COPY);
}

TestSuite(guard, .init = begin, .fini = end);

Test(guard, an_open_guard_is_entered_and_left)
{
	cr_assert_eq(enter(&stack[8]), LOGTAP_ENTER_MAIN);
	cr_assert_eq(logtap_guard_depth(tls), 1);
	cr_assert_eq(logtap_guard_frame(tls), (uintptr_t)&stack[8]);
	logtap_guard_leave(tls);
	cr_assert_eq(tls->guard, 0);
}

Test(guard, what_another_thread_has_opened_stays_open)
{
	enter(&stack[8]);
	tls->guard = 0; /* by one that shares it, made behind libc's back */
	logtap_guard_leave(tls);
	cr_assert_eq(enter(&stack[8]), LOGTAP_ENTER_MAIN);
}

Test(guard, a_handler_inside_a_copy_is_nested)
{
	enter(&stack[8]);
	cr_assert_eq(enter(&stack[4]), LOGTAP_ENTER_NESTED);
	logtap_guard_leave(tls);
	cr_assert_eq(logtap_guard_depth(tls), 1);
	logtap_guard_leave(tls);
	cr_assert_eq(tls->guard, 0);
}

Test(guard, a_handler_inside_that_handler_is_deep)
{
	enter(&stack[8]);
	enter(&stack[6]);
	cr_assert_eq(enter(&stack[4]), LOGTAP_ENTER_DEEP);
	cr_assert_eq(enter(&stack[2]), LOGTAP_ENTER_DEEP);
	for (int i = 0; i < 4; i++)
		logtap_guard_leave(tls);
	cr_assert_eq(tls->guard, 0);
}

Test(guard, no_depth_spills_into_the_frame)
{
	enter(&stack[15]);
	for (int i = 14; i > 0; i--)
		enter(&stack[i]);
	cr_assert_eq(logtap_guard_frame(tls), (uintptr_t)&stack[15]);
	cr_assert_eq(enter(&stack[0]), LOGTAP_ENTER_CALLBACK,
		     "counted and passed through");
}

Test(guard, an_entry_from_a_shallower_frame_proves_the_holder_gone)
{
	enter(&stack[4]);
	cr_assert_eq(enter(&stack[8]), LOGTAP_ENTER_MAIN);
	cr_assert_eq(logtap_guard_frame(tls), (uintptr_t)&stack[8]);
	cr_assert_eq(logtap_guard_depth(tls), 1);
}

Test(guard, an_entry_from_the_same_frame_proves_the_holder_gone)
{
	enter(&stack[4]);
	enter(&stack[2]); /* a handler, left by siglongjmp as well */
	cr_assert_eq(enter(&stack[4]), LOGTAP_ENTER_MAIN);
	cr_assert_eq(logtap_guard_depth(tls), 1);
}

Test(guard, a_deeper_entry_finds_the_mark_of_a_dead_frame_overwritten)
{
	enter(&stack[8]);
	stack[8].mark++;
	cr_assert_eq(enter(&stack[4]), LOGTAP_ENTER_MAIN);
	cr_assert_eq(logtap_guard_frame(tls), (uintptr_t)&stack[4]);
}

Test(guard, a_mark_copied_from_another_frame_is_no_mark)
{
	enter(&stack[10]);
	logtap_guard_leave(tls);
	enter(&stack[8]);
	stack[8] = stack[10];
	cr_assert_eq(enter(&stack[4]), LOGTAP_ENTER_MAIN);
}

Test(guard, a_handler_on_the_alternate_stack_is_nested)
{
	/* wherever the two stacks lie */
	enter(&stack[8]);
	cr_assert_eq(enter(&alternate[15]), LOGTAP_ENTER_NESTED);
	logtap_guard_leave(tls);
	cr_assert_eq(enter(&alternate[0]), LOGTAP_ENTER_NESTED);
}

Test(guard, a_holder_on_the_alternate_stack_is_judged_there)
{
	enter(&alternate[4]);
	cr_assert_eq(enter(&alternate[2]), LOGTAP_ENTER_NESTED);
	logtap_guard_leave(tls);
	cr_assert_eq(enter(&alternate[6]), LOGTAP_ENTER_MAIN);
}

Test(guard, a_holder_on_the_alternate_stack_counts_as_held_from_the_thread_s)
{
	enter(&alternate[4]);
	cr_assert_eq(enter(&stack[8]), LOGTAP_ENTER_NESTED);
}

Test(guard, an_alternate_stack_inside_the_thread_s_own_is_told_apart)
{
	tls->alternate_low = (uintptr_t)&stack[10];
	tls->alternate_high = (uintptr_t)&stack[14];
	enter(&stack[8]);
	cr_assert_eq(enter(&stack[12]), LOGTAP_ENTER_NESTED,
		     "higher, but on the signal stack");
}

Test(guard, of_a_stack_that_is_not_known_nothing_is_believed)
{
	enter(&elsewhere[4]);
	cr_assert_eq(enter(&elsewhere[8]), LOGTAP_ENTER_NESTED);
	logtap_guard_leave(tls);
	cr_assert_eq(enter(&stack[8]), LOGTAP_ENTER_NESTED);
}

Test(guard, inside_a_callback_everything_is_passed_through)
{
	logtap_guard_enter(tls, &stack[8], LOGTAP_PHASE_CALLBACK);
	cr_assert_eq(enter(&stack[4]), LOGTAP_ENTER_CALLBACK);
	cr_assert_eq(enter(&alternate[4]), LOGTAP_ENTER_CALLBACK);
	cr_assert_eq(logtap_guard_depth(tls), 1, "nothing to leave");
	logtap_guard_leave(tls);
	cr_assert_eq(enter(&stack[4]), LOGTAP_ENTER_MAIN);
}

Test(guard, a_callback_that_was_left_by_longjmp_is_over)
{
	logtap_guard_enter(tls, &stack[4], LOGTAP_PHASE_CALLBACK);
	cr_assert_eq(enter(&stack[8]), LOGTAP_ENTER_MAIN);
}

Test(guard, expiring_opens_a_guard_that_was_left_and_no_other)
{
	enter(&stack[8]);
	logtap_guard_expire(tls, (uintptr_t)&stack[4]);
	cr_assert_eq(logtap_guard_depth(tls), 1);
	logtap_guard_expire(tls, (uintptr_t)&stack[8]);
	cr_assert_eq(tls->guard, 0);
	logtap_guard_expire(tls, (uintptr_t)&stack[8]);
	cr_assert_eq(tls->guard, 0);
}
