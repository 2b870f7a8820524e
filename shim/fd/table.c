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

#include "open.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 512

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

/* Diverted writes do not meet the kernel's refusal. */
static bool is_refused(int fd)
{
	long flags;

	if (logtap_state.config.mode != LOGTAP_MODE_DIVERT || logtap_filtered())
		return false;
	flags = logtap_sys2(SYS_fcntl, fd, F_GETFL);
	return flags >= 0 && (flags & O_ACCMODE) == O_RDONLY;
}

/* The sink that @fd, 1 or 2, is now.  @was_ours: it was one until now; a
 * socket where something else was is more likely a peer's protocol. */
static unsigned identify(int fd, const char *path, bool was_ours)
{
	struct stat status;

	if (logtap_sys2(SYS_fstat, fd, (long)&status) != 0 ||
	    (S_ISSOCK(status.st_mode) && !was_ours) || is_refused(fd))
		return 0;
	uint8_t sink = logtap_segment_sink(
		fd == STDERR_FILENO ? LOGTAP_SINK_STDERR : LOGTAP_SINK_STDOUT,
		status.st_dev, status.st_ino, status.st_mode & S_IFMT, path);
	return sink == LOGTAP_SINK_INDEX_UNKNOWN ? LOGTAP_SINKS + 1u
						 : sink + 1u;
}

static unsigned identify_first(int fd, const char *link)
{
	char path[PATH_BYTES] = "";

	if (!logtap_filtered())
		logtap_procfs_link(link, path, sizeof path);
	if (fd == STDERR_FILENO)
		logtap_open_remember(path);
	return identify(fd, path, true);
}

void logtap_fd_init(void)
{
	unsigned sink = identify_first(STDERR_FILENO, "/proc/self/fd/2");

	if (!sink) /* closed: keep index 0 for it, so that syslog is 1 */
		logtap_segment_sink(LOGTAP_SINK_STDERR, 0, 0, 0, "");
	put(STDERR_FILENO, sink);
	logtap_segment_sink(LOGTAP_SINK_SYSLOG, 0, 0, 0, "");
	if (logtap_fd_is_standard(STDOUT_FILENO))
		put(STDOUT_FILENO,
		    identify_first(STDOUT_FILENO, "/proc/self/fd/1"));
}

/* May a descriptor of sink @value become fd @to as it is?  stderr onto 1 stays
 * stderr; but stdout or a log file onto 2 makes a new stderr of it. */
static bool keeps_its_sink(int to, unsigned value)
{
	enum logtap_sink_kind kind;

	if (!value)
		return false;
	if (!logtap_fd_is_standard(to))
		return true;
	kind = logtap_segment_sink_kind((uint8_t)(value - 1));
	return kind == LOGTAP_SINK_STDERR ||
	       (to == STDOUT_FILENO && kind == LOGTAP_SINK_STDOUT);
}

void logtap_fd_duplicated(int from, int to)
{
	unsigned value = logtap_fd(from);

	if (from == to ||
	    (!logtap_fd_is_standard(to) && value == logtap_fd(to)))
		return;
	if (logtap_fork_is_borrowed())
		return;
	if (logtap_fd_is_standard(to) && !keeps_its_sink(to, value))
		value = identify(to, "", logtap_fd(to) != 0);
	put(to, value);
}

void logtap_fd_renewed(int fd, const char *path)
{
	if (logtap_fork_is_borrowed())
		return;
	if (fd == STDERR_FILENO)
		logtap_open_remember(path);
	put(fd, identify(fd, path, true));
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
