/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* /logs: recent records in three formats that say the same.  The endpoint's
 * thread. */
#include "logs.h"

#include "../export/attribute.h"
#include "../export/encode.h"
#include "../shape/resource.h"
#include "request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One reply holds records of so much, and at least one; its next_seq is where
 * the next one goes on. */
enum { REPLY_BYTES = 1 << 20 };

static int put_number(struct logtap_bytes *out, const char *key, uint64_t value)
{
	return logtap_reply_print(out, ",\"%s\":%llu", key,
				  (unsigned long long)value);
}

/* 0: there is none. */
static int put_seq(struct logtap_bytes *out, const char *key, uint64_t value)
{
	return value ? put_number(out, key, value)
		     : logtap_reply_print(out, ",\"%s\":null", key);
}

static int put_source(struct logtap_bytes *out,
		      const struct logtap_source *source)
{
	int error = logtap_json_raw(out, ",\"service\":");

	if (!error)
		error = logtap_json_string(out, source->resource->service,
					   strlen(source->resource->service));
	if (!error)
		error = put_number(out, "pid", source->resource->pid);
	return error ? error : put_number(out, "tid", source->tid);
}

static int put_resource(struct logtap_bytes *out,
			const struct logtap_source *source)
{
	int error = logtap_json_raw(out, ",\"resource\":");

	if (error)
		return error;
	return source ? logtap_bytes_append(out, source->resource->json,
					    source->resource->json_bytes)
		      : logtap_json_raw(out, "{}");
}

int logtap_log_json(const struct logtap_log_entry *entry,
		    struct logtap_bytes *out)
{
	const struct logtap_record *record = &entry->record;
	int error = logtap_reply_print(
		out, "{\"seq\":%llu,\"batch\":%llu,\"level\":\"%s\"",
		(unsigned long long)entry->seq,
		(unsigned long long)entry->batch,
		logtap_level_name(record->severity));

	if (!error && record->source)
		error = put_source(out, record->source);
	if (!error)
		error = put_resource(out, record->source);
	if (!error)
		error = logtap_json_raw(out, ",\"scope\":");
	if (!error)
		error = logtap_encode_scope_json(record->scope, out);
	if (!error)
		error = logtap_json_raw(out, ",\"record\":");
	if (!error)
		error = logtap_encode_record_json(record, out);
	return error ? error : logtap_json_raw(out, "}");
}

static int put_json(const struct logtap_admin *admin,
		    const struct logtap_logs_page *page,
		    struct logtap_bytes *out)
{
	const struct logtap_logs_state *state = &page->state;
	int error = logtap_reply_print(out, "{\"instance\":\"%s\"",
				       admin->instance);

	error = error ? error : put_seq(out, "oldest_seq", state->oldest_seq);
	error = error ? error : put_seq(out, "newest_seq", state->newest_seq);
	error = error ? error : put_number(out, "next_seq", page->next_seq);
	error = error ? error
		      : put_seq(out, "truncated_before_seq",
				page->truncated_before_seq);
	error = error ? error
		      : put_number(out, "dropped_on_ingest",
				   state->dropped_on_ingest);
	error = error ? error
		      : put_number(out, "dropped_on_retention",
				   state->dropped_on_retention);
	error = error ? error
		      : put_number(out, "retained_records",
				   state->retained_records);
	error = error ? error
		      : put_number(out, "retained_bytes",
				   state->retained_bytes);
	error = error ? error : logtap_json_raw(out, ",\"logs\":[");
	for (size_t i = 0; !error && i < page->count; i++) {
		error = logtap_json_put(out, ",\n", i ? 2 : 0);
		if (!error)
			error = logtap_log_json(page->entries[i], out);
	}
	return error ? error : logtap_json_raw(out, "]}\n");
}

static int put_text(const struct logtap_logs_page *page,
		    struct logtap_bytes *out)
{
	int error = 0;

	for (size_t i = 0; !error && i < page->count; i++)
		error = logtap_log_text(page->entries[i], out);
	return error;
}

static bool is_of(const struct logtap_batch_group *group,
		  const struct logtap_resource *resource, const char *scope)
{
	return group->resource == resource && !group->scope == !scope &&
	       (!scope || !strcmp(group->scope, scope));
}

