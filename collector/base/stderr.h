/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One line of text to standard error, in one write(2), with bytes that could
 * steer a terminal replaced.  Thread-safe; keeps errno; never fails loudly, and
 * by no signal: where standard error is closed there is no one to tell.
 */
#ifndef LOGTAP_BASE_STDERR_H
#define LOGTAP_BASE_STDERR_H

#include <stdarg.h>

enum {
	LOGTAP_STDERR_LINE_BYTES = 8192
}; /* longer lines are cut, marked "..." */

/* "@prefix" and the formatted text; the line feed is added here. */
__attribute__((format(printf, 2, 0))) void logtap_stderr_line(
	const char *prefix, const char *format, va_list arguments);

#endif
