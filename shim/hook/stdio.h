/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * stdio, through the write and close slots of libc's jump tables.
 *
 * libc calls its own write(2) past the PLT, but every FILE writes through the
 * table _IO_file_jumps (wide ones: _IO_wfile_jumps).  Replacing the contents of
 * two slots catches all of it, and exactly the bytes that the kernel took.
 */
#ifndef LOGTAP_HOOK_STDIO_H
#define LOGTAP_HOOK_STDIO_H

#include <logtap/abi/segment.h>

/* In the constructor: checks that libc is built as expected, then installs.
 * Return: INSTALLED, or why not. */
enum logtap_coverage logtap_stdio_install(void);

#endif
