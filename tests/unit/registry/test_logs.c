/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The logs registry: bounds, numbers, counts, filters, and readers beside a
 * writer. */
#include "../../../collector/registry/logs.h"

#include "../export/fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct logtap_logs *make(size_t records, size_t bytes)
{
	struct logtap_logs *logs = NULL;
	struct logtap_logs_limits limits = {records, bytes};

	cr_assert_eq(logtap_logs_new(&limits, &logs), 0);
	return logs;
}

/* Records with the bodies "FIRST", "FIRST + 1", ... in one batch. */
static void add(struct logtap_logs *logs, unsigned first, unsigned count)
{
	char bodies[64][16];
	struct logtap_record records[64] = {0};

	for (unsigned i = 0; i < count; i++) {
		int bytes =
			snprintf(bodies[i], sizeof(bodies[i]), "%u", first + i);
		records[i].observed_ns = 1;
		records[i].body = bodies[i];
		records[i].body_bytes = (size_t)bytes;
	}
	struct logtap_batch *batch = fixture_batch(records, count);
	logtap_logs_add(logs, batch);
	logtap_batch_unref(batch);
}

static struct logtap_logs_page read_after(struct logtap_logs *logs,
					  uint64_t after, size_t limit)
{
	struct logtap_logs_page page;
	struct logtap_logs_query query = {
		.has_after = true, .after = after, .limit = limit};

	cr_assert_eq(logtap_logs_read(logs, &query, &page), 0);
	return page;
}

static struct logtap_logs_page read_last(struct logtap_logs *logs, size_t limit)
{
	struct logtap_logs_page page;
	struct logtap_logs_query query = {.limit = limit};

	cr_assert_eq(logtap_logs_read(logs, &query, &page), 0);
	return page;
}

static void expect(const struct logtap_logs_page *page, uint64_t first,
		   size_t count)
{
	cr_assert_eq(page->count, count, "%zu records", page->count);
	for (size_t i = 0; i < count; i++) {
		char body[16];
		int bytes = snprintf(body, sizeof(body), "%llu",
				     (unsigned long long)(first + i));
		const struct logtap_log_entry *entry = page->entries[i];
		cr_assert_eq(entry->seq, first + i);
		cr_assert_eq(entry->record.body_bytes, (size_t)bytes);
		cr_assert_arr_eq(entry->record.body, body, (size_t)bytes);
	}
}

Test(logs, a_registry_that_can_hold_nothing_is_refused)
{
	struct logtap_logs *logs = NULL;

	cr_assert_eq(logtap_logs_new(&(struct logtap_logs_limits){0, 1}, &logs),
		     -EINVAL);
	cr_assert_eq(logtap_logs_new(&(struct logtap_logs_limits){1, 0}, &logs),
		     -EINVAL);
	cr_assert_null(logs);
}

Test(logs, an_empty_registry_has_no_numbers)
{
	struct logtap_logs *logs = make(4, 1 << 20);
	struct logtap_logs_page page = read_last(logs, 10);

	expect(&page, 1, 0);
	cr_assert_eq(page.state.oldest_seq, 0);
	cr_assert_eq(page.state.newest_seq, 0);
	cr_assert_eq(page.next_seq, 0);
	logtap_logs_page_deinit(&page);
	logtap_logs_free(logs);
}

Test(logs, of_one_record_too_many_the_first_is_gone)
{
	struct logtap_logs *logs = make(5, 1 << 20);

	add(logs, 1, 5);
	struct logtap_logs_page page = read_last(logs, 10);
	expect(&page, 1, 5);
	cr_assert_eq(page.state.dropped_on_retention, 0);
	logtap_logs_page_deinit(&page);
	add(logs, 6, 1);
	page = read_last(logs, 10);
	expect(&page, 2, 5);
	cr_assert_eq(page.state.oldest_seq, 2);
	cr_assert_eq(page.state.newest_seq, 6);
	cr_assert_eq(page.state.dropped_on_retention, 1);
	cr_assert_eq(page.state.retained_records, 5);
	logtap_logs_page_deinit(&page);
	logtap_logs_free(logs);
}

