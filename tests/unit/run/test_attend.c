/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor while its program runs. */
#include "../../../collector/run/supervisor.h"

#include <criterion/criterion.h>
#include <sys/wait.h>
#include <unistd.h>

/* The program has ended by a signal that we got as well, and have not read when
 * we see its end. */
Test(attend, what_ended_the_program_is_no_hurry)
{
	struct logtap_supervisor supervisor = {
		.sidecar = {.pid = -1, .fd = -1},
	};
	siginfo_t info;

	logtap_relay_init(&supervisor.relay);
	logtap_signals_take(&supervisor.signals);
	cr_assert_eq(logtap_signals_open(&supervisor.signals), 0);
	pid_t pid = fork();
	if (!pid)
		_exit(7);
	supervisor.child.pid = pid;
	cr_assert_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	kill(getpid(), SIGINT);

	logtap_supervisor_attend(&supervisor);
	cr_assert(supervisor.ended);
	cr_assert_eq(supervisor.exit.si_status, 7);
	logtap_supervisor_wait(&supervisor, logtap_supervisor_now_ms() + 1);
	cr_assert_not(supervisor.hurried, "taken for one that came later");

	/* One that does come later. */
	kill(getpid(), SIGINT);
	cr_assert(logtap_supervisor_wait(&supervisor,
					 logtap_supervisor_now_ms() + 10000));
	cr_assert(supervisor.hurried);
	logtap_signals_close(&supervisor.signals);
}
