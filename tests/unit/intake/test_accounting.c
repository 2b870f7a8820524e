/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Produced = journalled + dropped by reason + in flight, whatever the state a
 * slot is in and whatever its host claims. */
#include "../../../collector/registry/accounting.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static uint64_t sum(const struct logtap_counts *counts)
{
	static const enum logtap_count parts[] = {
		LOGTAP_COUNT_JOURNALLED_CHUNKS,	 LOGTAP_COUNT_NEWEST_CHUNKS,
		LOGTAP_COUNT_NESTED_CHUNKS,	 LOGTAP_COUNT_OLDEST_CHUNKS,
		LOGTAP_COUNT_QUARANTINED_CHUNKS, LOGTAP_COUNT_UNFINISHED_CHUNKS,
		LOGTAP_COUNT_UNKNOWN_CHUNKS,
	};
	uint64_t total = 0;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		total += counts->value[parts[i]];
	return total;
}

static struct logtap_slot_sums example(void)
{
	struct logtap_slot_sums sums = {.seen_chunks = 60,
					.seen_bytes = 600,
					.sequence_span = 80,
					.overwrites = true};
	sums.host[LOGTAP_COUNTER_CHUNKS] = 100;
	sums.host[LOGTAP_COUNTER_BYTES] = 1000;
	sums.host[LOGTAP_COUNTER_DROPPED_CHUNKS] = 7;
	sums.host[LOGTAP_COUNTER_NESTED_DROPPED_CHUNKS] = 3;
	return sums;
}

Test(accounting, of_a_living_slot_the_rest_is_in_flight)
{
	struct logtap_slot_sums sums = example();
	struct logtap_counts counts = logtap_slot_counts(&sums);
	/* 20 sequence numbers are missing; 10 of them the host dropped. */
	cr_assert_eq(counts.value[LOGTAP_COUNT_OLDEST_CHUNKS], 10);
	cr_assert_eq(logtap_counts_in_flight(&counts), 20);
	cr_assert_eq(sum(&counts) + 20, 100);
}

Test(accounting, of_an_ended_slot_nothing_is_in_flight)
{
	struct logtap_slot_sums sums = example();
	sums.ended = true;
	struct logtap_counts counts = logtap_slot_counts(&sums);
	cr_assert_eq(counts.value[LOGTAP_COUNT_OLDEST_CHUNKS], 20);
	cr_assert_eq(counts.value[LOGTAP_COUNT_UNFINISHED_CHUNKS], 10);
	cr_assert_eq(sum(&counts), 100);
	cr_assert_eq(logtap_counts_in_flight(&counts), 0);
}

Test(accounting,
     where_nothing_is_overwritten_calls_that_were_left_are_unfinished)
{
	struct logtap_slot_sums sums = example();
	sums.overwrites = false;
	sums.host[LOGTAP_COUNTER_STALE_GUARDS] = 4;
	struct logtap_counts counts = logtap_slot_counts(&sums);
	cr_assert_eq(counts.value[LOGTAP_COUNT_OLDEST_CHUNKS], 0);
	cr_assert_eq(counts.value[LOGTAP_COUNT_UNFINISHED_CHUNKS], 4);
	cr_assert_eq(logtap_counts_in_flight(&counts), 26);
	sums.ended = true;
	counts = logtap_slot_counts(&sums);
	cr_assert_eq(counts.value[LOGTAP_COUNT_OLDEST_CHUNKS], 0);
	cr_assert_eq(counts.value[LOGTAP_COUNT_UNFINISHED_CHUNKS], 30);
	cr_assert_eq(sum(&counts), 100);
}

Test(accounting, what_somebody_took_who_left_no_account_is_unknown)
{
	struct logtap_slot_sums sums = example();
	sums.forgotten = true;
	struct logtap_counts counts = logtap_slot_counts(&sums);
	/* 20 sequence numbers are missing; 10 of them the host dropped. */
	cr_assert_eq(counts.value[LOGTAP_COUNT_UNKNOWN_CHUNKS], 10);
	cr_assert_eq(logtap_counts_in_flight(&counts), 20);
	cr_assert_eq(sum(&counts) + 20, 100);
}

