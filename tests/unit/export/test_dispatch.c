/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The dispatcher, with destinations that settle when they are told to. */
#include "../../../collector/export/exporter.h"

#include "fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct held {
	struct logtap_exporter exporter;
	struct logtap_batch *list[16];
	size_t count;
	bool full;
	uint64_t stopped_ns;
};

static void submit(struct logtap_exporter *exporter, struct logtap_batch *batch)
{
	struct held *held = (struct held *)exporter;
	held->list[held->count++] = batch;
}

static bool is_full(struct logtap_exporter *exporter)
{
	return ((struct held *)exporter)->full;
}

static void stop(struct logtap_exporter *exporter, uint64_t deadline_ns)
{
	struct held *held = (struct held *)exporter;

	held->stopped_ns = deadline_ns;
	while (held->count)
		logtap_exporter_settled(exporter, held->list[--held->count],
					LOGTAP_DROPPED, 0, "stopped");
}

static void held_free(struct logtap_exporter *exporter)
{
	struct held *held = (struct held *)exporter;

	cr_assert_eq(held->count, 0);
	free(held);
}

static const struct logtap_exporter_ops held_ops = {
	.kind = "held",
	.submit = submit,
	.full = is_full,
	.stop = stop,
	.free = held_free,
};

static struct held *add_held(struct logtap_dispatcher *dispatcher)
{
	struct held *held = calloc(1, sizeof(*held));

	logtap_exporter_init(&held->exporter, &held_ops, "a place");
	cr_assert_eq(logtap_dispatcher_add(dispatcher, &held->exporter), 0);
	return held;
}

static void settle(struct held *held, size_t index, enum logtap_outcome outcome,
		   size_t rejected, const char *error)
{
	struct logtap_batch *batch = held->list[index];

	held->count--;
	memmove(&held->list[index], &held->list[index + 1],
		(held->count - index) * sizeof(held->list[0]));
	logtap_exporter_settled(&held->exporter, batch, outcome, rejected,
				error);
}

static struct logtap_batch *batch_at(uint64_t position, size_t count)
{
	struct logtap_record records[8];

	for (size_t i = 0; i < count; i++)
		records[i] = (struct logtap_record){
			.observed_ns = 1,
			.severity = 17,
			.body = "x",
			.body_bytes = 1,
			.position = position + i,
		};
	return fixture_batch(records, count);
}

Test(dispatch, floor_rises_only_when_every_destination_has_settled)
{
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();
	struct held *one = add_held(dispatcher), *two = add_held(dispatcher);

	cr_assert_eq(logtap_dispatcher_floor(dispatcher), UINT64_MAX);
	logtap_dispatcher_submit(dispatcher, batch_at(300, 2));
	logtap_dispatcher_submit(dispatcher, batch_at(100, 2));
	cr_assert_eq(logtap_dispatcher_floor(dispatcher), 100);
	settle(one, 0, LOGTAP_DELIVERED, 0, NULL);
	settle(one, 0, LOGTAP_DELIVERED, 0, NULL);
	cr_assert_eq(logtap_dispatcher_floor(dispatcher), 100);
	settle(two, 1, LOGTAP_REFUSED, 0, "no");
	cr_assert_eq(logtap_dispatcher_floor(dispatcher), 300);
	/* the list must still take new ones behind */
	logtap_dispatcher_submit(dispatcher, batch_at(200, 1));
	cr_assert_eq(logtap_dispatcher_floor(dispatcher), 200);
	settle(two, 0, LOGTAP_DELIVERED, 0, NULL);
	settle(two, 0, LOGTAP_DELIVERED, 0, NULL);
	settle(one, 0, LOGTAP_DELIVERED, 0, NULL);
	cr_assert_eq(logtap_dispatcher_floor(dispatcher), UINT64_MAX);
	logtap_dispatcher_free(dispatcher);
}

Test(dispatch, counts_add_up_whatever_became_of_the_records)
{
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();
	struct held *held = add_held(dispatcher);
	struct logtap_exporter_stats stats;

	for (unsigned i = 0; i < 4; i++)
		logtap_dispatcher_submit(dispatcher, batch_at(1, 5));
	settle(held, 0, LOGTAP_DELIVERED, 2, "two were bad");
	settle(held, 0, LOGTAP_REFUSED, 0, "all were bad");
	settle(held, 0, LOGTAP_DROPPED, 0, NULL);
	logtap_exporter_retried(&held->exporter, NULL);
	logtap_exporter_sent(&held->exporter, 123);
	logtap_dispatcher_stats(dispatcher, 0, &stats);
	cr_assert_eq(stats.accepted, 20);
	cr_assert_eq(stats.delivered, 3);
	cr_assert_eq(stats.refused, 7);
	cr_assert_eq(stats.dropped, 5);
	cr_assert_eq(stats.queued, 5);
	cr_assert_eq(stats.batches, 4);
	cr_assert_eq(stats.retries, 1);
	cr_assert_eq(stats.bytes, 123);
	cr_assert_eq(stats.severities[4], 5);
	cr_assert_str_eq(stats.last_error, "all were bad");
	logtap_dispatcher_stop(dispatcher, 77);
	cr_assert_eq(held->stopped_ns, 77);
	logtap_dispatcher_stats(dispatcher, 0, &stats);
	cr_assert_eq(stats.queued, 0);
	cr_assert_eq(stats.dropped, 10);
	logtap_dispatcher_free(dispatcher);
}

