/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to hosts: onto which control pages they come, and their ends. */
#include "../../../collector/intake/asks.h"
#include "fixture.h"

#include <errno.h>

#define SECOND UINT64_C(1000000000)
enum { THREAD = 77, OTHER = 78 };

static struct directory directory;
static struct host host;
static struct logtap_asks *asks;
static struct logtap_asks_place place;

static void begin(void)
{
	directory_init(&directory);
	host_init(&host, &directory, &(struct host_options){.pid = 500});
	asks = logtap_asks_new();
	place = (struct logtap_asks_place){
		.control = host.control,
		.creator = 500,
		.slots = (void *)host.slots,
		.slot_bytes = LOGTAP_SLOT_BYTES,
		.slot_count = host.header->slot_count,
	};
}

static void end(void)
{
	logtap_asks_free(asks);
	host_deinit(&host);
	directory_deinit(&directory);
}

TestSuite(asks, .init = begin, .fini = end);

Test(asks, a_page_is_left_alone_until_something_is_asked)
{
	host.control->stack_level = 17;
	host.control->look = 1;
	logtap_asks_store(asks, &place);
	cr_assert_eq(host.control->stack_level, 17);
	cr_assert_eq(host.control->look, 1);
	cr_assert_eq(logtap_asks_version(asks), 0);
}

Test(asks, evidence_and_levels_are_of_every_host)
{
	place.creator = 1;
	logtap_asks_evidence(asks, LOGTAP_ASK_SENDS | LOGTAP_ASK_PATHS);
	logtap_asks_stacks(asks, 17, 500);
	logtap_asks_store(asks, &place);
	cr_assert_eq(host.control->ask, LOGTAP_ASK_SENDS | LOGTAP_ASK_PATHS);
	cr_assert_eq(host.control->stack_level, 17);
	cr_assert_eq(host.control->stack_interval_us, 500);
	cr_assert_eq(host.control->look, 1);
	logtap_asks_stacks(asks, 0, 0);
	logtap_asks_evidence(asks, 0);
	logtap_asks_store(asks, &place);
	cr_assert_eq(host.control->ask, 0);
	cr_assert_eq(host.control->look, 0);
}

static unsigned watched(uint32_t tid)
{
	unsigned count = 0;

	logtap_asks_store(asks, &place);
	for (size_t i = 0; i < LOGTAP_CONTROL_WATCHES; i++)
		count += host.control->watches[i].tid == tid;
	cr_assert_eq(host.control->look, host.control->watch_count != 0);
	return count;
}

Test(asks, a_watch_reaches_the_thread_s_process_alone)
{
	cr_assert_eq(logtap_asks_watch(asks, 500, THREAD, 60 * SECOND, 0), 0);
	cr_assert_eq(watched(THREAD), 1);
	cr_assert_eq(host.control->watch_count, 1);
	place.creator = 501;
	cr_assert_eq(watched(THREAD), 0);
	cr_assert_eq(host.control->watch_count, 0);
	/* a forked child's thread in its parent's segment */
	host_claim(&host, 1, THREAD, 0);
	host.slots[1].pid = 500;
	cr_assert_eq(watched(THREAD), 1);
}

Test(asks, the_memory_that_is_wanted_goes_with_its_watch)
{
	const uint64_t end = 0x7f1234567000;
	size_t i = 0;

	logtap_asks_watch(asks, 500, OTHER, 60 * SECOND, 0);
	logtap_asks_watch(asks, 500, THREAD, 60 * SECOND, end);
	cr_assert_eq(watched(THREAD), 1);
	while (host.control->watches[i].tid != THREAD)
		i++;
	for (size_t j = 0; j < LOGTAP_CONTROL_WATCHES; j++)
		cr_assert_eq(host.control->memory_ends[j], j == i ? end : 0);
	logtap_asks_watch(asks, 500, THREAD, 60 * SECOND, 0);
	cr_assert_eq(watched(THREAD), 1);
	cr_assert_eq(host.control->memory_ends[i], 0);
}

Test(asks, a_watch_ends_by_itself_and_is_taken_back)
{
	logtap_asks_watch(asks, 500, THREAD, 0, 0);
	cr_assert_eq(watched(THREAD), 0);
	logtap_asks_watch(asks, 500, THREAD, 60 * SECOND, 0);
	logtap_asks_watch(asks, 500, OTHER, 60 * SECOND, 0);
	logtap_asks_release(asks, 500, THREAD);
	cr_assert_eq(watched(THREAD), 0);
	cr_assert_eq(watched(OTHER), 1);
}

Test(asks, the_same_thread_is_asked_once_and_there_is_a_most)
{
	for (uint32_t i = 0; i < LOGTAP_CONTROL_WATCHES; i++)
		cr_assert_eq(logtap_asks_watch(asks, 500, 10 + i, 60 * SECOND,
					       0),
			     0);
	cr_assert_eq(logtap_asks_watch(asks, 500, 10, 60 * SECOND, 0), 0);
	cr_assert_eq(watched(10), 1);
	cr_assert_eq(logtap_asks_watch(asks, 500, 99, 60 * SECOND, 0), -ENOSPC);
	logtap_asks_watch(asks, 500, 12, 0, 0);
	cr_assert_eq(logtap_asks_watch(asks, 500, 99, 60 * SECOND, 0), 0);
}

Test(asks, a_hold_names_its_thread_and_its_end)
{
	uint64_t now = logtap_now_monotonic_ns();

	cr_assert_eq(logtap_asks_hold(asks, 500, THREAD, SECOND), 0);
	logtap_asks_store(asks, &place);
	cr_assert_eq(host.control->hold_count, 1);
	uint64_t until = 0;
	for (size_t i = 0; i < LOGTAP_CONTROL_HOLDS; i++)
		if (host.control->holds[i].tid == THREAD)
			until = host.control->holds[i].until_ns;
	cr_assert_geq(until, now + SECOND);
	logtap_asks_release(asks, 500, THREAD);
	logtap_asks_store(asks, &place);
	cr_assert_eq(host.control->hold_count, 0);
	cr_assert_eq(host.control->look, 0, "records are none of its business");
}
