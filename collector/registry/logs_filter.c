/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Which records a reader of the logs registry wants: see logs.h.  Pure
 * functions, any thread. */
#include "../shape/resource.h"
#include "logs.h"

#include <string.h>

static unsigned char folded(char letter)
{
	return (unsigned char)(letter >= 'A' && letter <= 'Z' ? letter + 32
							      : letter);
}

static bool starts_with(const char *body, const char *text)
{
	for (; *text; body++, text++)
		if (folded(*body) != folded(*text))
			return false;
	return true;
}

static bool contains(const char *body, size_t bytes, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; length + i <= bytes; i++)
		if (starts_with(body + i, text))
			return true;
	return false;
}

static bool matches_source(const struct logtap_logs_filter *filter,
			   const struct logtap_source *source)
{
	if (!filter->service && !filter->has_pid && !filter->has_tid)
		return true;
	if (!source)
		return false;
	return (!filter->service ||
		!strcmp(source->resource->service, filter->service)) &&
	       (!filter->has_pid || source->resource->pid == filter->pid) &&
	       (!filter->has_tid || source->tid == filter->tid);
}

bool logtap_logs_matches(const struct logtap_logs_filter *filter,
			 const struct logtap_record *record)
{
	if (record->severity < filter->severity)
		return false;
	if (filter->has_trace &&
	    (!record->has_trace || memcmp(record->trace_id, filter->trace_id,
					  sizeof(record->trace_id)) != 0))
		return false;
	if (!matches_source(filter, record->source))
		return false;
	return !filter->text ||
	       contains(record->body, record->body_bytes, filter->text);
}