Test(dispatch, is_full_when_any_destination_is)
{
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();
	add_held(dispatcher);
	struct held *two = add_held(dispatcher);

	cr_assert(!logtap_dispatcher_full(dispatcher));
	two->full = true;
	cr_assert(logtap_dispatcher_full(dispatcher));
	logtap_dispatcher_free(dispatcher);
}

/* As long as it takes to be seen as stalled. */
static void wait_for_a_stall(void)
{
	const struct timespec time = {.tv_sec = 2, .tv_nsec = 100000000};

	nanosleep(&time, NULL);
}

Test(dispatch, who_takes_nothing_is_not_waited_for_while_another_takes)
{
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();
	struct held *stalled = add_held(dispatcher);
	struct held *other = add_held(dispatcher);

	logtap_dispatcher_submit(dispatcher, batch_at(1, 1));
	settle(other, 0, LOGTAP_DELIVERED, 0, NULL);
	stalled->full = true;
	cr_assert(logtap_dispatcher_full(dispatcher));
	wait_for_a_stall();
	cr_assert_not(logtap_dispatcher_full(dispatcher));
	other->full = true; /* then nobody takes */
	cr_assert(logtap_dispatcher_full(dispatcher));
	other->full = false;
	logtap_dispatcher_submit(dispatcher, batch_at(2, 1));
	settle(stalled, 0, LOGTAP_DELIVERED, 0, NULL);
	cr_assert(logtap_dispatcher_full(dispatcher));
	logtap_dispatcher_stop(dispatcher, 0);
	logtap_dispatcher_free(dispatcher);
}

Test(dispatch, holds_what_one_has_not_settled_that_does_not_stall)
{
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();
	struct held *slow = add_held(dispatcher), *fast = add_held(dispatcher);

	cr_assert_not(logtap_dispatcher_holds(dispatcher, 0));
	logtap_dispatcher_submit(dispatcher, batch_at(1, 3));
	logtap_dispatcher_submit(dispatcher, batch_at(2, 3));
	settle(fast, 0, LOGTAP_DELIVERED, 0, NULL);
	settle(fast, 0, LOGTAP_DELIVERED, 0, NULL);
	cr_assert(logtap_dispatcher_holds(dispatcher, 6));
	cr_assert_not(logtap_dispatcher_holds(dispatcher, 1 << 20));
	wait_for_a_stall();
	cr_assert_not(logtap_dispatcher_holds(dispatcher, 6));
	settle(slow, 0, LOGTAP_DELIVERED, 0, NULL);
	cr_assert(logtap_dispatcher_holds(dispatcher, 3));
	settle(slow, 0, LOGTAP_DELIVERED, 0, NULL);
	cr_assert_not(logtap_dispatcher_holds(dispatcher, 0));
	logtap_dispatcher_free(dispatcher);
}

Test(dispatch, beyond_its_bound_one_that_takes_nothing_loses_and_only_it)
{
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();
	struct held *stalled = add_held(dispatcher);
	struct held *other = add_held(dispatcher);
	struct logtap_exporter_stats stats;

	logtap_dispatcher_set_bound(dispatcher, 1);
	logtap_dispatcher_submit(dispatcher, batch_at(1, 3));
	settle(other, 0, LOGTAP_DELIVERED, 0, NULL);
	logtap_dispatcher_submit(dispatcher, batch_at(2, 3));
	settle(other, 0, LOGTAP_DELIVERED, 0, NULL);
	cr_assert_eq(stalled->count, 2, "it does not stall yet");
	wait_for_a_stall();
	logtap_dispatcher_submit(dispatcher, batch_at(3, 5));
	cr_assert_eq(stalled->count, 2);
	cr_assert_eq(other->count, 1);
	logtap_dispatcher_stats(dispatcher, 0, &stats);
	cr_assert_eq(stats.dropped, 5);
	cr_assert_eq(stats.queued, 6);
	cr_assert_eq(stats.accepted, 11);
	settle(other, 0, LOGTAP_DELIVERED, 0, NULL);
	cr_assert_eq(logtap_dispatcher_floor(dispatcher), 1);
	logtap_dispatcher_keep(dispatcher);
	logtap_dispatcher_submit(dispatcher, batch_at(4, 1));
	cr_assert_eq(stalled->count, 3, "at the end all is kept");
	logtap_dispatcher_stop(dispatcher, 0);
	logtap_dispatcher_free(dispatcher);
}

Test(dispatch, takes_eight_destinations_and_no_more)
{
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();
	struct held spare = {.count = 0};

	for (unsigned i = 0; i < 8; i++)
		cr_assert_eq(add_held(dispatcher)->exporter.index, i);
	logtap_exporter_init(&spare.exporter, &held_ops, "one too many");
	cr_assert_eq(logtap_dispatcher_add(dispatcher, &spare.exporter),
		     -ENOSPC);
	cr_assert_eq(logtap_dispatcher_count(dispatcher), 8);
	cr_assert_null(logtap_dispatcher_exporter(dispatcher, 8));
	logtap_dispatcher_free(dispatcher);
}

Test(dispatch, without_a_destination_nothing_is_held)
{
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();

	logtap_dispatcher_submit(dispatcher, batch_at(5, 1));
	cr_assert_eq(logtap_dispatcher_floor(dispatcher), UINT64_MAX);
	logtap_dispatcher_free(dispatcher);
}
