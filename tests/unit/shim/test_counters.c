/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Counters and gauges of the API, as they stand in the segment. */
#include "../../../shim/segment/claim.h"
#include "../../../shim/segment/create.h"
#include "../../../shim/segment/metrics.h"
#include "fixture.h"
#include "linked.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

static void begin(void)
{
	shim_begin((struct shim_options){.ring_bytes_max = 1 << 20});
}

TestSuite(counters, .init = begin, .fini = shim_end);

/* The sum over all rows of all segments, as a reader would make it. */
static uint64_t total(const char *name)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < logtap_state.mapping_count; i++) {
		const struct logtap_mapping *mapping =
			&logtap_state.mappings[i];
		for (int j = 0; j < LOGTAP_METRICS; j++) {
			if (strcmp(mapping->definitions[j].name, name) != 0)
				continue;
			for (uint32_t k = 0; k <= mapping->slot_count; k++)
				sum += logtap_metrics_row(mapping, k)[j];
		}
	}
	return sum;
}

Test(counters, a_definition_is_found_again_by_its_name)
{
	logtap_metric sent = logtap_counter_new("app.sent", "By");
	const struct logtap_metric_definition *made =
		&logtap_state.mappings[0].definitions[0];
	cr_assert_neq(sent, 0);
	cr_assert_eq(logtap_counter_new("app.sent", "By"), sent);
	cr_assert_eq(logtap_gauge_new("app.sent", "By"), 0, "of another kind");
	cr_assert_str_eq(made->name, "app.sent");
	cr_assert_str_eq(made->unit, "By");
	cr_assert_eq(made->kind, LOGTAP_METRIC_COUNTER);
	cr_assert_eq(made->state, LOGTAP_METRIC_READY);
}

Test(counters, what_is_no_name_or_unit_is_refused)
{
	static const char name64[] = "a123456789012345678901234567890123456789"
				     "012345678901234567890123";
	cr_assert_eq(logtap_counter_new(NULL, NULL), 0);
	cr_assert_eq(logtap_counter_new("", NULL), 0);
	cr_assert_eq(logtap_counter_new("9a", NULL), 0);
	cr_assert_eq(logtap_counter_new("a b", NULL), 0);
	cr_assert_eq(logtap_counter_new("a\n", NULL), 0);
	cr_assert_eq(logtap_counter_new("a", "sixteen bytes ab"), 0);
	cr_assert_eq(logtap_counter_new("a", "\x01"), 0);
	cr_assert_eq(strlen(name64), 64);
	cr_assert_eq(logtap_counter_new(name64, NULL), 0);
	cr_assert_neq(logtap_counter_new("a.b_c-d/e9", "fifteen bytes a"), 0);
}

Test(counters, the_sixty_fifth_is_refused_and_does_nothing)
{
	char name[8] = "m00";
	for (int i = 0; i < 64; i++) {
		name[1] = (char)('0' + i / 10);
		name[2] = (char)('0' + i % 10);
		cr_assert_neq(logtap_counter_new(name, NULL), 0);
	}
	logtap_metric none = logtap_counter_new("more", NULL);
	cr_assert_eq(none, 0);
	logtap_counter_add(none, 1);
	logtap_gauge_set(none, 1);
	logtap_counter_add(65, 1);
	logtap_counter_add(UINT32_MAX, 1);
	cr_assert_eq(logtap_tls.rings->slot->metrics, 0);
}

Test(counters, a_gauge_is_no_counter)
{
	logtap_metric gauge = logtap_gauge_new("g", NULL);
	logtap_metric counter_ = logtap_counter_new("c", NULL);
	logtap_counter_add(gauge, 5);
	logtap_gauge_set(counter_, 5);
	cr_assert_eq(total("g") + total("c"), 0);
	logtap_gauge_set(gauge, -7);
	logtap_gauge_add(gauge, 3);
	cr_assert_eq((int64_t)total("g"), -4);
}

static void *count(void *metric)
{
	for (int i = 0; i < 10000; i++)
		logtap_counter_add(*(logtap_metric *)metric, 2);
	return NULL;
}

Test(counters, totals_equal_the_sums_of_threads_that_need_more_segments)
{
	logtap_metric sent = logtap_counter_new("sent", NULL);
	pthread_t threads[12];
	for (int i = 0; i < 12; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, count, &sent),
			     0);
	/* Defined while segments are made. */
	logtap_metric late = logtap_counter_new("late", NULL);
	for (int i = 0; i < 12; i++)
		pthread_join(threads[i], NULL);
	logtap_counter_add(late, 1);
	cr_assert_gt(logtap_state.mapping_count, 1);
	cr_assert_eq(total("sent"), 12 * 20000);
	cr_assert_eq(total("late"), 1);
}

