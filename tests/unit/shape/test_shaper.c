/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The shaper as a whole: what holds for any input. */
#include "../../../collector/export/encode.h"
#include "../../../collector/shape/utf8.h"
#include "driver.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static uint64_t random_below(uint64_t *state, uint64_t below)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (*state >> 33) % below;
}

static const char TEXT[] = "first line\nsecond \xe2\x82\xac line\r\n\n<4>with "
			   "a priority\n\xff bad \xe2\x82 bytes\nfifth, with "
			   "a\ttab and a \r inside\n<4\n>\n\nlast line\n";

/* The bodies of all records, each followed by a line feed. */
static char *bodies_of(struct driver *driver)
{
	char *text = calloc(1, 4096), *at = text;

	for (size_t i = 0; i < driver_count(driver); i++) {
		const struct logtap_record *record = driver_record(driver, i);
		at = mempcpy(at, record->body, record->body_bytes);
		*at++ = '\n';
	}
	return text;
}

Test(shaper, however_a_text_is_cut_into_chunks_its_lines_are_the_same)
{
	enum { BYTES = sizeof(TEXT) - 1, ROUNDS = 2000 };
	uint64_t state = 1;
	struct driver d;

	driver_init(&d, NULL);
	driver_text(&d, TEXT);
	char *want = bodies_of(&d);
	driver_deinit(&d);
	for (unsigned round = 0; round < ROUNDS; round++) {
		driver_init(&d, NULL);
		for (size_t at = 0; at < BYTES;) {
			size_t bytes = random_below(&state, 2 + round % 40);
			if (bytes > BYTES - at)
				bytes = BYTES - at;
			driver_feed(&d, TEXT + at, bytes);
			at += bytes;
		}
		cr_assert_eq(logtap_shaper_floor(d.shaper), UINT64_MAX);
		char *got = bodies_of(&d);
		cr_assert_str_eq(got, want);
		free(got);
		driver_deinit(&d);
	}
	free(want);
}

Test(shaper, no_two_records_have_the_same_identity)
{
	struct logtap_shaper_options options = {.partial_flush_ns = 1,
						.line_max_bytes = 9};
	uint64_t state = 2;

	for (unsigned round = 0; round < 300; round++) {
		struct driver d;
		driver_init(&d, &options);
		for (unsigned i = 0; i < 30; i++) {
			size_t at = random_below(&state, sizeof(TEXT) - 1);
			size_t bytes =
				random_below(&state, sizeof(TEXT) - 1 - at);
			driver_feed(&d, TEXT + at, bytes);
			d.now_ns += random_below(&state, 2);
			cr_assert_eq(logtap_shaper_tick(d.shaper, d.now_ns,
							false),
				     0);
		}
		driver_end_thread(&d);
		size_t count = driver_count(&d);
		for (size_t i = 1; i < count; i++) {
			const struct logtap_record *one =
				driver_record(&d, i - 1);
			const struct logtap_record *two = driver_record(&d, i);
			/* in order, so neighbours are enough */
			cr_assert(one->sequence < two->sequence ||
				  (one->sequence == two->sequence &&
				   one->line < two->line));
		}
		driver_deinit(&d);
	}
}

static void random_payload(uint64_t *state, unsigned char *payload,
			   size_t bytes)
{
	static const char *const pieces[] = {
		"\n",	   "MESSAGE=", "<13>",	 "app[1]: ", "\xe2\x82",
		"A\n\x02", "\r\n",     "1 - - ", "[",	     "\0\0\0\0\0\0\0",
	};
	static const size_t sizes[] = {1, 8, 4, 8, 2, 3, 2, 6, 1, 7};

	for (size_t i = 0; i < bytes; i++)
		payload[i] = (unsigned char)random_below(state, 256);
	for (size_t i = 0; i + 8 < bytes; i += 1 + random_below(state, 12)) {
		size_t piece = random_below(state, 10);
		memcpy(payload + i, pieces[piece], sizes[piece]);
	}
}

