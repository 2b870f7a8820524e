/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap relay: for logtap's own use, between a program that cannot be captured
 * and its output.  The only command that is itself captured. */
#include "command.h"

#include "../run/relay.h"

#include <sys/prctl.h>

int logtap_cmd_relay(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	prctl(PR_SET_NAME, "logtap-relay");
	logtap_relay_work();
	return LOGTAP_EXIT_GOOD;
}
