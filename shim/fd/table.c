/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptor table: see the header.  Changes run in the thread that made
 * the system call, outside the guard; in a vfork child they are not made,
 * because the table is the parent's. */
#include "table.h"

#include "../arch/syscall.h"
#include "../bytes.h"
#include "../hook/fork.h"
#include "../segment/create.h"
#include "../segment/procfs.h"

#include <sys/stat.h>
#include <unistd.h>

unsigned char logtap_fds[LOGTAP_FDS];

static void put(int fd, unsigned value)
{
	if ((unsigned)fd < LOGTAP_FDS)
		__atomic_store_n(&logtap_fds[fd], (unsigned char)value,
				 __ATOMIC_RELAXED);
	else if (value)
		logtap_segment_diagnose(
			fd, "a copy of stderr has a descriptor above 4095: not "
			    "captured");
}

/* The sink that fd 2 is now.  @was_stderr: it was one of ours until now; a
 * socket where something else was is more likely a peer's protocol. */
static unsigned identify(const char *path, bool was_stderr)
{
	struct stat status;

	if (logtap_sys2(SYS_fstat, STDERR_FILENO, (long)&status) != 0 ||
	    (S_ISSOCK(status.st_mode) && !was_stderr))
		return 0;
	uint8_t sink = logtap_segment_sink(LOGTAP_SINK_STDERR, status.st_dev,
					   status.st_ino,
					   status.st_mode & S_IFMT, path);
	return sink == LOGTAP_SINK_INDEX_UNKNOWN ? LOGTAP_SINKS + 1u
						 : sink + 1u;
}

void logtap_fd_init(void)
{
	char path[LOGTAP_SINK_PATH_BYTES] = "";
	unsigned sink;

	if (!logtap_filtered())
		logtap_procfs_link("/proc/self/fd/2", path, sizeof path);
	sink = identify(path, true);
	if (!sink) /* closed: keep index 0 for it, so that syslog is 1 */
		logtap_segment_sink(LOGTAP_SINK_STDERR, 0, 0, 0, "");
	put(STDERR_FILENO, sink);
	logtap_segment_sink(LOGTAP_SINK_SYSLOG, 0, 0, 0, "");
}

void logtap_fd_duplicated(int from, int to)
{
	unsigned value = logtap_fd(from);

	if (from == to || (to != STDERR_FILENO && value == logtap_fd(to)))
		return;
	if (logtap_fork_is_borrowed())
		return;
	if (to == STDERR_FILENO && !value)
		value = identify("", logtap_fd(to) != 0);
	put(to, value);
}

void logtap_fd_opened(int fd, uint8_t sink)
{
	if (logtap_fd(fd) != sink + 1u && !logtap_fork_is_borrowed())
		put(fd, sink + 1u);
}

void logtap_fd_closing(int fd)
{
	if (!logtap_fork_is_borrowed())
		put(fd, 0);
}

bool logtap_fd_any(unsigned first, unsigned last)
{
	if (last >= LOGTAP_FDS)
		last = LOGTAP_FDS - 1;
	for (unsigned fd = first; fd <= last; fd++)
		if (logtap_fds[fd])
			return true;
	return false;
}

void logtap_fd_closing_range(unsigned first, unsigned last)
{
	if (logtap_fork_is_borrowed())
		return;
	if (last >= LOGTAP_FDS)
		last = LOGTAP_FDS - 1;
	for (unsigned fd = first; fd <= last; fd++)
		put((int)fd, 0);
}
