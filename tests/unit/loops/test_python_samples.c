/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* How long a loop asks for the functions of a Python program. */
#include "../../../collector/loops/loop.h"

#include <criterion/criterion.h>
#include <logtap/abi/evidence.h>
#include <string.h>

TestSuite(python_samples);

static struct logtap_loops_loop loop;

static void keep_one(enum logtap_python_status status, bool then,
		     const char *function)
{
	struct logtap_python_trace trace = {
		.status = status,
		.then = then,
		.count = status == LOGTAP_PYTHON_READ,
		.frames = {{.file = "/x.py", .line = 3}},
	};

	strcpy(trace.frames[0].function, function);
	logtap_loops_keep_python(&loop, &trace);
}

static void keep(enum logtap_python_status status)
{
	keep_one(status, true, "f");
}

Test(python_samples, what_came_with_a_stack_counts_before_what_is_guessed)
{
	for (int i = 0; i < 3; i++) {
		keep_one(LOGTAP_PYTHON_READ, false, "another");
		cr_assert_null(logtap_loops_python_most(&loop));
		cr_assert_eq(loop.python.status, LOGTAP_PYTHON_GONE);
	}
	keep_one(LOGTAP_PYTHON_READ, true, "culprit");
	for (int i = 0; i < 20; i++)
		keep_one(LOGTAP_PYTHON_READ, false, "another");
	cr_assert_str_eq(logtap_loops_python_most(&loop)->frames[0].function,
			 "culprit");
	cr_assert_eq(logtap_loops_python_most(&loop)->seen, 1);
	cr_assert_eq(loop.python.samples, 24);
}

Test(python_samples, where_nothing_comes_guesses_are_told)
{
	for (int i = 0; i < 12; i++)
		keep_one(LOGTAP_PYTHON_READ, false, "guessed");
	cr_assert_str_eq(logtap_loops_python_most(&loop)->frames[0].function,
			 "guessed");
	keep_one(LOGTAP_PYTHON_READ, true, "culprit");
	cr_assert_str_eq(logtap_loops_python_most(&loop)->frames[0].function,
			 "culprit");
	cr_assert_eq(loop.python.status, LOGTAP_PYTHON_READ);
}

static uint64_t memory_end_after(uint64_t frame)
{
	const struct logtap_python_trace trace = {
		.status = LOGTAP_PYTHON_GONE,
		.frame = frame,
	};

	logtap_loops_keep_python(&loop, &trace);
	return loop.python.memory_end;
}

Test(python_samples, memory_is_wanted_where_the_deepest_frames_were)
{
	cr_assert_eq(memory_end_after(0), 0);
	uint64_t end = memory_end_after(0x10000);
	cr_assert_gt(end, 0x10000);
	cr_assert_lt(end, 0x10000 + LOGTAP_STACK_MEMORY_BYTES);
	cr_assert_eq(memory_end_after(0x10000 - 500), end);
	cr_assert_eq(memory_end_after(0), end);
	cr_assert_eq(memory_end_after(0x10000 + 500), end + 496);
	/* the thread has gone on elsewhere */
	cr_assert_eq(memory_end_after(0x8000), end - 0x8000);
}

Test(python_samples, nobody_has_looked_is_not_that_there_is_none)
{
	logtap_loops_keep_python(&loop, NULL); /* not now */
	cr_assert(logtap_loops_wants_python(&loop));
	keep(LOGTAP_PYTHON_NONE);
	cr_assert_not(logtap_loops_wants_python(&loop));
	cr_assert_eq(loop.python.samples, 0);
}

Test(python_samples, a_thread_without_python_takes_nothing_back)
{
	keep(LOGTAP_PYTHON_GONE);
	keep(LOGTAP_PYTHON_NONE);
	cr_assert(logtap_loops_wants_python(&loop));
	cr_assert_eq(loop.python.status, LOGTAP_PYTHON_GONE);
	keep(LOGTAP_PYTHON_READ);
	keep(LOGTAP_PYTHON_GONE);
	cr_assert_eq(loop.python.status, LOGTAP_PYTHON_READ);
}

Test(python_samples, enough_is_enough)
{
	for (int i = 0; i < LOGTAP_LOOPS_PYTHON_ENOUGH; i++) {
		cr_assert(logtap_loops_wants_python(&loop));
		keep(LOGTAP_PYTHON_READ);
	}
	cr_assert_not(logtap_loops_wants_python(&loop));
	cr_assert_eq(logtap_loops_python_most(&loop)->seen,
		     LOGTAP_LOOPS_PYTHON_ENOUGH);
}

Test(python_samples, what_is_never_found_is_not_asked_for_for_ever)
{
	for (int i = 0; i < LOGTAP_LOOPS_PYTHON_SAMPLES; i++) {
		cr_assert(logtap_loops_wants_python(&loop));
		keep(LOGTAP_PYTHON_GONE);
	}
	cr_assert_not(logtap_loops_wants_python(&loop));
	cr_assert_null(logtap_loops_python_most(&loop));
}
