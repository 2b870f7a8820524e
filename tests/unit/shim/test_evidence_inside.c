/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that are made inside another one of ours: those of callbacks are told, those
 * of handlers leave nothing. */
#include "../../../shim/api/level.h"
#include "evidence_scene.h"
#include "linked.h"

/* The guard of the shim, and not the one that hosts have. */
#undef logtap_guard_enter
#undef logtap_guard_leave

TestSuite(evidence_inside, .init = begin, .fini = end, .timeout = 20);

Test(evidence_inside, a_call_inside_a_callback_is_told_with_its_depth)
{
	struct logtap_frame frame;

	logtap_guard_enter(&logtap_tls, &frame, LOGTAP_PHASE_CALLBACK);
	uintptr_t word = logtap_tls.guard;
	cr_assert_not(say("inner\n"));
	cr_assert_eq(logtap_tls.guard, word, "still inside");
	logtap_guard_leave(&logtap_tls);
	cr_assert(next(LOGTAP_EVIDENCE_REENTRY));
	cr_assert_eq(evidence.depth, 2);
	cr_assert_eq(evidence.bytes, 6);
	cr_assert_eq(evidence.flags, LOGTAP_EVIDENCE_IN_CALLBACK);
	cr_assert_eq(evidence.fd, -1);
	cr_assert(say("outer\n"));
}

Test(evidence_inside, an_event_inside_a_callback_or_a_dispatch_is_told)
{
	struct logtap_frame frame;

	logtap_guard_enter(&logtap_tls, &frame, LOGTAP_PHASE_CALLBACK);
	logtap_event(LOGTAP_INFO, "t", "inner", LOGTAP_END);
	logtap_guard_leave(&logtap_tls);
	cr_assert(next(LOGTAP_EVIDENCE_REENTRY));
	cr_assert_eq(evidence.flags, LOGTAP_EVIDENCE_IN_CALLBACK);
	cr_assert_eq(evidence.depth, 2);
	cr_assert((logtap_guard_enter_at)(&frame));
	logtap_event(LOGTAP_INFO, "t", "inner", LOGTAP_END);
	(logtap_guard_leave_at)(&frame);
	cr_assert(next(LOGTAP_EVIDENCE_REENTRY));
	cr_assert_eq(evidence.flags, LOGTAP_EVIDENCE_DISPATCHING);
	cr_assert(silent(), "once each, and no event");
}

Test(evidence_inside, an_event_below_the_level_or_of_telemetry_s_own_is_not)
{
	struct logtap_frame frame;

	logtap_level_init("warn");
	logtap_guard_enter(&logtap_tls, &frame, LOGTAP_PHASE_CALLBACK);
	logtap_event(LOGTAP_INFO, "t", "inner", LOGTAP_END);
	logtap_tls.mark = 1;
	logtap_event(LOGTAP_ERROR, "t", "inner", LOGTAP_END);
	logtap_tls.mark = 0;
	logtap_guard_leave(&logtap_tls);
	logtap_guard_enter(&logtap_tls, &frame, LOGTAP_PHASE_COPY);
	logtap_event(LOGTAP_ERROR, "t", "inner", LOGTAP_END);
	logtap_guard_leave(&logtap_tls);
	logtap_level_init("trace");
	cr_assert(silent());
}

Test(evidence_inside, a_handler_inside_a_copy_leaves_none)
{
	struct logtap_frame frame;
	int fd = connect_it();

	next(LOGTAP_EVIDENCE_CONNECT);
	control->ask = LOGTAP_ASK_SENDS;
	logtap_guard_enter(&logtap_tls, &frame, LOGTAP_PHASE_COPY);
	logtap_on_send(fd, "x", 1, 0);
	logtap_guard_leave(&logtap_tls);
	cr_assert(silent());
}
