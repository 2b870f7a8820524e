/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Order within a thread that goes on from ring to ring: whichever segment is
 * opened first, what it wrote comes in its order. */
#include "order_scene.h"

#include <string.h>

TestSuite(order, .init = setup, .fini = teardown);

Test(order, a_slot_that_continues_another_waits_for_it)
{
	struct host_options named = {.name = "z.seg", .slots = 1};
	struct host old, new;
	/* The new slot is found first. */
	host_init(&new, &directory, &named);
	named.name = "a.seg";
	host_init(&old, &directory, &named);
	host_claim(&old, 0, 7, 0);
	for (int i = 0; i < 80; i++)
		host_push(&old, 0, "old");
	new.sequence[0] = old.sequence[0];
	host_claim(&new, 0, 7, LOGTAP_SLOT_CONTINUES);
	host_push(&new, 0, "new");
	begin();
	/* Between the claim and the move both are live. */
	logtap_reader_round(intake.reader);
	gather();
	cr_assert_eq(harvest_count(&harvest, "new"), 0);
	host_set_state(&old, 0, LOGTAP_SLOT_MOVED);
	intake_drain(&intake);
	gather();
	cr_assert_eq(harvest.count, 81);
	cr_assert_str_eq(harvest.items[80].text, "new");
	cr_assert_eq(intake_total(&intake).value[LOGTAP_COUNT_THREADS], 1);
	end();
	host_deinit(&old);
	host_deinit(&new);
}

/* Three slots of one thread: the second one's segment is opened last. */
static void fill_in_the_middle(bool last_was_dropped)
{
	struct host first, second, third;
	host_named(&first, "a.seg", true);
	host_named(&third, "c.seg", true);
	host_named(&second, "b.seg", false);
	host_claim(&first, 0, 7, 0);
	host_push(&first, 0, "first");
	host_move(&first, &second);
	host_push(&second, 0, "second");
	while (last_was_dropped && host_push(&second, 0, "second"))
		;
	host_move(&second, &third);
	host_push(&third, 0, "third");
	begin();
	read_rounds(3);
	cr_assert_eq(harvest.count, 1);
	cr_assert_str_eq(harvest.items[0].text, "first");
	host_ready(&second);
	intake_drain(&intake);
	gather();
	cr_assert_gt(harvest.count, 2);
	cr_assert_str_eq(harvest.items[1].text, "second");
	cr_assert_str_eq(harvest.items[harvest.count - 1].text, "third");
	end();
	host_deinit(&first);
	host_deinit(&second);
	host_deinit(&third);
}

Test(order, a_slot_waits_for_the_one_just_before_it_not_for_any_earlier)
{
	fill_in_the_middle(false);
}

Test(order, a_slot_knows_the_one_before_it_whose_last_chunk_was_dropped)
{
	fill_in_the_middle(true);
}

/* The second one has nothing to read and ends where the third begins; but the
 * first one's segment is opened last. */
Test(order, a_slot_waits_for_what_the_one_before_it_waits_for)
{
	struct host first, second, third;
	host_named(&second, "b.seg", true);
	host_named(&third, "c.seg", true);
	host_named(&first, "a.seg", false);
	host_claim(&first, 0, 7, 0);
	host_push(&first, 0, "first");
	host_move(&first, &second);
	atomic_store(&second.slots[0].counters[LOGTAP_COUNTER_CHUNKS], 1);
	atomic_store(&second.slots[0].counters[LOGTAP_COUNTER_DROPPED_CHUNKS],
		     1);
	second.sequence[0]++; /* the one that was dropped */
	host_move(&second, &third);
	host_push(&third, 0, "third");
	begin();
	read_rounds(3);
	cr_assert_eq(harvest.count, 0);
	host_ready(&first);
	intake_drain(&intake);
	gather();
	cr_assert_eq(harvest.count, 2);
	cr_assert_str_eq(harvest.items[0].text, "first");
	cr_assert_str_eq(harvest.items[1].text, "third");
	end();
	host_deinit(&first);
	host_deinit(&second);
	host_deinit(&third);
}

/* A first call that is larger than the first ring. */
Test(order, a_slot_does_not_wait_for_a_first_one_that_was_not_used)
{
	struct host host;
	host_init(&host, &directory, NULL);
	host_claim(&host, 0, 7, 0);
	host_claim(&host, 1, 7, LOGTAP_SLOT_CONTINUES);
	host_set_state(&host, 0, LOGTAP_SLOT_MOVED);
	host_push(&host, 1, "at once");
	begin();
	for (int i = 0; i < 2; i++)
		logtap_reader_round(intake.reader);
	gather();
	cr_assert_eq(harvest_count(&harvest, "at once"), 1);
	end();
	host_deinit(&host);
}

Test(order, files_that_come_together_are_opened_in_their_order)
{
	struct host hosts[4];
	begin();
	logtap_reader_round(intake.reader);
	for (int i = 0; i < 4; i++)
		host_init(&hosts[i], &directory, NULL);
	intake_drain(&intake);
	struct logtap_intake *parts = intake_parts(&intake);
	cr_assert_eq(parts->segment_count, 4);
	for (int i = 0; i < 4; i++)
		cr_assert_str_eq(parts->segments[i]->name, hosts[i].name);
	end();
	for (int i = 0; i < 4; i++)
		host_deinit(&hosts[i]);
}

/* What is copied of a ring in one visit ends where the ring does. */
Test(order, no_chunk_passes_those_behind_the_end_of_the_nested_ring)
{
	struct host host;
	uint32_t pushed = 0;

	host_init(&host, &directory, NULL);
	host_claim(&host, 0, 7, 0);
	begin();
	for (; pushed < 4000 / logtap_chunk_span(7); pushed++)
		cr_assert(host_push_nested(&host, 0, "handler"));
	intake_drain(&intake);
	for (int i = 0; i < 20; i++, pushed += 2) {
		cr_assert(host_push_nested(&host, 0, "handler"));
		cr_assert(host_push(&host, 0, "main"));
	}
	cr_assert_gt(host.rings[0][1].head, host.header->nested_bytes);
	intake_drain(&intake);
	gather();
	cr_assert_eq(harvest.count, pushed);
	for (uint32_t i = 0; i < pushed; i++)
		cr_assert_eq(harvest.items[i].chunk.sequence, i);
	end();
	host_deinit(&host);
}
