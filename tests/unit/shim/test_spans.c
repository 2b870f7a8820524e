/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Spans, buffers and per-thread objects, by the behaviours of tracing's
 * registry, of the thread_local crate and of the buffer they come from. */
#include "../../../shim/sink/capture.h"
#include "../../../shim/span/item.h"
#include "fixture.h"
#include "linked.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

static char closed[256];

static void note(logtap_span span, const char *name)
{
	(void)span;
	strncat(closed, name, sizeof closed - strlen(closed) - 2);
	strcat(closed, " ");
}

static void begin(void)
{
	shim_begin((struct shim_options){0});
	atomic_store(&logtap_armed_word, 1);
	closed[0] = 0;
	logtap_span_on_close(note);
}

static void end(void)
{
	atomic_store(&logtap_armed_word, 0);
	shim_end();
}

TestSuite(spans, .init = begin, .fini = end);

Test(spans, pop_last_span)
{
	logtap_span span = logtap_span_new("span", 0);
	cr_assert_eq(logtap_span_enter(span), 1);
	cr_assert_eq(logtap_span_current(), span);
	cr_assert_eq(logtap_span_exit(span), 1);
	cr_assert_eq(logtap_span_current(), 0);
	cr_assert_eq(logtap_span_exit(span), 0, "it is not there");
}

Test(spans, pop_first_span)
{
	logtap_span first = logtap_span_new("first", 0);
	logtap_span second = logtap_span_new("second", first);
	logtap_span_enter(first);
	logtap_span_enter(second);
	cr_assert_eq(logtap_span_exit(first), 1, "wherever it stands");
	cr_assert_eq(logtap_span_current(), second);
	cr_assert_eq(logtap_span_exit(second), 1);
}

Test(spans, a_root_that_is_entered_again_keeps_the_leaf_current)
{
	logtap_span root = logtap_span_new("root", 0);
	logtap_span leaf = logtap_span_new("leaf", root);
	logtap_span_enter(root);
	logtap_span_enter(leaf);
	cr_assert_eq(logtap_span_enter(root), 0, "a duplicate");
	cr_assert_eq(logtap_span_current(), leaf);
	cr_assert_eq(logtap_span_exit(root), 0, "the duplicate goes first");
	cr_assert_eq(logtap_span_exit(leaf), 1);
	cr_assert_eq(logtap_span_exit(root), 1);
}

Test(spans, child_closes_parent)
{
	logtap_span parent = logtap_span_new("parent", 0);
	logtap_span child = logtap_span_new("child", parent);
	logtap_span_close(parent);
	cr_assert_str_eq(closed, "");
	logtap_span_close(child);
	cr_assert_str_eq(closed, "child parent ");
}

Test(spans, span_enter_guards_are_dropped_out_of_order)
{
	logtap_span first = logtap_span_new("first", 0);
	logtap_span second = logtap_span_new("second", 0);
	logtap_span third = logtap_span_new("third", 0);
	logtap_span_enter(first);
	logtap_span_enter(second);
	logtap_span_enter(third);
	cr_assert_eq(logtap_span_exit(second), 1);
	cr_assert_eq(logtap_span_current(), third);
	cr_assert_eq(logtap_span_exit(first), 1);
	cr_assert_eq(logtap_span_exit(third), 1);
	cr_assert_eq(logtap_span_current(), 0);
	logtap_span_close(second);
	logtap_span_close(first);
	logtap_span_close(third);
	cr_assert_str_eq(closed, "second first third ");
}

static void *close_there(void *span)
{
	return (void *)(uintptr_t)logtap_span_close(*(logtap_span *)span);
}

Test(spans, the_last_reference_may_go_in_any_thread)
{
	logtap_span parent = logtap_span_new("parent", 0);
	logtap_span child = logtap_span_new("child", parent);
	pthread_t thread;
	logtap_span_close(parent);
	cr_assert_eq(logtap_span_ref(child), 1);
	for (int i = 0; i < 2; i++) {
		void *result;
		cr_assert_str_eq(closed, "");
		pthread_create(&thread, NULL, close_there, &child);
		pthread_join(thread, &result);
		cr_assert_not_null(result);
	}
	cr_assert_str_eq(closed, "child parent ");
	cr_assert_eq(logtap_span_ref(child), 0);
}

