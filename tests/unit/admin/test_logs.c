/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The reply of /logs: which records it holds, and what it says of the rest. */
#include "../../../collector/admin/request.h"

#include "../export/fixture.h"
#include "otlp.pb-c.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct logtap_admin admin = {.instance = "this one"};
static struct logtap_query query;
static struct logtap_reply reply;

static void begin(void)
{
	const struct logtap_logs_limits limits = {.records = 5,
						  .bytes = 8 << 20};

	cr_assert_eq(logtap_logs_new(&limits, &admin.options.logs), 0);
	logtap_query_init(&query, false);
}

static void end(void)
{
	logtap_bytes_deinit(&reply.body);
	logtap_logs_free(admin.options.logs);
}

TestSuite(logs_page, .init = begin, .fini = end);

static void add(const char *body, const char *scope,
		struct logtap_source *source)
{
	const struct logtap_record record = {
		.observed_ns = 1,
		.body = body,
		.body_bytes = strlen(body),
		.scope = scope,
		.source = source,
	};
	struct logtap_batch *batch = fixture_batch(&record, 1);

	logtap_logs_add(admin.options.logs, batch);
	logtap_batch_unref(batch);
}

static void ask(const char *name, const char *value)
{
	cr_assert_null(logtap_query_set(&query, name, value));
}

static const char *header(const char *name)
{
	for (size_t i = 0; i < reply.header_count; i++)
		if (!strcmp(reply.headers[i].name, name))
			return reply.headers[i].value;
	return NULL;
}

static json_t *answer(void)
{
	logtap_logs_answer(&admin, &query, &reply);
	json_t *page =
		json_loadb((char *)reply.body.data, reply.body.size, 0, NULL);
	cr_assert_not_null(page);
	return page;
}

static json_int_t number(const json_t *page, const char *name)
{
	const json_t *value = json_object_get(page, name);

	cr_assert(json_is_integer(value), "%s", name);
	return json_integer_value(value);
}

Test(logs_page, nothing_is_null_and_not_0)
{
	json_t *page = answer();

	cr_assert(json_is_null(json_object_get(page, "oldest_seq")));
	cr_assert(json_is_null(json_object_get(page, "newest_seq")));
	cr_assert(json_is_null(json_object_get(page, "truncated_before_seq")));
	cr_assert_eq(number(page, "next_seq"), 0);
	cr_assert_eq(json_array_size(json_object_get(page, "logs")), 0);
	cr_assert_null(header("Logtap-Oldest-Seq"));
	cr_assert_null(header("Logtap-Truncated-Before-Seq"));
	cr_assert_str_eq(header("Logtap-Next-Seq"), "0");
	cr_assert_str_eq(header("Logtap-Instance"), "this one");
	json_decref(page);
}

Test(logs_page, what_is_gone_is_said_in_the_body_and_in_the_headers)
{
	for (const char *body = "abcdefg"; *body; body++)
		add(body, NULL, NULL);
	ask("after", "1");
	json_t *page = answer();
	const json_t *logs = json_object_get(page, "logs");

	cr_assert_eq(json_array_size(logs), 5);
	cr_assert_eq(number(json_array_get(logs, 0), "seq"), 3);
	cr_assert_eq(number(page, "oldest_seq"), 3);
	cr_assert_eq(number(page, "newest_seq"), 7);
	cr_assert_eq(number(page, "next_seq"), 7);
	cr_assert_eq(number(page, "truncated_before_seq"), 3);
	cr_assert_eq(number(page, "dropped_on_retention"), 2);
	cr_assert_eq(number(page, "retained_records"), 5);
	cr_assert_str_eq(header("Logtap-Oldest-Seq"), "3");
	cr_assert_str_eq(header("Logtap-Truncated-Before-Seq"), "3");
	cr_assert_str_eq(header("Logtap-Dropped-On-Retention"), "2");
	cr_assert_str_eq(header("Logtap-Retained-Records"), "5");
	json_decref(page);
}

Test(logs_page, a_reply_of_many_bytes_says_where_to_go_on)
{
	size_t bytes = 700000;
	char *body = malloc(bytes + 1);

	memset(body, 'x', bytes);
	body[bytes] = 0;
	for (int i = 0; i < 3; i++)
		add(body, NULL, NULL);
	ask("after", "0");
	json_t *page = answer();
	size_t count = json_array_size(json_object_get(page, "logs"));

	cr_assert(count && count < 3, "%zu records", count);
	cr_assert_eq(number(page, "next_seq"), (json_int_t)count);
	json_decref(page);
	free(body);
}

Test(logs_page, text_has_a_line_for_each)
{
	add("one", NULL, NULL);
	add("two\nlines", NULL, NULL);
	ask("format", "text");
	logtap_logs_answer(&admin, &query, &reply);
	cr_assert_str_eq(reply.type, "text/plain; charset=utf-8");
	logtap_bytes_append(&reply.body, "", 1);
	const char *text = (char *)reply.body.data;
	const char *second = strchr(text, '\n') + 1;

	cr_assert(!strncmp(text, "1 ", 2) && !strncmp(second, "2 ", 2));
	cr_assert_not_null(strstr(second, "two\\nlines"));
	cr_assert_eq(strchr(second, '\n')[1], '\0');
}

static void check(const Otlp__ResourceLogs *of, const char *scope,
		  const char *bodies)
{
	cr_assert_eq(of->n_scope_logs, 1);
	const Otlp__ScopeLogs *logs = of->scope_logs[0];

	cr_assert_str_eq(logs->scope->name, scope);
	cr_assert_eq(logs->n_log_records, strlen(bodies), "%s", scope);
	for (size_t i = 0; bodies[i]; i++)
		cr_assert_eq(*logs->log_records[i]->body->string_value,
			     bodies[i], "%s", scope);
}

Test(logs_page, otlp_joins_records_of_one_resource_and_scope_in_order)
{
	struct logtap_resource *resource = fixture_resource(7);
	struct logtap_source *source = fixture_source(resource, 8);

	add("a", NULL, source);
	add("b", "scope", source);
	add("c", NULL, source);
	add("d", "scope", NULL);
	add("e", NULL, source);
	ask("format", "otlp");
	logtap_logs_answer(&admin, &query, &reply);
	cr_assert_str_eq(reply.type, "application/x-protobuf");
	Otlp__LogsData *data =
		otlp__logs_data__unpack(NULL, reply.body.size, reply.body.data);
	cr_assert_not_null(data);
	cr_assert_eq(data->n_resource_logs, 3);
	check(data->resource_logs[0], "logtap", "ace");
	check(data->resource_logs[1], "scope", "b");
	check(data->resource_logs[2], "scope", "d");
	cr_assert_gt(data->resource_logs[1]->resource->n_attributes, 0);
	cr_assert_eq(data->resource_logs[2]->resource->n_attributes, 0);
	otlp__logs_data__free_unpacked(data, NULL);
	logtap_source_unref(source);
	logtap_resource_unref(resource);
}
