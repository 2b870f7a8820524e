/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A formatted message: printf's arguments straight into the ring.
 */
#ifndef LOGTAP_SINK_MESSAGE_H
#define LOGTAP_SINK_MESSAGE_H

#include "capture.h"
#include "divert.h"

#include <stdarg.h>

struct logtap_message {
	struct logtap_stamp stamp;
	const char *ident; /* NULL: the program's name */
	uint32_t options;  /* of openlog(3) */
	int errno_at_call; /* for %m */
	bool masked;	   /* setlogmask(3) leaves it out */
};

/* Formats @arguments into the ring; errno is clobbered.  A message whose
 * stamp's format is STREAM has neither ident nor options. */
void logtap_message_format(const struct logtap_message *message,
			   const char *format, va_list arguments);
void logtap_message_print(const struct logtap_message *message,
			  const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for a text that is formatted already. */
void logtap_message_text(const struct logtap_message *message,
			 const struct iovec *text);

/* Divert mode: stores instead of sending, if that is possible now; works on a
 * copy of @arguments.  errno is kept.  @size: of the text that was taken. */
enum logtap_diverted logtap_message_divert(const struct logtap_message *message,
					   const char *format,
					   va_list arguments, int *size);

#endif
