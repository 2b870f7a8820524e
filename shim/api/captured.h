/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Captured writes on their way to a sink that asked for them
 * (logtap_sink_push_capturing()): in the writing thread, after the real call.
 */
#ifndef LOGTAP_API_CAPTURED_H
#define LOGTAP_API_CAPTURED_H

#include "../guard/mark.h"
#include "../sink/capture.h"

#include <stdarg.h>

/* Does the calling thread's sink want what it writes? */
static inline bool logtap_captured_wanted(const struct logtap_tls *tls)
{
	return __builtin_expect(tls->mark & LOGTAP_MARK_CAPTURE, 0);
}

/* Gives the thread's sink an event whose body is the bytes. */
void logtap_captured_emit(const struct logtap_stamp *stamp,
			  const struct iovec *parts, size_t count,
			  size_t length);
/* The same for a message that is formatted now.  errno: of the call. */
void logtap_captured_format(const struct logtap_stamp *stamp, int error,
			    const char *format, va_list arguments);

#endif
