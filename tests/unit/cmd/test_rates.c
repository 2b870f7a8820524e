/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What processes write a second, from two looks at them. */
#include "../../../collector/cmd/rates.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define SECOND_NS UINT64_C(1000000000)
enum { PARTS = 4 };

/* As logtap_captured_look() fills it: in order. */
struct look {
	struct logtap_captured captured;
	struct logtap_captured_place place;
	struct logtap_captured_process parts[PARTS];
};

static void begin(struct look *look, const char *directory, uint64_t at_s)
{
	look->place.directory = (char *)directory;
	look->place.status = json_pack("{s:I}", "updated_ns",
				       (json_int_t)(at_s * SECOND_NS));
	look->captured.places = &look->place;
	look->captured.place_count = 1;
	look->captured.processes = look->parts;
}

static void add(struct look *look, long long pid, const char *name,
		long long chunks, bool live)
{
	size_t i = look->captured.process_count++;

	cr_assert_lt(i, PARTS);
	look->parts[i] = (struct logtap_captured_process){
		.pid = pid,
		.name = name,
		.chunks = chunks,
		.bytes = 10 * chunks,
		.dropped = chunks / 2,
		.live = live,
	};
}

static struct look before, now;
static struct logtap_rates rates;

static void compare(uint64_t between_s)
{
	cr_assert_eq(logtap_rates_between(&before.captured, &now.captured,
					  between_s * SECOND_NS, &rates),
		     0);
}

static void end(void)
{
	free(rates.rows);
	json_decref(before.place.status);
	json_decref(now.place.status);
}

TestSuite(rates, .fini = end);

Test(rates, the_busiest_is_first_and_who_ended_only_in_the_sum)
{
	begin(&before, "/a", 10);
	add(&before, 1, "slow", 1000, true);
	add(&before, 2, "fast", 0, true);
	add(&before, 3, "gone", 0, true);
	begin(&now, "/a", 12);
	add(&now, 1, "slow", 1020, true);
	add(&now, 2, "fast", 40, true);
	add(&now, 3, "gone", 100, false);
	compare(2);
	cr_assert_eq(rates.count, 2);
	cr_assert_eq(rates.rows[0].process.pid, 2);
	cr_assert_eq(rates.rows[0].chunks, 20);
	cr_assert_eq(rates.rows[0].bytes, 200);
	cr_assert_eq(rates.rows[0].dropped, 10);
	cr_assert_eq(rates.rows[1].chunks, 10);
	cr_assert_eq(rates.chunks, 80);
}

Test(rates, the_parts_of_a_process_are_one)
{
	begin(&before, "/a", 10);
	add(&before, 7, "sh", 5, false);
	add(&before, 7, "sh", 3, true);
	begin(&now, "/a", 11);
	add(&now, 7, "sh", 6, true);
	add(&now, 7, "sh", 5, false);
	add(&now, 7, "true", 2, false);
	compare(1);
	cr_assert_eq(rates.count, 1);
	cr_assert_eq(rates.rows[0].process.chunks, 11);
	cr_assert_eq(rates.rows[0].chunks, 3);
	cr_assert_eq(rates.chunks, 5, "with the part of another name");
}

Test(rates, a_long_silence_does_not_dilute_a_burst)
{
	begin(&before, "/a", 10);
	add(&before, 1, "one", 0, true);
	begin(&now, "/a", 3610);
	add(&now, 1, "one", 300, true);
	compare(2);
	cr_assert_eq(rates.rows[0].chunks, 100, "of two seconds and one");
}

Test(rates, nothing_new_and_a_new_collector_are_no_rate)
{
	begin(&before, "/a", 10);
	add(&before, 1, "one", 5, true);
	begin(&now, "/a", 10);
	add(&now, 1, "one", 5, true);
	compare(2);
	cr_assert_eq(rates.rows[0].chunks, 0);
	free(rates.rows);
	now.place.directory = (char *)"/b";
	compare(2);
	cr_assert_eq(rates.rows[0].chunks, 0);
	cr_assert_eq(rates.rows[0].process.chunks, 5);
}

Test(rates, a_count_that_went_back_is_no_rate)
{
	begin(&before, "/a", 10);
	add(&before, 1, "one", 50, true);
	begin(&now, "/a", 11);
	add(&now, 1, "one", 5, true);
	compare(1);
	cr_assert_eq(rates.rows[0].chunks, 0);
	cr_assert_eq(rates.chunks, 0);
}
