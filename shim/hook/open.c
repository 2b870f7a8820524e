/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that open files by name.  The real call runs first; nothing after it
 * touches errno.  Runs in the host's threads and handlers. */
#include "../fd/open.h"

#include "../fd/table.h"
#include "../real.h"
#include "stdio.h"

typedef int open_function(const char *path, int flags, ...);
typedef int openat_function(int directory, const char *path, int flags, ...);

/* libc reads the mode only where it is needed; to hand on what is not there
 * does no harm. */
#define MODE(mode)                               \
	va_list arguments;                       \
	va_start(arguments, flags);              \
	mode_t mode = va_arg(arguments, mode_t); \
	va_end(arguments)

int logtap_on_open(const char *path, int flags, ...)
{
	MODE(mode);
	return logtap_open_result(
		((open_function *)LOGTAP_NEXT(open))(path, flags, mode), path,
		flags);
}

int logtap_on_open64(const char *path, int flags, ...)
{
	MODE(mode);
	return logtap_open_result(
		((open_function *)LOGTAP_NEXT(open64))(path, flags, mode), path,
		flags);
}

int logtap_on_openat(int directory, const char *path, int flags, ...)
{
	MODE(mode);
	return logtap_open_result(((openat_function *)LOGTAP_NEXT(openat))(
					  directory, path, flags, mode),
				  path, flags);
}

int logtap_on_openat64(int directory, const char *path, int flags, ...)
{
	MODE(mode);
	return logtap_open_result(((openat_function *)LOGTAP_NEXT(openat64))(
					  directory, path, flags, mode),
				  path, flags);
}

int logtap_on_creat(const char *path, mode_t mode)
{
	return logtap_open_result(logtap_real.creat(path, mode), path,
				  O_WRONLY);
}

int logtap_on_creat64(const char *path, mode_t mode)
{
	return logtap_open_result(logtap_real.creat64(path, mode), path,
				  O_WRONLY);
}

static bool has_plus(const char *mode)
{
	for (; *mode && *mode != ','; mode++)
		if (*mode == '+')
			return true;
	return false;
}

static FILE *noted_stream(FILE *stream, const char *path, const char *mode)
{
	bool both = has_plus(mode);

	if (stream)
		logtap_stdio_adopt(stream);
	if (stream && (both || *mode != 'r'))
		logtap_open_noted(logtap_stdio_descriptor(stream), path, both);
	return stream;
}

FILE *logtap_on_fopen(const char *path, const char *mode)
{
	return noted_stream(logtap_real.fopen(path, mode), path, mode);
}

FILE *logtap_on_fopen64(const char *path, const char *mode)
{
	return noted_stream(logtap_real.fopen64(path, mode), path, mode);
}

static FILE *reopened(int before, FILE *stream, const char *path,
		      const char *mode)
{
	int after = -1;

	if (stream) {
		logtap_stdio_adopt(stream);
		after = logtap_stdio_descriptor(stream);
	}
	logtap_open_again(before, after, path, has_plus(mode));
	return stream;
}

FILE *logtap_on_freopen(const char *path, const char *mode, FILE *stream)
{
	int before = logtap_stdio_descriptor(stream);

	return reopened(before, logtap_real.freopen(path, mode, stream), path,
			mode);
}

FILE *logtap_on_freopen64(const char *path, const char *mode, FILE *stream)
{
	int before = logtap_stdio_descriptor(stream);

	return reopened(before, logtap_real.freopen64(path, mode, stream), path,
			mode);
}
