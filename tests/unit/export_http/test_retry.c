/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Back-off, and what Retry-After says. */
#include <criterion/criterion.h>

#include "../../../collector/export/retry.h"

/* Sun, 06 Nov 1994 08:49:37 GMT: the example of RFC 9110. */
static const time_t RFC_DATE = 784111777;

Test(retry, waits_double_up_to_the_longest_and_stay_within_the_jitter)
{
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct logtap_retry retry;
		logtap_retry_init(&retry, seed);
		uint64_t step = LOGTAP_RETRY_FIRST_MS;
		for (unsigned i = 0; i < 50; i++) {
			uint32_t wait = logtap_retry_delay_ms(&retry, -1);
			cr_assert_geq(wait, step / 2);
			cr_assert_leq(wait, step + step / 2);
			cr_assert_leq(wait, LOGTAP_RETRY_MAX_MS);
			if (step < LOGTAP_RETRY_MAX_MS)
				step *= 2;
		}
	}
}

Test(retry, two_destinations_do_not_wait_in_step)
{
	struct logtap_retry one;
	struct logtap_retry other;
	unsigned same = 0;
	logtap_retry_init(&one, 1);
	logtap_retry_init(&other, 2);
	for (unsigned i = 0; i < 20; i++)
		same += logtap_retry_delay_ms(&one, -1) ==
			logtap_retry_delay_ms(&other, -1);
	cr_assert_lt(same, 18);
}

Test(retry, a_success_begins_with_the_shortest_wait_again)
{
	struct logtap_retry retry;
	logtap_retry_init(&retry, 7);
	for (unsigned i = 0; i < 10; i++)
		logtap_retry_delay_ms(&retry, -1);
	logtap_retry_reset(&retry);
	cr_assert_leq(logtap_retry_delay_ms(&retry, -1),
		      LOGTAP_RETRY_FIRST_MS * 3 / 2);
}

Test(retry, what_the_receiver_asks_for_is_the_shortest_wait)
{
	struct logtap_retry retry;
	logtap_retry_init(&retry, 7);
	for (unsigned i = 0; i < 20; i++) {
		logtap_retry_reset(&retry);
		uint32_t wait = logtap_retry_delay_ms(&retry, 5000);
		cr_assert_geq(wait, 5000);
		cr_assert_leq(wait, 5500);
	}
}

Test(retry, a_receiver_that_asks_for_no_wait_does_not_make_us_spin)
{
	struct logtap_retry retry;
	logtap_retry_init(&retry, 7);
	cr_assert_geq(logtap_retry_delay_ms(&retry, 0),
		      LOGTAP_RETRY_FIRST_MS / 2);
}

Test(retry, a_receiver_cannot_make_us_wait_for_ever)
{
	struct logtap_retry retry;
	logtap_retry_init(&retry, 7);
	for (unsigned i = 0; i < 20; i++)
		cr_assert_leq(logtap_retry_delay_ms(&retry, INT64_MAX),
			      LOGTAP_RETRY_AFTER_MAX_MS);
}

Test(retry, retry_after_in_seconds)
{
	cr_assert_eq(logtap_retry_after_ms("0", RFC_DATE), 0);
	cr_assert_eq(logtap_retry_after_ms("7", RFC_DATE), 7000);
	cr_assert_eq(logtap_retry_after_ms("  7 \r\n", RFC_DATE), 7000);
	cr_assert_eq(logtap_retry_after_ms("86400", RFC_DATE),
		     LOGTAP_RETRY_AFTER_MAX_MS);
	cr_assert_eq(logtap_retry_after_ms("99999999999999999999999", 0),
		     LOGTAP_RETRY_AFTER_MAX_MS);
}

Test(retry, retry_after_as_a_date)
{
	const char *date = "Sun, 06 Nov 1994 08:49:37 GMT";
	cr_assert_eq(logtap_retry_after_ms(date, RFC_DATE - 9), 9000);
	cr_assert_eq(logtap_retry_after_ms(date, RFC_DATE), 0);
	cr_assert_eq(logtap_retry_after_ms(date, RFC_DATE + 9), 0);
	cr_assert_eq(logtap_retry_after_ms(date, 0), LOGTAP_RETRY_AFTER_MAX_MS);
	/* The two forms that HTTP calls obsolete and asks to be read. */
	cr_assert_eq(logtap_retry_after_ms("Sunday, 06-Nov-94 08:49:37 GMT",
					   RFC_DATE - 9),
		     9000);
	cr_assert_eq(logtap_retry_after_ms("Sun Nov  6 08:49:37 1994",
					   RFC_DATE - 9),
		     9000);
}

Test(retry, retry_after_that_is_neither_is_no_word_of_the_receiver)
{
	const char *bad[] = {"",    "soon", "-5",  "7 seconds",
			     "7.5", "1e3",  "\x80"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(logtap_retry_after_ms(bad[i], RFC_DATE), -1, "%s",
			     bad[i]);
}
