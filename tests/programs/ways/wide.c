/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* stdio: wide characters.  stderr is wide from the first call on. */
#include "way.h"

#include <locale.h>
#include <wchar.h>

static void variadic(FILE *file, const wchar_t *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfwprintf(file, format, arguments);
	va_end(arguments);
}

WAY(fwprintf, WAY_MAIN)
{
	fwprintf(stderr, L"fwprintf %d %ls\n", 1, L"wide");
}

WAY(vfwprintf, WAY_MAIN)
{
	variadic(stderr, L"vfwprintf %d\n", 2);
}

WAY(fputws, WAY_MAIN)
{
	fputws(L"fputws\n", stderr);
}

WAY(fputws_unlocked, WAY_MAIN)
{
	fputws_unlocked(L"fputws_unlocked\n", stderr);
}

WAY(fputwc, WAY_MAIN)
{
	for (const wchar_t *at = L"fputwc\n"; *at; at++)
		fputwc(*at, stderr);
}

WAY(putwc, WAY_MAIN)
{
	for (const wchar_t *at = L"putwc\n"; *at; at++)
		putwc(*at, stderr);
}

WAY(fputwc_unlocked, WAY_MAIN)
{
	for (const wchar_t *at = L"fputwc_unlocked\n"; *at; at++)
		fputwc_unlocked(*at, stderr);
}

WAY(wide_utf8, WAY_MAIN)
{
	setlocale(LC_ALL, "C.UTF-8");
	fputws(L"wide_utf8 caf\u00e9 \u65e5\u672c\n", stderr);
}

WAY(wide_full_exit, WAY_MAIN)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputws(L"wide_full_exit\n", stderr);
}

WAY(wide_fdopen, 0)
{
	FILE *file = fdopen(dup(2), "w");
	fputws(L"wide_fdopen\n", file);
	fclose(file);
}

WAY(wide_perror, WAY_MAIN)
{
	fputws(L"wide_perror first\n", stderr);
	errno = ENOENT;
	perror("wide_perror");
}
