/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Batches and the batcher that closes them. */
#include "../../../collector/base/copy.h"
#include "../../../collector/export/encode.h"
#include "fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct logtap_record record_of(const char *body)
{
	return (struct logtap_record){
		.observed_ns = 1000,
		.body = body,
		.body_bytes = strlen(body),
		.position = 50,
	};
}

Test(batch, closes_when_the_count_of_records_is_reached)
{
	struct fixture_batches batches = {.count = 0};
	struct logtap_batch_limits limits = {.records = 3};
	struct logtap_batcher *batcher =
		logtap_batcher_new(&limits, fixture_collect, &batches);
	struct logtap_record record = record_of("x");

	for (unsigned i = 0; i < 7; i++)
		cr_assert_eq(logtap_batcher_append(batcher, &record), 0);
	cr_assert_eq(batches.count, 2);
	cr_assert_eq(logtap_batch_records(batches.list[0]), 3);
	cr_assert_eq(logtap_batch_records(batches.list[1]), 3);
	cr_assert_eq(logtap_batcher_floor(batcher), 50);
	logtap_batcher_flush(batcher, 1000, true);
	cr_assert_eq(batches.count, 3);
	cr_assert_eq(logtap_batch_records(batches.list[2]), 1);
	cr_assert_eq(logtap_batcher_floor(batcher), UINT64_MAX);
	logtap_batcher_free(batcher);
	fixture_batches_deinit(&batches);
}

Test(batch, closes_before_a_record_that_would_exceed_the_bytes)
{
	struct fixture_batches batches = {.count = 0};
	struct logtap_batch_limits limits = {.bytes = 10};
	struct logtap_batcher *batcher =
		logtap_batcher_new(&limits, fixture_collect, &batches);
	struct logtap_record six = record_of("123456");
	struct logtap_record twenty = record_of("12345678901234567890");

	cr_assert_eq(logtap_batcher_append(batcher, &six), 0);
	cr_assert_eq(logtap_batcher_append(batcher, &six), 0);
	cr_assert_eq(batches.count, 1);
	/* one record may be larger than a batch should be */
	cr_assert_eq(logtap_batcher_append(batcher, &twenty), 0);
	cr_assert_eq(batches.count, 3);
	cr_assert_eq(logtap_batch_bytes(batches.list[2]), 20);
	logtap_batcher_free(batcher);
	fixture_batches_deinit(&batches);
}

Test(batch, closes_by_age_and_when_the_clock_was_set_back)
{
	struct fixture_batches batches = {.count = 0};
	struct logtap_batch_limits limits = {.age_ns = 100};
	struct logtap_batcher *batcher =
		logtap_batcher_new(&limits, fixture_collect, &batches);
	struct logtap_record record = record_of("x");

	logtap_batcher_flush(batcher, 5000, true);
	cr_assert_eq(batches.count, 0, "nothing makes no batch");
	cr_assert_eq(logtap_batcher_append(batcher, &record), 0);
	logtap_batcher_flush(batcher, 1099, false);
	cr_assert_eq(batches.count, 0);
	logtap_batcher_flush(batcher, 1100, false);
	cr_assert_eq(batches.count, 1);
	cr_assert_eq(logtap_batcher_append(batcher, &record), 0);
	logtap_batcher_flush(batcher, 999, false);
	cr_assert_eq(batches.count, 2);
	logtap_batcher_free(batcher);
	fixture_batches_deinit(&batches);
}

Test(batch, keeps_its_own_copy_of_all_that_a_record_points_to)
{
	struct logtap_resource *resource = fixture_resource(7);
	struct logtap_source *source = fixture_source(resource, 8);
	char body[] = "body", key[] = "key", text[] = "text", name[] = "event";
	struct logtap_attribute attribute = {
		.key = key,
		.kind = LOGTAP_VALUE_STRING,
		.value.string = {text, 4},
	};
	struct logtap_record record = record_of(body);

	record.attributes = &attribute;
	record.attribute_count = 1;
	record.event_name = name;
	record.source = source;
	struct logtap_batch *batch = fixture_batch(&record, 1);
	memset(body, 'X', 4);
	memset(key, 'X', 3);
	memset(text, 'X', 4);
	memset(name, 'X', 5);
	memset(&attribute, 0, sizeof(attribute));
	logtap_source_unref(source);
	logtap_resource_unref(resource);

	struct logtap_record copy;
	const struct logtap_record *kept = logtap_batch_record(batch, 0, &copy);
	cr_assert_eq(memcmp(kept->body, "body", 4), 0);
	cr_assert_str_eq(kept->event_name, "event");
	cr_assert_str_eq(kept->attributes[0].key, "key");
	cr_assert_eq(memcmp(kept->attributes[0].value.string.data, "text", 4),
		     0);
	cr_assert_eq(kept->source->tid, 8);
	cr_assert_eq(kept->source->resource->pid, 7);
	cr_assert_null(logtap_batch_record(batch, 1, &copy));
	logtap_batch_unref(batch);
}