Test(counters, a_thread_that_moves_to_a_larger_ring_keeps_its_values)
{
	logtap_metric sent = logtap_counter_new("sent", NULL);
	logtap_metric level = logtap_gauge_new("level", NULL);
	const struct logtap_rings *before = logtap_tls.rings;
	logtap_counter_add(sent, 5);
	logtap_gauge_set(level, 9);
	cr_assert(logtap_claim_grow(&logtap_tls, 0,
				    (uintptr_t)__builtin_frame_address(0)));
	cr_assert_neq(logtap_tls.rings, before);
	logtap_counter_add(sent, 6);
	cr_assert_eq(total("sent"), 11);
	cr_assert_eq(total("level"), 9, "once, and not twice");
	logtap_gauge_set(level, 1);
	cr_assert_eq(total("level"), 1);
}

static logtap_metric interrupted;

static void on_signal(int signal_)
{
	(void)signal_;
	logtap_counter_add(interrupted, 1);
}

static void *signal_often(void *target)
{
	for (int i = 0; i < 20000; i++)
		pthread_kill(*(pthread_t *)target, SIGUSR1);
	return NULL;
}

Test(counters, nothing_is_lost_to_a_handler_that_counts_too)
{
	struct sigaction action = {.sa_handler = on_signal};
	pthread_t self = pthread_self(), other;
	uint64_t own = 0, handled;
	interrupted = logtap_counter_new("interrupted", NULL);
	logtap_metric by_handler = interrupted;
	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&other, NULL, signal_often, &self);
	while (pthread_tryjoin_np(other, NULL)) {
		for (int i = 0; i < 1000; i++, own++)
			logtap_counter_add(by_handler, 1000000);
	}
	handled = total("interrupted") - own * 1000000;
	cr_assert_leq(handled, 20000);
	cr_assert_gt(handled, 0);
	/* One at a time now: each is counted. */
	for (int i = 0; i < 100; i++)
		raise(SIGUSR1);
	cr_assert_eq(total("interrupted") - own * 1000000, handled + 100);
}

Test(counters, a_slot_that_is_claimed_again_begins_at_zero)
{
	logtap_metric sent = logtap_counter_new("sent", NULL);
	struct logtap_mapping *mapping = logtap_mapping_at(0);
	logtap_counter_add(sent, 5);
	logtap_metrics_reset(mapping, logtap_tls.rings->slot);
	cr_assert_eq(total("sent"), 0);
	logtap_counter_add(sent, 1);
	cr_assert_eq(total("sent"), 1);
}

Test(counters, a_slot_that_nobody_read_leaves_its_counts_to_the_process)
{
	logtap_metric sent = logtap_counter_new("sent", NULL);
	logtap_metric level = logtap_gauge_new("level", NULL);
	struct logtap_mapping *mapping = logtap_mapping_at(0);
	struct logtap_slot *slot = logtap_tls.rings->slot;
	logtap_counter_add(sent, 5);
	logtap_gauge_set(level, 5);
	logtap_metrics_keep(mapping, slot);
	logtap_metrics_reset(mapping, slot);
	cr_assert_eq(total("sent"), 5);
	cr_assert_eq(total("level"), 0);
	cr_assert_eq(mapping->segment->shared_metrics, 1);
	slot->pid++; /* a child's */
	logtap_counter_add(sent, 7);
	logtap_metrics_keep(mapping, slot);
	cr_assert_eq(total("sent"), 5 + 7, "not kept");
}

Test(counters, a_thread_without_a_slot_counts_in_the_shared_row)
{
	logtap_metric sent = logtap_counter_new("sent", NULL);
	logtap_counter_add(sent, 1);
	logtap_tls.life = LOGTAP_REFUSED;
	logtap_counter_add(sent, 2);
	logtap_tls.life = LOGTAP_LIVE;
	cr_assert_eq(total("sent"), 3);
	cr_assert_eq(logtap_metrics_row(logtap_mapping_at(0),
					logtap_mapping_at(0)->slot_count)[0],
		     2);
}

Test(counters, what_stands_down_counts_no_more)
{
	logtap_metric sent = logtap_counter_new("sent", NULL);
	atomic_store(&logtap_armed_word, 0);
	logtap_counter_add(sent, 1);
	cr_assert_eq(logtap_counter_new("other", NULL), 0);
	cr_assert_eq(total("sent"), 0);
}
