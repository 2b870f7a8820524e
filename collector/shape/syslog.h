/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reads one datagram of syslog, leniently: RFC 5424, RFC 3164, and what libc,
 * logger, Python, nginx and others make of the latter.  Pure, any thread; every
 * byte may be hostile.
 */
#ifndef LOGTAP_SHAPE_SYSLOG_H
#define LOGTAP_SHAPE_SYSLOG_H

#include <stdbool.h>
#include <stddef.h>

/* A part of the datagram, not necessarily valid UTF-8; 0 bytes: absent. */
struct logtap_syslog_part {
	const char *text;
	size_t bytes;
};

struct logtap_syslog {
	bool has_priority;
	unsigned priority; /* 0..191 */
	struct logtap_syslog_part host;
	struct logtap_syslog_part ident;
	struct logtap_syslog_part procid;
	struct logtap_syslog_part msgid;
	struct logtap_syslog_part data; /* structured data, as it is */
	struct logtap_syslog_part message;
};

void logtap_syslog_parse(struct logtap_syslog *out, const char *text,
			 size_t bytes);

#endif
