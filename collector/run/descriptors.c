/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* File descriptors around fork and exec: see the header.  Main thread. */
#include "descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

void logtap_descriptors_close_from(int first)
{
#ifdef SYS_close_range
	if (!syscall(SYS_close_range, (unsigned)first, ~0U, 0U))
		return;
#endif
	DIR *directory = opendir("/proc/self/fd");
	if (!directory) {
		for (long fd = sysconf(_SC_OPEN_MAX); fd-- > first;)
			close((int)fd);
		return;
	}
	const struct dirent *entry;
	while ((entry = readdir(directory))) {
		int fd = atoi(entry->d_name);
		if (entry->d_name[0] != '.' && fd >= first &&
		    fd != dirfd(directory))
			close(fd);
	}
	closedir(directory);
}

unsigned logtap_descriptors_hold_standard(void)
{
	unsigned closed = 0;
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		closed |= 1U << fd;
		/* The lowest free one is this one. */
		open("/dev/null", O_RDWR | O_CLOEXEC);
	}
	return closed;
}
