/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* From segments to the journal: order, identity, reclaim. */
#include "../../../collector/intake/liveness.h"
#include "scene.h"

#include <string.h>
#include <unistd.h>

TestSuite(reader, .init = setup, .fini = teardown);

static uint64_t value(enum logtap_count which)
{
	return intake_total(&intake).value[which];
}

Test(reader, records_of_a_host_that_came_before_and_after_are_read)
{
	struct host before, after;
	host_init(&before, &directory, NULL);
	host_claim(&before, 0, 1, 0);
	host_push(&before, 0, "before");
	begin();
	host_init(&after, &directory, NULL);
	host_claim(&after, 0, 1, 0);
	host_push(&after, 0, "after");
	cr_assert_eq(intake_drain(&intake), 1);
	gather();
	cr_assert_eq(harvest.count, 2);
	cr_assert_eq(harvest_count(&harvest, "before"), 1);
	cr_assert_eq(harvest_count(&harvest, "after"), 1);
	end();
	host_deinit(&before);
	host_deinit(&after);
}

Test(reader, a_file_that_gets_ready_later_is_opened_then)
{
	struct host_options options = {.not_ready = true};
	struct host host;
	begin();
	host_init(&host, &directory, &options);
	logtap_reader_round(intake.reader);
	host_claim(&host, 0, 1, 0);
	host_push(&host, 0, "late");
	atomic_store(&host.header->prefix.ready, 1);
	intake_drain(&intake);
	gather();
	cr_assert_eq(harvest_count(&harvest, "late"), 1);
	end();
	host_deinit(&host);
}

Test(reader, chunks_are_journalled_with_a_known_sink_or_none_and_with_ns)
{
	struct host host;
	struct logtap_chunk chunk = {.type = LOGTAP_CHUNK_DATA,
				     .sink = 0,
				     .time = UINT64_C(1700000000123456789)};
	host_init(&host, &directory, NULL);
	host_claim(&host, 0, 1, 0);
	host_push_chunk(&host, 0, false, &chunk, "stderr", 6);
	chunk.sink = 200;
	chunk.time -= 1000; /* jitter */
	host_push_chunk(&host, 0, false, &chunk, "no such sink", 12);
	begin();
	intake_drain(&intake);
	gather();
	cr_assert_eq(harvest.count, 2);
	cr_assert_eq(harvest.items[0].chunk.sink, 0);
	cr_assert_eq(harvest.items[0].chunk.time,
		     UINT64_C(1700000000123456789));
	cr_assert_eq(harvest.items[1].chunk.sink, LOGTAP_SINK_INDEX_UNKNOWN);
	cr_assert_eq(harvest.items[1].chunk.time, UINT64_C(1700000000123456789),
		     "times of a ring do not go back");
	end();
	host_deinit(&host);
}

Test(reader, chunks_of_both_rings_are_put_back_into_their_order)
{
	struct host_options options = {.ring_bytes = 1 << 17,
				       .nested_bytes = 1 << 17};
	struct host host;
	host_init(&host, &directory, &options);
	host_claim(&host, 0, 1, 0);
	/* More than a window of each. */
	for (uint32_t i = 0; i < 3000; i++)
		if (i * 7 % 11 < 5)
			host_push_nested(&host, 0, "handler");
		else
			host_push(&host, 0, "main");
	begin();
	intake_drain(&intake);
	gather();
	cr_assert_eq(harvest.count, 3000);
	for (uint32_t i = 0; i < 3000; i++) {
		cr_assert_eq(harvest.items[i].chunk.sequence, i);
		cr_assert_eq(harvest.items[i].frame.ring, i * 7 % 11 < 5);
	}
	end();
	host_deinit(&host);
}

Test(reader, a_dead_slot_is_drained_counted_and_freed_for_a_new_generation)
{
	struct host host;
	host_init(&host, &directory, NULL);
	begin();
	for (uint32_t round = 0; round < 3; round++) {
		cr_assert(host_claim(&host, 0, 100 + round, 0));
		for (int i = 0; i < 10; i++)
			host_push(&host, 0, "text");
		host_die(&host, 0);
		intake_drain(&intake);
		cr_assert_eq(host_state(&host, 0), LOGTAP_SLOT_FREE);
		cr_assert_eq(host_generation(&host, 0), round + 1);
	}
	gather();
	cr_assert_eq(harvest.count, 30);
	cr_assert_eq(harvest.threads_ended, 3);
	cr_assert_eq(harvest.items[29].frame.generation, 2);
	cr_assert_eq(value(LOGTAP_COUNT_PRODUCED_CHUNKS), 30);
	cr_assert_eq(value(LOGTAP_COUNT_JOURNALLED_CHUNKS), 30);
	cr_assert_eq(value(LOGTAP_COUNT_THREADS), 3);
	end();
	host_deinit(&host);
}

