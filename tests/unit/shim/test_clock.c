/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The time of a chunk, and what is left of it when the counter is forbidden. */
#include "../../../shim/ring/clock.h"
#include "fixture.h"

#include <criterion/criterion.h>
#include <sys/prctl.h>

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

Test(clock, time_never_goes_back_and_is_not_coarse)
{
	logtap_clock_init(false);
	struct logtap_now last = logtap_clock_now();
	cr_assert_eq(last.flags, 0);
	for (int i = 0; i < 10000; i++) {
		struct logtap_now now = logtap_clock_now();
		cr_assert_geq(now.time, last.time);
		last = now;
	}
}

Test(clock, where_the_kernel_has_another_clock_it_is_its_realtime)
{
	logtap_clock_init(false);
	atomic_store(&logtap_clock.source, LOGTAP_SOURCE_VDSO);
	cr_assert_eq(logtap_clock_unit(), LOGTAP_CLOCK_REALTIME);
	uint64_t before = now_ns(CLOCK_REALTIME);
	struct logtap_now now = logtap_clock_now();
	uint64_t after = now_ns(CLOCK_REALTIME);
	cr_assert_eq(now.flags, 0);
	cr_assert_leq(before, now.time);
	cr_assert_leq(now.time, after);
}

Test(clock, a_forbidden_counter_is_not_read_any_more)
{
	logtap_clock_init(true);
	logtap_clock_no_counter();
#if defined(__x86_64__)
	/* now reading it would kill */
	cr_assert_eq(prctl(PR_SET_TSC, PR_TSC_SIGSEGV), 0);
#endif
	struct logtap_now now = logtap_clock_now();
	uint64_t coarse = logtap_clock_ns(CLOCK_REALTIME_COARSE);
#if defined(__x86_64__)
	cr_assert_eq(prctl(PR_SET_TSC, PR_TSC_ENABLE), 0);
#endif
	cr_assert_eq(now.flags, LOGTAP_CHUNK_COARSE);
	cr_assert_leq(now.time, coarse);
	cr_assert_leq(coarse - now.time, 1000000000u);
	cr_assert_eq(logtap_clock_unit(), LOGTAP_CLOCK_REALTIME);
}

Test(clock, without_any_clock_there_is_a_chunk_without_a_time)
{
	logtap_clock.vdso = NULL;
	logtap_clock_no_counter();
	struct logtap_now now = logtap_clock_now();
	cr_assert_eq(now.time, 0);
	cr_assert_eq(now.flags, LOGTAP_CHUNK_COARSE);
	cr_assert_eq(logtap_clock_ns(CLOCK_MONOTONIC), 0);
}
