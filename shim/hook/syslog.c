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

static _Atomic int log_mask = 0xff; /* of setlogmask(3) */

int logtap_on_setlogmask(int mask)
{
	if (mask)
		atomic_store(&log_mask, mask);
	return logtap_real.setlogmask(mask);
}

/* As libc completes it (RFC 3164 facility and severity). */
static int complete(int priority, int facility)
{
	priority &= LOG_PRIMASK | LOG_FACMASK;
	return priority & LOG_FACMASK ? priority : priority | facility;
}

static bool is_masked(int priority)
{
	return !(atomic_load(&log_mask) & LOG_MASK(LOG_PRI(priority)));
}

/* Member by member: a wide load of what was just stored in parts waits until
 * all stores before it are done, also those into the ring. */
static void describe(struct logtap_message *message, int priority)
{
	struct logtap_syslog_settings settings = logtap_syslog_settings();
	struct logtap_now now = logtap_clock_now();

	priority = complete(priority, settings.facility);
	message->stamp.time = now.time;
	message->stamp.flags = (uint8_t)now.flags;
	message->stamp.priority = (uint16_t)priority;
	message->stamp.sink = LOGTAP_SINK_INDEX_SYSLOG;
	message->stamp.format = LOGTAP_FORMAT_SYSLOG;
	message->stamp.type = LOGTAP_CHUNK_DATA;
	message->stamp.extension_bytes = 0;
	message->stamp.extension = NULL;
	message->stamp.missing = 0;
	message->options = (uint32_t)settings.options;
	message->ident = settings.ident;
	message->errno_at_call = errno;
	message->masked = is_masked(priority);
}

/* Of bits that mean nothing libc complains, in a message of its own that no
 * hook sees. */
static __attribute__((noinline)) void complain(int priority)
{
	struct logtap_message message;

	describe(&message, LOG_ERR | LOG_CONS | LOG_PERROR | LOG_PID);
	if (!message.masked)
		logtap_message_print(&message,
				     "syslog: unknown facility/priority: %x",
				     (unsigned)priority);
	errno = message.errno_at_call;
}

/* @frame: the caller's.  What libc writes to stderr below it (LOG_PERROR) is
 * the same message again. */
static void begin(struct logtap_message *message, int priority, uintptr_t frame)
{
	bool unknown = priority & ~(LOG_PRIMASK | LOG_FACMASK);

	if (unknown && LOGTAP_SYSLOG_COMPLAINS)
		complain(priority);
	describe(message, priority);
	if (unknown && !LOGTAP_SYSLOG_COMPLAINS)
		message->masked = true;
	if ((message->options & LOG_PERROR) && !message->masked)
		logtap_tls.syslog_sp = frame;
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
	int size;
	enum logtap_diverted diverted =
		logtap_message_divert(message, format, arguments, &size);

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
	((syslog_function *)LOGTAP_NEXT(syslog))(priority, "%s", text);
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

void logtap_syslog_through(logtap_vsyslog_call *real, int priority, int flag,
			   const char *format, va_list arguments)
{
	struct logtap_message message;
	va_list copy;

	begin(&message, priority, LOGTAP_STACK_POINTER());
	if (logtap_printf_is_extended() && !message.masked) {
		send_text(&message, priority, format, arguments);
	} else if (!is_taken(&message, format, arguments)) {
		va_copy(copy, arguments);
		real(priority, flag, format, arguments);
		end(&message, format, copy);
		va_end(copy);
	}
}

static void plain(int priority, int flag, const char *format, va_list arguments)
{
	(void)flag;
	logtap_real.vsyslog(priority, format, arguments);
}

void logtap_on_vsyslog(int priority, const char *format, va_list arguments)
{
	logtap_syslog_through(plain, priority, 0, format, arguments);
}

void logtap_on_syslog(int priority, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	logtap_on_vsyslog(priority, format, arguments);
	va_end(arguments);
}
