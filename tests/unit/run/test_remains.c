/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What dead sessions left behind: what is removed, what is kept and told. */
#include "../../../collector/intake/liveness.h"
#include "../../../collector/run/remains.h"
#include "../../../collector/run/session.h"

#include "../intake/fixture.h"
#include "folder.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MINUTE_S = 60, DAY_S = 24 * 60 * MINUTE_S };

static struct directory left;
static struct logtap_remains remains;

static void begin(void)
{
	folder_begin();
	snprintf(left.path, sizeof(left.path), "%s/logtap-run-a1B2c3", folder);
	cr_assert_eq(mkdir(left.path, 0700), 0);
	left.fd = open(left.path, O_RDONLY | O_DIRECTORY);
}

static void end(void)
{
	close(left.fd);
	folder_end();
}

TestSuite(remains, .init = begin, .fini = end, .timeout = 30);

static void sweep(long later_s)
{
	const char *places[] = {folder, NULL};
	logtap_remains_sweep(places, time(NULL) + later_s, true, &remains);
}

static bool is_there(void)
{
	return !access(left.path, F_OK);
}

static void lock_file(int *fd)
{
	*fd = openat(left.fd, LOGTAP_SESSION_LOCK, O_RDWR | O_CREAT, 0600);
	cr_assert_geq(*fd, 0);
}

/* A dead host's segment, with a line in it. */
static void make_segment(struct host *host, uint32_t pid)
{
	host_init(host, &left,
		  &(struct host_options){
			  .pid = pid,
			  .start_ticks = pid == HOST_PID ? 1 : 0,
		  });
	cr_assert(host_claim(host, 0, pid ? pid : (uint32_t)getpid(), 0));
	cr_assert(host_push(host, 0, "undelivered\n"));
}

static void make_segment_of_the_dead(void)
{
	struct host host;
	make_segment(&host, HOST_PID);
	host_deinit(&host);
}

Test(remains, an_empty_one_goes_after_a_minute)
{
	int fd;
	lock_file(&fd);
	close(fd);
	sweep(MINUTE_S / 2);
	cr_assert(is_there());
	sweep(2 * MINUTE_S);
	cr_assert_not(is_there());
	cr_assert_eq(remains.removed, 1);
	cr_assert_eq(remains.kept, 0);
}

Test(remains, where_run_is_at_work_nothing_goes)
{
	int guard = logtap_remains_guard(left.path);
	cr_assert_geq(guard, 0);
	sweep(30 * DAY_S);
	cr_assert(is_there());
	close(guard);
	sweep(30 * DAY_S);
	cr_assert_not(is_there());
}

Test(remains, where_a_collector_is_at_work_nothing_goes)
{
	int fd;
	lock_file(&fd);
	cr_assert_eq(logtap_session_lock(fd), 0);
	make_segment_of_the_dead();
	sweep(30 * DAY_S);
	cr_assert(is_there());
	cr_assert_eq(remains.kept + remains.given_up, 0);
	close(fd);
}

Test(remains, what_was_not_read_is_kept_for_a_week_and_told_once)
{
	make_segment_of_the_dead();
	sweep(2 * MINUTE_S);
	cr_assert_eq(remains.kept, 1);
	cr_assert_str_eq(remains.path, left.path);
	cr_assert_str_eq(remains.kept_names, left.path);
	sweep(4 * MINUTE_S);
	cr_assert_eq(remains.kept, 0);
	sweep(6 * DAY_S);
	cr_assert(is_there());
	sweep(8 * DAY_S);
	cr_assert_not(is_there());
	cr_assert_eq(remains.given_up, 1);
	cr_assert_str_eq(remains.given_up_names, left.path);
}

Test(remains, what_another_version_can_read_is_kept)
{
	struct host host;
	make_segment(&host, HOST_PID);
	host.header->prefix.major++;
	host_deinit(&host);
	sweep(2 * MINUTE_S);
	cr_assert(is_there());
	cr_assert_eq(remains.kept, 1);
}