Test(batch, groups_interleaved_records_by_resource_in_order_of_appearance)
{
	enum { RESOURCES = 300, ROUNDS = 3 };
	struct logtap_resource *resources[RESOURCES];
	struct logtap_source *sources[RESOURCES];
	struct logtap_record *records =
		calloc(RESOURCES * ROUNDS, sizeof(*records));

	for (uint32_t i = 0; i < RESOURCES; i++) {
		resources[i] = fixture_resource(1000 + i);
		sources[i] = fixture_source(resources[i], i + 1);
	}
	for (size_t i = 0; i < RESOURCES * ROUNDS; i++) {
		records[i] = record_of("x");
		records[i].source = sources[i % RESOURCES];
		records[i].sequence = (uint32_t)i;
	}
	struct logtap_batch *batch = fixture_batch(records, RESOURCES * ROUNDS);
	struct logtap_batch_view view = logtap_batch_view(batch);
	cr_assert_eq(view.group_count, RESOURCES);
	for (uint32_t g = 0; g < RESOURCES; g++) {
		cr_assert_eq(view.groups[g].resource, resources[g]);
		cr_assert_eq(view.groups[g].count, ROUNDS);
		uint32_t index = view.groups[g].first;
		for (uint32_t i = 0; i < ROUNDS; i++) {
			const struct logtap_batch_run *run = &view.runs[index];
			cr_assert_eq(view.lines[run->first].sequence,
				     g + i * RESOURCES);
			index = run->next;
		}
	}
	logtap_batch_unref(batch);
	for (size_t i = 0; i < RESOURCES; i++) {
		logtap_source_unref(sources[i]);
		logtap_resource_unref(resources[i]);
	}
	free(records);
}

Test(batch, knows_its_lowest_position_and_its_severities)
{
	static const uint32_t severities[] = {0,  1,  5,  8,  9,
					      13, 17, 20, 21, 24};
	static const uint64_t want[] = {1, 3, 1, 1, 2, 2};
	struct logtap_record records[10];

	for (size_t i = 0; i < 10; i++) {
		records[i] = record_of("x");
		records[i].severity = severities[i];
		records[i].position = 100 + (i * 7 + 3) % 10;
	}
	struct logtap_batch *batch = fixture_batch(records, 10);
	cr_assert_eq(logtap_batch_floor(batch), 100);
	for (size_t i = 0; i < LOGTAP_SEVERITY_CLASSES; i++)
		cr_assert_eq(logtap_batch_severities(batch)[i], want[i]);
	logtap_batch_unref(batch);
}

/* In place, in as few rooms as there must be. */
static void append_together(struct logtap_batcher *batcher,
			    const struct logtap_record *like, uint64_t position,
			    const struct logtap_batch_line *lines, size_t count)
{
	struct logtap_batch_room room;
	struct logtap_record first = *like;

	for (size_t i = 0, n; i < count; i += n) {
		first.position = position + i;
		cr_assert_eq(logtap_batcher_open_room(batcher, &first,
						      lines[i].bytes, &room),
			     0);
		for (n = 0;
		     i + n < count && room.next < room.end &&
		     lines[i + n].bytes <= (size_t)(room.text_end - room.text);
		     n++) {
			*room.next = lines[i + n];
			room.next->text = room.text;
			memcpy(room.text, lines[i + n].text,
			       lines[i + n].bytes);
			memset(room.text + lines[i + n].bytes, '#',
			       LOGTAP_COPY_SLACK);
			room.text += room.next++->bytes;
		}
		cr_assert_gt(n, 0);
		cr_assert_eq(logtap_batcher_close_room(batcher, &room), n);
	}
}

static void append_all(struct logtap_batcher *batcher, bool together,
		       const struct logtap_record *like, uint64_t position,
		       const struct logtap_batch_line *lines, size_t count)
{
	if (together) {
		append_together(batcher, like, position, lines, count);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct logtap_record record = *like;
		record.body = lines[i].text;
		record.body_bytes = lines[i].bytes;
		record.time_ns = lines[i].time_ns;
		record.position = position + i;
		record.sequence = lines[i].sequence;
		record.line = lines[i].line;
		cr_assert_eq(logtap_batcher_append(batcher, &record), 0);
	}
}

