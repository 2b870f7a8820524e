/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* As Debian builds its programs, with _FORTIFY_SOURCE=2: the calls become
 * __fprintf_chk and its kin. */
#include "way.h"

#include <wchar.h>

#if !defined(_FORTIFY_SOURCE) || !defined(__OPTIMIZE__)
#error "this file is to be built with _FORTIFY_SOURCE"
#endif

static void narrow(FILE *file, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(file, format, arguments);
	va_end(arguments);
}

static void wide(FILE *file, const wchar_t *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfwprintf(file, format, arguments);
	va_end(arguments);
}

static void descriptor(int fd, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vdprintf(fd, format, arguments);
	va_end(arguments);
}

WAY(fprintf_chk, 0)
{
	fprintf(stderr, "fprintf_chk %d\n", 1);
}

WAY(vfprintf_chk, 0)
{
	narrow(stderr, "vfprintf_chk %d\n", 2);
}

WAY(fwprintf_chk, WAY_MAIN)
{
	fwprintf(stderr, L"fwprintf_chk %d\n", 3);
}

WAY(vfwprintf_chk, WAY_MAIN)
{
	wide(stderr, L"vfwprintf_chk %d\n", 4);
}

WAY(dprintf_chk, 0)
{
	dprintf(2, "dprintf_chk %s\n", "text");
}

WAY(vdprintf_chk, 0)
{
	descriptor(2, "vdprintf_chk %d\n", 6);
}

WAY(printf_chk_dup2, WAY_MAIN)
{
	fflush(stdout);
	int saved = dup(1);
	dup2(2, 1);
	printf("printf_chk_dup2 %d\n", 7);
	fflush(stdout);
	dup2(saved, 1);
	close(saved);
}

static char small[8];

WAY(buffer_overflow, WAY_MAIN | WAY_UNSEEN)
{
	const char *volatile text = "0123456789abcdef";
	strcpy(small, text);
}

WAY(percent_n, WAY_MAIN | WAY_UNSEEN)
{
	char format[] = "percent_n%n\n";
	int count;
	char *volatile writable = format;
	fprintf(stderr, writable, &count);
}