/* Joins the record, a run of its own, to the group of its resource and scope. */
static void join(struct logtap_batch_group *groups, size_t *count,
		 struct logtap_batch_run *runs, uint32_t index)
{
	const struct logtap_record *record = &runs[index].like;
	struct logtap_resource *resource =
		record->source ? record->source->resource : NULL;
	size_t i = 0;

	while (i < *count && !is_of(&groups[i], resource, record->scope))
		i++;
	if (i == *count) {
		groups[(*count)++] = (struct logtap_batch_group){
			.resource = resource,
			.scope = record->scope,
			.first = index,
		};
	} else {
		runs[groups[i].last].next = index;
	}
	groups[i].last = index;
	groups[i].count++;
	runs[index].next = index;
}

static int put_otlp(const struct logtap_logs_page *page,
		    struct logtap_bytes *out)
{
	size_t count = page->count;
	struct logtap_batch_line *lines = calloc(count + 1, sizeof(*lines));
	struct logtap_batch_run *runs = calloc(count + 1, sizeof(*runs));
	struct logtap_batch_group *groups = calloc(count + 1, sizeof(*groups));
	struct logtap_batch_view view = {lines, runs, groups, 0};
	int error = -ENOMEM;

	if (lines && runs && groups) {
		for (uint32_t i = 0; i < count; i++) {
			runs[i].like = page->entries[i]->record;
			runs[i].first = i;
			runs[i].count = 1;
			lines[i] = logtap_batch_line_of(&runs[i].like);
			join(groups, &view.group_count, runs, i);
		}
		error = logtap_encode_view(&view, out);
	}
	free(lines);
	free(runs);
	free(groups);
	return error;
}

static void put_headers(const struct logtap_admin *admin,
			const struct logtap_logs_page *page,
			struct logtap_reply *reply)
{
	const struct logtap_logs_state *state = &page->state;
	const struct {
		const char *name;
		uint64_t value;
		bool optional;
	} numbers[] = {
		{"Logtap-Oldest-Seq", state->oldest_seq, true},
		{"Logtap-Newest-Seq", state->newest_seq, true},
		{"Logtap-Next-Seq", page->next_seq, false},
		{"Logtap-Truncated-Before-Seq", page->truncated_before_seq,
		 true},
		{"Logtap-Dropped-On-Ingest", state->dropped_on_ingest, false},
		{"Logtap-Dropped-On-Retention", state->dropped_on_retention,
		 false},
		{"Logtap-Retained-Records", state->retained_records, false},
		{"Logtap-Retained-Bytes", state->retained_bytes, false},
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].value || !numbers[i].optional)
			logtap_reply_header(
				reply, numbers[i].name, "%llu",
				(unsigned long long)numbers[i].value);
	logtap_reply_header(reply, "Logtap-Instance", "%s", admin->instance);
}

static int put_page(const struct logtap_admin *admin,
		    enum logtap_logs_format format,
		    const struct logtap_logs_page *page,
		    struct logtap_reply *reply)
{
	switch (format) {
	case LOGTAP_LOGS_OTLP:
		reply->type = "application/x-protobuf";
		return put_otlp(page, &reply->body);
	case LOGTAP_LOGS_TEXT:
		reply->type = "text/plain; charset=utf-8";
		return put_text(page, &reply->body);
	default:
		reply->type = "application/json";
		return put_json(admin, page, &reply->body);
	}
}

void logtap_logs_answer(const struct logtap_admin *admin,
			struct logtap_query *query, struct logtap_reply *reply)
{
	struct logtap_logs_page page;

	query->read.max_bytes = REPLY_BYTES;
	int error = logtap_logs_read(admin->options.logs, &query->read, &page);
	if (!error) {
		put_headers(admin, &page, reply);
		error = put_page(admin, query->format, &page, reply);
		logtap_logs_page_deinit(&page);
	}
	if (error)
		logtap_reply_text(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
				  "logtap: /logs: %s", strerror(-error));
}

void logtap_page_logs(struct logtap_admin *admin,
		      struct MHD_Connection *connection,
		      struct logtap_reply *reply)
{
	struct logtap_query query;

	logtap_query_init(&query, false);
	if (logtap_request_query(connection, "/logs", &query, reply))
		logtap_logs_answer(admin, &query, reply);
}
