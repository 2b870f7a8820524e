/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The raw console: one line of text a record, for people.  Runs in the
 * exporter's thread.
 *
 *     2026-01-31T12:00:00.000Z ERROR service[pid/tid] body
 *
 * What a terminal would obey is shown and not sent: a log may come from
 * somebody who should not move its reader's cursor.
 */
#include "../shape/resource.h"
#include "output.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *severity_name(uint32_t severity)
{
	static const char *const names[] = {"-",    "TRACE", "DEBUG", "INFO",
					    "WARN", "ERROR", "FATAL"};

	return severity > 24 ? "-" : names[(severity + 3) / 4];
}

static int put_head(struct logtap_bytes *out,
		    const struct logtap_record *record)
{
	uint64_t when_ns =
		record->time_ns ? record->time_ns : record->observed_ns;
	time_t seconds = (time_t)(when_ns / 1000000000);
	const struct logtap_source *source = record->source;
	struct tm utc = {0};
	char date[32], text[192];

	gmtime_r(&seconds, &utc);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	int bytes = snprintf(text, sizeof(text), "%s.%03uZ %-5s ", date,
			     (unsigned)(when_ns / 1000000 % 1000),
			     severity_name(record->severity));
	int error = logtap_bytes_append(out, text, (size_t)bytes);
	if (error || !source)
		return error;
	error = logtap_bytes_append(out, source->resource->service,
				    strlen(source->resource->service));
	bytes = snprintf(text, sizeof(text), "[%u/%u] ", source->resource->pid,
			 source->tid);
	return error ? error : logtap_bytes_append(out, text, (size_t)bytes);
}

/* C0 and C1 controls and DEL; the tab may stay. */
static size_t control_at(const unsigned char *text, size_t bytes)
{
	if (text[0] == '\t')
		return 0;
	if (text[0] < 0x20 || text[0] == 0x7f)
		return 1;
	return bytes > 1 && text[0] == 0xc2 && text[1] >= 0x80 && text[1] < 0xa0
		       ? 2
		       : 0;
}

static int put_text(struct logtap_bytes *out, const char *body, size_t bytes)
{
	const unsigned char *at = (const unsigned char *)body;
	size_t plain = 0;
	int error = 0;

	while (!error && plain < bytes) {
		size_t control = control_at(at + plain, bytes - plain);
		if (!control) {
			plain++;
			continue;
		}
		char shown[16];
		unsigned char code = at[plain + control - 1];
		int length = code == '\n'
				     ? snprintf(shown, sizeof(shown), "\\n")
				     : snprintf(shown, sizeof(shown), "\\x%02x",
						code);
		error = logtap_bytes_append(out, at, plain);
		if (!error)
			error = logtap_bytes_append(out, shown, (size_t)length);
		at += plain + control;
		bytes -= plain + control;
		plain = 0;
	}
	return error ? error : logtap_bytes_append(out, at, plain);
}

static int encode(const struct logtap_batch *batch, struct logtap_bytes *out)
{
	size_t before = out->size;
	int error = 0;

	for (size_t i = 0; !error && i < logtap_batch_records(batch); i++) {
		struct logtap_record record;
		logtap_batch_record(batch, i, &record);
		error = put_head(out, &record);
		if (!error)
			error = put_text(out, record.body, record.body_bytes);
		if (!error)
			error = logtap_bytes_append(out, "\n", 1);
	}
	if (error)
		out->size = before;
	return error;
}

int logtap_console_exporter_new(int fd, struct logtap_exporter **out)
{
	const struct logtap_output_options options = {
		.kind = "console",
		.name = fd == STDOUT_FILENO   ? "standard output"
			: fd == STDERR_FILENO ? "standard error"
					      : "console",
		.fd = fd,
		.encode = encode,
	};

	return logtap_output_new(&options, out);
}
