/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Segments that cannot be opened: each error names its own cause, once. */
#include "../../../collector/intake/unopened.h"
#include "../base/captured.h"
#include "scene.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

static struct host host;
static struct captured captured;

static void set_scene(void)
{
	setup();
	begin();
	logtap_reader_round(intake.reader);
}

static void clear_scene(void)
{
	end();
	host_deinit(&host);
	teardown();
}

TestSuite(discover, .init = set_scene, .fini = clear_scene);

/* What is said when everything is tried @times times. */
static const char *said(int times)
{
	struct logtap_intake *parts = intake_parts(&intake);
	captured_begin(&captured, 2);
	for (int i = 0; i < times; i++) {
		parts->now_ns = logtap_now_monotonic_ns();
		logtap_discover_run(parts, true);
	}
	return captured_end(&captured);
}

static void expect_once(const char *text, const char *part)
{
	const char *at = strstr(text, part);
	cr_assert_not_null(at, "no \"%s\" in: %s", part, text);
	cr_assert_null(strstr(at + 1, part), "twice: %s", text);
}

static void limit(int which, rlim_t most)
{
	struct rlimit limit;
	cr_assert_eq(getrlimit(which, &limit), 0);
	limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
	cr_assert_eq(setrlimit(which, &limit), 0);
}

Test(discover, where_descriptors_are_short_it_names_their_limit)
{
	host_init(&host, &directory, NULL);
	captured_begin(&captured, 2);
	/* One for the scan of the directory. */
	int next = dup(0);
	limit(RLIMIT_NOFILE, (rlim_t)next);
	struct logtap_intake *parts = intake_parts(&intake);
	parts->notified = true;
	for (int i = 0; i < 3; i++) {
		parts->now_ns += LOGTAP_SECOND_NS;
		logtap_discover_run(parts, false);
	}
	limit(RLIMIT_NOFILE, RLIM_INFINITY);
	parts->now_ns += LOGTAP_SECOND_NS;
	logtap_discover_run(parts, false);
	const char *text = captured_end(&captured);
	close(next);
	expect_once(text, "Too many open files; raise this process's limit of "
			  "open files");
	expect_once(text, "can open segments again");
}

#ifndef __SANITIZE_ADDRESS__ /* it would end for want of memory itself */
Test(discover, where_memory_is_short_it_does_not_blame_descriptors)
{
	host_init(&host, &directory, NULL);
	said(0); /* what that needs itself */
	limit(RLIMIT_AS, 1);
	const char *text = said(3);
	limit(RLIMIT_AS, RLIM_INFINITY);
	expect_once(text, "Cannot allocate memory; memory");
	cr_assert_null(strstr(text, "open files"), "%s", text);
}
#endif

Test(discover, what_is_another_users_it_says_so_of)
{
	host_init(&host, &directory, NULL);
	cr_assert_eq(chmod(host.path, 0), 0);
	cr_assert_eq(chmod(directory.path, 0755), 0);
	bool root = !geteuid();
	if (root)
		cr_assert_eq(seteuid(65534), 0);
	const char *text = said(3);
	if (root)
		cr_assert_eq(seteuid(0), 0);
	expect_once(text, "ignored a segment: permission denied; another "
			  "user's program made it");
	cr_assert_null(strstr(text, "open files"), "%s", text);
}

Test(discover, what_another_collector_reads_it_names_once)
{
	host_init(&host, &directory, NULL);
	host_claim(&host, 0, 7, 0);
	host_push(&host, 0, "read now");
	int fd = open(host.path, O_RDONLY | O_CLOEXEC);
	cr_assert_geq(fd, 0);
	cr_assert_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	expect_once(said(3), "another collector reads it");
	close(fd);
	cr_assert_str_empty(said(1));
	intake_drain(&intake);
	gather();
	cr_assert_eq(harvest_count(&harvest, "read now"), 1);
}

static void make_file(const char *name)
{
	int fd = openat(directory.fd, name, O_RDWR | O_CREAT, 0600);
	cr_assert_geq(fd, 0);
	close(fd);
}

static void rename_back_and_forth(const char *name)
{
	cr_assert_eq(renameat(directory.fd, name, directory.fd, "aside"), 0);
	cr_assert_eq(renameat(directory.fd, "aside", directory.fd, name), 0);
}

static void expect_unopened(const char *const *names)
{
	struct logtap_intake *parts = intake_parts(&intake);
	size_t count = 0;
	for (; names[count]; count++) {
		cr_assert_lt(count, parts->unopened_count);
		cr_assert_str_eq(parts->unopened[count].name, names[count]);
	}
	cr_assert_eq(parts->unopened_count, count);
}

