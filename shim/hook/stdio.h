/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * stdio, at the place where libc writes a stream's bytes: libc/<libc>/stdio.c.
 *
 * libc calls its own write(2) past the PLT, but each stream writes through a
 * pointer.  Putting ours there catches all of stdio, and exactly the bytes that
 * the kernel took.
 */
#ifndef LOGTAP_HOOK_STDIO_H
#define LOGTAP_HOOK_STDIO_H

#include <logtap/abi/segment.h>
#include <stdio.h>

/* In the constructor: checks that libc is built as expected, then installs.
 * Return: INSTALLED, or why not. */
enum logtap_coverage logtap_stdio_install(void);

/* @stream was opened just now; nobody else has it yet. */
void logtap_stdio_adopt(FILE *stream);

/* As fileno(3), without a lock and without errno. */
int logtap_stdio_descriptor(FILE *stream);

#endif