Test(accounting, what_lies_in_a_ring_that_was_given_up_is_counted_as_such)
{
	struct logtap_slot_sums sums = example();
	sums.quarantined = sums.ended = true;
	struct logtap_counts counts = logtap_slot_counts(&sums);
	cr_assert_eq(counts.value[LOGTAP_COUNT_QUARANTINED_CHUNKS], 20);
	cr_assert_eq(sum(&counts), 100);
}

Test(accounting, a_host_that_died_before_it_counted_produced_what_was_seen)
{
	struct logtap_slot_sums sums = example();
	sums.host[LOGTAP_COUNTER_CHUNKS] = 69;
	sums.ended = true;
	struct logtap_counts counts = logtap_slot_counts(&sums);
	cr_assert_eq(counts.value[LOGTAP_COUNT_PRODUCED_CHUNKS], 70);
	cr_assert_eq(sum(&counts), 70);
}

Test(accounting, whatever_a_host_claims_the_sum_is_exact)
{
	srandom(1);
	for (int i = 0; i < 10000; i++) {
		struct logtap_slot_sums sums = {
			.seen_chunks = (uint64_t)random() % 100,
			.sequence_span = (uint64_t)random() % 200,
			.overwrites = random() % 2,
			.forgotten = random() % 2,
			.quarantined = random() % 2,
			.ended = random() % 2,
		};
		for (int j = 0; j < LOGTAP_COUNTERS; j++)
			sums.host[j] = (uint64_t)random() % 200;
		struct logtap_counts counts = logtap_slot_counts(&sums);
		uint64_t in_flight = logtap_counts_in_flight(&counts);
		cr_assert_eq(sum(&counts) + in_flight,
			     counts.value[LOGTAP_COUNT_PRODUCED_CHUNKS]);
		cr_assert_leq(in_flight, 200);
		if (sums.ended)
			cr_assert_eq(in_flight, 0);
	}
}

Test(accounting, a_slot_is_counted_once_while_it_lives_and_when_it_ended)
{
	struct logtap_accounting *accounting = logtap_accounting_new();
	struct logtap_account *account =
		logtap_accounting_get(accounting, 0, 42, 7, "name");
	struct logtap_counts was = {0}, now = {0};
	struct logtap_account_snapshot snapshot;
	logtap_accounting_opened(accounting, account, 1, 0);
	for (uint64_t i = 1; i <= 5; i++) {
		now.value[LOGTAP_COUNT_PRODUCED_CHUNKS] = i;
		logtap_accounting_update(accounting, account, &was, &now);
		logtap_accounting_snapshot(accounting, &snapshot);
		cr_assert_eq(snapshot.total.value[LOGTAP_COUNT_PRODUCED_CHUNKS],
			     i);
		cr_assert_eq(snapshot.live_processes, 1);
		logtap_account_snapshot_deinit(&snapshot);
	}
	logtap_accounting_fold(accounting, account, &was, &now);
	logtap_accounting_opened(accounting, account, -1, 0);
	logtap_accounting_snapshot(accounting, &snapshot);
	cr_assert_eq(snapshot.total.value[LOGTAP_COUNT_PRODUCED_CHUNKS], 5);
	cr_assert_eq(snapshot.live_processes, 0);
	cr_assert_eq(snapshot.processes, 1);
	logtap_account_snapshot_deinit(&snapshot);
	logtap_accounting_free(accounting);
}

