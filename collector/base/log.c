/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The collector's own messages: see the header.  Any thread. */
#include "log.h"

#include "stderr.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static _Atomic int threshold = LOGTAP_LOG_INFO;

void logtap_log_set_level(enum logtap_log_level level)
{
	atomic_store_explicit(&threshold, (int)level, memory_order_relaxed);
}

static const char *level_name(enum logtap_log_level level)
{
	switch (level) {
	case LOGTAP_LOG_NONE:
		break;
	case LOGTAP_LOG_ERROR:
		return "ERROR";
	case LOGTAP_LOG_WARN:
		return "WARN";
	case LOGTAP_LOG_INFO:
		return "INFO";
	case LOGTAP_LOG_DEBUG:
		return "DEBUG";
	}
	return "?";
}

void logtap_log(enum logtap_log_level level, const char *component,
		const char *format, ...)
{
	if ((int)level > atomic_load_explicit(&threshold, memory_order_relaxed))
		return;

	struct timespec now = {0};
	struct tm utc = {0};
	char date[32] = "";
	char prefix[128];
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(prefix, sizeof(prefix), "%s.%03ldZ %s %s ", date,
		 now.tv_nsec / 1000000, level_name(level), component);

	va_list arguments;
	va_start(arguments, format);
	logtap_stderr_line(prefix, format, arguments);
	va_end(arguments);
}
