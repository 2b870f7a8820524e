/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Functions of libc that write to stderr by themselves.
 *
 * Some of them write through stdio, some through a temporary stream on a copy
 * of the descriptor, some by a system call that passes no hook; which ones
 * differs from version to version, and is found out at each call: the real
 * function runs first, stdio's slot tells what it saw of it, and if it saw
 * nothing the text is formatted once more, into the ring.  Where the real
 * function does not return, the text is recorded first, and left out when
 * stdio's slot then meets it.
 */
#ifndef LOGTAP_HOOK_LIBC_CALL_H
#define LOGTAP_HOOK_LIBC_CALL_H

#include "../guard/tls.h"
#include "../sink/message.h"

#include <stdio.h>

/* Not 0: captured.  Also read by thunks. */
extern _Atomic uint32_t logtap_writers_active;

enum logtap_libc_how {
	LOGTAP_LIBC_STREAM,    /* through some stream, or past stdio */
	LOGTAP_LIBC_TEMPORARY, /* the same, or a stream on a descriptor of its
	                        * own, whose bytes are captured there */
	LOGTAP_LIBC_ON_STACK, /* through a stream on the stack, or past stdio */
	LOGTAP_LIBC_REFUSED,  /* the same, which is to be left alone */
	LOGTAP_LIBC_RECORDED, /* the text is in the ring already */
};

/**
 * logtap_libc_begin() - before the real call
 * @how:  what to make of streams below @frame
 * @sink: of the process, where the text goes
 * @text: how it begins; for RECORDED, what it contains
 *
 * Return: the call that this one interrupts (a signal handler), for
 *         logtap_libc_end().
 */
struct logtap_libc_call logtap_libc_begin(enum logtap_libc_how how,
					  uint8_t sink, const char *text,
					  uintptr_t frame);

/* After the real call.  Return: true if its text passed stdio. */
bool logtap_libc_end(const struct logtap_libc_call *outer);

/**
 * logtap_libc_look() - stdio writes @size bytes while a call is at work
 * @tracked: logtap_fd() of the stream
 * @keep:    reduced to the bytes in front of a text that was recorded before
 *
 * Return: @tracked, or the sink + 1 of the call whose stream this is.
 */
unsigned logtap_libc_look(const FILE *stream, const char *data, size_t size,
			  unsigned tracked, size_t *keep);

/* A message to the sink of @tracked, a logtap_fd(). */
struct logtap_message logtap_libc_message(unsigned tracked);

/* vdprintf(3) or a fortified form of it (@flag), by libc and into the ring. */
typedef int logtap_vdprintf_call(int fd, int flag, const char *format,
				 va_list arguments);
int logtap_libc_vdprintf(logtap_vdprintf_call *real, int fd, int flag,
			 const char *format, va_list arguments);

/* logtap_fd() of what stderr writes to. */
unsigned logtap_libc_stderr(void);
/* Has stderr no buffer in which a text could wait? */
bool logtap_libc_stderr_is_direct(void);

/* Is @error, found in errno after the call, one of write(2)'s? */
bool logtap_libc_write_failed(int error);

#endif
