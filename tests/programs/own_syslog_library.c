/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A syslog(3) that is not libc's. */
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

void syslog(int priority, const char *format, ...)
{
	va_list arguments;

	printf("<%d>", priority);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}
