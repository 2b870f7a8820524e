/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Severity: see the header.  Any thread.  The numbers are those of the logs
 * data model's appendix on syslog. */
#include "severity.h"

struct logtap_severity logtap_severity_of(unsigned level)
{
	static const struct logtap_severity levels[8] = {
		{21, "emerg"},	 {19, "alert"},	 {18, "crit"}, {17, "err"},
		{13, "warning"}, {10, "notice"}, {9, "info"},  {5, "debug"},
	};

	return levels[level & 7];
}

size_t logtap_priority_read(const char *text, size_t bytes, unsigned *priority)
{
	unsigned value = 0;
	size_t i = 1;

	if (bytes < 3)
		return 0;
	for (; i < bytes && i <= 3 && text[i] >= '0' && text[i] <= '9'; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	/* 007 is no number that anybody's program prints here */
	if (i == 1 || i == bytes || text[i] != '>' ||
	    value > LOGTAP_PRIORITY_MAX || (text[1] == '0' && i > 2))
		return 0;
	*priority = value;
	return i + 1;
}
