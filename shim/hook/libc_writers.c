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

struct logtap_message logtap_libc_message(unsigned tracked)
{
	return (struct logtap_message){
		.stamp = logtap_stamp_for((uint8_t)(tracked - 1)),
		.errno_at_call = errno,
	};
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

/* A specifier of the host's own may do anything. */
static enum logtap_diverted divert(const struct logtap_message *message,
				   const char *format, va_list arguments,
				   int *put)
{
	if (!logtap_sink_diverts[message->stamp.sink] ||
	    logtap_printf_is_extended())
		return LOGTAP_DIVERT_TEE;
	return logtap_message_divert(message, format, arguments, put);
}

int logtap_libc_vdprintf(logtap_vdprintf_call *real, int fd, int flag,
			 const char *format, va_list arguments)
{
	enum logtap_diverted diverted;
	va_list copy;
	int put;

	if (!logtap_fd_log(fd))
		return real(fd, flag, format, arguments);
	struct logtap_message message = logtap_libc_message(logtap_fd(fd));
	va_copy(copy, arguments);
	diverted = divert(&message, format, copy, &put);
	if (diverted != LOGTAP_DIVERT_TAKEN) {
		bool refused = diverted == LOGTAP_DIVERT_WRITE;
		struct logtap_libc_call outer = logtap_libc_begin(
			refused ? LOGTAP_LIBC_REFUSED : LOGTAP_LIBC_ON_STACK,
			message.stamp.sink, "", LOGTAP_STACK_POINTER());
		put = real(fd, flag, format, arguments);
		if (refused)
			logtap_libc_end(&outer);
		else
			end_printf(&message, &outer, put, format, copy);
	}
	va_end(copy);
	return put;
}

static int plain(int fd, int flag, const char *format, va_list arguments)
{
	(void)flag;
	return logtap_real.vdprintf(fd, format, arguments);
}

int logtap_on_vdprintf(int fd, const char *format, va_list arguments)
{
	return logtap_libc_vdprintf(plain, fd, 0, format, arguments);
}

int logtap_on_dprintf(int fd, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int put = logtap_libc_vdprintf(plain, fd, 0, format, arguments);
	va_end(arguments);
	return put;
}
