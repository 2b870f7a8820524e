/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A retained record for people and for programs.  Pure functions, any thread.
 * They append, and return 0, or -ENOMEM with a part in @out.
 */
#ifndef LOGTAP_ADMIN_LOGS_H
#define LOGTAP_ADMIN_LOGS_H

#include "../base/bytes.h"
#include "query.h"

/* {"seq":..., "level":..., "service":..., "pid":..., "tid":..., "resource":...,
 * "scope":..., "record":...}; the last three as in OTLP JSON. */
int logtap_log_json(const struct logtap_log_entry *entry,
		    struct logtap_bytes *out);

/* One line:
 *
 *     SEQ TIME LEVEL SERVICE[PID/TID] BODY
 *
 * and behind a tab each more KEY=VALUE: the scope, the event's name, trace and
 * span, the stream, the thread's name and the record's own attributes, their
 * values as in JSON (bytes in hexadecimal).  What a terminal would obey, a line
 * feed, a tab or a backslash is there as an escape of C. */
int logtap_log_text(const struct logtap_log_entry *entry,
		    struct logtap_bytes *out);
/* Such text. */
int logtap_text_escape(struct logtap_bytes *out, const char *text,
		       size_t bytes);

#endif
