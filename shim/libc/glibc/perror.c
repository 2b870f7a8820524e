/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* perror(3) and herror(3): through stderr, a temporary stream, or past stdio,
 * as the version is.  Runs in the host's threads and handlers; errno is as the
 * real call left it. */
#include "../../fd/table.h"
#include "../../guard/guard.h"
#include "../../hook/libc_call.h"
#include "../../real.h"
#include "../../sink/message.h"

#include <errno.h>

void logtap_on_perror(const char *text)
{
	unsigned tracked = logtap_libc_stderr();

	if (!tracked) {
		logtap_real.perror(text);
		return;
	}
	struct logtap_message message = logtap_libc_message(tracked);
	struct logtap_libc_call outer =
		logtap_libc_begin(LOGTAP_LIBC_TEMPORARY, message.stamp.sink,
				  text ? text : "", LOGTAP_STACK_POINTER());
	logtap_real.perror(text);
	/* A text that waits in stderr's buffer is seen when that is flushed. */
	if (logtap_libc_end(&outer) || !logtap_libc_stderr_is_direct())
		return;
	int after = errno;
	if (!logtap_libc_write_failed(after) || after == message.errno_at_call)
		logtap_message_print(&message, "%s%s%m\n", text ? text : "",
				     text && *text ? ": " : "");
	errno = after;
}

/* Runs a call that writes or says in errno why it does not, and leaves errno
 * alone otherwise.  Ends with the errno that the host is to see. */
#define RUN(written, call)                                  \
	do {                                                \
		int before = errno;                         \
		errno = 0;                                  \
		call;                                       \
		written = !logtap_libc_write_failed(errno); \
		if (!errno)                                 \
			errno = before;                     \
	} while (0)

void logtap_on_herror(const char *text)
{
	struct logtap_message message =
		logtap_libc_message(logtap_fd(STDERR_FILENO));
	int error = logtap_real.__h_errno_location
			    ? *logtap_real.__h_errno_location()
			    : 0;
	struct logtap_libc_call outer =
		logtap_libc_begin(LOGTAP_LIBC_STREAM, message.stamp.sink,
				  text ? text : "", LOGTAP_STACK_POINTER());
	bool written;

	RUN(written, logtap_real.herror(text));
	if (logtap_libc_end(&outer) || !written || !logtap_real.hstrerror)
		return;
	int after = errno;
	logtap_message_print(&message, "%s%s%s\n", text ? text : "",
			     text && *text ? ": " : "",
			     logtap_real.hstrerror(error));
	errno = after;
}
