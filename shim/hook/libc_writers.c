/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of libc that write to stderr and return: see libc_call.h.  Runs in
 * the host's threads and handlers; errno is as the real call left it. */
#include "../fd/table.h"
#include "../guard/guard.h"
#include "../real.h"
#include "../sink/message.h"
#include "libc_call.h"
#include "syslog.h"

#include <errno.h>

static struct logtap_message message_at(unsigned tracked)
{
	return (struct logtap_message){
		.stamp = logtap_stamp_for((uint8_t)(tracked - 1)),
		.errno_at_call = errno,
	};
}

void logtap_on_perror(const char *text)
{
	unsigned tracked = logtap_libc_stderr();

	if (!tracked) {
		logtap_real.perror(text);
		return;
	}
	struct logtap_message message = message_at(tracked);
	struct logtap_libc_call outer =
		logtap_libc_begin(LOGTAP_LIBC_TEMPORARY, message.stamp.sink,
				  text ? text : "", LOGTAP_STACK_POINTER());
	logtap_real.perror(text);
	/* A text that waits in stderr's buffer is seen when that is flushed. */
	if (logtap_libc_end(&outer) || !logtap_libc_stderr_is_direct())
		return;
	int after = errno;
	if (!logtap_libc_write_failed(after) || after == message.errno_at_call)
		logtap_message_print(&message, "%s%s%m\n", text ? text : "",
				     text && *text ? ": " : "");
	errno = after;
}

/* Runs a call that writes or says in errno why it does not, and leaves errno
 * alone otherwise.  Ends with the errno that the host is to see. */
#define RUN(written, call)                                  \
	do {                                                \
		int before = errno;                         \
		errno = 0;                                  \
		call;                                       \
		written = !logtap_libc_write_failed(errno); \
		if (!errno)                                 \
			errno = before;                     \
	} while (0)

void logtap_on_herror(const char *text)
{
	struct logtap_message message = message_at(logtap_fd(STDERR_FILENO));
	int error = logtap_real.__h_errno_location
			    ? *logtap_real.__h_errno_location()
			    : 0;
	struct logtap_libc_call outer =
		logtap_libc_begin(LOGTAP_LIBC_STREAM, message.stamp.sink,
				  text ? text : "", LOGTAP_STACK_POINTER());
	bool written;

	RUN(written, logtap_real.herror(text));
	if (logtap_libc_end(&outer) || !written || !logtap_real.hstrerror)
		return;
	int after = errno;
	logtap_message_print(&message, "%s%s%s\n", text ? text : "",
			     text && *text ? ": " : "",
			     logtap_real.hstrerror(error));
	errno = after;
}

/* The real call has been made, and wrote @put bytes. */
static void end_printf(const struct logtap_message *message,
		       const struct logtap_libc_call *outer, int put,
		       const char *format, va_list arguments)
{
	int after = errno;

	if (logtap_libc_end(outer) || put <= 0)
		return;
	/* A specifier of the host's own would run its code once more. */
	if (logtap_printf_is_extended())
		logtap_capture_gap(&message->stamp, (uint64_t)put);
	else
		logtap_message_format(message, format, arguments);
	errno = after;
}

int logtap_on_vdprintf(int fd, const char *format, va_list arguments)
{
	struct logtap_message message = message_at(logtap_fd(fd));
	struct logtap_libc_call outer =
		logtap_libc_begin(LOGTAP_LIBC_ON_STACK, message.stamp.sink, "",
				  LOGTAP_STACK_POINTER());
	va_list copy;

	va_copy(copy, arguments);
	int put = logtap_real.vdprintf(fd, format, arguments);
	end_printf(&message, &outer, put, format, copy);
	va_end(copy);
	return put;
}

int logtap_on_vdprintf_chk(int fd, int flag, const char *format,
			   va_list arguments)
{
	struct logtap_message message = message_at(logtap_fd(fd));
	struct logtap_libc_call outer =
		logtap_libc_begin(LOGTAP_LIBC_ON_STACK, message.stamp.sink, "",
				  LOGTAP_STACK_POINTER());
	va_list copy;

	va_copy(copy, arguments);
	int put = logtap_real.__vdprintf_chk(fd, flag, format, arguments);
	end_printf(&message, &outer, put, format, copy);
	va_end(copy);
	return put;
}

int logtap_on_dprintf(int fd, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int put = logtap_fd_log(fd)
			  ? logtap_on_vdprintf(fd, format, arguments)
			  : logtap_real.vdprintf(fd, format, arguments);
	va_end(arguments);
	return put;
}

int logtap_on___dprintf_chk(int fd, int flag, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int put = logtap_fd_log(fd)
			  ? logtap_on_vdprintf_chk(fd, flag, format, arguments)
			  : logtap_real.__vdprintf_chk(fd, flag, format,
						       arguments);
	va_end(arguments);
	return put;
}
