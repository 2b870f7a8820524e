/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A collector that is killed loses nothing and takes nothing twice, whatever
 * call it is killed in: a child reads, and kills itself in its n-th write. */
#include "fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum moment { BEFORE, IN_THE_MIDDLE, AFTER, MOMENTS };

/* The write to die in; 0: none. */
static int writes_left;
static enum moment moment;

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset)
{
	if (writes_left && !--writes_left) {
		if (moment == IN_THE_MIDDLE && parts[0].iov_len > 8)
			syscall(SYS_pwrite64, fd, parts[0].iov_base,
				parts[0].iov_len / 2, offset);
		if (moment == AFTER)
			syscall(SYS_pwritev, fd, parts, (long)count, offset,
				0L);
		kill(getpid(), SIGKILL);
	}
	return syscall(SYS_pwritev, fd, parts, (long)count, offset, 0L);
}

static struct directory directory;
static struct host hosts[2];

static void setup(void)
{
	struct host_options options = {.ring_bytes = 1 << 16};
	directory_init(&directory);
	for (int i = 0; i < 2; i++)
		host_init(&hosts[i], &directory, &options);
}

static void teardown(void)
{
	for (int i = 0; i < 2; i++)
		host_deinit(&hosts[i]);
	directory_deinit(&directory);
}

TestSuite(restart, .init = setup, .fini = teardown, .timeout = 120);

static unsigned push_some(void)
{
	static unsigned number;
	char text[32];
	for (int i = 0; i < 12; i++) {
		snprintf(text, sizeof(text), "record %u", number++);
		cr_assert(host_push(&hosts[i % 2], (uint32_t)i / 2 % 2, text));
	}
	return number;
}

/* Return: whether the child was killed, or came to its end. */
static bool killed_in_write(int which, enum moment when)
{
	pid_t child = fork();
	cr_assert_geq(child, 0);
	if (!child) {
		struct intake intake;
		intake_init(&intake, &directory, 0);
		writes_left = which;
		moment = when;
		intake_drain(&intake);
		_exit(0);
	}
	int status;
	cr_assert_eq(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status);
}

/* A reader that takes what is there, and dies with its journal. */
static void take_into_memory(void)
{
	struct directory other;
	struct intake intake;
	char command[256];
	directory_init(&other);
	intake_init(&intake, &directory, 0);
	intake_drain(&intake);
	snprintf(command, sizeof(command), "mv %s/journal* %s", directory.path,
		 other.path);
	cr_assert_eq(system(command), 0);
	intake_deinit(&intake);
	directory_deinit(&other);
}

/* So many are unknown, and nothing is in flight. */
static void expect_unknown(uint64_t produced, uint64_t unknown)
{
	struct intake intake;
	intake_init(&intake, &directory, 0);
	intake_drain(&intake);
	struct logtap_counts total = intake_total(&intake);
	cr_assert_eq(total.value[LOGTAP_COUNT_PRODUCED_CHUNKS], produced);
	cr_assert_eq(total.value[LOGTAP_COUNT_UNKNOWN_CHUNKS], unknown);
	cr_assert_eq(total.value[LOGTAP_COUNT_UNFINISHED_CHUNKS], 0);
	cr_assert_eq(logtap_counts_in_flight(&total), 0);
	intake_deinit(&intake);
}

static void expect_each_once(unsigned number, struct intake *intake)
{
	struct harvest harvest;
	char text[32];
	harvest_init(&harvest, intake->journal);
	for (unsigned i = 0; i < number; i++) {
		snprintf(text, sizeof(text), "record %u", i);
		cr_assert_eq(harvest_count(&harvest, text), 1, "%s: %zu times",
			     text, harvest_count(&harvest, text));
	}
	cr_assert_eq(harvest.count, number);
	harvest_deinit(&harvest);
}

Test(restart, what_a_lost_journal_had_is_unknown_and_stays_so)
{
	for (int i = 0; i < 2; i++)
		for (uint32_t slot = 0; slot < 2; slot++)
			host_claim(&hosts[i], slot, 10 + slot, 0);
	uint64_t before = push_some();
	take_into_memory();
	expect_unknown(before, before);
	uint64_t all = push_some();
	expect_unknown(all, before);
	expect_unknown(all, before);
	host_die(&hosts[0], 0);
	expect_unknown(all, before);
}

Test(restart, a_kill_in_any_write_loses_nothing_and_repeats_nothing)
{
	unsigned number = 0;
	int kills = 0;
	for (int i = 0; i < 2; i++)
		for (uint32_t slot = 0; slot < 2; slot++)
			host_claim(&hosts[i], slot, 10 + slot, 0);
	for (int which = 1; which < 12; which++)
		for (int when = BEFORE; when < MOMENTS; when++) {
			number = push_some();
			kills += killed_in_write(which, (enum moment)when);
		}
	cr_assert_gt(kills, 20, "only %d kills", kills);
	struct intake intake;
	intake_init(&intake, &directory, 0);
	intake_drain(&intake);
	expect_each_once(number, &intake);
	struct logtap_counts total = intake_total(&intake);
	cr_assert_eq(total.value[LOGTAP_COUNT_PRODUCED_CHUNKS], number);
	cr_assert_eq(total.value[LOGTAP_COUNT_JOURNALLED_CHUNKS], number);
	cr_assert_eq(logtap_counts_in_flight(&total), 0);
	intake_deinit(&intake);
}

