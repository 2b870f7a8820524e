/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that change what a descriptor is.  An end is noted before the call
 * (another thread may get the number at once), a beginning after it. */
#include "descriptor.h"

#include "../fd/table.h"
#include "../real.h"

#include <errno.h>
#include <linux/close_range.h>

int logtap_on_close(int fd)
{
	logtap_fd_closing(fd);
	return logtap_real.close(fd);
}

int logtap_on_close_range(unsigned first, unsigned last, int flags)
{
	/* Other flags close nothing, or are refused. */
	if (!((unsigned)flags & ~CLOSE_RANGE_UNSHARE) && first <= last &&
	    logtap_fd_any(first, last))
		logtap_fd_closing_range(first, last);
	return logtap_real.close_range(first, last, flags);
}

int logtap_on_dup(int fd)
{
	int to = logtap_real.dup(fd);

	if (to >= 0)
		logtap_fd_duplicated(fd, to);
	return to;
}

int logtap_on_dup2(int fd, int to)
{
	int result = logtap_real.dup2(fd, to);

	if (result >= 0)
		logtap_fd_duplicated(fd, result);
	return result;
}

int logtap_on_dup3(int fd, int to, int flags)
{
	int result = logtap_real.dup3(fd, to, flags);

	if (result >= 0)
		logtap_fd_duplicated(fd, result);
	return result;
}

/* libc put another file onto the standard descriptors, past every hook. */
static void renew_standard(const char *path)
{
	logtap_fd_renewed(STDERR_FILENO, path);
	if (logtap_fd_is_standard(STDOUT_FILENO))
		logtap_fd_renewed(STDOUT_FILENO, path);
}

int logtap_on_daemon(int keep_directory, int keep_standard)
{
	int result = logtap_real.daemon(keep_directory, keep_standard);

	if (result == 0 && !keep_standard)
		renew_standard("/dev/null");
	return result;
}

int logtap_on_login_tty(int fd)
{
	int result = logtap_real.login_tty(fd);

	if (result == 0)
		renew_standard("");
	return result;
}

pid_t logtap_on_forkpty(int *terminal, char *name, const struct termios *modes,
			const struct winsize *size)
{
	pid_t pid = logtap_real.forkpty(terminal, name, modes, size);

	if (pid == 0)
		renew_standard("");
	return pid;
}

static void note_fcntl(int fd, int command, int result)
{
	if (result >= 0 && (command == F_DUPFD || command == F_DUPFD_CLOEXEC))
		logtap_fd_duplicated(fd, result);
}

typedef int fcntl_function(int fd, int command, ...);

int logtap_fcntl_through(void *next, int fd, int command, void *argument)
{
	int result = ((fcntl_function *)next)(fd, command, argument);

	note_fcntl(fd, command, result);
	return result;
}

int logtap_on_fcntl(int fd, int command, ...)
{
	va_list arguments;

	va_start(arguments, command);
	void *argument = va_arg(arguments, void *);
	va_end(arguments);
	return logtap_fcntl_through(LOGTAP_NEXT(fcntl), fd, command, argument);
}
