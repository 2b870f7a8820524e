/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The collector's own messages: to its standard error alone (its raw console),
 * never into the pipeline.
 *
 * Form: TIME LEVEL COMPONENT MESSAGE KEY=VALUE ..., one line, one write(2).
 * Thread-safe.
 */
#ifndef LOGTAP_BASE_LOG_H
#define LOGTAP_BASE_LOG_H

#include <stdbool.h>

enum logtap_log_level {
	LOGTAP_LOG_NONE = -1, /* of logtap_log_set_level() alone */
	LOGTAP_LOG_ERROR,
	LOGTAP_LOG_WARN,
	LOGTAP_LOG_INFO,
	LOGTAP_LOG_DEBUG,
};

void logtap_log_set_level(enum logtap_log_level level);

/* @component: "reader", "journal", "export", ...; the text and its key=value
 * pairs come from @format. */
__attribute__((format(printf, 3, 4))) void logtap_log(
	enum logtap_log_level level, const char *component, const char *format,
	...);

/* For what is told once for each change: is @now another state than the one that
 * was told, and is noted in @told?  @told belongs to one thread. */
static inline bool logtap_log_is_news(bool *told, bool now)
{
	bool news = *told != now;
	*told = now;
	return news;
}

#endif