Test(logs, bytes_are_bounded_and_counted_exactly)
{
	struct logtap_record record = {
		.observed_ns = 1, .body = "123456", .body_bytes = 6};
	struct logtap_log_entry *entry = logtap_log_entry_new(&record);
	size_t each = entry->bytes;
	struct logtap_logs *logs = make(1000, 3 * each);

	logtap_log_entry_unref(entry);
	add(logs, 100001, 8);
	struct logtap_logs_state state = logtap_logs_state(logs);
	cr_assert_eq(state.retained_bytes, 3 * each);
	cr_assert_eq(state.retained_records, 3);
	cr_assert_eq(state.oldest_seq, 6);
	cr_assert_eq(state.dropped_on_retention, 5);
	cr_assert_eq(state.newest_seq,
		     state.retained_records + state.dropped_on_retention);
	logtap_logs_free(logs);
}

Test(logs, a_record_larger_than_the_registry_is_counted_and_evicts_nothing)
{
	static char body[10000];
	struct logtap_record record = {
		.observed_ns = 1, .body = body, .body_bytes = sizeof(body)};
	struct logtap_logs *logs = make(10, 5000);

	memset(body, 'x', sizeof(body));
	add(logs, 1, 2);
	struct logtap_batch *batch = fixture_batch(&record, 1);
	logtap_logs_add(logs, batch);
	logtap_batch_unref(batch);
	struct logtap_logs_state state = logtap_logs_state(logs);
	cr_assert_eq(state.dropped_on_ingest, 1);
	cr_assert_eq(state.dropped_on_retention, 0);
	cr_assert_eq(state.newest_seq, 2);
	logtap_logs_free(logs);
}

Test(logs, a_cursor_sees_each_record_once_whatever_the_limit)
{
	struct logtap_logs *logs = make(2048, 1 << 24);
	uint64_t cursor = 0;

	for (unsigned i = 0; i < 10; i++)
		add(logs, 1 + 60 * i, 60);
	while (cursor < 600) {
		uint64_t left = 600 - cursor;
		struct logtap_logs_page page = read_after(logs, cursor, 7);
		expect(&page, cursor + 1, left < 7 ? left : 7);
		cr_assert_eq(page.truncated_before_seq, 0);
		cr_assert_eq(page.next_seq, cursor + page.count);
		cursor = page.next_seq;
		logtap_logs_page_deinit(&page);
	}
	struct logtap_logs_page page = read_after(logs, cursor, 7);
	expect(&page, 601, 0);
	cr_assert_eq(page.next_seq, 600);
	logtap_logs_page_deinit(&page);
	logtap_logs_free(logs);
}

Test(logs, a_cursor_that_fell_behind_is_told_where_records_begin_again)
{
	struct logtap_logs *logs = make(5, 1 << 20);

	add(logs, 1, 20);
	struct logtap_logs_page page = read_after(logs, 3, 100);
	expect(&page, 16, 5);
	cr_assert_eq(page.truncated_before_seq, 16);
	logtap_logs_page_deinit(&page);
	page = read_after(logs, 15, 100);
	cr_assert_eq(page.truncated_before_seq, 0);
	logtap_logs_page_deinit(&page);
	/* the numbers of another collector */
	page = read_after(logs, 1000, 100);
	cr_assert_eq(page.count, 0);
	cr_assert_eq(page.next_seq, 20);
	logtap_logs_page_deinit(&page);
	logtap_logs_free(logs);
}

Test(logs, the_last_ones_come_in_the_order_of_their_numbers)
{
	struct logtap_logs *logs = make(700, 1 << 20);

	for (unsigned i = 0; i < 20; i++)
		add(logs, 1 + 50 * i, 50);
	struct logtap_logs_page page = read_last(logs, 400);
	expect(&page, 601, 400);
	cr_assert_eq(page.next_seq, 1000);
	logtap_logs_page_deinit(&page);
	logtap_logs_free(logs);
}

Test(logs, a_reader_keeps_what_it_read_when_it_is_evicted)
{
	struct logtap_logs *logs = make(3, 1 << 20);

	add(logs, 1, 3);
	struct logtap_logs_page page = read_last(logs, 10);
	add(logs, 4, 3);
	logtap_logs_free(logs);
	expect(&page, 1, 3);
	logtap_logs_page_deinit(&page);
}

