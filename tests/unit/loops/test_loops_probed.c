/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Exports that are held, to see what follows of it. */
#include "scene.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <time.h>

TestSuite(loops, .init = scene_begin, .fini = scene_end);

static struct {
	unsigned count;
	uint32_t pid, tid;
	uint64_t ns;
} held;

static void hold(void *context, uint32_t pid, uint32_t tid, uint64_t ns)
{
	(void)context;
	held.count++;
	held.pid = pid;
	held.tid = tid;
	held.ns = ns;
}

static void allow(bool probe)
{
	const struct logtap_loops_options options = {.probe = probe,
						     .hold_host = hold};

	logtap_loops_free(loops);
	loops = logtap_loops_new(&options);
	tap = logtap_loops_tap(loops);
	say(0, "application starts");
	exporter_loops(20, 200);
	assert_confidence("L2", "confirmed");
	struct timespec clock;
	clock_gettime(CLOCK_REALTIME, &clock);
	now_ns = (uint64_t)clock.tv_sec * 1000000000 + (uint64_t)clock.tv_nsec;
}

Test(loops, exports_are_slowed_by_what_each_owes)
{
	const struct logtap_loops_break slow = {.step = LOGTAP_LOOPS_RATE,
						.rate_per_s = 2,
						.ttl_ns = 100 * 1000 * MS,
						.at_source = true};
	const struct logtap_loops_break off = {.step = LOGTAP_LOOPS_OBSERVE};
	char error[256];

	allow(true);
	post(1, DEBUG_LINE);
	cr_assert_eq(held.count, 0);
	cr_assert_eq(logtap_loops_break(loops, 1, &slow, error, sizeof(error)),
		     0, "%s", error);
	post(1, DEBUG_LINE);
	cr_assert_eq(held.count, 1);
	cr_assert_eq(held.pid, process.pid);
	cr_assert_eq(held.tid, threads[1].tid);
	cr_assert_eq(held.ns, 500 * MS);
	post(1, DEBUG_LINE);
	cr_assert_eq(held.ns, 1000 * MS);
	now_ns += 400 * MS;
	post(1, DEBUG_LINE);
	cr_assert_eq(held.ns, 1100 * MS);
	post(2, DEBUG_LINE);
	cr_assert_eq(held.count, 3, "another thread's exports");
	for (unsigned i = 0; i < 1000; i++)
		post(1, DEBUG_LINE);
	cr_assert_eq(held.ns, 60 * 1000 * MS);
	cr_assert_eq(logtap_loops_break(loops, 1, &off, error, sizeof(error)),
		     0);
	cr_assert_eq(held.ns, 0, "not let go");
	held.count = 0;
	post(1, DEBUG_LINE);
	cr_assert_eq(held.count, 0);
	cr_assert_eq(logtap_loops_break(loops, 1, &slow, error, sizeof(error)),
		     0);
	now_ns += 101 * 1000 * MS;
	held.count = 0;
	post(1, DEBUG_LINE);
	cr_assert_eq(held.count, 0, "its time is over");
}

Test(loops, all_that_share_a_connection_are_slowed)
{
	const struct logtap_loops_break slow = {.step = LOGTAP_LOOPS_RATE,
						.rate_per_s = 2,
						.ttl_ns = 100 * 1000 * MS,
						.at_source = true};
	char error[256];

	shared_fd = 9;
	allow(true);
	post(2, DEBUG_LINE);
	cr_assert_eq(logtap_loops_break(loops, 1, &slow, error, sizeof(error)),
		     0, "%s", error);
	held.count = 0;
	post(1, DEBUG_LINE);
	cr_assert_eq(held.count, 2);
	cr_assert_eq(held.ns, 500 * MS);
}

Test(loops, exports_are_not_slowed_where_probes_are_not_allowed)
{
	const struct logtap_loops_break slow = {.step = LOGTAP_LOOPS_SUPPRESS,
						.at_source = true};
	char error[256];

	allow(false);
	cr_assert_eq(logtap_loops_break(loops, 1, &slow, error, sizeof(error)),
		     -EPERM);
	cr_assert(strstr(error, "--loops=probe"), "%s", error);
	cr_assert_eq(logtap_loops_break(loops, 9, &slow, error, sizeof(error)),
		     -ENOENT);
	cr_assert_eq(say(1, DEBUG_LINE), LOGTAP_TAP_PASS, "half of it applied");
}

/* A thread that sends @body and logs, while it is not held; for a minute. */
static void be_probed(const char *head, const char *body)
{
	const struct logtap_loops_options options = {
		.probe = true, .probe_alone = true, .hold_host = hold};

	logtap_loops_free(loops);
	loops = logtap_loops_new(&options);
	tap = logtap_loops_tap(loops);
	memset(&held, 0, sizeof(held));
	say(0, "application starts");
	for (unsigned i = 0; i < 600; i++, pass(100)) {
		if (i % 10 == 0)
			say(2, "something else goes on now and then");
		if (held.ns)
			continue;
		send_bytes(1, head);
		send_bytes(1, body);
		pass(2);
		say(1, DEBUG_LINE);
	}
}

Test(loops, a_hold_proves_what_cannot_be_read)
{
	be_probed("\x17\x03\x03\x01 not to be read",
		  "\x17\x03\x03\x02 nor this");
	assert_confidence("L2", "confirmed");
	cr_assert_eq(number("L2", "records_per_export"), 1);
	cr_assert_eq(held.ns, 0, "let go");
}

Test(loops, what_holds_none_of_what_was_logged_is_not_held)
{
	char error[256];

	be_probed(HEAD, "{\"body\":\"a metric or another's record\"}");
	cr_assert_eq(held.count, 0);
	assert_confidence("L2", "suspected");
	cr_assert_eq(logtap_loops_probe(loops, 1, error, sizeof(error)),
		     -EINVAL);
	cr_assert(strstr(error, "would prove nothing"), "%s", error);
	cr_assert_eq(logtap_loops_count(loops, LOGTAP_LOOPS_LIKELY), 0);
}
