/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of an exporter's worker, and what stopping does to it. */
#include <criterion/criterion.h>

#include "../../../collector/base/clock.h"
#include "../../../collector/export/otlp_queue.h"

static struct logtap_otlp_queue queue;

static void push(void *context, struct logtap_batch *batch)
{
	(void)context;
	cr_assert_eq(logtap_otlp_queue_push(&queue, batch), 0);
}

/* Queues batches of one record each. */
static void fill(size_t batches)
{
	const struct logtap_batch_limits limits = {.records = 1};
	struct logtap_batcher *batcher =
		logtap_batcher_new(&limits, push, NULL);
	cr_assert_not_null(batcher);
	for (size_t i = 0; i < batches; i++) {
		const struct logtap_record record = {.observed_ns = 1,
						     .body = "x",
						     .body_bytes = 1,
						     .position = i};
		cr_assert_eq(logtap_batcher_append(batcher, &record), 0);
	}
	logtap_batcher_flush(batcher, 0, true);
	logtap_batcher_free(batcher);
}

static void setup(void)
{
	logtap_otlp_queue_init(&queue);
}

static void teardown(void)
{
	logtap_otlp_queue_deinit(&queue);
}

TestSuite(otlp_queue, .init = setup, .fini = teardown);

Test(otlp_queue, batches_leave_in_order_and_count_until_they_are_done)
{
	fill(3);
	cr_assert_eq(logtap_otlp_queue_records(&queue), 3);
	for (size_t i = 0; i < 3; i++) {
		struct logtap_batch *batch = logtap_otlp_queue_take(&queue);
		cr_assert_not_null(batch);
		cr_assert_eq(logtap_batch_floor(batch), i);
		cr_assert_eq(logtap_otlp_queue_records(&queue), 3 - i);
		logtap_otlp_queue_done(&queue, logtap_batch_records(batch),
				       logtap_batch_bytes(batch));
		logtap_batch_unref(batch);
	}
	cr_assert_eq(logtap_otlp_queue_records(&queue), 0);
}

/* What the worker has counts until its fate is known. */
Test(otlp_queue, it_holds_records_and_bytes_until_they_are_done)
{
	fill(2);
	struct logtap_batch *batch = logtap_otlp_queue_take(&queue);
	size_t bytes = logtap_batch_bytes(batch);
	cr_assert_gt(bytes, 0);
	cr_assert(logtap_otlp_queue_holds(&queue, 2, SIZE_MAX));
	cr_assert_not(logtap_otlp_queue_holds(&queue, 3, SIZE_MAX));
	cr_assert(logtap_otlp_queue_holds(&queue, SIZE_MAX, 2 * bytes));
	cr_assert_not(logtap_otlp_queue_holds(&queue, SIZE_MAX, 2 * bytes + 1));
	logtap_otlp_queue_done(&queue, 1, bytes);
	cr_assert_not(logtap_otlp_queue_holds(&queue, 2, 2 * bytes));
	logtap_batch_unref(batch);
	logtap_batch_unref(logtap_otlp_queue_take(&queue));
}

Test(otlp_queue, what_is_queued_can_be_taken_after_stop_and_then_nothing)
{
	fill(2);
	logtap_otlp_queue_stop(&queue, 0);
	for (size_t i = 0; i < 2; i++) {
		struct logtap_batch *batch = logtap_otlp_queue_take(&queue);
		cr_assert_not_null(batch);
		logtap_batch_unref(batch);
	}
	cr_assert_null(logtap_otlp_queue_take(&queue));
}

Test(otlp_queue, there_is_no_pause_past_the_deadline)
{
	logtap_otlp_queue_stop(&queue, logtap_clock_monotonic_ns());
	cr_assert_not(logtap_otlp_queue_pause(&queue, 60000, false));
	cr_assert_not(logtap_otlp_queue_pause(&queue, 60000, true));
}

Test(otlp_queue, a_pause_of_our_own_fits_the_time_left)
{
	logtap_otlp_queue_stop(&queue, logtap_clock_monotonic_ns() +
					       UINT64_C(400000000));
	/* Half of what is left each time, so this ends, and not at once. */
	unsigned attempts = 0;
	while (logtap_otlp_queue_pause(&queue, 60000, false))
		attempts++;
	cr_assert_geq(attempts, 1);
}

Test(otlp_queue, a_pause_that_was_asked_for_is_not_shortened_but_given_up)
{
	logtap_otlp_queue_stop(&queue, logtap_clock_monotonic_ns() +
					       UINT64_C(5000000000));
	cr_assert_not(logtap_otlp_queue_pause(&queue, 60000, true));
	cr_assert(logtap_otlp_queue_pause(&queue, 1, true));
}

static void drop_one(void)
{
	struct logtap_batch *batch = logtap_otlp_queue_take(&queue);
	logtap_otlp_queue_done(&queue, logtap_batch_records(batch),
			       logtap_batch_bytes(batch));
	logtap_batch_unref(batch);
}

/* Each would wait for ever if what is there were not enough. */
Test(otlp_queue, a_request_is_gathered_until_there_is_enough)
{
	struct logtap_otlp_queue_enough enough = {SIZE_MAX, SIZE_MAX, SIZE_MAX};
	fill(2);
	enough.count = 2;
	logtap_otlp_queue_gather(&queue, &enough, UINT64_MAX);
	enough = (struct logtap_otlp_queue_enough){SIZE_MAX, 1, SIZE_MAX};
	logtap_otlp_queue_gather(&queue, &enough, UINT64_MAX);
	enough = (struct logtap_otlp_queue_enough){SIZE_MAX, SIZE_MAX, 2};
	logtap_otlp_queue_gather(&queue, &enough, UINT64_MAX);
	drop_one();
	drop_one();
}

Test(otlp_queue, nothing_is_gathered_past_its_time_or_after_stop)
{
	struct logtap_otlp_queue_enough enough = {1, 1, 1};
	logtap_otlp_queue_gather(&queue, &enough, logtap_clock_monotonic_ns());
	logtap_otlp_queue_stop(&queue, 0);
	logtap_otlp_queue_gather(&queue, &enough, UINT64_MAX);
}

static void *gather(void *context)
{
	const struct logtap_otlp_queue_enough enough = {2, SIZE_MAX, SIZE_MAX};
	(void)context;
	logtap_otlp_queue_gather(&queue, &enough, UINT64_MAX);
	return NULL;
}

Test(otlp_queue, whoever_gathers_is_woken_by_what_is_enough)
{
	pthread_t thread;
	cr_assert_eq(pthread_create(&thread, NULL, gather, NULL), 0);
	fill(2);
	pthread_join(thread, NULL);
	drop_one();
	drop_one();
}