Test(logs, a_filter_moves_the_cursor_over_what_it_left_out)
{
	struct logtap_logs *logs = make(100, 1 << 20);
	struct logtap_logs_page page;
	struct logtap_logs_query query = {
		.has_after = true,
		.limit = 2,
		.filter = {.text = "3"},
	};

	add(logs, 1, 40); /* 3 13 23 30 .. 39 */
	cr_assert_eq(logtap_logs_read(logs, &query, &page), 0);
	cr_assert_eq(page.count, 2);
	cr_assert_eq(page.entries[1]->seq, 13);
	cr_assert_eq(page.next_seq, 13);
	logtap_logs_page_deinit(&page);
	query.after = 39;
	cr_assert_eq(logtap_logs_read(logs, &query, &page), 0);
	cr_assert_eq(page.count, 0);
	cr_assert_eq(page.next_seq, 40);
	logtap_logs_page_deinit(&page);
	logtap_logs_free(logs);
}

Test(logs, filters_compare_what_they_name)
{
	struct logtap_resource *resource = fixture_resource(17);
	struct logtap_source *source = fixture_source(resource, 18);
	struct logtap_record record = {
		.severity = 13,
		.body = "Something FAILED",
		.body_bytes = 16,
		.has_trace = true,
		.trace_id = {1, 2, 3},
		.source = source,
	};
	struct logtap_record bare = {.body = "x", .body_bytes = 1};
	struct {
		struct logtap_logs_filter filter;
		bool record, bare;
	} cases[] = {
		{{0}, true, true},
		{{.severity = 13}, true, false},
		{{.severity = 14}, false, false},
		{{.text = "thing failed"}, true, false},
		{{.text = "failed "}, false, false},
		{{.text = ""}, true, true},
		{{.service = resource->service}, true, false},
		{{.service = "app-1"}, false, false},
		{{.has_pid = true, .pid = 17}, true, false},
		{{.has_pid = true, .pid = 18}, false, false},
		{{.has_tid = true, .tid = 18}, true, false},
		{{.has_tid = true, .tid = 17}, false, false},
		{{.has_trace = true, .trace_id = {1, 2, 3}}, true, false},
		{{.has_trace = true, .trace_id = {0}}, false, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_eq(logtap_logs_matches(&cases[i].filter, &record),
			     cases[i].record, "case %zu", i);
		cr_assert_eq(logtap_logs_matches(&cases[i].filter, &bare),
			     cases[i].bare, "case %zu, bare", i);
	}
	logtap_source_unref(source);
	logtap_resource_unref(resource);
}

Test(logs, a_copy_has_all_that_the_record_had)
{
	struct fixture_random random = {.state = 1};
	static struct fixture_memory memory;
	struct logtap_resource *resource = fixture_resource(1);
	struct logtap_source *source = fixture_source(resource, 2);

	for (int i = 0; i < 60; i++) {
		struct logtap_record from;
		fixture_random_record(&random, &memory, source, &from);
		struct logtap_log_entry *entry = logtap_log_entry_new(&from);
		const struct logtap_record *own = &entry->record;
		cr_assert_eq(own->body_bytes, from.body_bytes);
		cr_assert_neq(own->body, from.body);
		cr_assert_eq(memcmp(own->body, from.body, from.body_bytes), 0);
		cr_assert_eq(!own->event_name, !from.event_name);
		if (from.event_name)
			cr_assert_str_eq(own->event_name, from.event_name);
		cr_assert_eq(own->attribute_count, from.attribute_count);
		for (size_t j = 0; j < from.attribute_count; j++) {
			const struct logtap_attribute *a = &own->attributes[j];
			const struct logtap_attribute *b = &from.attributes[j];
			cr_assert_str_eq(a->key, b->key);
			cr_assert_neq(a->key, b->key);
			cr_assert_eq(a->kind, b->kind);
			if (a->kind == LOGTAP_VALUE_STRING ||
			    a->kind == LOGTAP_VALUE_BYTES) {
				cr_assert_eq(a->value.string.bytes,
					     b->value.string.bytes);
				cr_assert_eq(memcmp(a->value.string.data,
						    b->value.string.data,
						    a->value.string.bytes),
					     0);
			} else if (a->kind == LOGTAP_VALUE_BOOL) {
				cr_assert_eq(a->value.boolean,
					     b->value.boolean);
			} else {
				cr_assert_eq(a->value.integer,
					     b->value.integer);
			}
		}
		logtap_log_entry_unref(entry);
	}
	logtap_source_unref(source);
	logtap_resource_unref(resource);
}

static void *read_all(void *context)
{
	struct logtap_logs *logs = context;
	uint64_t cursor = 0;

	while (cursor < 6000) {
		struct logtap_logs_page page = read_after(logs, cursor, 100);
		uint64_t last = cursor;
		for (size_t i = 0; i < page.count; i++) {
			char body[16];
			int bytes = snprintf(
				body, sizeof(body), "%llu",
				(unsigned long long)page.entries[i]->seq);
			cr_assert_gt(page.entries[i]->seq, last);
			last = page.entries[i]->seq;
			cr_assert_eq(memcmp(page.entries[i]->record.body, body,
					    (size_t)bytes),
				     0);
		}
		cr_assert_geq(page.next_seq, cursor);
		cursor = page.next_seq;
		logtap_logs_page_deinit(&page);
	}
	return NULL;
}

Test(logs, readers_beside_a_writer_see_whole_records_in_order)
{
	struct logtap_logs *logs = make(100, 1 << 20);
	pthread_t readers[3];

	for (int i = 0; i < 3; i++)
		cr_assert_eq(pthread_create(&readers[i], NULL, read_all, logs),
			     0);
	for (unsigned i = 0; i < 100; i++)
		add(logs, 1 + 60 * i, 60);
	for (int i = 0; i < 3; i++)
		pthread_join(readers[i], NULL);
	struct logtap_logs_state state = logtap_logs_state(logs);
	cr_assert_eq(state.newest_seq, 6000);
	cr_assert_eq(state.dropped_on_retention, 5900);
	logtap_logs_free(logs);
}

Test(logs, as_a_destination_it_settles_each_batch_at_once)
{
	struct logtap_logs *logs = make(10, 1 << 20);
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();
	struct logtap_exporter *exporter = NULL;
	struct logtap_exporter_stats stats;
	struct logtap_record record = {
		.observed_ns = 1, .body = "1", .body_bytes = 1};

	cr_assert_eq(logtap_registry_exporter_new(logs, &exporter), 0);
	cr_assert_eq(logtap_dispatcher_add(dispatcher, exporter), 0);
	logtap_dispatcher_submit(dispatcher, fixture_batch(&record, 1));
	cr_assert_eq(logtap_dispatcher_floor(dispatcher), UINT64_MAX);
	logtap_dispatcher_stats(dispatcher, 0, &stats);
	cr_assert_eq(stats.delivered, 1);
	logtap_dispatcher_stop(dispatcher, 0);
	logtap_dispatcher_free(dispatcher);
	struct logtap_logs_page page = read_last(logs, 5);
	expect(&page, 1, 1);
	logtap_logs_page_deinit(&page);
	logtap_logs_free(logs);
}

static void *add_later(void *context)
{
	add(context, 1, 3);
	return NULL;
}

Test(logs, who_waits_is_woken_by_a_new_record_or_by_an_interrupt)
{
	struct logtap_logs *logs = make(10, 1 << 20);
	pthread_t thread;

	cr_assert_eq(logtap_logs_wait(logs, 0, 1), 0);
	cr_assert_eq(pthread_create(&thread, NULL, add_later, logs), 0);
	cr_assert_eq(logtap_logs_wait(logs, 0, 60000), 3);
	pthread_join(thread, NULL);
	cr_assert_eq(logtap_logs_wait(logs, 2, 60000), 3);
	logtap_logs_interrupt(logs);
	cr_assert_eq(logtap_logs_wait(logs, 3, 60000), 3);
	logtap_logs_free(logs);
}
