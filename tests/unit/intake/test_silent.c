/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts that have ended before they are found: scripts have many, most of which
 * never log. */
#include "fixture.h"

static struct directory directory;
static struct intake intake;
static struct harvest harvest;
static struct host host;
static const struct host_options of_the_past = {.pid = HOST_PID,
						.start_ticks = 1};

static void setup(void)
{
	directory_init(&directory);
	intake_init(&intake, &directory, 0);
	host_init(&host, &directory, &of_the_past);
	host_claim(&host, 0, HOST_PID, LOGTAP_SLOT_MAIN);
}

static void teardown(void)
{
	harvest_deinit(&harvest);
	host_deinit(&host);
	intake_deinit(&intake);
	directory_deinit(&directory);
}

TestSuite(silent, .init = setup, .fini = teardown);

static void find(void)
{
	logtap_reader_round(intake.reader);
	harvest_init(&harvest, intake.journal);
}

Test(silent, one_that_said_nothing_leaves_nothing)
{
	host_die(&host, 0);
	find();
	cr_assert_eq(directory_count(&directory, LOGTAP_SEGMENT_SUFFIX), 0);
	cr_assert_eq(intake_parts(&intake)->segment_count, 0);
	cr_assert_eq(harvest.threads_ended, 0);
	cr_assert_eq(atomic_load(&host.control->closed), 1);
}

Test(silent, its_threads_are_counted_like_those_that_were_read)
{
	host_claim(&host, 1, HOST_PID, 0);
	host_die(&host, 1);
	host_die(&host, 0);
	find();
	cr_assert_eq(intake_parts(&intake)->segment_count, 0);
	struct logtap_counts total = intake_total(&intake);
	cr_assert_eq(total.value[LOGTAP_COUNT_THREADS], 2);
	cr_assert_eq(total.value[LOGTAP_COUNT_PRODUCED_CHUNKS], 0);
}

Test(silent, one_that_said_something_is_read)
{
	host_push(&host, 0, "last words");
	host_die(&host, 0);
	intake_drain(&intake);
	harvest_init(&harvest, intake.journal);
	cr_assert_eq(harvest_count(&harvest, "last words"), 1);
	cr_assert_eq(harvest.threads_ended, 1);
}

Test(silent, what_a_handler_alone_said_is_read)
{
	host_push_nested(&host, 0, "last words");
	host_die(&host, 0);
	intake_drain(&intake);
	harvest_init(&harvest, intake.journal);
	cr_assert_eq(harvest_count(&harvest, "last words"), 1);
}

Test(silent, one_that_only_counted_is_accounted_for)
{
	atomic_store(&host.slots[0].counters[LOGTAP_COUNTER_SUPPRESSED], 7);
	host_die(&host, 0);
	intake_drain(&intake);
	harvest_init(&harvest, intake.journal);
	cr_assert_eq(harvest.threads_ended, 1);
}

Test(silent, one_with_a_diagnostic_is_told_of)
{
	atomic_store(&host.header->diagnostics[0].state, 2);
	host_die(&host, 0);
	intake_drain(&intake);
	harvest_init(&harvest, intake.journal);
	cr_assert_eq(harvest.segments_ended, 1);
}

Test(silent, one_that_lives_keeps_its_segment)
{
	find();
	cr_assert_eq(intake_parts(&intake)->segment_count, 1);
	cr_assert_eq(atomic_load(&host.control->closed), 0);
}

Test(silent, a_child_that_lives_keeps_the_segment)
{
	host_claim(&host, 1, HOST_PID - 1, LOGTAP_SLOT_MAIN);
	host_die(&host, 0);
	find();
	cr_assert_eq(intake_parts(&intake)->segment_count, 1);
	cr_assert_eq(atomic_load(&host.control->closed), 0);
}