static void discover(bool all)
{
	struct logtap_intake *parts = intake_parts(&intake);
	parts->notified = true;
	parts->now_ns += LOGTAP_MS_NS;
	logtap_discover_run(parts, all);
}

/* Not yet segments, so that they stay where they were put. */
Test(discover, what_is_told_twice_is_one_and_keeps_its_turn)
{
	static const char *const two[] = {"2.seg", "1.seg", NULL};
	static const char *const three[] = {"2.seg", "1.seg", "0.seg", NULL};
	make_file("2.seg");
	make_file("1.seg");
	make_file("other");
	rename_back_and_forth("2.seg"); /* in the same batch */
	discover(false);
	expect_unopened(two);
	rename_back_and_forth("1.seg"); /* in another one */
	make_file("0.seg");
	rename_back_and_forth("2.seg");
	discover(false);
	expect_unopened(three);
	discover(true);
	expect_unopened(three);
	unlinkat(directory.fd, "1.seg", 0);
	discover(true);
	expect_unopened((const char *const[]){"2.seg", "0.seg", NULL});
	for (size_t i = 0; i < 2; i++)
		unlinkat(directory.fd, three[2 * i], 0);
	unlinkat(directory.fd, "other", 0);
	host_init(&host, &directory, NULL);
	discover(true);
	expect_unopened((const char *const[]){NULL});
	rename_back_and_forth(host.name); /* one that is open */
	discover(false);
	expect_unopened((const char *const[]){NULL});
	cr_assert_eq(intake_parts(&intake)->segment_count, 1);
}

static void try_at(uint64_t now_ns)
{
	struct logtap_intake *parts = intake_parts(&intake);
	parts->now_ns = now_ns;
	logtap_discover_run(parts, true);
}

/* A host of another namespace, whose pid is nobody's here, may be making it. */
Test(discover, what_is_not_ready_is_not_old_because_it_was_tried_often)
{
	struct host_options options = {
		.pid = HOST_PID, .start_ticks = 1, .not_ready = true};
	uint64_t now_ns = logtap_now_monotonic_ns();
	char name[64];
	snprintf(name, sizeof(name), "%u-1-0.seg", HOST_PID);
	options.name = name;
	host_init(&host, &directory, &options);
	intake_parts(&intake)->descendants = true;
	for (uint64_t i = 0; i < 100; i++)
		try_at(now_ns + i * LOGTAP_MS_NS);
	cr_assert_eq(directory_count(&directory, ".seg"), 1);
	const struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	cr_assert_eq(utimensat(AT_FDCWD, host.path, long_ago, 0), 0);
	try_at(now_ns + LOGTAP_SECOND_NS);
	cr_assert_eq(directory_count(&directory, ".seg"), 0);
}

/* The name of a dead host's, as hosts make them. */
static void make_segment_of_the_dead(const char *name)
{
	host_init(&host, &directory,
		  &(struct host_options){
			  .name = name, .pid = HOST_PID, .start_ticks = 1});
	host_claim(&host, 0, 7, 0);
	host_push(&host, 0, "kept");
}

/* Tried, and left at the end. */
static const char *said_to_the_end(void)
{
	struct logtap_intake *parts = intake_parts(&intake);
	parts->sees_all = true;
	captured_begin(&captured, 2);
	for (int i = 0; i < 3; i++)
		discover(true);
	end();
	return captured_end(&captured);
}

Test(discover, what_another_version_can_read_is_left_to_it)
{
	char name[64];
	snprintf(name, sizeof(name), "%u-1-foreign.seg", HOST_PID);
	make_segment_of_the_dead(name);
	host.header->prefix.major++;
	const char *text = said_to_the_end();
	expect_once(text, "its format version is not one we read");
	expect_once(text, "left segments that another version of logtap made, "
			  "and can read");
	cr_assert_eq(directory_count(&directory, "-foreign.seg"), 1);
	host.header->prefix.major--; /* that version comes */
	begin();
	intake_drain(&intake);
	gather();
	cr_assert_eq(harvest_count(&harvest, "kept"), 1);
}

Test(discover, what_nobody_can_read_goes_with_its_host)
{
	char name[64];
	snprintf(name, sizeof(name), "%u-1-rubbish.seg", HOST_PID);
	make_segment_of_the_dead(name);
	host.header->prefix.magic[0]++;
	said_to_the_end();
	cr_assert_eq(directory_count(&directory, "-rubbish.seg"), 0);
	begin();
}
