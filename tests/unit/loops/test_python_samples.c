/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* How long a loop asks for the functions of a Python program. */
#include "../../../collector/loops/loop.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(python_samples);

static struct logtap_loops_loop loop;

static void keep(enum logtap_python_status status)
{
	const struct logtap_python_trace trace = {
		.status = status,
		.count = status == LOGTAP_PYTHON_READ,
		.frames = {{.function = "f", .file = "/x.py", .line = 3}},
	};

	logtap_loops_keep_python(&loop, &trace);
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
