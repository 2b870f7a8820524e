/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of libc that write to stderr and end the process: the text is
 * recorded before the real call, because there is no after.  Called by the
 * trampolines, which then make the real call. */
#include "../../bytes.h"
#include "../../fd/table.h"
#include "../../guard/guard.h"
#include "../../hook/libc_call.h"
#include "../../real.h"
#include "../../sink/message.h"
#include "../../state.h"

#include <errno.h>

/* @place: how the line is known again when stdio meets it. */
static struct logtap_message begin(unsigned tracked, const char *place,
				   uintptr_t frame)
{
	struct logtap_message message = {
		.stamp = logtap_stamp_for((uint8_t)(tracked - 1)),
		.errno_at_call = errno,
	};

	/* It does not return, so nothing is to be put back; a handler of
	 * SIGABRT that jumps out leaves a frame that is seen to be gone. */
	logtap_libc_begin(LOGTAP_LIBC_RECORDED, message.stamp.sink, place,
			  frame);
	return message;
}

/* PROGRAM: FILE:LINE: FUNCTION: TEXT, as assert(3) has it. */
static void record(int error, const char *file, unsigned line,
		   const char *function, const char *format, const char *text)
{
	unsigned tracked = logtap_libc_stderr();
	const char *program = logtap_state.program;
	char place[sizeof((struct logtap_libc_call *)0)->text];
	int saved = errno;
	size_t at = 0;

	if (!tracked)
		return;
	/* the end of a long name, so that the number is in it */
	size_t size = logtap_bytes_length(file);
	if (size > sizeof place - 16)
		logtap_bytes_put(place, sizeof place, &at,
				 file + size - (sizeof place - 16));
	else
		logtap_bytes_put(place, sizeof place, &at, file);
	logtap_bytes_put(place, sizeof place, &at, ":");
	logtap_bytes_put_number(place, sizeof place, &at, line);
	logtap_bytes_put(place, sizeof place, &at, ":");
	struct logtap_message message =
		begin(tracked, place, LOGTAP_STACK_POINTER());
	message.errno_at_call = error;
	logtap_message_print(&message, format, program, *program ? ": " : "",
			     file, line, function ? function : "",
			     function ? ": " : "", text);
	errno = saved;
}

void logtap_on_assert_fail(const char *assertion, const char *file,
			   unsigned line, const char *function)
{
	record(0, file, line, function,
	       "%s%s%s:%u: %s%sAssertion `%s' failed.\n", assertion);
}

void logtap_on_assert_perror_fail(int error, const char *file, unsigned line,
				  const char *function)
{
	record(error, file, line, function,
	       "%s%s%s:%u: %s%sUnexpected error: %m.\n", "");
}

void logtap_on_assert(const char *assertion, const char *file, int line)
{
	record(0, file, (unsigned)line, NULL,
	       "%s%s%s:%u: %s%sAssertion `%s' failed.\n", assertion);
}

/* These write past stdio, in every version. */
static void record_text(const char *text, uintptr_t frame)
{
	unsigned tracked = logtap_fd_log(STDERR_FILENO);
	struct logtap_message message = begin(tracked, text, frame);

	logtap_capture_bytes(&message.stamp, text, logtap_bytes_length(text));
}

void logtap_on_stack_chk_fail(void)
{
	record_text("*** stack smashing detected ***: terminated\n",
		    LOGTAP_STACK_POINTER());
}

void logtap_on_chk_fail(void)
{
	record_text("*** buffer overflow detected ***: terminated\n",
		    LOGTAP_STACK_POINTER());
}
