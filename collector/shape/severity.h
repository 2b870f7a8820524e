/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Severity: from syslog priorities to OpenTelemetry's numbers.  Pure functions,
 * any thread.
 */
#ifndef LOGTAP_SHAPE_SEVERITY_H
#define LOGTAP_SHAPE_SEVERITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Highest priority value: local7.debug. */
enum { LOGTAP_PRIORITY_MAX = 191 };

struct logtap_severity {
	uint32_t number;  /* SeverityNumber; 0: unspecified */
	const char *text; /* a constant, or NULL */
};

/* @level: 0 (emergency) to 7 (debug); the lowest three bits count. */
struct logtap_severity logtap_severity_of(unsigned level);

/**
 * logtap_priority_prefix() - read <N> at the start of a text
 * @priority: 0..191 when there is one
 * Return: bytes of the prefix, 0 when there is none.
 */
size_t logtap_priority_read(const char *text, size_t bytes, unsigned *priority);
static inline size_t logtap_priority_prefix(const char *text, size_t bytes,
					    unsigned *priority)
{
	return bytes && text[0] == '<'
		       ? logtap_priority_read(text, bytes, priority)
		       : 0;
}

#endif
