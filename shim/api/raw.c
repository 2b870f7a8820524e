/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The raw sink: SEVERITY TARGET NAME BODY KEY=VALUE ..., cut at 2,047 bytes,
 * by one write(2) past our own hooks. */
#include "raw.h"

#include "../bytes.h"
#include "../real.h"

#include <errno.h>

#define LINE_BYTES 2048

static const char *severity_name(int severity)
{
	static const char *const names[] = {"TRACE", "DEBUG", "INFO",
					    "WARN",  "ERROR", "FATAL"};

	return severity < 1 || severity > 24 ? "?" : names[(severity - 1) / 4];
}

static void put_data(char *line, size_t *at, const struct logtap_attr *attr)
{
	const char *data = attr->data;

	for (uint32_t i = 0; i < attr->bytes && *at + 2 < LINE_BYTES; i++)
		line[(*at)++] = data[i] == '\n' ? ' ' : data[i];
}

static void put_value(char *line, size_t *at, const struct logtap_attr *attr)
{
	uint64_t value = (uint64_t)attr->integer;
	double real = attr->real;

	switch (attr->kind) {
	case LOGTAP_KIND_DOUBLE: /* three places: for people */
		if (real < 0) {
			logtap_bytes_put(line, LINE_BYTES - 1, at, "-");
			real = -real;
		}
		if (!(real < 1e15)) {
			logtap_bytes_put(line, LINE_BYTES - 1, at, "large");
			break;
		}
		value = (uint64_t)(real * 1000 + 0.5);
		logtap_bytes_put_number(line, LINE_BYTES - 1, at, value / 1000);
		logtap_bytes_put(line, LINE_BYTES - 1, at, ".");
		logtap_bytes_put_number(line, LINE_BYTES - 1, at, value % 1000);
		break;
	case LOGTAP_KIND_INT:
		if (attr->integer < 0) {
			logtap_bytes_put(line, LINE_BYTES - 1, at, "-");
			value = -value;
		}
		logtap_bytes_put_number(line, LINE_BYTES - 1, at, value);
		break;
	case LOGTAP_KIND_BOOL:
		logtap_bytes_put(line, LINE_BYTES - 1, at,
				 value ? "true" : "false");
		break;
	default:
		put_data(line, at, attr);
	}
}

void logtap_raw_write(const struct logtap_event_view *event)
{
	const struct logtap_attr *attr = event->attributes;
	char line[LINE_BYTES];
	size_t at = 0;
	int saved = errno;

	logtap_bytes_put(line, LINE_BYTES - 1, &at,
			 severity_name(event->severity));
	logtap_bytes_put(line, LINE_BYTES - 1, &at, " ");
	logtap_bytes_put(line, LINE_BYTES - 1, &at, event->target);
	logtap_bytes_put(line, LINE_BYTES - 1, &at, " ");
	logtap_bytes_put(line, LINE_BYTES - 1, &at, event->name);
	for (; attr && attr->kind != LOGTAP_KIND_END; attr++) {
		logtap_bytes_put(line, LINE_BYTES - 1, &at, " ");
		if (attr->kind != LOGTAP_KIND_BODY) {
			logtap_bytes_put(line, LINE_BYTES - 1, &at, attr->key);
			logtap_bytes_put(line, LINE_BYTES - 1, &at, "=");
		}
		put_value(line, &at, attr);
	}
	line[at++] = '\n';
	logtap_real.write(STDERR_FILENO, line, at);
	errno = saved;
}
