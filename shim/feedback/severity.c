/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Severities: see the header.  Pure; any thread. */
#include "severity.h"

#include "../bytes.h"

#include <logtap/abi/event.h>

#define JOURNAL_BYTES 4096 /* looked at for its priority */

/* As the collector has them (the data model's appendix on syslog). */
static uint32_t of_syslog(unsigned level)
{
	static const uint8_t numbers[8] = {21, 19, 18, 17, 13, 10, 9, 5};

	return numbers[level & 7];
}

/* <N>... */
static uint32_t of_datagram(const char *text, size_t size)
{
	unsigned value = 0;
	size_t at = 1;

	if (size < 3 || text[0] != '<')
		return 0;
	for (; at < size && at <= 3 && text[at] >= '0' && text[at] <= '9'; at++)
		value = value * 10 + (unsigned)(text[at] - '0');
	return at > 1 && at < size && text[at] == '>' ? of_syslog(value) : 0;
}

/* PRIORITY=N at the start of a line. */
static uint32_t of_journal(const char *text, size_t size)
{
	static const char name[] = "PRIORITY=";
	const size_t length = sizeof name - 1;

	if (size > JOURNAL_BYTES)
		size = JOURNAL_BYTES;
	for (size_t at = 0; at + length < size; at++) {
		size_t same = 0;
		if (at && text[at - 1] != '\n')
			continue;
		while (same < length && text[at + same] == name[same])
			same++;
		if (same == length && text[at + same] >= '0' &&
		    text[at + same] <= '7')
			return of_syslog((unsigned)(text[at + same] - '0'));
	}
	return 0;
}

uint32_t logtap_severity_of_chunk(const struct logtap_stamp *stamp,
				  const struct iovec *part)
{
	if (stamp->type == LOGTAP_CHUNK_EVENT)
		return part && part->iov_len >= sizeof(struct
						       logtap_event_header)
			       ? ((const struct logtap_event_header *)
					  part->iov_base)
					 ->severity
			       : 0;
	if (stamp->priority != LOGTAP_PRIORITY_NONE)
		return of_syslog(stamp->priority);
	if (stamp->type != LOGTAP_CHUNK_DATA || !part)
		return 0;
	if (stamp->format == LOGTAP_FORMAT_DATAGRAM)
		return of_datagram(part->iov_base, part->iov_len);
	if (stamp->format == LOGTAP_FORMAT_JOURNAL)
		return of_journal(part->iov_base, part->iov_len);
	return 0;
}
