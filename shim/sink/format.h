/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * printf(3) into memory.  Plain conversions need no libc: %d %i %u %x %X %c %s
 * %p %%, with width, precision, length and the flags that mean the same
 * everywhere.  They come out byte for byte as from vsnprintf(3), in any locale.
 * At the first that is not plain libc takes over; what is done is not done again.
 */
#ifndef LOGTAP_SINK_FORMAT_H
#define LOGTAP_SINK_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* @error: for %m.  @room: at least 1.  Writes a NUL only where libc does; bytes
 * behind the text may be overwritten up to @room.  Allocates nothing and calls
 * nothing but libc's vsnprintf(); errno is then anything.
 * Return: as vsnprintf(3): the bytes that the text has, of which all are at @to
 * if they are less than @room; negative: it cannot be formatted. */
int logtap_format(char *to, size_t room, int error, const char *format,
		  va_list arguments);

#endif
