/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Sends of an exporter that the collector holds. */
#include "../../../shim/feedback/hold.h"
#include "evidence_scene.h"

#include <signal.h>
#include <time.h>

TestSuite(held, .init = begin, .fini = end, .timeout = 20);

static void hold(uint64_t ns)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	control->holds[2].until_ns =
		(uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec + ns;
	control->holds[2].tid = logtap_tls.tid;
	control->hold_count = 1;
}

#define MS 1000000ull

Test(held, a_held_send_waits_and_says_so)
{
	int fd = connect_it();

	next(LOGTAP_EVIDENCE_CONNECT);
	hold(60 * MS);
	cr_assert_eq(logtap_on_send(fd, "x", 1, 0), 1);
	cr_assert(next(LOGTAP_EVIDENCE_SEND));
	cr_assert(evidence.flags & LOGTAP_EVIDENCE_HELD);
	cr_assert_geq(evidence.held_us, 30000);
	/* it has ended by itself */
	cr_assert_eq(logtap_on_send(fd, "x", 1, 0), 1);
	cr_assert(silent());
}

Test(held, nothing_is_held_without_a_collector_or_for_another_thread)
{
	int fd = connect_it();

	next(LOGTAP_EVIDENCE_CONNECT);
	hold(10000 * MS);
	control->holds[2].tid++;
	cr_assert_eq(logtap_on_send(fd, "x", 1, 0), 1);
	control->holds[2].tid--;
	shim_set_collector(false);
	cr_assert_eq(logtap_on_send(fd, "x", 1, 0), 1);
	shim_set_collector(true);
	atomic_store(&logtap_state.filter, LOGTAP_FILTER_OWN);
	cr_assert_eq(logtap_on_send(fd, "x", 1, 0), 1);
	cr_assert(silent());
}

static int handled_fd;

static void handler(int number)
{
	(void)number;
	handled_fd = logtap_on_send(handled_fd, "x", 1, 0) == 1 ? -2 : -1;
}

Test(held, nothing_is_held_in_a_signal_handler)
{
	handled_fd = connect_it();
	next(LOGTAP_EVIDENCE_CONNECT);
	signal(SIGUSR1, handler);
	hold(10000 * MS);
	raise(SIGUSR1);
	cr_assert_eq(handled_fd, -2);
	cr_assert(silent());
}

Test(held, a_hold_has_an_end)
{
	int fd = connect_it();

	next(LOGTAP_EVIDENCE_CONNECT);
	hold(3600000 * MS);
	cr_assert_eq(logtap_on_send(fd, "x", 1, 0), 1);
	cr_assert(next(LOGTAP_EVIDENCE_SEND));
	cr_assert_geq(evidence.held_us, LOGTAP_HOLD_MOST_NS / 1000 - 1);
}
