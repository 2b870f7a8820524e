/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch as OTLP/JSON: see the header.  Any thread.
 */
#include "encode.h"

#include "../shape/resource.h"
#include "attribute.h"

#include <stdio.h>
#include <string.h>

static int put_number(struct logtap_bytes *out, const char *key, uint64_t value)
{
	int error = logtap_json_put(out, key, strlen(key));

	return error ? error : logtap_json_decimal(out, value);
}

static int put_hex(struct logtap_bytes *out, const char *key,
		   const unsigned char *id, size_t bytes)
{
	static const char hex[] = "0123456789abcdef";
	char text[32];
	int error = logtap_json_put(out, key, strlen(key));

	for (size_t i = 0; i < bytes; i++) {
		text[2 * i] = hex[id[i] >> 4];
		text[2 * i + 1] = hex[id[i] & 15];
	}
	if (!error)
		error = logtap_json_put(out, text, 2 * bytes);
	return error ? error : logtap_json_raw(out, "\"");
}

static int put_template(struct logtap_bytes *out,
			const struct logtap_record *record)
{
	const struct logtap_source *source = record->source;
	int error = logtap_json_put(out, source->json, source->json_bytes);

	if (error || !source->uid_bytes)
		return error;
	error = logtap_json_decimal(out, record->sequence);
	if (!error && record->line)
		error = put_number(out, ".", record->line);
	return error ? error : logtap_json_raw(out, "\"}}");
}

static int put_attributes(struct logtap_bytes *out,
			  const struct logtap_record *record)
{
	bool first = !record->source || !record->source->json_bytes;
	int error = logtap_json_raw(out, ",\"attributes\":[");

	if (!error && !first)
		error = put_template(out, record);
	for (size_t i = 0; !error && i < record->attribute_count; i++) {
		if (!first)
			error = logtap_json_raw(out, ",");
		first = false;
		if (!error)
			error = logtap_attribute_json(out,
						      &record->attributes[i]);
	}
	return error ? error : logtap_json_raw(out, "]");
}

static int put_severity(struct logtap_bytes *out,
			const struct logtap_record *record)
{
	int error = 0;

	if (record->severity)
		error = put_number(out,
				   ",\"severityNumber\":", record->severity);
	if (error || !record->severity_text)
		return error;
	error = logtap_json_raw(out, ",\"severityText\":");
	return error ? error
		     : logtap_json_string(out, record->severity_text,
					  strlen(record->severity_text));
}

static int put_context(struct logtap_bytes *out,
		       const struct logtap_record *record)
{
	int error = 0;

	if (record->dropped_attributes)
		error = put_number(out, ",\"droppedAttributesCount\":",
				   record->dropped_attributes);
	if (!error && record->flags)
		error = put_number(out, ",\"flags\":", record->flags);
	if (!error && record->has_trace)
		error = put_hex(out, ",\"traceId\":\"", record->trace_id,
				sizeof(record->trace_id));
	if (!error && record->has_trace)
		error = put_hex(out, ",\"spanId\":\"", record->span_id,
				sizeof(record->span_id));
	if (error || !record->event_name)
		return error;
	error = logtap_json_raw(out, ",\"eventName\":");
	return error ? error
		     : logtap_json_string(out, record->event_name,
					  strlen(record->event_name));
}

int logtap_encode_record_json(const struct logtap_record *record,
			      struct logtap_bytes *out)
{
	int error = put_number(out, "{\"observedTimeUnixNano\":\"",
			       record->observed_ns);

	if (!error && record->time_ns)
		error = put_number(out, "\",\"timeUnixNano\":\"",
				   record->time_ns);
	if (!error)
		error = logtap_json_raw(out, "\"");
	if (!error)
		error = put_severity(out, record);
	if (!error)
		error = logtap_json_raw(out, ",\"body\":{\"stringValue\":");
	if (!error)
		error = logtap_json_string(out, record->body,
					   record->body_bytes);
	if (!error)
		error = logtap_json_raw(out, "}");
	if (!error)
		error = put_attributes(out, record);
	if (!error)
		error = put_context(out, record);
	return error ? error : logtap_json_raw(out, "}");
}

int logtap_encode_scope_json(const char *logger, struct logtap_bytes *out)
{
	if (!logger)
		return logtap_json_raw(
			out,
			"{\"name\":\"logtap\",\"version\":\"" LOGTAP_VERSION
			"\"}");
	int error = logtap_json_raw(out, "{\"name\":");
	if (!error)
		error = logtap_json_string(out, logger, strlen(logger));
	return error ? error : logtap_json_raw(out, "}");
}

static int put_run(struct logtap_bytes *out, const struct logtap_batch_run *run,
		   const struct logtap_batch_line *lines)
{
	struct logtap_record record = run->like;
	int error = 0;

	for (uint32_t i = 0; !error && i < run->count; i++) {
		if (i)
			error = logtap_json_raw(out, ",");
		logtap_batch_fill_in(&record, &lines[i]);
		if (!error)
			error = logtap_encode_record_json(&record, out);
	}
	return error;
}

static int put_group(struct logtap_bytes *out,
		     const struct logtap_batch_view *view,
		     const struct logtap_batch_group *group)
{
	const struct logtap_resource *resource = group->resource;
	int error = logtap_json_raw(out, "{\"resource\":");

	if (!error)
		error = resource ? logtap_bytes_append(out, resource->json,
						       resource->json_bytes)
				 : logtap_json_raw(out, "{}");
	if (!error)
		error = logtap_json_raw(out, ",\"scopeLogs\":[{\"scope\":");
	if (!error)
		error = logtap_encode_scope_json(group->scope, out);
	if (!error)
		error = logtap_json_raw(out, ",\"logRecords\":[");
	uint32_t index = group->first;
	for (uint32_t i = 0; !error && i < group->count; i++) {
		const struct logtap_batch_run *run = &view->runs[index];
		if (i)
			error = logtap_json_raw(out, ",");
		if (!error)
			error = put_run(out, run, &view->lines[run->first]);
		index = run->next;
	}
	return error ? error : logtap_json_raw(out, "]}]}");
}

int logtap_encode_logs_json(const struct logtap_batch *batch,
			    struct logtap_bytes *out)
{
	struct logtap_batch_view view = logtap_batch_view(batch);
	size_t before = out->size;
	int error = logtap_json_raw(out, "{\"resourceLogs\":[");

	for (size_t i = 0; !error && i < view.group_count; i++) {
		if (i)
			error = logtap_json_raw(out, ",");
		if (!error)
			error = put_group(out, &view, &view.groups[i]);
	}
	if (!error)
		error = logtap_json_raw(out, "]}");
	if (error)
		out->size = before;
	return error;
}
