/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Building a reply: see request.h.  The endpoint's thread. */
#include "request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void logtap_reply_header(struct logtap_reply *reply, const char *name,
			 const char *format, ...)
{
	va_list arguments;

	if (reply->header_count == LOGTAP_REPLY_HEADERS)
		return;
	reply->headers[reply->header_count].name = name;
	va_start(arguments, format);
	vsnprintf(reply->headers[reply->header_count].value,
		  sizeof(reply->headers[0].value), format, arguments);
	va_end(arguments);
	reply->header_count++;
}

static int print(struct logtap_bytes *body, const char *format,
		 va_list arguments)
{
	char text[1024];
	int bytes = vsnprintf(text, sizeof(text), format, arguments);

	if (bytes < 0)
		return -EINVAL;
	if ((size_t)bytes >= sizeof(text))
		bytes = sizeof(text) - 1;
	return logtap_bytes_append(body, text, (size_t)bytes);
}

int logtap_reply_print(struct logtap_bytes *body, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int error = print(body, format, arguments);
	va_end(arguments);
	return error;
}

void logtap_reply_text(struct logtap_reply *reply, unsigned status,
		       const char *format, ...)
{
	va_list arguments;

	reply->status = status;
	reply->type = "text/plain; charset=utf-8";
	reply->body.size = 0;
	va_start(arguments, format);
	print(&reply->body, format, arguments);
	va_end(arguments);
	logtap_bytes_append(&reply->body, "\n", 1);
}
