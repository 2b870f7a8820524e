/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of /logs: see the header. */
#include "query.h"

#include <stdlib.h>
#include <string.h>

static const char *const levels[] = {
	"-",	  "TRACE",  "TRACE2", "TRACE3", "TRACE4", "DEBUG",  "DEBUG2",
	"DEBUG3", "DEBUG4", "INFO",   "INFO2",	"INFO3",  "INFO4",  "WARN",
	"WARN2",  "WARN3",  "WARN4",  "ERROR",	"ERROR2", "ERROR3", "ERROR4",
	"FATAL",  "FATAL2", "FATAL3", "FATAL4",
};

enum { LEVELS = sizeof(levels) / sizeof(levels[0]) };

const char *logtap_level_name(uint32_t severity)
{
	return levels[severity < LEVELS ? severity : 0];
}

/* Decimal digits and nothing else.  Return: false: that, or too large. */
static bool number(const char *text, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		unsigned digit = (unsigned)(*text - '0');
		if (digit > 9 || value > (max - digit) / 10)
			return false;
		value = 10 * value + digit;
	}
	*out = value;
	return value <= max;
}

uint32_t logtap_level_parse(const char *text)
{
	uint64_t value;

	if (number(text, LEVELS - 1, &value))
		return (uint32_t)value;
	for (uint32_t i = 1; i < LEVELS; i++)
		if (!strcasecmp(text, levels[i]))
			return i;
	return 0;
}

static const char *set_format(struct logtap_query *query, const char *value)
{
	static const char *const names[] = {"json", "otlp", "text", "events"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(value, names[i]) &&
		    i != (query->stream ? LOGTAP_LOGS_OTLP
					: LOGTAP_LOGS_EVENTS)) {
			query->format = (enum logtap_logs_format)i;
			return NULL;
		}
	return query->stream ? "not json, text or events"
			     : "not json, otlp or text";
}

static const char *set_after(struct logtap_query *query, const char *value)
{
	query->read.has_after = true;
	return number(value, UINT64_MAX, &query->read.after)
		       ? NULL
		       : "not a sequence number";
}

/* Out of its bounds it means the nearest one. */
static const char *set_limit(struct logtap_query *query, const char *value)
{
	uint64_t limit, least = query->stream ? 0 : 1;

	if (!number(value, UINT64_MAX, &limit))
		return "not a number of records";
	if (limit > LOGTAP_QUERY_LIMIT_MAX)
		limit = LOGTAP_QUERY_LIMIT_MAX;
	query->read.limit = (size_t)(limit < least ? least : limit);
	return NULL;
}

static const char *set_level(struct logtap_query *query, const char *value)
{
	query->read.filter.severity = logtap_level_parse(value);
	return query->read.filter.severity
		       ? NULL
		       : "not a severity: trace, debug, info, warn, error, "
			 "fatal or 1 to 24";
}

static const char *set_text(struct logtap_query *query, const char *value)
{
	query->read.filter.text = value;
	return NULL;
}

static const char *set_service(struct logtap_query *query, const char *value)
{
	query->read.filter.service = value;
	return NULL;
}

static const char *set_pid(struct logtap_query *query, const char *value)
{
	uint64_t pid;

	if (!number(value, UINT32_MAX, &pid))
		return "not a process number";
	query->read.filter.has_pid = true;
	query->read.filter.pid = (uint32_t)pid;
	return NULL;
}

static const char *set_tid(struct logtap_query *query, const char *value)
{
	uint64_t tid;

	if (!number(value, UINT32_MAX, &tid))
		return "not a thread number";
	query->read.filter.has_tid = true;
	query->read.filter.tid = (uint32_t)tid;
	return NULL;
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static const char *set_trace(struct logtap_query *query, const char *value)
{
	struct logtap_logs_filter *filter = &query->read.filter;
	size_t bytes = sizeof(filter->trace_id);

	if (strlen(value) != 2 * bytes)
		return "not 32 hexadecimal digits";
	for (size_t i = 0; i < bytes; i++) {
		int high = hex_digit(value[2 * i]);
		int low = hex_digit(value[2 * i + 1]);
		if (high < 0 || low < 0)
			return "not 32 hexadecimal digits";
		filter->trace_id[i] = (unsigned char)(high << 4 | low);
	}
	filter->has_trace = true;
	return NULL;
}

static const struct {
	const char *name;
	const char *(*set)(struct logtap_query *query, const char *value);
} parameters[] = {
	{"format", set_format}, {"after", set_after}, {"limit", set_limit},
	{"level", set_level},	{"q", set_text},      {"service", set_service},
	{"pid", set_pid},	{"tid", set_tid},     {"trace_id", set_trace},
};

void logtap_query_init(struct logtap_query *query, bool stream)
{
	*query = (struct logtap_query){
		.read.limit = LOGTAP_QUERY_LIMIT,
		.stream = stream,
	};
}

const char *logtap_query_set(struct logtap_query *query, const char *name,
			     const char *value)
{
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]);
	     i++) {
		if (strcmp(name, parameters[i].name) != 0)
			continue;
		if (query->given & 1u << i)
			return "is given more than once";
		query->given |= 1u << i;
		return parameters[i].set(query, value);
	}
	return "no such parameter; there are format, after, limit, level, q, "
	       "service, pid, tid and trace_id";
}