static void check_record(const struct logtap_record *record)
{
	cr_assert(logtap_utf8_valid(record->body, record->body_bytes));
	cr_assert_leq(record->body_bytes, 3 * 100);
	cr_assert_neq(record->observed_ns, 0);
	cr_assert_not_null(record->source);
	for (size_t i = 0; i < record->attribute_count; i++) {
		const struct logtap_attribute *at = &record->attributes[i];
		cr_assert(logtap_utf8_valid(at->key, strlen(at->key)));
		if (at->kind == LOGTAP_VALUE_STRING)
			cr_assert(logtap_utf8_valid(at->value.string.data,
						    at->value.string.bytes));
		for (size_t j = 0; j < i; j++)
			cr_assert_str_neq(record->attributes[j].key, at->key);
	}
}

Test(shaper, chunks_of_any_bytes_make_records_that_can_be_sent)
{
	struct logtap_shaper_options options = {.line_max_bytes = 100};
	uint64_t state = 3;

	for (unsigned round = 0; round < 400; round++) {
		struct logtap_bytes out = {0};
		struct driver d;
		driver_init(&d, &options);
		for (unsigned i = 0; i < 60; i++) {
			unsigned char payload[256], *extension;
			size_t bytes = random_below(&state, sizeof(payload));
			random_payload(&state, payload, bytes);
			d.chunk.type = (uint8_t)random_below(&state, 9);
			d.chunk.format = (uint8_t)random_below(&state, 5);
			d.chunk.flags = (uint8_t)random_below(&state, 256);
			d.chunk.sink_kind = (uint32_t)random_below(&state, 8);
			d.chunk.nested = random_below(&state, 4) == 0;
			d.chunk.priority =
				(uint16_t)random_below(&state, 65536);
			d.chunk.slot = (uint32_t)random_below(&state, 2);
			d.chunk.sequence += (uint32_t)random_below(&state, 3);
			d.chunk.extension_bytes = 4 * random_below(&state, 10);
			extension = malloc(d.chunk.extension_bytes + 1);
			random_payload(&state, extension,
				       d.chunk.extension_bytes);
			if (d.chunk.extension_bytes >= 4) {
				extension[0] =
					(unsigned char)random_below(&state, 6);
				extension[1] = 0;
				extension[2] =
					(unsigned char)random_below(&state, 40);
				extension[3] = 0;
			}
			d.chunk.extension = extension;
			driver_feed(&d, payload, bytes);
			free(extension);
		}
		driver_end_thread(&d);
		for (size_t i = 0; i < driver_count(&d); i++)
			check_record(driver_record(&d, i));
		for (size_t i = 0; i < d.batch_count; i++)
			cr_assert_eq(
				logtap_encode_logs_json(d.batches[i], &out), 0);
		cr_assert(logtap_utf8_valid((char *)out.data, out.size));
		logtap_bytes_deinit(&out);
		driver_deinit(&d);
	}
}

Test(shaper, records_outlive_their_thread_and_process)
{
	struct logtap_bytes out = {0};
	struct driver d;

	driver_init(&d, NULL);
	driver_text(&d, "kept\n");
	cr_assert_eq(driver_count(&d), 1);
	struct logtap_batch *batch = logtap_batch_ref(d.batches[0]);
	driver_deinit(&d);
	cr_assert_eq(logtap_encode_logs_json(batch, &out), 0);
	cr_assert_not_null(
		memmem(out.data, out.size, "unknown_service:app", 19));
	cr_assert_not_null(memmem(out.data, out.size, "\"worker\"", 8));
	cr_assert_not_null(memmem(out.data, out.size,
				  "abababababababababababababababab-2.9.0\"",
				  39));
	logtap_batch_unref(batch);
	logtap_bytes_deinit(&out);
}

Test(shaper, another_way_of_capture_is_named)
{
	struct logtap_bytes out = {0};
	struct driver d;

	driver_init(&d, NULL);
	d.thread.capture = "pipe";
	driver_text(&d, "x\n");
	cr_assert_eq(driver_count(&d), 1);
	cr_assert_eq(logtap_encode_logs_json(d.batches[0], &out), 0);
	static const char want[] = "{\"key\":\"logtap.capture\",\"value\":{"
				   "\"stringValue\":\"pipe\"}}";
	cr_assert_not_null(memmem(out.data, out.size, want, sizeof(want) - 1));
	logtap_bytes_deinit(&out);
	driver_deinit(&d);
}