Test(remains, to_look_changes_nothing)
{
	const char *places[] = {folder, NULL};
	make_segment_of_the_dead();
	for (int i = 0; i < 2; i++) {
		logtap_remains_look(places, time(NULL) + 30 * DAY_S, &remains);
		cr_assert_eq(remains.kept, 1);
	}
	cr_assert(is_there());
}

Test(remains, who_is_to_say_nothing_leaves_it_to_the_next_one)
{
	const char *places[] = {folder, NULL};
	make_segment_of_the_dead();
	logtap_remains_sweep(places, time(NULL) + 2 * MINUTE_S, false,
			     &remains);
	cr_assert_eq(remains.kept, 0);
	sweep(2 * MINUTE_S);
	cr_assert_eq(remains.kept, 1);
}

Test(remains, what_was_read_goes)
{
	struct host host;
	make_segment(&host, HOST_PID);
	host.slots[0].main_tail = host.slots[0].main.head;
	host_deinit(&host);
	sweep(2 * MINUTE_S);
	cr_assert_not(is_there());
}

/* A signal handler's line, in the nested ring. */
Test(remains, the_smaller_ring_counts)
{
	struct host host;
	make_segment(&host, HOST_PID);
	host.slots[0].main_tail = host.slots[0].main.head;
	cr_assert(host_push_nested(&host, 0, "nested\n"));
	host_deinit(&host);
	sweep(2 * MINUTE_S);
	cr_assert_eq(remains.kept, 1);
}

Test(remains, a_program_that_lives_keeps_it)
{
	struct host host;
	make_segment(&host, 0);
	host_deinit(&host);
	sweep(30 * DAY_S);
	cr_assert(is_there());
	cr_assert_eq(remains.kept, 0);
}

/* A child in its parent's segment, whose parent has ended. */
Test(remains, a_program_that_has_it_mapped_keeps_it)
{
	struct host host;
	int hold[2];
	char byte;
	make_segment(&host, HOST_PID);
	cr_assert_eq(pipe(hold), 0);
	pid_t pid = fork();
	if (!pid) {
		close(hold[1]);
		(void)!read(hold[0], &byte, 1);
		_exit(0);
	}
	host_deinit(&host);
	sweep(30 * DAY_S);
	cr_assert(is_there());
	cr_assert_eq(remains.kept, 0);
	close(hold[0]);
	close(hold[1]);
	waitpid(pid, NULL, 0);
	sweep(30 * DAY_S);
	cr_assert_not(is_there());
}

Test(remains, what_is_in_the_journal_counts_until_it_is_acknowledged)
{
	struct logtap_journal_options options = {.dir_fd = left.fd};
	struct logtap_frame frame = {.type = LOGTAP_FRAME_DATA};
	struct logtap_journal *journal;
	char why[256];
	cr_assert_eq(logtap_journal_open(&options, &journal, why, sizeof(why)),
		     0);
	cr_assert_eq(logtap_journal_rotate_begin(journal, false), 0);
	cr_assert_eq(logtap_journal_rotate_commit(journal), 0);
	cr_assert_eq(logtap_journal_append(journal, &frame, "x", 1), 0);
	sweep(2 * MINUTE_S);
	cr_assert_eq(remains.kept, 1);
	uint64_t end = logtap_journal_end(journal);
	cr_assert_eq(logtap_journal_acknowledge(journal, end), 0);
	logtap_journal_close(journal);
	sweep(4 * MINUTE_S);
	cr_assert_not(is_there());
}

Test(remains, another_users_is_not_looked_at)
{
	if (geteuid())
		cr_skip("only root can make one");
	cr_assert_eq(chown(left.path, 4711, 4711), 0);
	sweep(30 * DAY_S);
	cr_assert(is_there());
}

Test(remains, other_names_are_not_looked_at)
{
	static const char *const names[] = {"my-logs", "logtap-run-web",
					    "logtap-run-my-own"};
	char other[80];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(other, sizeof(other), "%s/%s", folder, names[i]);
		cr_assert_eq(mkdir(other, 0700), 0);
		sweep(30 * DAY_S);
		cr_assert_eq(access(other, F_OK), 0);
	}
}
