/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* How long a slot waits for an earlier one of its thread: as long as something may
 * come from there, and not for ever. */
#include "order_scene.h"

#include <string.h>

TestSuite(order_wait, .init = setup, .fini = teardown);

/* The reader's view of the only slot of @host; NULL: its segment is not open. */
static struct logtap_slot_reader *view(const struct host *host)
{
	struct logtap_intake *parts = intake_parts(&intake);
	for (size_t i = 0; i < parts->segment_count; i++)
		if (!strcmp(parts->segments[i]->name, host->name))
			return parts->segments[i]->slots[0];
	return NULL;
}

/* As if a slot had waited for so long, and had been looked at so often. */
static void waited(const struct host *host, uint64_t seconds)
{
	struct logtap_slot_reader *slot = view(host);
	slot->waits_since_ns -= seconds * LOGTAP_SECOND_NS;
	slot->waits_visits += 1000;
}

/* Everything, due or not. */
static void visit_all(int times)
{
	struct logtap_intake *parts = intake_parts(&intake);
	for (int i = 0; i < times; i++) {
		parts->now_ns = logtap_now_monotonic_ns();
		logtap_schedule_visit(parts, true);
	}
	gather();
}

static void read_until_open(const struct host *host)
{
	while (!view(host))
		logtap_reader_round(intake.reader);
}

/* It was drained and freed, as its thread was dead, before the next one's file
 * was ready. */
static void freed_before_the_next_is_open(bool last_was_dropped)
{
	struct host first, second;
	host_named(&first, "a.seg", true);
	host_named(&second, "b.seg", false);
	host_claim(&first, 0, 7, 0);
	host_push(&first, 0, "first");
	while (last_was_dropped && host_push(&first, 0, "first"))
		;
	host_move(&first, &second);
	host_push(&second, 0, "second");
	host_die(&first, 0);
	host_die(&second, 0);
	begin();
	visit_all(3);
	cr_assert_eq(host_state(&first, 0), LOGTAP_SLOT_FREE);
	host_ready(&second);
	read_until_open(&second);
	visit_all(1);
	cr_assert_eq(harvest_count(&harvest, "second"), 1);
	end();
	host_deinit(&first);
	host_deinit(&second);
}

Test(order_wait, a_slot_knows_that_the_one_before_it_was_freed, .timeout = 20)
{
	freed_before_the_next_is_open(false);
}

Test(order_wait, a_slot_knows_so_if_the_last_chunk_there_was_dropped,
     .timeout = 20)
{
	freed_before_the_next_is_open(true);
}

/* Of another thread it proves nothing. */
Test(order_wait, a_slot_waits_though_another_threads_was_freed)
{
	struct host first, second;
	host_named(&first, "a.seg", true);
	host_named(&second, "b.seg", true);
	host_claim(&first, 0, 7, 0);
	host_push(&first, 0, "first");
	host_set_state(&first, 0, LOGTAP_SLOT_MOVED);
	host_die(&first, 0);
	begin();
	visit_all(3);
	cr_assert_eq(host_state(&first, 0), LOGTAP_SLOT_FREE);
	second.sequence[0] = first.sequence[0];
	host_claim(&second, 0, 8, LOGTAP_SLOT_CONTINUES);
	host_push(&second, 0, "second");
	read_until_open(&second);
	cr_assert(view(&second)->waits);
	end();
	host_deinit(&first);
	host_deinit(&second);
}

/* What came before the second one is not there; both waits are over in the same
 * round, in which the third is looked at first. */
Test(order_wait, a_slot_does_not_give_up_with_the_one_that_it_waits_for)
{
	struct host second, third;
	host_named(&third, "c.seg", true);
	host_named(&second, "b.seg", false);
	second.sequence[0] = 20;
	host_claim(&second, 0, 7, LOGTAP_SLOT_CONTINUES);
	host_push(&second, 0, "second");
	host_move(&second, &third);
	host_push(&third, 0, "third");
	begin();
	read_until_open(&third);
	host_ready(&second);
	read_until_open(&second);
	visit_all(2);
	cr_assert_eq(harvest.count, 0);
	waited(&second, 3);
	waited(&third, 3);
	visit_all(3);
	cr_assert_eq(harvest.count, 2);
	cr_assert_str_eq(harvest.items[0].text, "second");
	cr_assert_str_eq(harvest.items[1].text, "third");
	end();
	host_deinit(&second);
	host_deinit(&third);
}

