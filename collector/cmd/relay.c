/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap relay: for logtap's own use, between a program that cannot be captured
 * and its standard error.  The only command that is itself captured. */
#include "command.h"

#include "../run/relay.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { RELAY_FD = 3 };

int logtap_cmd_relay(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	prctl(PR_SET_NAME, "logtap-relay");
	logtap_relay_copy(STDIN_FILENO, STDERR_FILENO, RELAY_FD);
	return LOGTAP_EXIT_GOOD;
}
