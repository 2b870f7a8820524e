/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The parameters of /logs and /logs/stream.  Pure functions, any thread.
 */
#ifndef LOGTAP_ADMIN_QUERY_H
#define LOGTAP_ADMIN_QUERY_H

#include "../registry/logs.h"

enum logtap_logs_format {
	LOGTAP_LOGS_JSON,
	LOGTAP_LOGS_OTLP,
	LOGTAP_LOGS_TEXT,
	LOGTAP_LOGS_EVENTS, /* server-sent events: of a stream alone */
};

enum { LOGTAP_QUERY_LIMIT = 100, LOGTAP_QUERY_LIMIT_MAX = 1000 };

struct logtap_query {
	struct logtap_logs_query read;
	enum logtap_logs_format format;
	unsigned given; /* one bit a parameter */
	bool stream;
};

/* @stream: of /logs/stream.  It has no OTLP, has server-sent events, and may
 * begin with no record at all. */
void logtap_query_init(struct logtap_query *query, bool stream);
/* One parameter, decoded; the strings must live as long as the query.
 * Return: NULL, or what is wrong with it. */
const char *logtap_query_set(struct logtap_query *query, const char *name,
			     const char *value);

/* "ERROR", "WARN2", "-": a constant, for a SeverityNumber. */
const char *logtap_level_name(uint32_t severity);
/* The other way, whatever the case, or a number of 1 to 24.  Return: 0: not a
 * level. */
uint32_t logtap_level_parse(const char *text);

#endif
