/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* How logtap tail shows a record: see the header. */
#include "tail.h"

#include "../admin/logs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1000000000

#define DIM "\033[2m"
#define PLAIN "\033[0m"

static int put(struct logtap_bytes *out, const char *text)
{
	return logtap_bytes_append(out, text, strlen(text));
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

static const char *colour_of(const char *level)
{
	static const struct {
		const char *level, *colour;
	} colours[] = {
		{"FATAL", "\033[1;31m"}, {"ERROR", "\033[31m"},
		{"WARN", "\033[33m"},	 {"INFO", "\033[32m"},
		{"DEBUG", "\033[36m"},	 {"TRACE", "\033[2m"},
	};

	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		if (!strncmp(level, colours[i].level, strlen(colours[i].level)))
			return colours[i].colour;
	return PLAIN;
}

static int put_escaped(struct logtap_bytes *out, const json_t *string)
{
	const char *text = json_string_value(string);
	return text ? logtap_text_escape(out, text, json_string_length(string))
		    : 0;
}

static int put_head(struct logtap_bytes *out, const json_t *log,
		    const json_t *record, bool colour)
{
	unsigned long long when_ns =
		strtoull(string_of(record, "timeUnixNano"), NULL, 10);
	const char *level = string_of(log, "level");
	char date[32], text[128];
	struct tm utc = {0};

	if (!when_ns)
		when_ns = strtoull(string_of(record, "observedTimeUnixNano"),
				   NULL, 10);
	time_t seconds = (time_t)(when_ns / NS_PER_S);
	gmtime_r(&seconds, &utc);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text, sizeof(text), "%s%s.%03lluZ%s %s%-5.8s%s ",
		 colour ? DIM : "", date, when_ns % NS_PER_S / 1000000,
		 colour ? PLAIN : "", colour ? colour_of(level) : "", level,
		 colour ? PLAIN : "");
	int error = put(out, text);
	const json_t *service = json_object_get(log, "service");
	if (error || !service)
		return error;
	error = put_escaped(out, service);
	snprintf(text, sizeof(text), "%s[%lld/%lld]%s ", colour ? DIM : "",
		 (long long)json_integer_value(json_object_get(log, "pid")),
		 (long long)json_integer_value(json_object_get(log, "tid")),
		 colour ? PLAIN : "");
	return error ? error : put(out, text);
}

/* What every record has is not worth a line's width. */
static bool is_usual(const char *key)
{
	static const char *const usual[] = {"log.iostream", "thread.id",
					    "thread.name", "log.record.uid"};

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (!strcmp(key, usual[i]))
			return true;
	return false;
}

static int put_attribute(struct logtap_bytes *out, const char *key,
			 const json_t *value)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	int error = text ? put(out, " ") : -1;

	if (!error)
		error = logtap_text_escape(out, key, strlen(key));
	if (!error)
		error = put(out, "=");
	/* its backslashes are JSON's own */
	for (const char *at = text; !error && *at;) {
		size_t plain = strcspn(at, "\\");
		error = logtap_text_escape(out, at, plain);
		at += plain;
		if (!error && *at)
			error = logtap_bytes_append(out, at++, 1);
	}
	free(text);
	return error;
}

static int put_attributes(struct logtap_bytes *out, const json_t *record)
{
	const json_t *list = json_object_get(record, "attributes");
	const char *event = string_of(record, "eventName");
	const json_t *item;
	size_t i;
	int error = 0;

	if (*event)
		error = put_attribute(out, "event",
				      json_object_get(record, "eventName"));
	json_array_foreach(list, i, item)
	{
		const char *key = string_of(item, "key");
		/* {"stringValue": ...}: one member */
		void *at = json_object_iter(json_object_get(item, "value"));
		if (!error && at && !is_usual(key))
			error = put_attribute(out, key,
					      json_object_iter_value(at));
	}
	return error;
}

int logtap_tail_print(const json_t *log, bool colour)
{
	const json_t *record = json_object_get(log, "record");
	const json_t *body =
		json_object_get(json_object_get(record, "body"), "stringValue");
	struct logtap_bytes out = {0};
	int error = put_head(&out, log, record, colour);

	if (!error)
		error = put_escaped(&out, body);
	if (!error && colour)
		error = put(&out, DIM);
	if (!error)
		error = put_attributes(&out, record);
	if (!error)
		error = put(&out, colour ? PLAIN "\n" : "\n");
	if (!error)
		fwrite(out.data, 1, out.size, stdout);
	logtap_bytes_deinit(&out);
	return error;
}
