/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Statically linked: what it says to the system logger.
 *
 *     static_syslog COUNT          so many messages
 *     static_syslog COUNT daemon   the same once its parent has gone, without
 *                                  any of the descriptors that it had
 *     static_syslog mount FOLDER   mounts a tmpfs there, and says so
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1;

	if (argc > 2 && !strcmp(argv[1], "mount")) {
		if (mount("none", argv[2], "tmpfs", 0, NULL))
			return 1;
		fprintf(stderr, "inside\n");
		return 0;
	}
	fprintf(stderr, "on stderr\n");
	if (argc > 2) {
		if (fork())
			return 0;
		setsid();
		syscall(SYS_close_range, 0, ~0U, 0);
		sleep(2);
	}
	openlog("static", LOG_PID, LOG_DAEMON);
	for (int i = 0; i < count; i++)
		syslog(LOG_WARNING, "message %d", i);
	return 0;
}
