/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Linked with a library that defines syslog(3) for itself. */
#include <stdio.h>
#include <syslog.h>

int main(void)
{
	fprintf(stderr, "a line\n");
	syslog(LOG_INFO, "a message for %s", "the library");
	return 0;
}