Test(accounting, ended_processes_beyond_the_latest_keep_their_counts)
{
	struct logtap_accounting *accounting = logtap_accounting_new();
	struct logtap_counts none = {0}, one = {0};
	one.value[LOGTAP_COUNT_PRODUCED_CHUNKS] = 1;
	for (uint32_t pid = 1; pid <= 1000; pid++) {
		struct logtap_account *account =
			logtap_accounting_get(accounting, 0, pid, 7, "x");
		logtap_accounting_opened(accounting, account, 1, 0);
		logtap_accounting_fold(accounting, account, &none, &one);
		logtap_accounting_opened(accounting, account, -1, 0);
	}
	struct logtap_account_snapshot snapshot;
	logtap_accounting_snapshot(accounting, &snapshot);
	cr_assert_eq(snapshot.total.value[LOGTAP_COUNT_PRODUCED_CHUNKS], 1000);
	cr_assert_eq(snapshot.processes, 1000);
	cr_assert_lt(snapshot.row_count, 300);
	logtap_account_snapshot_deinit(&snapshot);
	logtap_accounting_free(accounting);
}

static struct logtap_account *begin(struct logtap_accounting *accounting,
				    uint32_t uid, uint32_t pid)
{
	struct logtap_account *account =
		logtap_accounting_get(accounting, uid, pid, 7, "name");
	cr_assert_not_null(account);
	logtap_accounting_opened(accounting, account, 0, 1);
	return account;
}

static bool has_row(struct logtap_accounting *accounting, uint32_t pid)
{
	struct logtap_account_snapshot snapshot;
	bool found = false;
	cr_assert_eq(logtap_accounting_snapshot(accounting, &snapshot), 0);
	for (size_t i = 0; i < snapshot.row_count; i++)
		found |= snapshot.rows[i].pid == pid;
	logtap_account_snapshot_deinit(&snapshot);
	return found;
}

Test(accounting, however_many_processes_there_are_each_has_its_row)
{
	enum { MANY = 3000 };
	static struct logtap_account *accounts[MANY];
	struct logtap_accounting *accounting = logtap_accounting_new();
	struct logtap_account_snapshot snapshot;
	for (uint32_t i = 0; i < MANY; i++)
		accounts[i] = begin(accounting, 0, i);
	for (uint32_t i = 0; i < MANY; i++)
		cr_assert_eq(logtap_accounting_get(accounting, 0, i, 7, ""),
			     accounts[i]);
	cr_assert_eq(logtap_accounting_snapshot(accounting, &snapshot), 0);
	cr_assert_eq(snapshot.row_count, MANY);
	cr_assert_eq(snapshot.live_processes, MANY);
	for (uint32_t i = 0; i < MANY; i++)
		cr_assert_eq(snapshot.rows[i].pid, i, "order of arrival");
	logtap_account_snapshot_deinit(&snapshot);
	for (uint32_t i = 0; i < MANY; i++)
		logtap_accounting_opened(accounting, accounts[i], 0, -1);
	begin(accounting, 0, MANY);
	cr_assert_eq(logtap_accounting_snapshot(accounting, &snapshot), 0);
	cr_assert_eq(snapshot.processes, MANY + 1);
	cr_assert_eq(snapshot.live_processes, 1);
	logtap_account_snapshot_deinit(&snapshot);
	logtap_accounting_free(accounting);
}

Test(accounting, of_those_that_ended_the_last_ones_keep_their_rows)
{
	struct logtap_accounting *accounting = logtap_accounting_new();
	struct logtap_account *late = begin(accounting, 0, 1000000);
	for (uint32_t i = 0; i < 400; i++)
		logtap_accounting_opened(accounting, begin(accounting, 0, i), 0,
					 -1);
	cr_assert_not(has_row(accounting, 0));
	logtap_accounting_opened(accounting, late, 0, -1);
	for (uint32_t i = 400; i < 500; i++)
		logtap_accounting_opened(accounting, begin(accounting, 0, i), 0,
					 -1);
	cr_assert(has_row(accounting, 1000000), "it ended after 400 others");
	cr_assert(has_row(accounting, 499));
	logtap_accounting_free(accounting);
}

