/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A signal handler's chunk, whose number is higher than that of the copy which it
 * interrupted: how long the reader holds it. */
#include "scene.h"

#include <string.h>

static struct host host;

static void set_scene(void)
{
	setup();
	host_init(&host, &directory, NULL);
	host_claim(&host, 0, 7, 0);
	begin();
	host_push(&host, 0, "before");
}

static void clear_scene(void)
{
	end();
	host_deinit(&host);
	teardown();
}

TestSuite(hold, .init = set_scene, .fini = clear_scene);

/* What a copy that is interrupted has done so far. */
static uint32_t begin_copy(void)
{
	atomic_fetch_add(&host.slots[0].counters[LOGTAP_COUNTER_CHUNKS], 1);
	return host.sequence[0]++;
}

static void end_copy(uint32_t number)
{
	uint32_t next = host.sequence[0];
	host.sequence[0] = number;
	cr_assert(host_push(&host, 0, "interrupted"));
	host.sequence[0] = next;
	atomic_fetch_sub(&host.slots[0].counters[LOGTAP_COUNTER_CHUNKS], 1);
}

static void count(enum logtap_counter counter)
{
	atomic_fetch_add(&host.slots[0].counters[counter], 1);
}

static void visit(void)
{
	struct logtap_intake *parts = intake_parts(&intake);
	logtap_reader_round(intake.reader);
	parts->now_ns = logtap_now_monotonic_ns();
	logtap_schedule_visit(parts, true);
	gather();
}

/* As if it had been held for so long. */
static void held(uint64_t seconds)
{
	struct logtap_slot_reader *slot =
		intake_parts(&intake)->segments[0]->slots[0];
	cr_assert(slot->held_since_ns);
	slot->held_since_ns -= seconds * LOGTAP_SECOND_NS;
}

static size_t handlers(void)
{
	return harvest_count(&harvest, "handler");
}

Test(hold, it_waits_for_a_thread_that_is_away)
{
	uint32_t number = begin_copy();
	host_push_nested(&host, 0, "handler");
	visit();
	held(50);
	visit();
	cr_assert_eq(handlers(), 0);
	end_copy(number);
	visit();
	cr_assert_eq(harvest.count, 3);
	cr_assert_str_eq(harvest.items[1].text, "interrupted");
	cr_assert_str_eq(harvest.items[2].text, "handler");
}

/* By siglongjmp out of the handler, in a thread that then says nothing more. */
Test(hold, it_does_not_wait_for_ever_for_a_copy_that_was_left)
{
	begin_copy();
	host_push_nested(&host, 0, "handler");
	visit();
	held(61);
	visit();
	cr_assert_eq(handlers(), 1);
}

Test(hold, it_does_not_wait_for_a_copy_that_was_left_when_a_later_one_is_there)
{
	begin_copy();
	host_push_nested(&host, 0, "handler");
	visit();
	cr_assert_eq(handlers(), 0);
	host_push(&host, 0, "after");
	visit();
	cr_assert_eq(harvest.count, 3);
	cr_assert_str_eq(harvest.items[2].text, "after");
}

Test(hold, each_waits_for_its_own_time)
{
	uint32_t number = begin_copy();
	host_push_nested(&host, 0, "handler");
	visit();
	held(50);
	end_copy(number);
	host_push(&host, 0, "after");
	visit();
	cr_assert_eq(harvest.count, 4);
	begin_copy();
	host_push_nested(&host, 0, "handler");
	visit();
	held(50);
	visit();
	cr_assert_eq(handlers(), 1);
}

Test(hold, it_does_not_wait_for_the_dead)
{
	begin_copy();
	host_push_nested(&host, 0, "handler");
	visit();
	cr_assert_eq(handlers(), 0);
	host_die(&host, 0);
	visit();
	cr_assert_eq(handlers(), 1);
}

Test(hold, it_does_not_wait_for_what_was_dropped)
{
	static const enum logtap_counter counters[] = {
		LOGTAP_COUNTER_DROPPED_CHUNKS,
		LOGTAP_COUNTER_NESTED_DROPPED_CHUNKS,
		LOGTAP_COUNTER_OVERWROTE,
	};
	visit();
	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
		begin_copy();
		count(counters[i]);
		host_push_nested(&host, 0, "handler");
		visit();
		cr_assert_eq(handlers(), i + 1);
	}
}

Test(hold, what_was_dropped_before_is_not_taken_for_what_is_missing)
{
	begin_copy();
	count(LOGTAP_COUNTER_DROPPED_CHUNKS);
	host_push_nested(&host, 0, "handler");
	visit();
	host_push(&host, 0, "behind it");
	visit();
	cr_assert_eq(harvest.count, 3);
	begin_copy();
	host_push_nested(&host, 0, "handler");
	visit();
	cr_assert_eq(handlers(), 1);
}

Test(hold, it_leaves_room_for_those_that_come)
{
	begin_copy();
	host_push_nested(&host, 0, "handler");
	visit();
	cr_assert_eq(handlers(), 0);
	for (int i = 1; i < 2048 / 32; i++)
		cr_assert(host_push_nested(&host, 0, "handler"));
	visit();
	cr_assert_eq(handlers(), 2048 / 32);
	/* And those that follow come as they are written. */
	host_push_nested(&host, 0, "handler");
	visit();
	cr_assert_eq(handlers(), 2048 / 32 + 1);
}

Test(hold, it_is_read_at_the_end_though_the_thread_lives_on)
{
	begin_copy();
	host_push_nested(&host, 0, "handler");
	intake_drain(&intake);
	gather();
	cr_assert_eq(handlers(), 1);
}
