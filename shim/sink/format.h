/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * printf(3)'s plain conversions without libc: %d %i %u %x %X %c %s %p %m %%,
 * with width, precision, length and the flags that mean the same everywhere.
 * What is plain comes out byte for byte as from vsnprintf(3), in any locale;
 * everything else is refused, and libc must do it.
 */
#ifndef LOGTAP_SINK_FORMAT_H
#define LOGTAP_SINK_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

#define LOGTAP_FORMAT_REFUSED (-1)

/* @error: for %m, which libc's vsnprintf() translates.  Needs no NUL and writes
 * none.  Calls nothing else, allocates nothing; reads what the format names and
 * nothing but it.
 * Return: bytes written, less than @room; LOGTAP_FORMAT_REFUSED if the format is
 * not plain or the text does not fit (then @to holds anything). */
int logtap_format_plain(char *to, size_t room, int error, const char *format,
			va_list arguments);

#endif