/* Or a line that goes on in the next slot would be cut here. */
Test(reader, a_thread_that_moves_while_it_is_read_and_ends_has_moved)
{
	struct host host;
	host_init(&host, &directory, NULL);
	host_claim(&host, 0, 7, 0);
	host_push(&host, 0, "begun ");
	begin();
	logtap_reader_round(intake.reader); /* the slot is live, and emptied */
	host_set_state(&host, 0, LOGTAP_SLOT_MOVED);
	host_die(&host, 0);
	struct logtap_intake *parts = intake_parts(&intake);
	for (int i = 0; i < 2; i++) /* no visit before its end */
		logtap_reclaim_slot(parts, parts->segments[0], 0);
	gather();
	cr_assert_eq(harvest.threads_ended, 1);
	cr_assert_eq(harvest.threads_moved, 1);
	end();
	host_deinit(&host);
}

Test(reader, drops_of_a_host_are_counted_and_the_sum_is_exact)
{
	struct host host;
	host_init(&host, &directory, NULL);
	host_claim(&host, 0, 1, 0);
	begin();
	uint64_t stored = 0, pushed = 0;
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 100; i++, pushed++)
			stored += host_push(&host, 0, "text of this length");
		for (int i = 0; i < 200; i++, pushed++)
			stored += host_push_nested(&host, 0, "nested");
		intake_drain(&intake);
	}
	struct logtap_counts total = intake_total(&intake);
	cr_assert_eq(total.value[LOGTAP_COUNT_PRODUCED_CHUNKS], pushed);
	cr_assert_eq(total.value[LOGTAP_COUNT_JOURNALLED_CHUNKS], stored);
	cr_assert_gt(total.value[LOGTAP_COUNT_NEWEST_CHUNKS], 0);
	cr_assert_gt(total.value[LOGTAP_COUNT_NESTED_CHUNKS], 0);
	cr_assert_eq(logtap_counts_in_flight(&total), 0);
	gather();
	cr_assert_eq(harvest.count, stored);
	end();
	host_deinit(&host);
}

Test(reader, what_a_recorder_overwrote_is_counted_by_the_collector)
{
	struct host host;
	host_init(&host, &directory, NULL);
	host_claim(&host, 0, 1, 0);
	for (int i = 0; i < 1000; i++)
		host_push_over(&host, 0, "text of this length");
	begin();
	host_die(&host, 0);
	intake_drain(&intake);
	struct logtap_counts total = intake_total(&intake);
	gather();
	cr_assert_gt(harvest.count, 0);
	cr_assert_eq(total.value[LOGTAP_COUNT_PRODUCED_CHUNKS], 1000);
	cr_assert_eq(total.value[LOGTAP_COUNT_JOURNALLED_CHUNKS],
		     harvest.count);
	cr_assert_eq(total.value[LOGTAP_COUNT_OLDEST_CHUNKS],
		     1000 - harvest.count);
	cr_assert_eq(logtap_counts_in_flight(&total), 0);
	end();
	host_deinit(&host);
}

Test(reader, a_segment_whose_host_is_gone_is_emptied_and_removed)
{
	struct host_options options = {.pid = HOST_PID, .slots = 3};
	struct host host;
	host_init(&host, &directory, &options);
	host_claim(&host, 0, 1, LOGTAP_SLOT_MAIN);
	host_push(&host, 0, "last words");
	host_claim(&host, 1, 2, LOGTAP_SLOT_NO_DEATH_MARK);
	host_push(&host, 1, "of another");
	host_set_state(&host, 2, LOGTAP_SLOT_CLAIMED);
	host_set_state(&host, 2, LOGTAP_SLOT_FREE);
	begin();
	cr_assert_eq(intake_drain(&intake), 0);
	gather();
	cr_assert_eq(harvest_count(&harvest, "last words"), 1);
	cr_assert_eq(harvest_count(&harvest, "of another"), 1);
	cr_assert_eq(harvest.segments_ended, 1);
	cr_assert_eq(atomic_load(&host.control->closed), 1);
	cr_assert_eq(directory_count(&directory, ".seg"), 0);
	end();
	host_deinit(&host);
}

