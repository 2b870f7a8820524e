/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* One thread that writes as fast as it can, among four thousand that rarely
 * write. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HOSTS = 250,
	QUIET = HOSTS * HOST_SLOTS_MAX,
	ROUNDS = 5,
	RECORDS = 100, /* of quiet threads, a round */
	CHATTY_RING = 256 << 10,
};

static struct directory directory;
static struct intake intake;
static struct host *hosts;
static struct host chatty;
static size_t chatty_pushed, quiet_pushed;

static void setup(void)
{
	struct host_options options = {.slots = HOST_SLOTS_MAX};
	struct host_options large = {.slots = 1, .ring_bytes = CHATTY_RING};
	directory_init(&directory);
	hosts = calloc(HOSTS, sizeof(*hosts));
	cr_assert_not_null(hosts);
	for (uint32_t i = 0; i < HOSTS; i++) {
		host_init(&hosts[i], &directory, &options);
		for (uint32_t j = 0; j < HOST_SLOTS_MAX; j++)
			host_claim(&hosts[i], j, i * HOST_SLOTS_MAX + j + 1, 0);
	}
	host_init(&chatty, &directory, &large);
	host_claim(&chatty, 0, QUIET + 1, 0);
	intake_init(&intake, &directory, 0);
}

static void teardown(void)
{
	intake_deinit(&intake);
	for (uint32_t i = 0; i < HOSTS; i++)
		host_deinit(&hosts[i]);
	host_deinit(&chatty);
	free(hosts);
	directory_deinit(&directory);
}

TestSuite(fairness, .init = setup, .fini = teardown);

static void fill_chatty(void)
{
	char line[81];
	memset(line, 'c', sizeof(line) - 1);
	line[80] = 0;
	while (host_push(&chatty, 0, line))
		chatty_pushed++;
}

/* Every segment's time has come. */
static void round_of_all(void)
{
	struct logtap_intake *parts = intake_parts(&intake);
	for (size_t i = 0; i < parts->segment_count; i++)
		parts->due_ns[i] = 0;
	logtap_reader_round(intake.reader);
}

static size_t found(const char *text)
{
	struct harvest harvest;
	harvest_init(&harvest, intake.journal);
	size_t count = harvest_count(&harvest, text);
	harvest_deinit(&harvest);
	return count;
}

Test(fairness, what_a_quiet_thread_wrote_is_there_after_one_round)
{
	char text[32];
	for (int round = 0; round < ROUNDS; round++) {
		fill_chatty();
		snprintf(text, sizeof(text), "quiet %d", round);
		for (uint32_t i = 0; i < RECORDS; i++) {
			uint32_t at = (i * 7919 + (uint32_t)round) % QUIET;
			cr_assert(host_push(&hosts[at / HOST_SLOTS_MAX],
					    at % HOST_SLOTS_MAX, text));
			quiet_pushed++;
		}
		round_of_all();
		cr_assert_eq(found(text), RECORDS);
	}
	/* One window a round is all that the other one got. */
	struct logtap_counts counts = intake_total(&intake);
	cr_assert_leq(counts.value[LOGTAP_COUNT_JOURNALLED_BYTES],
		      ROUNDS * (uint64_t)LOGTAP_WINDOW_BYTES);
	cr_assert_gt(counts.value[LOGTAP_COUNT_JOURNALLED_CHUNKS],
		     quiet_pushed + ROUNDS);
	intake_drain(&intake);
	counts = intake_total(&intake);
	uint64_t dropped = counts.value[LOGTAP_COUNT_NEWEST_CHUNKS];
	cr_assert_eq(counts.value[LOGTAP_COUNT_JOURNALLED_CHUNKS],
		     chatty_pushed + quiet_pushed);
	cr_assert_eq(counts.value[LOGTAP_COUNT_PRODUCED_CHUNKS],
		     chatty_pushed + quiet_pushed + dropped);
	cr_assert_eq(dropped, ROUNDS); /* each filling found it full once */
}

/* Deaths are looked for in some slots at a time: none is forgotten. */
Test(fairness, every_dead_slot_is_freed_in_the_end)
{
	uint32_t free_slots = 0;
	round_of_all();
	for (uint32_t i = 0; i < HOSTS; i++)
		for (uint32_t j = 0; j < HOST_SLOTS_MAX; j++)
			host_die(&hosts[i], j);
	intake_drain(&intake);
	for (uint32_t i = 0; i < HOSTS; i++)
		for (uint32_t j = 0; j < HOST_SLOTS_MAX; j++)
			free_slots +=
				host_state(&hosts[i], j) == LOGTAP_SLOT_FREE;
	cr_assert_eq(free_slots, QUIET);
}
