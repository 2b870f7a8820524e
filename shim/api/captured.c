/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Captured writes to a sink: see the header. */
#include "captured.h"

#include "../bytes.h"
#include "../real.h"
#include "../segment/create.h"
#include "api.h"

#include <errno.h>

#define STACK_BYTES 2048

static int severity_of(const struct logtap_stamp *stamp)
{
	static const uint8_t severities[8] = {21, 19, 18, 17, 13, 10, 9, 5};

	return stamp->priority == LOGTAP_PRIORITY_NONE
		       ? 0
		       : severities[stamp->priority & 7];
}

/* @original: bytes that there were; @text holds one more than @bytes if that is
 * more. */
static void emit(const struct logtap_stamp *stamp, const char *text,
		 size_t bytes, size_t original)
{
	size_t whole = logtap_bytes_cut(text, original, bytes);
	struct logtap_attr attributes[4] = {
		logtap_attr_data(NULL, LOGTAP_KIND_BODY, text, whole),
		LOGTAP_END,
		LOGTAP_END,
		LOGTAP_END,
	};
	struct logtap_event_view event = {severity_of(stamp), "", "",
					  attributes};

	if (stamp->priority != LOGTAP_PRIORITY_NONE)
		attributes[1] =
			LOGTAP_INT("syslog.facility", stamp->priority >> 3);
	else if (logtap_segment_sink_kind(stamp->sink) == LOGTAP_SINK_STDOUT)
		attributes[1] = LOGTAP_STR("log.iostream", "stdout");
	else if (logtap_segment_sink_kind(stamp->sink) == LOGTAP_SINK_STDERR)
		attributes[1] = LOGTAP_STR("log.iostream", "stderr");
	if (whole < original)
		attributes[attributes[1].kind != LOGTAP_KIND_END ? 2 : 1] =
			LOGTAP_INT("logtap.original_length", (int64_t)original);
	logtap_sink_emit(NULL, &event);
}

void logtap_captured_emit(const struct logtap_stamp *stamp,
			  const struct iovec *parts, size_t count,
			  size_t length)
{
	char small[STACK_BYTES], *bytes = small;
	size_t at = 0, room = sizeof small;

	if (count == 1) {
		emit(stamp, parts->iov_base, length, length);
		return;
	}
	if (length > room) {
		bytes = logtap_memory_new(length);
		if (bytes)
			room = length;
		else
			bytes = small; /* its beginning */
	}
	for (size_t i = 0; i < count && at < room && at < length; i++) {
		size_t take = parts[i].iov_len;
		if (take > room - at)
			take = room - at;
		if (take > length - at)
			take = length - at;
		logtap_bytes_copy(bytes + at, parts[i].iov_base, take);
		at += take;
	}
	if (room < length) /* and one that can be looked at */
		emit(stamp, bytes, room - 1, length);
	else
		emit(stamp, bytes, at, at);
	if (bytes != small)
		logtap_memory_free(bytes, length);
}

void logtap_captured_format(const struct logtap_stamp *stamp, int error,
			    const char *format, va_list arguments)
{
	char small[STACK_BYTES], *text = small;
	va_list copy;
	int size;
	size_t kept;

	va_copy(copy, arguments);
	errno = error;
	size = logtap_real.vsnprintf(small, sizeof small, format, copy);
	va_end(copy);
	if (size < 0)
		return;
	kept = (size_t)size;
	if (kept >= sizeof small) {
		text = logtap_memory_new((size_t)size + 1);
		if (!text) {
			text = small;
			kept = sizeof small - 2;
		} else {
			va_copy(copy, arguments);
			errno = error;
			logtap_real.vsnprintf(text, (size_t)size + 1, format,
					      copy);
			va_end(copy);
		}
	}
	emit(stamp, text, kept, (size_t)size);
	if (text != small)
		logtap_memory_free(text, (size_t)size + 1);
}