Test(restart, slots_that_died_meanwhile_are_counted_once)
{
	unsigned number = 0;
	for (int which = 1; which < 16; which++)
		for (int when = BEFORE; when < MOMENTS; when++) {
			for (int i = 0; i < 2; i++)
				for (uint32_t slot = 0; slot < 2; slot++) {
					/* Held yet, when the last child was
					 * killed before it could free it. */
					if (host_claim(&hosts[i], slot,
						       10 + slot, 0))
						continue;
				}
			char text[32];
			for (int i = 0; i < 2; i++) {
				snprintf(text, sizeof(text), "record %u",
					 number);
				uint32_t word;
				memcpy(&word, hosts[i].slots[0].death, 4);
				/* The dead write no more. */
				if (word & LOGTAP_DEATH_OWNER_DIED)
					continue;
				cr_assert(host_push(&hosts[i], 0, text));
				host_die(&hosts[i], 0);
				number++;
			}
			killed_in_write(which, (enum moment)when);
		}
	struct intake intake;
	intake_init(&intake, &directory, 0);
	intake_drain(&intake);
	expect_each_once(number, &intake);
	struct logtap_counts total = intake_total(&intake);
	cr_assert_eq(total.value[LOGTAP_COUNT_PRODUCED_CHUNKS], number);
	cr_assert_eq(total.value[LOGTAP_COUNT_JOURNALLED_CHUNKS], number);
	intake_deinit(&intake);
}

Test(restart, totals_are_kept_when_all_was_acknowledged_and_removed)
{
	struct intake intake;
	unsigned number = 0;
	for (int i = 0; i < 2; i++)
		for (uint32_t slot = 0; slot < 2; slot++)
			host_claim(&hosts[i], slot, 10 + slot, 0);
	for (int i = 0; i < 5; i++) {
		intake_init(&intake, &directory, 0);
		number = push_some();
		intake_drain(&intake);
		logtap_journal_acknowledge(intake.journal,
					   logtap_journal_end(intake.journal));
		struct logtap_counts total = intake_total(&intake);
		cr_assert_eq(total.value[LOGTAP_COUNT_PRODUCED_CHUNKS], number);
		cr_assert_eq(total.value[LOGTAP_COUNT_JOURNALLED_CHUNKS],
			     number);
		cr_assert_eq(total.value[LOGTAP_COUNT_THREADS], 4);
		intake_deinit(&intake);
	}
	cr_assert_eq(directory_count(&directory, "") - 2, 2 + 1 + 2,
		     "two segments, a journal file, a spare, journal.ack");
}

Test(restart, a_segment_that_vanished_meanwhile_is_ended)
{
	struct intake intake;
	host_claim(&hosts[0], 0, 10, 0);
	host_push(&hosts[0], 0, "record 0");
	intake_init(&intake, &directory, 0);
	intake_drain(&intake);
	intake_deinit(&intake);
	cr_assert_eq(unlink(hosts[0].path), 0);
	intake_init(&intake, &directory, 0);
	intake_drain(&intake);
	struct harvest harvest;
	harvest_init(&harvest, intake.journal);
	cr_assert_eq(harvest.threads_ended, 1);
	cr_assert_eq(harvest.segments_ended, 1);
	harvest_deinit(&harvest);
	cr_assert_eq(
		intake_total(&intake).value[LOGTAP_COUNT_JOURNALLED_CHUNKS], 1);
	intake_deinit(&intake);
}

/* Only a data frame's two ends are checked. */
Test(restart, a_length_in_the_journal_that_cannot_be_ends_what_is_read_there)
{
	struct logtap_journal *journal;
	struct logtap_journal_options options = {.dir_fd = directory.fd};
	struct logtap_frame_segment segment = {.pid = 1};
	struct logtap_frame_thread thread = {.pid = 1};
	/* With its header, and up to the next multiple of 8, 0 in 32 bits. */
	struct logtap_chunk chunk = {.type = LOGTAP_CHUNK_DATA,
				     .length = UINT32_MAX - 23};
	struct logtap_frame frames[] = {
		{.type = LOGTAP_FRAME_SEGMENT, .segment = 1},
		{.type = LOGTAP_FRAME_THREAD, .segment = 1},
		{.type = LOGTAP_FRAME_DATA, .segment = 1, .chunks = 1},
	};
	char why[256] = "";
	struct intake intake;
	cr_assert_eq(logtap_journal_open(&options, &journal, why, sizeof(why)),
		     0, "%s", why);
	cr_assert_eq(logtap_journal_rotate_begin(journal, false), 0);
	cr_assert_eq(logtap_journal_rotate_commit(journal), 0);
	cr_assert_eq(logtap_journal_append(journal, &frames[0], &segment,
					   sizeof(segment)),
		     0);
	cr_assert_eq(logtap_journal_append(journal, &frames[1], &thread,
					   sizeof(thread)),
		     0);
	cr_assert_eq(logtap_journal_append(journal, &frames[2], &chunk,
					   sizeof(chunk)),
		     0);
	logtap_journal_close(journal);
	intake_init(&intake, &directory, 0);
	intake_drain(&intake);
	cr_assert_eq(
		intake_total(&intake).value[LOGTAP_COUNT_JOURNALLED_CHUNKS], 0);
	intake_deinit(&intake);
}