Test(spans, an_unknown_id_is_not_found)
{
	struct logtap_span_context context;
	char text[56];
	logtap_span span = logtap_span_new("span", 0);
	logtap_span_close(span);
	logtap_span never[] = {0, 1, span, span + 4096, UINT64_MAX};
	for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
		cr_assert_eq(logtap_span_enter(never[i]), -1);
		cr_assert_eq(logtap_span_exit(never[i]), 0);
		cr_assert_eq(logtap_span_close(never[i]), 0);
		cr_assert_eq(logtap_span_context(never[i], &context), 0);
		cr_assert_eq(logtap_span_traceparent(never[i], text), 0);
	}
}

Test(spans, four_thousand_may_be_open_and_a_place_is_used_again)
{
	static logtap_span open[4096];
	for (int i = 0; i < 4096; i++)
		cr_assert_neq(open[i] = logtap_span_new("one", 0), 0);
	cr_assert_eq(logtap_span_new("more", 0), 0);
	logtap_span_close(open[7]);
	logtap_span again = logtap_span_new("again", 0);
	cr_assert_neq(again, 0);
	cr_assert_neq(again, open[7], "the old id stays dead");
	cr_assert_eq(logtap_span_ref(open[7]), 0);
}

Test(spans, child_closes_grandparent)
{
	logtap_span grandparent = logtap_span_new("grandparent", 0);
	logtap_span parent = logtap_span_new("parent", grandparent);
	logtap_span child = logtap_span_new("child", parent);
	logtap_span_close(grandparent);
	logtap_span_close(parent);
	cr_assert_str_eq(closed, "", "the child keeps them alive");
	logtap_span_close(child);
	cr_assert_str_eq(closed, "child parent grandparent ");
	cr_assert_eq(logtap_span_close(child), 0);
}

Test(spans, an_entered_span_stays_open)
{
	logtap_span span = logtap_span_new("span", 0);
	logtap_span_enter(span);
	logtap_span_close(span);
	cr_assert_str_eq(closed, "");
	logtap_span_exit(span);
	cr_assert_str_eq(closed, "span ");
}

Test(spans, what_is_captured_carries_the_current_span)
{
	struct logtap_stamp stamp = {.type = LOGTAP_CHUNK_DATA};
	struct logtap_span_context context;
	logtap_span span = logtap_span_new("span", 0);
	struct chunk chunk;
	logtap_span_enter(span);
	cr_assert(logtap_capture_bytes(&stamp, "inside\n", 7));
	logtap_span_exit(span);
	cr_assert(logtap_capture_bytes(&stamp, "outside\n", 8));
	struct ring_reader reader = reader_of_main(logtap_tls.rings);
	cr_assert(reader_next(&reader, &chunk));
	cr_assert_eq(chunk.header.extension_bytes, LOGTAP_TRACE_ITEM_BYTES);
	cr_assert(logtap_span_context(span, &context));
	cr_assert_arr_eq(chunk.extension + 4, context.trace_id, 16);
	cr_assert_arr_eq(chunk.extension + 20, context.span_id, 8);
	cr_assert_str_eq(chunk.payload, "inside\n");
	cr_assert(reader_next(&reader, &chunk));
	cr_assert_eq(chunk.header.extension_bytes, 0);
}

Test(spans, a_trace_goes_on_from_the_environment)
{
	char *environment[] = {
		(char[]){"TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-"
			 "b7ad6b7169203331-01"},
		NULL};
	char text[56];
	logtap_span_init(environment);
	logtap_span span = logtap_span_new("span", 0);
	cr_assert(logtap_span_traceparent(span, text));
	cr_assert_eq(strncmp(text, "00-0af7651916cd43dd8448eb211c80319c-", 36),
		     0);
	cr_assert_str_eq(text + 52, "-01");
}

