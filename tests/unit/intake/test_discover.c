/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Segments that cannot be opened: each error names its own cause, once. */
#include "../base/captured.h"
#include "scene.h"

#include <fcntl.h>
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