static void fill(struct host *host, const char *text)
{
	while (host_push(host, 0, text))
		;
}

/* The first one holds many windows, and each takes as long as a wait. */
Test(order_wait, a_slot_waits_while_the_one_before_it_is_read)
{
	struct host_options large = {
		.name = "a.seg", .slots = 1, .ring_bytes = 1 << 20};
	struct host first, second;
	int rounds = 0;
	host_named(&second, "b.seg", true);
	host_init(&first, &directory, &large);
	host_claim(&first, 0, 7, 0);
	fill(&first, "a text of the first one's that is not short");
	host_move(&first, &second);
	host_push(&second, 0, "second");
	begin();
	logtap_reader_round(intake.reader);
	for (; view(&second)->waits; rounds++) {
		waited(&second, 3);
		visit_all(1);
	}
	cr_assert_gt(rounds, 5);
	visit_all(1);
	cr_assert_str_eq(harvest.items[harvest.count - 1].text, "second");
	end();
	host_deinit(&first);
	host_deinit(&second);
}

/* A thread that never says that it moved. */
static void live_and_claimed_twice(struct host *first, struct host *second)
{
	host_named(first, "a.seg", true);
	host_claim(first, 0, 7, 0);
	host_push(first, 0, "first");
	begin();
	read_until_open(first);
	host_named(second, "b.seg", true);
	second->sequence[0] = first->sequence[0];
	host_claim(second, 0, 7, LOGTAP_SLOT_CONTINUES);
	host_push(second, 0, "second");
	read_until_open(second);
	visit_all(3);
	cr_assert_eq(harvest_count(&harvest, "second"), 0);
}

Test(order_wait, a_slot_does_not_wait_for_ever_for_one_that_says_nothing)
{
	struct host first, second;
	live_and_claimed_twice(&first, &second);
	waited(&second, 3);
	visit_all(2);
	cr_assert_eq(harvest_count(&harvest, "second"), 1);
	end();
	host_deinit(&first);
	host_deinit(&second);
}

Test(order_wait, a_slot_does_not_wait_for_ever_for_one_that_always_has_more)
{
	struct host first, second;
	live_and_claimed_twice(&first, &second);
	for (int i = 0; i < 3; i++) {
		host_push(&first, 0, "more");
		waited(&second, 3);
		visit_all(1);
	}
	cr_assert(view(&second)->waits);
	view(&second)->waits_begun_ns -= 61 * LOGTAP_SECOND_NS;
	for (int i = 0; i < 2; i++) {
		host_push(&first, 0, "more");
		waited(&second, 3);
		visit_all(1);
	}
	cr_assert_eq(harvest_count(&harvest, "second"), 1);
	end();
	host_deinit(&first);
	host_deinit(&second);
}

/* What a drain leaves unread, a session removes. */
Test(order_wait, at_the_end_those_that_wait_for_each_other_are_read)
{
	struct host_options options = {.slots = 3};
	struct host host;
	host_init(&host, &directory, &options);
	for (uint32_t i = 0; i < 3; i++) {
		host.sequence[i] = UINT32_MAX / 3 * i;
		host_claim(&host, i, 7, LOGTAP_SLOT_CONTINUES);
		host_push(&host, i, "in a circle");
	}
	begin();
	logtap_reader_round(intake.reader);
	gather();
	cr_assert_eq(harvest_count(&harvest, "in a circle"), 0);
	intake_drain(&intake);
	gather();
	cr_assert_eq(harvest_count(&harvest, "in a circle"), 3);
	end();
	host_deinit(&host);
}