Test(accounting, the_segments_of_a_process_are_known_whoever_it_was)
{
	struct logtap_accounting *accounting = logtap_accounting_new();
	cr_assert_eq(logtap_accounting_segments(accounting, 5, 7), 0);
	begin(accounting, 0, 5);
	struct logtap_account *user = begin(accounting, 33, 5);
	begin(accounting, 33, 5);
	begin(accounting, 33, 6);
	cr_assert_eq(logtap_accounting_segments(accounting, 5, 7), 3);
	cr_assert_eq(logtap_accounting_segments(accounting, 5, 8), 0);
	logtap_accounting_opened(accounting, user, 0, -1);
	cr_assert_eq(logtap_accounting_segments(accounting, 5, 7), 2);
	logtap_accounting_free(accounting);
}

Test(accounting, a_process_keeps_its_name_until_it_has_another)
{
	struct logtap_accounting *accounting = logtap_accounting_new();
	struct logtap_account *account = begin(accounting, 0, 5);
	logtap_accounting_get(accounting, 0, 5, 7, "");
	cr_assert_str_eq(account->comm, "name");
	logtap_accounting_get(accounting, 0, 5, 7, "other");
	cr_assert_str_eq(account->comm, "other");
	logtap_accounting_free(accounting);
}

Test(accounting, of_many_that_end_at_once_no_more_keep_their_rows)
{
	enum { MANY = 1000 };
	static struct logtap_account *accounts[MANY];
	struct logtap_accounting *accounting = logtap_accounting_new();
	struct logtap_account_snapshot snapshot;
	for (uint32_t i = 0; i < MANY; i++)
		accounts[i] = begin(accounting, 0, i);
	for (uint32_t i = 0; i < MANY; i++)
		logtap_accounting_opened(accounting, accounts[i], 0, -1);
	begin(accounting, 0, MANY);
	cr_assert_eq(logtap_accounting_snapshot(accounting, &snapshot), 0);
	cr_assert_lt(snapshot.row_count, 300);
	cr_assert_eq(snapshot.processes, MANY + 1);
	logtap_account_snapshot_deinit(&snapshot);
	logtap_accounting_free(accounting);
}

/* A journal's head: first the rest, then all that are open, of which none is
 * yet. */
Test(accounting, all_that_an_earlier_collector_had_open_keep_their_rows)
{
	enum { MANY = 1000 };
	struct logtap_accounting *accounting = logtap_accounting_new();
	struct logtap_account_snapshot snapshot;
	struct logtap_counts counts = {0};
	logtap_accounting_restore_rest(accounting, &counts, 0);
	for (uint32_t i = 0; i < MANY; i++) {
		counts.value[LOGTAP_COUNT_PRODUCED_CHUNKS] = i;
		logtap_accounting_restore(accounting,
					  logtap_accounting_get(accounting, 0,
								i, 7, "name"),
					  &counts);
	}
	/* Those that live are open again, the others had ended. */
	for (uint32_t i = 0; i < MANY; i += 2)
		begin(accounting, 0, i);
	logtap_accounting_restored(accounting);
	cr_assert_eq(logtap_accounting_snapshot(accounting, &snapshot), 0);
	cr_assert_eq(snapshot.processes, MANY);
	cr_assert_eq(snapshot.live_processes, MANY / 2);
	cr_assert_lt(snapshot.row_count, MANY / 2 + 300);
	cr_assert_eq(snapshot.total.value[LOGTAP_COUNT_PRODUCED_CHUNKS],
		     MANY * (MANY - 1) / 2);
	for (size_t i = 0; i < snapshot.row_count; i++)
		cr_assert_eq(
			snapshot.rows[i]
				.counts.value[LOGTAP_COUNT_PRODUCED_CHUNKS],
			snapshot.rows[i].pid);
	logtap_account_snapshot_deinit(&snapshot);
	logtap_accounting_free(accounting);
}
