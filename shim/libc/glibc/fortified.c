/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What _FORTIFY_SOURCE makes of calls, second names, and what no other libc has;
 * the plain functions are in hook/.  Runs in the host's threads and handlers. */
#include "../../fd/open.h"
#include "../../fd/table.h"
#include "../../hook/descriptor.h"
#include "../../hook/libc_call.h"
#include "../../hook/syslog.h"
#include "../../real.h"

int logtap_on_open_2(const char *path, int flags)
{
	return logtap_open_result(logtap_real.__open_2(path, flags), path,
				  flags);
}

int logtap_on_open64_2(const char *path, int flags)
{
	return logtap_open_result(logtap_real.__open64_2(path, flags), path,
				  flags);
}

int logtap_on_openat_2(int directory, const char *path, int flags)
{
	return logtap_open_result(
		logtap_real.__openat_2(directory, path, flags), path, flags);
}

int logtap_on_openat64_2(int directory, const char *path, int flags)
{
	return logtap_open_result(
		logtap_real.__openat64_2(directory, path, flags), path, flags);
}

static int vdprintf_chk(int fd, int flag, const char *format, va_list arguments)
{
	return logtap_real.__vdprintf_chk(fd, flag, format, arguments);
}

int logtap_on_vdprintf_chk(int fd, int flag, const char *format,
			   va_list arguments)
{
	return logtap_libc_vdprintf(vdprintf_chk, fd, flag, format, arguments);
}

int logtap_on___dprintf_chk(int fd, int flag, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int put =
		logtap_libc_vdprintf(vdprintf_chk, fd, flag, format, arguments);
	va_end(arguments);
	return put;
}

static void vsyslog_chk(int priority, int flag, const char *format,
			va_list arguments)
{
	logtap_real.__vsyslog_chk(priority, flag, format, arguments);
}

void logtap_on_vsyslog_chk(int priority, int flag, const char *format,
			   va_list arguments)
{
	logtap_syslog_through(vsyslog_chk, priority, flag, format, arguments);
}

void logtap_on___syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	logtap_syslog_through(vsyslog_chk, priority, flag, format, arguments);
	va_end(arguments);
}

int logtap_on_fcntl64(int fd, int command, ...)
{
	va_list arguments;

	va_start(arguments, command);
	void *argument = va_arg(arguments, void *);
	va_end(arguments);
	return logtap_fcntl_through(LOGTAP_NEXT(fcntl64), fd, command,
				    argument);
}

void logtap_on_closefrom(int first)
{
	unsigned from = first < 0 ? 0 : (unsigned)first;

	if (logtap_fd_any(from, ~0u))
		logtap_fd_closing_range(from, ~0u);
	logtap_real.closefrom(first);
}
