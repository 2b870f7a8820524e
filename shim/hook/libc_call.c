/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a writing function of libc while it runs: see the header.
 * Runs in the host's threads and handlers; no call leaves this library. */
#include "libc_call.h"

#include "../bytes.h"
#include "../fd/table.h"
#include "../guard/guard.h"

#include <errno.h>

_Atomic uint32_t logtap_writers_active;

struct logtap_libc_call logtap_libc_begin(enum logtap_libc_how how,
					  uint8_t sink, const char *text,
					  uintptr_t frame)
{
	struct logtap_libc_call *call = &logtap_tls.libc_call;
	struct logtap_libc_call outer = *call;
	size_t size = logtap_bytes_string(call->text, sizeof call->text, text);

	call->stream = NULL;
	call->how = (uint8_t)how;
	call->sink = sink;
	call->seen = false;
	call->text_bytes = (uint8_t)size;
	atomic_signal_fence(memory_order_seq_cst);
	call->frame = frame;
	return outer;
}

bool logtap_libc_end(const struct logtap_libc_call *outer)
{
	struct logtap_libc_call *call = &logtap_tls.libc_call;
	bool seen = call->seen;

	call->frame = 0;
	atomic_signal_fence(memory_order_seq_cst);
	if (outer->frame)
		*call = *outer;
	return seen;
}

static bool begins_with(const struct logtap_libc_call *call, const char *data,
			size_t size)
{
	for (size_t i = 0; i < call->text_bytes; i++)
		if (i == size || data[i] != call->text[i])
			return false;
	return true;
}

static bool is_start_of(const struct logtap_libc_call *call, const char *data,
			size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (i >= call->text_bytes || data[i] != call->text[i])
			return false;
	return true;
}

/* Bytes in front of the line that contains the call's text; @size if none
 * does. */
static size_t bytes_before(const struct logtap_libc_call *call,
			   const char *data, size_t size)
{
	size_t line = 0;

	for (size_t at = 0; at < size; at++) {
		if (begins_with(call, data + at, size - at))
			return line;
		if (data[at] == '\n')
			line = at + 1;
	}
	return size;
}

static bool is_on_stack(const struct logtap_libc_call *call, const void *stream,
			uintptr_t here)
{
	return (uintptr_t)stream > here && (uintptr_t)stream < call->frame;
}

unsigned logtap_libc_look(const FILE *stream, const char *data, size_t size,
			  unsigned tracked, size_t *keep)
{
	struct logtap_libc_call *call = &logtap_tls.libc_call;
	uintptr_t here = LOGTAP_STACK_POINTER();

	if (!call->frame ||
	    logtap_guard_is_stale(&logtap_tls, call->frame, here))
		return tracked;
	switch ((enum logtap_libc_how)call->how) {
	case LOGTAP_LIBC_RECORDED:
		if (tracked)
			*keep = bytes_before(call, data, size);
		if (*keep < size)
			call->frame = 0;
		return tracked;
	case LOGTAP_LIBC_ON_STACK:
		call->seen |= is_on_stack(call, stream, here);
		return tracked;
	case LOGTAP_LIBC_REFUSED:
		return is_on_stack(call, stream, here) ? 0 : tracked;
	case LOGTAP_LIBC_TEMPORARY:
		/* Not every stream: a handler may write to a file. */
		if (!tracked &&
		    (stream == call->stream || begins_with(call, data, size))) {
			call->stream = stream;
			call->seen = true;
			return call->sink + 1u;
		}
		/* fall through */
	case LOGTAP_LIBC_STREAM:
		/* A wide stream without a buffer writes byte by byte. */
		if (tracked && (begins_with(call, data, size) ||
				is_start_of(call, data, size)))
			call->seen = true;
		return tracked;
	}
	return tracked;
}

bool logtap_libc_write_failed(int error)
{
	switch (error) {
	case EAGAIN:
	case EBADF:
	case EDESTADDRREQ:
	case EDQUOT:
	case EFBIG:
	case EINTR:
	case EIO:
	case ENOSPC:
	case ENOTCONN:
	case EPERM:
	case EPIPE:
		return true;
	default:
		return false;
	}
}
