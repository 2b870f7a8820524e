/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* How many chunks are in the journal. */
#include "../../../collector/registry/pending.h"

#include <criterion/criterion.h>

#define STEP UINT64_C(65536)

static struct logtap_pending pending;

static void end(void)
{
	logtap_pending_deinit(&pending);
}

Test(pending, what_lies_below_the_position_is_settled, .fini = end)
{
	for (uint64_t i = 1; i <= 100; i++)
		logtap_pending_add(&pending, i * STEP, i);
	cr_assert_eq(pending.chunks, 5050);
	logtap_pending_settle(&pending, 10 * STEP - 1);
	cr_assert_eq(pending.chunks, 5050 - 45);
	logtap_pending_settle(&pending, 10 * STEP);
	cr_assert_eq(pending.chunks, 5050 - 55);
	logtap_pending_settle(&pending, 5 * STEP);
	cr_assert_eq(pending.chunks, 5050 - 55);
	logtap_pending_settle(&pending, 100 * STEP);
	cr_assert_eq(pending.chunks, 0);
}

Test(pending, a_step_is_pending_until_all_of_it_is_settled, .fini = end)
{
	logtap_pending_add(&pending, 100, 1);
	logtap_pending_add(&pending, 200, 1);
	logtap_pending_add(&pending, STEP + 1, 1);
	logtap_pending_settle(&pending, 199);
	cr_assert_eq(pending.chunks, 3);
	logtap_pending_settle(&pending, 200);
	cr_assert_eq(pending.chunks, 1);
}

Test(pending, a_long_queue_takes_a_step_for_64_kib, .fini = end)
{
	for (uint64_t i = 1; i <= 100000; i++)
		logtap_pending_add(&pending, i * 160, 1);
	cr_assert_leq(pending.count, 100000 * 160 / STEP + 1);
	for (uint64_t i = 1; i <= 100000; i++) {
		logtap_pending_settle(&pending, i * 160);
		cr_assert_geq(pending.chunks, 100000 - i);
		cr_assert_leq(pending.chunks, 100000 - i + STEP / 160 + 1);
	}
	cr_assert_eq(pending.chunks, 0);
}

Test(pending, two_queues_become_one_in_the_order_of_positions, .fini = end)
{
	struct logtap_pending other = {0};
	for (uint64_t i = 0; i < 50; i++) {
		logtap_pending_add(&pending, (2 * i + 1) * STEP, 1);
		logtap_pending_add(&other, (2 * i + 2) * STEP, 1);
	}
	logtap_pending_settle(&pending, STEP);
	logtap_pending_move(&pending, &other);
	cr_assert_eq(other.chunks, 0);
	cr_assert_eq(pending.chunks, 99);
	for (uint64_t i = 2; i <= 100; i++) {
		logtap_pending_settle(&pending, i * STEP);
		cr_assert_eq(pending.chunks, 100 - i);
	}
}

Test(pending, what_comes_late_joins_its_step, .fini = end)
{
	logtap_pending_add(&pending, 3 * STEP, 1);
	logtap_pending_add(&pending, 3 * STEP - 10, 1);
	logtap_pending_add(&pending, STEP, 1);
	logtap_pending_add(&pending, 2 * STEP, 1);
	cr_assert_eq(pending.count, 3);
	logtap_pending_settle(&pending, 3 * STEP - 5);
	cr_assert_eq(pending.chunks, 2);
	logtap_pending_settle(&pending, 3 * STEP);
	cr_assert_eq(pending.chunks, 0);
}
