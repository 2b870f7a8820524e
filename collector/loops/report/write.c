/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Writing reports: texts, numbers, lines.  Any thread. */
#include "write.h"

#include "../../admin/logs.h"
#include "../../run/summary.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define INDENT "          "

enum { ITEM_CHARACTERS = 400 };

size_t logtap_report_characters(const char *text, size_t bytes)
{
	size_t characters = 0;

	for (size_t i = 0; i < bytes; i++)
		characters += (text[i] & 0xc0) != 0x80;
	return characters;
}

size_t logtap_report_prefix(const char *text, size_t most)
{
	size_t i = 0;

	for (; text[i]; i++)
		if ((text[i] & 0xc0) != 0x80 && !most--)
			break;
	return i;
}

static void put(struct logtap_report *to, const char *text, size_t bytes)
{
	if (to->error)
		return;
	to->error = logtap_bytes_append(to->out, text, bytes);
	const char *line = memrchr(text, '\n', bytes);
	if (line) {
		to->column = 0;
		bytes -= (size_t)(line + 1 - text);
		text = line + 1;
	}
	to->column += logtap_report_characters(text, bytes);
}

void logtap_report_print(struct logtap_report *to, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	int bytes = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (bytes < 0)
		return;
	put(to, text,
	    (size_t)bytes < sizeof(text) ? (size_t)bytes : sizeof(text) - 1);
}

static void escape(struct logtap_report *to, const char *text, size_t most,
		   struct logtap_bytes *plain)
{
	size_t bytes = logtap_report_prefix(text, most);

	to->error = logtap_text_escape(plain, text, bytes);
	if (!to->error && text[bytes])
		to->error = logtap_bytes_append(plain, "...", 3);
}

void logtap_report_text(struct logtap_report *to, const char *text, size_t most)
{
	struct logtap_bytes plain = {0};

	if (to->error)
		return;
	escape(to, text, most, &plain);
	if (plain.size)
		put(to, (char *)plain.data, plain.size);
	logtap_bytes_deinit(&plain);
}

void logtap_report_item(struct logtap_report *to, const char *separator,
			const char *text, const char *end)
{
	struct logtap_bytes plain = {0};

	if (to->error)
		return;
	escape(to, text, ITEM_CHARACTERS, &plain);
	if (!to->error)
		to->error = logtap_bytes_append(&plain, end, strlen(end));
	size_t characters =
		logtap_report_characters((char *)plain.data, plain.size);
	if (to->column + strlen(separator) + characters > LOGTAP_REPORT_WIDTH &&
	    to->column > sizeof(INDENT)) {
		if (separator[0] == ';')
			put(to, ";", 1);
		put(to, "\n" INDENT, strlen(INDENT) + 1);
		separator += strspn(separator, "; ");
	}
	put(to, separator, strlen(separator));
	if (plain.size)
		put(to, (char *)plain.data, plain.size);
	logtap_bytes_deinit(&plain);
}

double logtap_report_number(const json_t *object, const char *key)
{
	double value = json_number_value(json_object_get(object, key));

	return isfinite(value) ? value : 0;
}

const char *logtap_report_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

const char *logtap_report_end_of(const char *path)
{
	const char *at = path + strlen(path);
	int slashes = 0;

	while (at > path && !(at[-1] == '/' && ++slashes == 2))
		at--;
	return at;
}

size_t logtap_report_steps(const json_t *loop)
{
	size_t count = json_array_size(json_object_get(loop, "cycle"));

	return count < LOGTAP_REPORT_STEPS_MAX ? count
					       : LOGTAP_REPORT_STEPS_MAX;
}

const char *logtap_report_step(const json_t *loop, size_t index)
{
	return logtap_report_string(
		json_array_get(json_object_get(loop, "cycle"), index), "text");
}

static void scale(double value, const char *space,
		  struct logtap_report_scratch *scratch)
{
	static const char units[] = " kMGTP";
	size_t unit = 0;

	while (fabs(value) >= 999.5 && unit + 2 < sizeof(units)) {
		value /= 1000;
		unit++;
	}
	bool whole = fabs(value) >= 9.95 || (!unit && value == trunc(value));
	snprintf(scratch->text, sizeof(scratch->text), "%.*f%s%.*s", !whole,
		 value, space, unit > 0, units + unit);
}

const char *logtap_report_quantity(double value,
				   struct logtap_report_scratch *scratch)
{
	scale(value, "", scratch);
	return scratch->text;
}

const char *logtap_report_bytes(double value,
				struct logtap_report_scratch *scratch)
{
	scale(value, " ", scratch);
	strncat(scratch->text, "B",
		sizeof(scratch->text) - strlen(scratch->text) - 1);
	return scratch->text;
}

const char *logtap_report_count(double value,
				struct logtap_report_scratch *scratch)
{
	char text[32];
	long long whole = value > 9e15 || value < 0 ? 0 : (long long)value;

	snprintf(scratch->text, sizeof(scratch->text), "%s",
		 logtap_summary_number(whole, text));
	return scratch->text;
}

const char *logtap_report_time(double ms, struct logtap_report_scratch *scratch)
{
	if (ms < 9.95)
		snprintf(scratch->text, sizeof(scratch->text), "%.1f ms", ms);
	else if (ms < 999.5)
		snprintf(scratch->text, sizeof(scratch->text), "%.0f ms", ms);
	else
		snprintf(scratch->text, sizeof(scratch->text), "%.1f s",
			 ms / 1000);
	return scratch->text;
}

const char *logtap_report_ratio(double value,
				struct logtap_report_scratch *scratch)
{
	int digits = value < 0.095 ? 2 : value < 99.5 ? 1 : 0;

	snprintf(scratch->text, sizeof(scratch->text), "%.*f", digits, value);
	return scratch->text;
}

const char *logtap_report_clock(double unix_ns, const char *format,
				struct logtap_report_scratch *scratch)
{
	time_t seconds = (time_t)(unix_ns / 1e9);
	struct tm local;

	scratch->text[0] = 0;
	if (unix_ns <= 0 || unix_ns > 9e18 || !localtime_r(&seconds, &local) ||
	    !strftime(scratch->text, sizeof(scratch->text), format, &local))
		scratch->text[0] = 0;
	return scratch->text;
}
