/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts that break their segments, by mistake or on purpose: that costs no other
 * host a record. */
#include "../../../collector/intake/guard.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(hostile, .init = setup, .fini = teardown);

static void other_host_keeps_its_records(struct host *good, unsigned *number)
{
	char text[32];
	for (int i = 0; i < 5; i++) {
		sprintf(text, "good %u", (*number)++);
		cr_assert(host_push(good, 0, text));
	}
}

/* A thread of each. */
static void begin_with(struct host *bad, struct host *good)
{
	host_init(bad, &directory, NULL);
	host_claim(bad, 0, 1, 0);
	host_init(good, &directory, NULL);
	host_claim(good, 0, 2, 0);
	begin();
}

Test(hostile, a_segment_cut_short_costs_no_other_a_record)
{
	struct host bad, good;
	unsigned number = 0;
	begin_with(&bad, &good);
	host_push(&bad, 0, "read in time");
	other_host_keeps_its_records(&good, &number);
	intake_drain(&intake);
	host_push(&bad, 0, "lost");
	cr_assert_eq(truncate(bad.path, LOGTAP_HEADER_BYTES), 0);
	other_host_keeps_its_records(&good, &number);
	intake_drain(&intake);
	gather();
	cr_assert_eq(harvest_count(&harvest, "read in time"), 1);
	cr_assert_eq(harvest.count, 1 + number);
	cr_assert_eq(logtap_reader_quarantined(intake.reader), 1);
	end();
	host_deinit(&bad);
	host_deinit(&good);
}

Test(hostile, rings_cut_off_while_they_are_mapped_cost_no_other_a_record)
{
	struct host bad, good;
	unsigned number = 0;
	begin_with(&bad, &good);
	host_push(&bad, 0, "read with pread");
	intake_drain(&intake);
	intake_map_soon(&intake);
	host_push(&bad, 0, "read with pread");
	intake_drain(&intake);
	host_push(&bad, 0, "read from the mapping");
	other_host_keeps_its_records(&good, &number);
	intake_drain(&intake);
	struct logtap_ring_map *map = &intake_parts(&intake)->ring_maps.maps[0];
	struct stat status;
	cr_assert_eq(stat(bad.path, &status), 0);
	cr_assert_eq(map->file->inode, status.st_ino);
	/* Only the rings: what hosts count is still there, and their page. */
	for (int i = 0; i < 110; i++)
		host_push(&bad, 0, "lost");
	cr_assert_eq(truncate(bad.path, (off_t)bad.header->data_offset), 0);
	other_host_keeps_its_records(&good, &number);
	intake_drain(&intake);
	gather();
	cr_assert_eq(harvest_count(&harvest, "read with pread"), 2);
	cr_assert_eq(harvest_count(&harvest, "read from the mapping"), 1);
	cr_assert(logtap_guard_tripped(map->guard));
	cr_assert_eq(harvest.count, 3 + number);
	end();
	host_deinit(&bad);
	host_deinit(&good);
}

Test(hostile, a_file_that_is_no_segment_is_kept_while_its_host_lives)
{
	char name[2][64];
	snprintf(name[0], sizeof(name[0]), "%d-1-bad.seg", (int)HOST_PID);
	snprintf(name[1], sizeof(name[1]), "%d-0-bad.seg", (int)getpid());
	struct host_options options = {.name = name[0]};
	struct host gone, alive;
	host_init(&gone, &directory, &options);
	options.name = name[1];
	host_init(&alive, &directory, &options);
	gone.header->slot_bytes = alive.header->slot_bytes = 17;
	begin();
	intake_drain(&intake);
	cr_assert_eq(logtap_reader_quarantined(intake.reader), 2);
	cr_assert_eq(directory_count(&directory, ".seg"), 2);
	end();
	cr_assert_eq(directory_count(&directory, "-bad.seg"), 1);
	cr_assert_eq(access(alive.path, F_OK), 0);
	host_deinit(&gone);
	host_deinit(&alive);
}

static void scribble(struct host *host, uint64_t from, uint64_t bytes,
		     unsigned times)
{
	while (times--)
		host->base[from + (uint64_t)random() % bytes] =
			(unsigned char)random();
}

Test(hostile, hosts_that_scribble_on_everything_cost_no_other_a_record,
     .timeout = 120)
{
	struct host_options options = {.ring_bytes = 1 << 18};
	struct host good;
	unsigned number = 0;
	host_init(&good, &directory, &options);
	host_claim(&good, 0, 2, 0);
	begin();
	srandom(7);
	for (int round = 0; round < 150; round++) {
		struct host bad;
		host_init(&bad, &directory, NULL);
		host_claim(&bad, 0, 1, 0);
		host_claim(&bad, 1, 3, LOGTAP_SLOT_CONTINUES);
		for (int i = 0; i < 20; i++)
			host_push(&bad, 0, "bad");
		if (round % 3 == 0)
			scribble(&bad, 0, LOGTAP_HEADER_BYTES, 20);
		logtap_reader_round(intake.reader);
		scribble(&bad,
			 bad.header->slots_offset < bad.bytes
				 ? LOGTAP_HEADER_BYTES + LOGTAP_PAGE_BYTES
				 : 0,
			 2 * LOGTAP_SLOT_BYTES, 30);
		logtap_reader_round(intake.reader);
		scribble(&bad, LOGTAP_HEADER_BYTES,
			 bad.bytes - LOGTAP_HEADER_BYTES, 200);
		other_host_keeps_its_records(&good, &number);
		if (round % 2)
			intake_map_soon(&intake);
		if (round % 5 == 0)
			cr_assert_eq(truncate(bad.path,
					      random() % (long)bad.bytes),
				     0);
		logtap_reader_round(intake.reader);
		host_deinit(&bad);
		unlink(bad.path);
	}
	intake_drain(&intake);
	gather();
	unsigned next = 0;
	for (size_t i = 0; i < harvest.count; i++) {
		unsigned seen;
		if (sscanf(harvest.items[i].text, "good %u", &seen) != 1 ||
		    harvest.items[i].frame.segment != 1)
			continue;
		cr_assert_eq(seen, next);
		next++;
	}
	cr_assert_eq(next, number);
	end();
	host_deinit(&good);
}

Test(hostile, a_ring_that_breaks_is_given_up_and_its_neighbours_are_not)
{
	struct host host;
	host_init(&host, &directory, NULL);
	host_claim(&host, 0, 1, 0);
	host_claim(&host, 1, 2, 0);
	begin();
	host_push(&host, 0, "broken");
	memset(host_ring_data(&host, 0, false), 0, 64);
	host_push(&host, 1, "whole");
	intake_drain(&intake);
	host_push(&host, 1, "still whole");
	host_die(&host, 0);
	host_die(&host, 1);
	intake_drain(&intake);
	gather();
	cr_assert_eq(harvest.count, 2);
	struct logtap_counts total = intake_total(&intake);
	cr_assert_eq(total.value[LOGTAP_COUNT_QUARANTINED_CHUNKS], 1);
	cr_assert_eq(logtap_counts_in_flight(&total), 0);
	cr_assert_eq(host_state(&host, 0), LOGTAP_SLOT_FREE);
	end();
	host_deinit(&host);
}