Test(reader, a_process_that_runs_on_as_another_image_is_one)
{
	struct host_options options = {
		.start_ticks = logtap_process_start((uint32_t)getpid())};
	struct host images[4];
	begin();
	for (int i = 0; i < 4; i++) {
		host_init(&images[i], &directory, &options);
		host_claim(&images[i], 0, 1, LOGTAP_SLOT_MAIN);
		if (i == 2) /* not captured for a while */
			continue;
		cr_assert_eq(intake_drain(&intake), 1, "image %d", i);
		host_die(&images[i], 0);
		cr_assert_eq(intake_drain(&intake), 1, "behind image %d", i);
	}
	end();
	for (int i = 0; i < 4; i++)
		host_deinit(&images[i]);
}

Test(reader, a_segment_with_a_live_slot_is_not_closed)
{
	struct host host;
	host_init(&host, &directory, NULL);
	host_claim(&host, 1, 1, 0);
	begin();
	cr_assert_eq(intake_drain(&intake), 1);
	cr_assert_eq(atomic_load(&host.control->closed), 0);
	cr_assert_eq(directory_count(&directory, ".seg"), 1);
	end();
	host_deinit(&host);
}

Test(reader, hosts_see_a_heartbeat)
{
	struct host host;
	host_init(&host, &directory, NULL);
	begin();
	logtap_reader_round(intake.reader);
	uint64_t first = atomic_load(&host.control->heartbeat_ns);
	cr_assert_leq(first, logtap_now_monotonic_ns());
	cr_assert_gt(first + atomic_load(&host.control->stale_after_ns),
		     logtap_now_monotonic_ns());
	cr_assert_eq(atomic_load(&host.control->collector_pid),
		     (uint32_t)getpid());
#if defined(__x86_64__)
	uint64_t ticks = atomic_load(&host.control->stale_after_tsc);
	cr_assert_gt(ticks, UINT64_C(100000000), "a second of any counter");
	cr_assert_gt(atomic_load(&host.control->heartbeat_tsc) + ticks,
		     logtap_clock_ticks());
#endif
	end();
	host_deinit(&host);
}

Test(reader, a_slot_that_its_host_took_back_is_ended_and_read_anew)
{
	struct host host;
	host_init(&host, &directory, NULL);
	host_claim(&host, 0, 1, 0);
	host_push(&host, 0, "first");
	begin();
	intake_drain(&intake);
	/* The collector seems dead: the host takes a dead thread's slot. */
	atomic_store(&host.slots[0].state,
		     logtap_slot_word(1, LOGTAP_SLOT_FREE));
	host_claim(&host, 0, 2, 0);
	host_push(&host, 0, "second");
	intake_drain(&intake);
	gather();
	cr_assert_eq(harvest.count, 2);
	cr_assert_str_eq(harvest.items[1].text, "second");
	cr_assert_eq(harvest.items[1].frame.generation, 1);
	end();
	host_deinit(&host);
}

static void read_once(void)
{
	logtap_reader_drain(intake.reader, 0);
	logtap_reader_round(intake.reader);
}

Test(reader, a_full_journal_stops_the_reading_and_nothing_else)
{
	struct host host;
	uint64_t stored = 0;
	host_init(&host, &directory, NULL);
	host_claim(&host, 0, 1, 0);
	intake_init(&intake, &directory, 18 << 10);
	/* Until the ring is full as well. */
	while (host_push(&host, 0, "text of a certain length")) {
		stored++;
		read_once();
		cr_assert_lt(stored, 10000, "the cap does not hold");
	}
	/* what a file begins with does not count */
	cr_assert_leq(logtap_journal_end(intake.journal), 19 << 10);
	cr_assert_lt(value(LOGTAP_COUNT_JOURNALLED_CHUNKS), stored);
	/* Someone settles it all: reading goes on where it stopped. */
	for (int i = 0; i < 20; i++) {
		logtap_journal_acknowledge(intake.journal,
					   logtap_journal_end(intake.journal));
		read_once();
	}
	intake_drain(&intake);
	struct logtap_counts total = intake_total(&intake);
	cr_assert_eq(total.value[LOGTAP_COUNT_JOURNALLED_CHUNKS], stored);
	cr_assert_eq(total.value[LOGTAP_COUNT_NEWEST_CHUNKS], 1);
	cr_assert_eq(logtap_counts_in_flight(&total), 0);
	end();
	host_deinit(&host);
}

Test(reader, calls_without_a_slot_are_counted)
{
	struct host host;
	host_init(&host, &directory, NULL);
	atomic_store(&host.header->uncaptured_chunks, 3);
	atomic_store(&host.header->uncaptured_bytes, 44);
	begin();
	intake_drain(&intake);
	cr_assert_eq(value(LOGTAP_COUNT_UNCAPTURED_CHUNKS), 3);
	cr_assert_eq(value(LOGTAP_COUNT_UNCAPTURED_BYTES), 44);
	end();
	host_deinit(&host);
}
