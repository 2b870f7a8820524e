/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Ticks to time: calibration, steps of the clock, absurd values. */
#include "../../../collector/intake/clock.h"

#include <criterion/criterion.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
#define BEGIN (UINT64_C(1700000000) * SECOND)

static struct logtap_clock_history history;
static struct logtap_segment header;

/* A counter of 2 GHz, and a pair a second; the clock steps by an hour at 5 s. */
static uint64_t real_at(uint64_t second)
{
	return BEGIN + second * SECOND + (second >= 5 ? 3600 * SECOND : 0);
}

static void setup(void)
{
	memset(&history, 0, sizeof(history));
	memset(&header, 0, sizeof(header));
	header.clock = LOGTAP_CLOCK_TSC;
	for (uint64_t i = 1; i < 10; i++) {
		struct logtap_clock_pair pair = {.tsc = i * 2 * SECOND,
						 .raw_ns = i * SECOND,
						 .realtime_ns = real_at(i)};
		logtap_clock_add(&history, &pair);
	}
}

TestSuite(clock, .init = setup);

/* One by one, and as of many: both say the same. */
static uint64_t convert_flagged(uint64_t ticks, uint8_t flags)
{
	uint64_t observed_ns = real_at(9) + SECOND;
	struct logtap_clock_line line = logtap_clock_line(&history, &header);
	uint64_t ns = logtap_clock_convert(&history, &header, flags, ticks,
					   observed_ns);
	cr_assert_eq(logtap_clock_along(&line, &history, &header, flags, ticks,
					observed_ns),
		     ns);
	return ns;
}

static uint64_t convert(uint64_t ticks)
{
	return convert_flagged(ticks, 0);
}

Test(clock, ticks_between_pairs_are_interpolated)
{
	cr_assert_eq(convert(3 * 2 * SECOND + SECOND), real_at(3) + SECOND / 2);
	cr_assert_eq(convert(9 * 2 * SECOND + 400), real_at(9) + 200);
}

Test(clock, a_step_of_the_clock_changes_only_what_came_after_it)
{
	cr_assert_eq(convert(5 * 2 * SECOND - 2), BEGIN + 5 * SECOND - 1);
	cr_assert_eq(convert(5 * 2 * SECOND), real_at(5));
}

Test(clock, times_before_the_collector_use_the_pair_of_the_host)
{
	header.clock_tsc = SECOND / 2;
	header.clock_realtime_ns = BEGIN - 77;
	cr_assert_eq(convert(SECOND), BEGIN - 77 + SECOND / 4);
}

Test(clock, without_a_pair_of_the_host_the_first_of_ours_is_used)
{
	cr_assert_eq(convert(SECOND), real_at(1) - SECOND / 2);
}

Test(clock, a_segment_of_another_boot_has_only_its_own_pair)
{
	header.boot_id[0] = 1;
	header.clock_tsc = 3 * 2 * SECOND;
	header.clock_realtime_ns = BEGIN - 100 * SECOND;
	cr_assert_eq(convert(3 * 2 * SECOND + 2), BEGIN - 100 * SECOND + 1);
	header.clock_tsc = 0;
	cr_assert_eq(convert(7), real_at(9) + SECOND, "as it was observed");
}

Test(clock, times_that_cannot_be_become_the_observed_one)
{
	uint64_t now = real_at(9) + SECOND;
	cr_assert_eq(convert(UINT64_MAX), now);
	cr_assert_eq(convert(UINT64_MAX / 2), now);
	cr_assert_eq(convert(UINT64_C(1) << 52), now);
	for (int bit = 0; bit < 64; bit++)
		convert(9 * 2 * SECOND + (UINT64_C(1) << bit) - 1);
	header.clock = LOGTAP_CLOCK_REALTIME;
	cr_assert_eq(convert(0), now);
	cr_assert_eq(convert(12345), now);
	cr_assert_eq(convert(UINT64_MAX), now);
	cr_assert_eq(convert(now + 3600 * SECOND), now);
	cr_assert_eq(convert(now - 3600 * SECOND), now - 3600 * SECOND);
}

Test(clock, coarse_times_are_ns_whatever_the_segments_unit)
{
	cr_assert_eq(convert_flagged(BEGIN + 5, LOGTAP_CHUNK_COARSE),
		     BEGIN + 5);
}

Test(clock, the_machines_own_counter_is_converted_to_now)
{
	struct logtap_clock_history own;
	logtap_clock_start(&own);
	if (!logtap_clock_ticks())
		return; /* a machine without one never makes such segments */
	memcpy(header.boot_id, own.boot_id, sizeof(own.boot_id));
	uint64_t before = logtap_now_realtime_ns();
	uint64_t ticks = logtap_clock_ticks();
	uint64_t after = logtap_now_realtime_ns();
	uint64_t ns = logtap_clock_convert(&own, &header, 0, ticks, after);
	/* The rate is known to some parts in a million of some ms. */
	cr_assert_geq(ns + SECOND / 100, before);
	cr_assert_leq(ns, after + SECOND / 100);
}

/* One pair more, a second of the counter's and of the clock's later, and so much
 * besides; *@last is the one before and becomes it. */
static void go_on(struct logtap_clock_pair *last, uint64_t tsc, uint64_t raw_ns,
		  uint64_t realtime_ns)
{
	last->tsc += 2 * SECOND + tsc;
	last->raw_ns += SECOND + raw_ns;
	last->realtime_ns += SECOND + realtime_ns;
	logtap_clock_add(&history, last);
}

static struct logtap_clock_pair newest(void)
{
	return history.pairs[(history.count - 1) % LOGTAP_CLOCK_PAIRS];
}

Test(clock, a_step_is_counted_and_bounds_the_error_while_it_is_known)
{
	struct logtap_clock_pair last = newest();
	cr_assert_eq(history.steps, 1);
	cr_assert_eq(history.error_ns, 3600 * SECOND);
	for (int i = 0; i < LOGTAP_CLOCK_PAIRS; i++)
		go_on(&last, 0, 0, 1000);
	cr_assert_eq(history.steps, 1);
	cr_assert_eq(history.error_ns, 1000, "slewed by a part in a million");
	go_on(&last, 0, 0, -UINT64_C(2) * LOGTAP_CLOCK_STEP_NS);
	cr_assert_eq(history.steps, 2);
	cr_assert_eq(history.error_ns, 2 * LOGTAP_CLOCK_STEP_NS);
}

Test(clock, a_suspension_does_not_change_the_rate)
{
	struct logtap_clock_pair last = newest();
	/* eight hours, in which the counter ran and the raw clock did not */
	go_on(&last, 8 * 3600 * 2 * SECOND, 0, 8 * 3600 * SECOND);
	for (int i = 0; i < 3; i++)
		go_on(&last, 0, 0, 0);
	cr_assert_float_eq(history.ns_per_tick, 0.5, 1e-9);
	cr_assert_eq(logtap_clock_convert(&history, &header, 0,
					  last.tsc + SECOND,
					  last.realtime_ns + SECOND),
		     last.realtime_ns + SECOND / 2);
}

Test(clock, a_counter_that_begins_anew_is_followed)
{
	struct logtap_clock_pair last = newest();
	last.tsc = 0;
	for (int i = 0; i < 3; i++)
		go_on(&last, 0, 0, 60 * SECOND);
	cr_assert_float_eq(history.ns_per_tick, 0.5, 1e-9);
	cr_assert_eq(logtap_clock_convert(&history, &header, 0,
					  last.tsc + SECOND,
					  last.realtime_ns + SECOND),
		     last.realtime_ns + SECOND / 2);
}
