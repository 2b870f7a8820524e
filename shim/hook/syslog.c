/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* syslog(3): see the header.  Runs in the host's threads.  The formatting may
 * call libc (vsnprintf), which is why no user code may be reachable from it:
 * printf specifiers of the host's own are seen at their registration. */
#include "syslog.h"

#include "../guard/guard.h"
#include "../real.h"
#include "../sink/capture.h"
#include "../sink/message.h"

#include <errno.h>

_Atomic uint32_t logtap_syslog_active;

/* What openlog(3) and setlogmask(3) left; libc keeps the same for itself. */
static struct {
	const char *_Atomic ident; /* the host's memory, read at each message */
	_Atomic int options;
	_Atomic int facility;
	_Atomic int mask;
} settings = {.facility = LOG_USER, .mask = 0xff};

/* A specifier of the host's own exists: formatting runs its code. */
static _Atomic uint32_t custom_specifiers;

void logtap_on_openlog(const char *ident, int option, int facility)
{
	if (ident)
		atomic_store(&settings.ident, ident);
	atomic_store(&settings.options, option);
	if ((facility & ~LOG_FACMASK) == 0)
		atomic_store(&settings.facility, facility);
	logtap_real.openlog(ident, option, facility);
}

void logtap_on_closelog(void)
{
	atomic_store(&settings.ident, NULL);
	logtap_real.closelog();
}

int logtap_on_setlogmask(int mask)
{
	if (mask)
		atomic_store(&settings.mask, mask);
	return logtap_real.setlogmask(mask);
}

bool logtap_printf_is_extended(void)
{
	return atomic_load_explicit(&custom_specifiers, memory_order_relaxed);
}

int logtap_on_register_printf_function(int specifier, printf_function *convert,
				       printf_arginfo_function *arginfo)
{
	atomic_store(&custom_specifiers, 1);
	return logtap_real.register_printf_function(specifier, convert,
						    arginfo);
}

int logtap_on_register_printf_specifier(int specifier, printf_function *convert,
					printf_arginfo_size_function *arginfo)
{
	atomic_store(&custom_specifiers, 1);
	return logtap_real.register_printf_specifier(specifier, convert,
						     arginfo);
}

/* As libc completes it (RFC 3164 facility and severity). */
static int complete(int priority)
{
	priority &= LOG_PRIMASK | LOG_FACMASK;
	if (!(priority & LOG_FACMASK))
		priority |= atomic_load(&settings.facility);
	return priority;
}

/* @frame: the caller's.  What libc writes to stderr below it (LOG_PERROR) is
 * the same message again. */
static struct logtap_message begin(int priority, uintptr_t frame)
{
	struct logtap_message message = {
		.stamp = logtap_stamp_for(LOGTAP_SINK_INDEX_SYSLOG),
		.options = (uint32_t)atomic_load(&settings.options),
		.ident = atomic_load(&settings.ident),
		.errno_at_call = errno,
	};

	priority = complete(priority);
	message.stamp.format = LOGTAP_FORMAT_SYSLOG;
	message.stamp.priority = (uint16_t)priority;
	message.masked =
		!(atomic_load(&settings.mask) & LOG_MASK(LOG_PRI(priority)));
	logtap_tls.syslog_sp = frame;
	return message;
}

/* The real call has been made; errno is its. */
static void end(const struct logtap_message *message, const char *format,
		va_list arguments)
{
	int after = errno;

	logtap_tls.syslog_sp = 0;
	if (!message->masked)
		logtap_message_format(message, format, arguments);
	errno = after;
}

typedef void syslog_function(int priority, const char *format, ...);

/* Formatting runs code of the host, which must run once: it is done first, and
 * libc gets the text. */
static void send_text(const struct logtap_message *message, int priority,
		      const char *format, va_list arguments)
{
	char text[2048];
	struct iovec part = {text, 0};

	logtap_tls.syslog_sp = 0;
	int size = logtap_real.vsnprintf(text, sizeof text, format, arguments);
	if (size < 0)
		return;
	part.iov_len =
		(size_t)size < sizeof text ? (size_t)size : sizeof text - 1;
	((syslog_function *)logtap_next_syslog)(priority, "%s", text);
	if (!message->masked)
		logtap_message_text(message, &part);
}

void logtap_on_vsyslog(int priority, const char *format, va_list arguments)
{
	struct logtap_message message = begin(priority, LOGTAP_STACK_POINTER());
	va_list copy;

	va_copy(copy, arguments);
	if (atomic_load(&custom_specifiers)) {
		send_text(&message, priority, format, copy);
	} else if (!logtap_message_divert(&message, format, copy)) {
		logtap_real.vsyslog(priority, format, arguments);
		end(&message, format, copy);
	}
	va_end(copy);
}

void logtap_on_vsyslog_chk(int priority, int flag, const char *format,
			   va_list arguments)
{
	struct logtap_message message = begin(priority, LOGTAP_STACK_POINTER());
	va_list copy;

	va_copy(copy, arguments);
	if (atomic_load(&custom_specifiers)) {
		send_text(&message, priority, format, copy);
	} else if (!logtap_message_divert(&message, format, copy)) {
		logtap_real.__vsyslog_chk(priority, flag, format, arguments);
		end(&message, format, copy);
	}
	va_end(copy);
}

void logtap_on_syslog(int priority, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	logtap_on_vsyslog(priority, format, arguments);
	va_end(arguments);
}

void logtap_on___syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	logtap_on_vsyslog_chk(priority, flag, format, arguments);
	va_end(arguments);
}
