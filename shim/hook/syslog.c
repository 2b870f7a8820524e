/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* syslog(3): see the header.  Runs in the host's threads.  The formatting may
 * call libc (vsnprintf), which is why no user code may be reachable from it:
 * printf specifiers of the host's own are seen at their registration. */
#include "syslog.h"

#include "../arch/syscall.h"
#include "../guard/guard.h"
#include "../real.h"
#include "../sink/capture.h"
#include "../sink/message.h"
#include "../state.h"

#include <errno.h>
#include <sys/mman.h>

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

static bool is_masked(int priority)
{
	return !(atomic_load(&settings.mask) & LOG_MASK(LOG_PRI(priority)));
}

static struct logtap_message message_of(int priority)
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
	message.masked = is_masked(priority);
	return message;
}

/* Of bits that mean nothing libc complains, in a message of its own that no
 * hook sees. */
static __attribute__((noinline)) void complain(int priority)
{
	struct logtap_message message =
		message_of(LOG_ERR | LOG_CONS | LOG_PERROR | LOG_PID);

	if (!message.masked)
		logtap_message_print(&message,
				     "syslog: unknown facility/priority: %x",
				     (unsigned)priority);
	errno = message.errno_at_call;
}

/* @frame: the caller's.  What libc writes to stderr below it (LOG_PERROR) is
 * the same message again. */
static struct logtap_message begin(int priority, uintptr_t frame)
{
	if (priority & ~(LOG_PRIMASK | LOG_FACMASK))
		complain(priority);
	struct logtap_message message = message_of(priority);
	if ((message.options & LOG_PERROR) && !message.masked)
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

/* Return: true if the message is captured, and not to be sent. */
static bool is_taken(struct logtap_message *message, const char *format,
		     va_list arguments)
{
	enum logtap_diverted diverted =
		logtap_message_divert(message, format, arguments);

	if (diverted == LOGTAP_DIVERT_WRITE)
		message->masked = true; /* sent, and not captured */
	return diverted == LOGTAP_DIVERT_TAKEN;
}

typedef void syslog_function(int priority, const char *format, ...);

/* Room for any message that a socket takes; untouched pages cost nothing. */
#define TEXT_BYTES_MOST (256l << 10)

/* Formatting runs code of the host, which must run once: it is done first, and
 * libc gets the text. */
static void send_in(const struct logtap_message *message, char *text,
		    size_t room, int priority, const char *format,
		    va_list arguments)
{
	struct iovec part = {text, 0};

	logtap_tls.syslog_sp = 0;
	int size = logtap_real.vsnprintf(text, room, format, arguments);
	if (size < 0)
		return;
	part.iov_len = (size_t)size < room ? (size_t)size : room - 1;
	((syslog_function *)logtap_next_syslog)(priority, "%s", text);
	logtap_message_text(message, &part);
}

static void send_text(const struct logtap_message *message, int priority,
		      const char *format, va_list arguments)
{
	long memory = -ENOSYS;
	char text[2048];

	if (!logtap_sealed())
		memory = logtap_sys6(SYS_mmap, 0, TEXT_BYTES_MOST,
				     PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory < 0 && memory > -4096) {
		send_in(message, text, sizeof text, priority, format,
			arguments);
		return;
	}
	send_in(message, (char *)memory, TEXT_BYTES_MOST, priority, format,
		arguments);
	logtap_sys2(SYS_munmap, memory, TEXT_BYTES_MOST);
}

void logtap_on_vsyslog(int priority, const char *format, va_list arguments)
{
	struct logtap_message message = begin(priority, LOGTAP_STACK_POINTER());
	va_list copy;

	va_copy(copy, arguments);
	if (atomic_load(&custom_specifiers) && !message.masked) {
		send_text(&message, priority, format, copy);
	} else if (!is_taken(&message, format, copy)) {
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
	if (atomic_load(&custom_specifiers) && !message.masked) {
		send_text(&message, priority, format, copy);
	} else if (!is_taken(&message, format, copy)) {
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
