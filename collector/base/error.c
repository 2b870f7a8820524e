/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What a command says to the person who started it: see the header. */
#include "error.h"

#include "stderr.h"

#include <stdio.h>

void logtap_error_format(char *out, size_t out_bytes, const char *what,
			 const char *where, const char *why, const char *next)
{
	snprintf(out, out_bytes, "%s%s%s: %s%s%s", what, where ? ": " : "",
		 where ? where : "", why, next ? "; " : "", next ? next : "");
}

void logtap_error_say(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	logtap_stderr_line("logtap: ", format, arguments);
	va_end(arguments);
}

void logtap_error_print(const char *what, const char *where, const char *why,
			const char *next)
{
	char text[LOGTAP_STDERR_LINE_BYTES];
	logtap_error_format(text, sizeof(text), what, where, why, next);
	logtap_error_say("%s", text);
}