static void expect_same_batch(const struct logtap_batch *a,
			      const struct logtap_batch *b)
{
	struct logtap_bytes of_a = {0}, of_b = {0};

	cr_assert_eq(logtap_batch_records(a), logtap_batch_records(b));
	cr_assert_eq(logtap_batch_bytes(a), logtap_batch_bytes(b));
	cr_assert_eq(logtap_batch_floor(a), logtap_batch_floor(b));
	cr_assert(!memcmp(logtap_batch_severities(a),
			  logtap_batch_severities(b),
			  LOGTAP_SEVERITY_CLASSES * sizeof(uint64_t)));
	cr_assert_eq(logtap_encode_logs(a, &of_a), 0);
	cr_assert_eq(logtap_encode_logs(b, &of_b), 0);
	cr_assert_eq(of_a.size, of_b.size);
	cr_assert(!memcmp(of_a.data, of_b.data, of_a.size));
	logtap_bytes_deinit(&of_a);
	logtap_bytes_deinit(&of_b);
}

/* Lines of two processes in turn, some longer than a block or a batch. */
static void compare_ways(const struct logtap_batch_limits *limits)
{
	enum { LINES = 40 };
	static char text[100000];
	struct fixture_batches batches[2] = {{.count = 0}};
	struct logtap_resource *resources[] = {fixture_resource(1),
					       fixture_resource(2)};
	struct logtap_source *sources[] = {fixture_source(resources[0], 11),
					   fixture_source(resources[1], 12)};
	struct logtap_batch_line lines[LINES];
	unsigned seed = 7;

	memset(text, 'x', sizeof(text));
	for (int way = 0; way < 2; way++) {
		struct logtap_batcher *batcher = logtap_batcher_new(
			limits, fixture_collect, &batches[way]);
		seed = 7;
		for (unsigned round = 0; round < 60; round++) {
			struct logtap_record like = {
				.observed_ns = 1000 + round,
				.severity = round % 24,
				.source = sources[rand_r(&seed) % 2]};
			size_t count = (size_t)rand_r(&seed) % LINES;
			for (size_t i = 0; i < count; i++)
				lines[i] = (struct logtap_batch_line){
					.text = text,
					.bytes = (size_t)rand_r(&seed) %
						 (i % 16 || round % 8
							  ? 60
							  : sizeof(text)),
					.time_ns = 1 + i,
					.sequence = (uint32_t)i,
					.line = round % 3,
				};
			append_all(batcher, way, &like, round * 1000, lines,
				   count);
		}
		logtap_batcher_flush(batcher, 1000, true);
		logtap_batcher_free(batcher);
	}
	cr_assert_eq(batches[0].count, batches[1].count);
	for (size_t i = 0; i < batches[0].count; i++)
		expect_same_batch(batches[0].list[i], batches[1].list[i]);
	for (int i = 0; i < 2; i++) {
		fixture_batches_deinit(&batches[i]);
		logtap_source_unref(sources[i]);
		logtap_resource_unref(resources[i]);
	}
}

Test(batch, room_that_nobody_fills_leaves_nothing)
{
	struct fixture_batches batches = {.count = 0};
	struct logtap_batcher *batcher =
		logtap_batcher_new(NULL, fixture_collect, &batches);
	struct logtap_record record = record_of("x");
	struct logtap_batch_room room;

	cr_assert_eq(logtap_batcher_open_room(batcher, &record, 1, &room), 0);
	cr_assert_eq(logtap_batcher_close_room(batcher, &room), 0);
	logtap_batcher_flush(batcher, 0, true);
	cr_assert_eq(batches.count, 0);
	cr_assert_eq(logtap_batcher_append(batcher, &record), 0);
	cr_assert_eq(logtap_batcher_open_room(batcher, &record, 1, &room), 0);
	cr_assert_eq(logtap_batcher_close_room(batcher, &room), 0);
	logtap_batcher_flush(batcher, 0, true);
	cr_assert_eq(batches.count, 1);
	cr_assert_eq(logtap_batch_records(batches.list[0]), 1);
	logtap_batcher_free(batcher);
	fixture_batches_deinit(&batches);
}

Test(batch, lines_together_are_batched_as_one_by_one)
{
	compare_ways(NULL);
	compare_ways(&(struct logtap_batch_limits){.records = 50});
	compare_ways(&(struct logtap_batch_limits){.bytes = 70000});
	compare_ways(&(struct logtap_batch_limits){.records = 100,
						   .bytes = 1000000});
}