static void first_byte(void *context, int severity, const char *text,
		       size_t bytes, size_t original_bytes)
{
	char *at = context;

	(void)severity;
	(void)original_bytes;
	at[strlen(at)] = bytes ? text[0] : '-';
}

Test(buffer, sixty_five_records_of_a_kilobyte_evict_the_first)
{
	struct logtap_buffer *buffer = logtap_buffer_new(0);
	struct logtap_buffer_stats stats;
	char record[1024], seen[80] = "";
	for (int i = 0; i < 65; i++) {
		memset(record, i == 0 ? 'A' : 'b', sizeof record);
		logtap_buffer_push(buffer, LOGTAP_INFO, record, sizeof record);
	}
	logtap_buffer_stats(buffer, &stats);
	cr_assert_eq(stats.evicted, 1);
	cr_assert_eq(stats.records, 64);
	cr_assert_leq(stats.bytes, 65536u);
	cr_assert_eq(logtap_buffer_drain(buffer, first_byte, seen), 64);
	cr_assert_null(strchr(seen, 'A'));
	logtap_buffer_stats(buffer, &stats);
	cr_assert_eq(stats.bytes, 0);
	cr_assert_eq(logtap_buffer_drain(buffer, first_byte, seen), 0);
	logtap_buffer_free(buffer);
}

Test(buffer, a_record_larger_than_the_buffer_is_cut_at_a_character)
{
	static char record[70 * 1024];
	struct logtap_buffer *buffer = logtap_buffer_new(65536);
	struct logtap_buffer_stats stats;
	for (size_t i = 0; i + 3 <= sizeof record; i += 3)
		memcpy(record + i, "\xe2\x82\xac", 3);
	size_t kept =
		logtap_buffer_push(buffer, LOGTAP_INFO, record, sizeof record);
	cr_assert_eq(kept, 65535, "a multiple of three");
	logtap_buffer_stats(buffer, &stats);
	cr_assert_eq(stats.cut, 1);
	logtap_buffer_free(buffer);
}

Test(buffer, small_records_by_the_thousand_keep_their_order)
{
	struct logtap_buffer *buffer = logtap_buffer_new(256);
	struct logtap_buffer_stats stats;
	for (int i = 0; i < 10000; i++) {
		char digit = (char)('0' + i % 10);
		logtap_buffer_push(buffer, LOGTAP_INFO, &digit, 1);
	}
	char seen[512] = "";
	size_t shown = logtap_buffer_drain(buffer, first_byte, seen);
	logtap_buffer_stats(buffer, &stats);
	cr_assert_eq(shown + stats.evicted, 10000);
	for (size_t i = 1; i < shown; i++)
		cr_assert_eq((seen[i] - seen[i - 1] + 10) % 10, 1);
	logtap_buffer_free(buffer);
}

Test(buffer, an_empty_flush_emits_nothing)
{
	struct logtap_buffer *buffer = logtap_buffer_new(0);
	cr_assert_eq(logtap_buffer_flush(buffer, "t", logtap_sink_null()), 0);
	logtap_buffer_push(buffer, LOGTAP_WARN, "x", 1);
	cr_assert_eq(logtap_buffer_flush(buffer, "t", logtap_sink_null()), 1);
	logtap_buffer_free(buffer);
}

static struct logtap_per_thread *objects[2];

static void *count_twice(void *unused)
{
	for (int i = 0; i < 2; i++)
		for (int j = 0; j < 3; j++)
			++*(int *)logtap_per_thread_get(objects[i]);
	return unused;
}

static void add(void *context, uint32_t tid, void *value)
{
	cr_assert_neq(tid, 0);
	*(int *)context += *(int *)value;
}

Test(spans, two_objects_and_two_threads_make_four_values)
{
	pthread_t threads[2];
	for (int i = 0; i < 2; i++)
		objects[i] = logtap_per_thread_new(sizeof(int));
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, count_twice, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 2; i++) {
		int sum = 0;
		cr_assert_eq(logtap_per_thread_walk(objects[i], add, &sum), 2);
		cr_assert_eq(sum, 6);
		logtap_per_thread_free(objects[i]);
	}
}
