/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * syslog(3): the real call runs unchanged, then the message is formatted once
 * more, straight into the ring.
 */
#ifndef LOGTAP_HOOK_SYSLOG_H
#define LOGTAP_HOOK_SYSLOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/* Not 0: captured.  0: the functions belong to another library, or logtap is
 * inert, and calls pass through.  Also read by thunks. */
extern _Atomic uint32_t logtap_syslog_active;

/* vsyslog(3) or a fortified form of it (@flag), by libc and into the ring. */
typedef void logtap_vsyslog_call(int priority, int flag, const char *format,
				 va_list arguments);
void logtap_syslog_through(logtap_vsyslog_call *real, int priority, int flag,
			   const char *format, va_list arguments);

/* What openlog(3) and closelog(3) left; libc keeps the same for itself:
 * libc/<libc>/openlog.c. */
struct logtap_syslog_settings {
	const char *ident; /* NULL: the program's name */
	int options;
	int facility;
};
struct logtap_syslog_settings logtap_syslog_settings(void);

/* Has the host registered printf specifiers of its own?  Then formatting runs
 * its code. */
bool logtap_printf_is_extended(void);

#endif
