/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The one line that a session ends with: see the header.  Main thread. */
#include "summary.h"

#include "../loops/report/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text {
	char *data;
	size_t size;
	size_t room;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text,
						      const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int size = vsnprintf(text->data + text->size, text->room - text->size,
			     format, arguments);
	va_end(arguments);
	if (size > 0)
		text->size += (size_t)size;
	if (text->size >= text->room)
		text->size = text->room - 1;
}

const char *logtap_summary_number(long long number, char scratch[32])
{
	char digits[24];
	int size = snprintf(digits, sizeof(digits), "%lld", number);
	char *out = scratch;
	for (int i = 0; i < size; i++) {
		if (i && digits[i - 1] != '-' && (size - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	return scratch;
}

static long long number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void add_count(struct text *text, long long number, const char *one,
		      const char *many)
{
	char scratch[32];
	add(text, "%s %s", logtap_summary_number(number, scratch),
	    number == 1 ? one : many);
}

static void add_severities(struct text *text, const json_t *summary)
{
	/* As in the summary: unspecified, debug, info, warn, error, fatal;
	 * here only what calls for a look, worst first. */
	static const char *const names[] = {"warn", "error", "fatal"};
	const json_t *severities = json_object_get(summary, "severities");
	const char *separator = " (";
	char scratch[32];

	for (size_t i = 6; i-- > 3;) {
		long long count =
			json_integer_value(json_array_get(severities, i));
		if (!count)
			continue;
		add(text, "%s%s %s", separator,
		    logtap_summary_number(count, scratch), names[i - 3]);
		separator = ", ";
	}
	if (*separator == ',')
		add(text, ")");
}

/* ", 3 bytes went past capture", if there are any. */
static void add_loss(struct text *text, long long count, const char *one,
		     const char *many, const char *what)
{
	if (!count)
		return;
	add(text, ", ");
	add_count(text, count, one, many);
	add(text, "%s", what);
}

static void add_losses(struct text *text, const json_t *summary)
{
	long long dropped = logtap_summary_dropped(summary);
	long long chunks = number_of(summary, "uncaptured_chunks");

	if (!dropped)
		add(text, ", 0 dropped");
	add_loss(text, dropped, "chunk", "chunks",
		 " dropped (rings were full)");
	add_loss(text, number_of(summary, "unknown_chunks"), "chunk", "chunks",
		 " delivered or lost by a collector that was killed");
	if (chunks) {
		add_loss(text, chunks, "write", "writes", " (");
		add_count(text, number_of(summary, "uncaptured_bytes"), "byte",
			  "bytes");
		add(text, ") not captured");
	}
	add_loss(text, number_of(summary, "hidden_lines"), "hidden line",
		 "hidden lines", " left out (--sinks=all keeps them)");
	add_loss(text, number_of(summary, "unseen_bytes"), "byte", "bytes",
		 " on standard error not seen");
	add_loss(text, number_of(summary, "uncaptured_processes"), "process",
		 "processes", " not captured");
	add_loss(text, number_of(summary, "incomplete_processes"), "process",
		 "processes", " captured in part");
	add_loss(text, number_of(summary, "uncaptured_programs"), "program",
		 "programs", " that cannot be captured (records tell why)");
	add_loss(text, number_of(summary, "gap_bytes"), "byte", "bytes",
		 " went past capture");
}

static void add_destination(struct text *text, const json_t *destination,
			    const char *separator)
{
	const char *name =
		json_string_value(json_object_get(destination, "name"));
	const char *error =
		json_string_value(json_object_get(destination, "last_error"));
	long long refused = number_of(destination, "refused");
	long long missing = number_of(destination, "dropped") +
			    number_of(destination, "queued");

	if (!name)
		name = "?";
	add(text, "%s%s", separator, strcmp(name, "-") ? name : "stdout");
	if (!refused && !missing)
		return;
	add(text, " (");
	if (missing) {
		add_count(text, missing, "record", "records");
		add(text, " undelivered");
	}
	if (refused) {
		add(text, "%s", missing ? ", " : "");
		add_count(text, refused, "record", "records");
		add(text, " refused");
	}
	add(text, "%s%s)", error && *error ? ": " : "",
	    error && *error ? error : "");
}

/* The collector counts records from its start, chunks from the session's. */
static void add_restarts(struct text *text, const json_t *summary)
{
	long long restarts = number_of(summary, "restarts");
	if (!restarts)
		return;
	add(text, " since the collector died and was restarted (");
	add_count(text, restarts, "time", "times");
	add(text, ", ");
	add_count(text, number_of(summary, "chunks"), "write", "writes");
	add(text, " in all)");
}

void logtap_summary_format(const json_t *summary, pid_t sidecar, char *out,
			   size_t out_bytes)
{
	struct text text = {.data = out, .room = out_bytes};
	const json_t *destinations = json_object_get(summary, "destinations");
	const json_t *destination;
	long long living = logtap_summary_living(summary);
	size_t i;

	*out = '\0';
	add_count(&text, number_of(summary, "records"), "record", "records");
	add_severities(&text, summary);
	add_restarts(&text, summary);
	add(&text, " from ");
	add_count(&text, number_of(summary, "processes"), "process",
		  "processes");
	add_losses(&text, summary);
	json_array_foreach(destinations, i, destination)
		add_destination(&text, destination, i ? ", " : " -> ");
	if (!living)
		return;
	add(&text, "; ");
	add_count(&text, living, "process lives", "processes live");
	add(&text, " on, capture goes on (collector: pid %d)", (int)sidecar);
}

bool logtap_summary_loops(const json_t *summary, bool tell)
{
	const json_t *loops =
		json_object_get(json_object_get(summary, "loops"), "loops");
	const json_t *loop;
	struct logtap_bytes text = {0};
	bool likely = false;
	size_t i;

	json_array_foreach(loops, i, loop)
	{
		const char *confidence =
			json_string_value(json_object_get(loop, "confidence"));
		if (!confidence || !strcmp(confidence, "suspected"))
			continue;
		likely = true;
		if (tell)
			logtap_loops_report_text(loop, &text);
	}
	if (text.size)
		fwrite(text.data, 1, text.size, stderr);
	logtap_bytes_deinit(&text);
	return likely;
}

bool logtap_summary_failed(const json_t *summary)
{
	const json_t *destination;
	size_t i;
	json_array_foreach(json_object_get(summary, "destinations"), i,
			   destination)
	{
		if (number_of(destination, "refused") ||
		    number_of(destination, "dropped") ||
		    number_of(destination, "queued"))
			return true;
	}
	return false;
}

long long logtap_summary_living(const json_t *summary)
{
	return number_of(summary, "live_processes");
}

long long logtap_summary_foreign(const json_t *summary)
{
	return number_of(summary, "foreign_segments");
}

long long logtap_summary_dropped(const json_t *summary)
{
	const char *reason;
	json_t *value;
	long long dropped = 0;

	json_object_foreach(json_object_get(summary, "dropped"), reason, value)
		dropped += json_integer_value(value);
	return dropped;
}
