/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks in runs: the same records as one by one, whatever they hold. */
#include "../../../collector/shape/run.h"
#include "../../../collector/shape/scan.h"
#include "driver.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CHUNKS = 200, DATA_BYTES = 64 << 10, ROUNDS = 400 };

static const unsigned char uuid[16] = {0xab, 0xcd};

struct sinks {
	struct logtap_sink_info list[LOGTAP_SINKS];
};

/* As the journal has it, behind its last chunk nothing that may be read. */
struct frame {
	unsigned char *data;
	size_t bytes;
};

static void make_sinks(struct sinks *sinks)
{
	memset(sinks, 0, sizeof(*sinks));
	for (unsigned i = 0; i < 3; i++) {
		sinks->list[i].kind =
			i < 2 ? LOGTAP_SINK_STDERR + i : LOGTAP_SINK_STDERR;
		sinks->list[i].file_type = i == 2 ? S_IFIFO : S_IFREG;
		sinks->list[i].device = 1;
		sinks->list[i].inode = 2 + i;
	}
}

static unsigned pick(unsigned *seed, unsigned below)
{
	return (unsigned)rand_r(seed) % below;
}

/* Mostly lines of ASCII, now and then anything. */
static size_t make_payload(unsigned *seed, char *text)
{
	static const char rare[] = "\n\r<\n\xc3\xa4\xff\0\n";
	size_t bytes = pick(seed, 120);
	bool odd = !pick(seed, 8);

	for (size_t i = 0; i < bytes; i++)
		text[i] = odd && !pick(seed, 6) ? rare[pick(seed, 9)]
						: (char)('a' + i % 26);
	if (!pick(seed, 12))
		memcpy(text, "<3>", 3);
	if (bytes > 1 && !pick(seed, 12))
		memcpy(text + bytes - 2, "\xc3\xbc", 2);
	if (pick(seed, 12) && !pick(seed, 12))
		text[bytes++] = '\r';
	if (pick(seed, 10))
		text[bytes++] = '\n';
	return bytes;
}

static struct logtap_chunk make_chunk(unsigned *seed, uint32_t *sequence)
{
	struct logtap_chunk chunk = {
		.type = LOGTAP_CHUNK_DATA,
		.sink = pick(seed, 6) ? 0 : (uint8_t)pick(seed, 5),
		.time = 1000 + *sequence,
		.sequence = *sequence,
		.priority = LOGTAP_PRIORITY_NONE,
	};

	if (!pick(seed, 20))
		chunk.type = (uint8_t)pick(seed, LOGTAP_CHUNK_TYPES);
	if (!pick(seed, 20))
		chunk.format = (uint8_t)pick(seed, LOGTAP_FORMATS);
	if (!pick(seed, 10))
		chunk.flags = (uint8_t)pick(seed, 64);
	if (!pick(seed, 20))
		++*sequence;
	++*sequence;
	return chunk;
}

static struct frame make_frame(unsigned *seed, uint32_t *sequence)
{
	unsigned char data[DATA_BYTES];
	struct frame frame = {.bytes = 0};
	char text[256];

	memset(data, 0, sizeof(data));
	for (unsigned left = 1 + pick(seed, CHUNKS); left; left--) {
		struct logtap_chunk chunk = make_chunk(seed, sequence);
		size_t extension = pick(seed, 25) ? 0 : 8;
		size_t bytes = make_payload(seed, text);
		chunk.extension_bytes = (uint16_t)extension;
		chunk.length = (uint32_t)(extension + bytes);
		memcpy(data + frame.bytes, &chunk, sizeof(chunk));
		memcpy(data + frame.bytes + sizeof(chunk) + extension, text,
		       bytes);
		frame.bytes += logtap_chunk_span(chunk.length);
	}
	frame.data = malloc(frame.bytes);
	memcpy(frame.data, data, frame.bytes);
	return frame;
}

static void feed_run(struct driver *driver, const struct sinks *sinks,
		     const struct frame *frame, bool nested)
{
	struct logtap_run run = {
		.thread = &driver->thread,
		.segment_uuid = uuid,
		.sinks = sinks->list,
		.slot = 2,
		.generation = 9,
		.nested = nested,
		.data = frame->data,
		.bytes = frame->bytes,
		.position = driver->chunk.position,
	};

	cr_assert_eq(logtap_shaper_run(driver->shaper, &run, driver->now_ns),
		     0);
	driver->chunk.position += frame->bytes;
}

static void feed_chunks(struct driver *driver, const struct sinks *sinks,
			const struct frame *frame, bool nested)
{
	struct logtap_chunk chunk;

	for (size_t at = 0; at < frame->bytes;
	     at += logtap_chunk_span(chunk.length)) {
		memcpy(&chunk, frame->data + at, sizeof(chunk));
		const struct logtap_sink_info *sink = &sinks->list[chunk.sink];
		struct logtap_chunk_view view = {
			.slot = 2,
			.generation = 9,
			.nested = nested,
			.type = chunk.type,
			.flags = chunk.flags,
			.format = chunk.format,
			.priority = chunk.priority,
			.sequence = chunk.sequence,
			.time_ns = chunk.time,
			.sink_kind = sink->kind,
			.sink = sink->kind ? sink : NULL,
			.extension = frame->data + at + sizeof(chunk),
			.extension_bytes = chunk.extension_bytes,
			.payload = frame->data + at + sizeof(chunk) +
				   chunk.extension_bytes,
			.payload_bytes = chunk.length - chunk.extension_bytes,
			.position = driver->chunk.position + at,
		};
		memcpy(view.segment_uuid, uuid, sizeof(view.segment_uuid));
		cr_assert_eq(logtap_shaper_chunk(driver->shaper,
						 &driver->thread, &view,
						 driver->now_ns),
			     0);
	}
	driver->chunk.position += frame->bytes;
}

static void expect_same_record(const struct logtap_record *a,
			       const struct logtap_record *b)
{
	cr_assert_eq(a->body_bytes, b->body_bytes);
	cr_assert(!memcmp(a->body, b->body, a->body_bytes));
	cr_assert_eq(a->time_ns, b->time_ns);
	cr_assert_eq(a->observed_ns, b->observed_ns);
	cr_assert_eq(a->sequence, b->sequence);
	cr_assert_eq(a->line, b->line);
	cr_assert_eq(a->severity, b->severity);
	cr_assert_eq(a->severity_text, b->severity_text);
	cr_assert_eq(a->flags, b->flags);
	cr_assert_eq(a->has_trace, b->has_trace);
	if (a->has_trace) {
		cr_assert(!memcmp(a->trace_id, b->trace_id, 16));
		cr_assert(!memcmp(a->span_id, b->span_id, 8));
	}
	cr_assert_eq(a->attribute_count, b->attribute_count);
	for (size_t i = 0; i < a->attribute_count; i++)
		cr_assert_str_eq(a->attributes[i].key, b->attributes[i].key);
	cr_assert_eq(a->dropped_attributes, b->dropped_attributes);
	cr_assert_null(a->event_name);
	cr_assert_null(a->scope);
	cr_assert_eq(a->source->json_bytes, b->source->json_bytes);
	cr_assert(!memcmp(a->source->json, b->source->json,
			  a->source->json_bytes));
}

static void expect_same(struct driver *a, struct driver *b)
{
	struct logtap_shaper_stats of_a, of_b;

	cr_assert_eq(driver_count(a), driver_count(b));
	cr_assert_eq(a->batch_count, b->batch_count);
	for (size_t i = 0; i < a->batch_count; i++) {
		struct logtap_batch *of[] = {a->batches[i], b->batches[i]};
		size_t records = logtap_batch_records(of[0]);
		cr_assert_eq(records, logtap_batch_records(of[1]));
		cr_assert_eq(logtap_batch_bytes(of[0]),
			     logtap_batch_bytes(of[1]));
		cr_assert_eq(logtap_batch_floor(of[0]),
			     logtap_batch_floor(of[1]));
		for (size_t n = 0; n < records; n++) {
			struct logtap_record x, y;
			expect_same_record(logtap_batch_record(of[0], n, &x),
					   logtap_batch_record(of[1], n, &y));
		}
	}
	logtap_shaper_stats(a->shaper, &of_a);
	logtap_shaper_stats(b->shaper, &of_b);
	cr_assert(!memcmp(&of_a, &of_b, sizeof(of_a)));
	cr_assert_eq(logtap_shaper_floor(a->shaper),
		     logtap_shaper_floor(b->shaper));
}

static void forget_batches(struct driver *driver)
{
	while (driver->batch_count)
		logtap_batch_unref(driver->batches[--driver->batch_count]);
}

/* Both ways take the same frames of chunks of all kinds. */
static void compare_limited(unsigned seed,
			    const struct logtap_shaper_options *options,
			    const char *environment,
			    const struct logtap_batch_limits *limits)
{
	struct driver one, all;
	struct sinks sinks;
	uint32_t sequence = 0;

	make_sinks(&sinks);
	driver_init_limited(&one, options, limits);
	driver_init_limited(&all, options, limits);
	strcpy(one.process->environment, environment);
	strcpy(all.process->environment, environment);
	for (unsigned round = 0; round < ROUNDS; round++) {
		bool nested = !pick(&seed, 8);
		struct frame frame = make_frame(&seed, &sequence);
		feed_chunks(&one, &sinks, &frame, nested);
		feed_run(&all, &sinks, &frame, nested);
		free(frame.data);
		expect_same(&one, &all);
		forget_batches(&one);
		forget_batches(&all);
	}
	cr_assert_eq(logtap_shaper_tick(one.shaper, one.now_ns, true), 0);
	cr_assert_eq(logtap_shaper_tick(all.shaper, all.now_ns, true), 0);
	expect_same(&one, &all);
	driver_deinit(&one);
	driver_deinit(&all);
}

static void compare(unsigned seed, const struct logtap_shaper_options *options,
		    const char *environment)
{
	compare_limited(seed, options, environment,
			&(struct logtap_batch_limits){.records = 1000,
						      .bytes = SIZE_MAX / 2});
}

Test(run, gives_the_same_batches_where_they_are_small)
{
	for (size_t bytes = 300; bytes < 303; bytes++)
		compare_limited((unsigned)bytes, NULL, "",
				&(struct logtap_batch_limits){.records = 20,
							      .bytes = bytes});
}

Test(run, gives_what_its_chunks_give_one_by_one)
{
	compare(1, NULL, "");
}

Test(run, gives_the_same_where_lines_are_short_and_empty_ones_stay)
{
	struct logtap_shaper_options options = {.line_max_bytes = 100,
						.keep_empty_lines = true};

	compare(2, &options,
		"TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-"
		"b7ad6b7169203331-01");
}

Test(run, gives_the_same_in_a_session_that_hides_pipes)
{
	struct logtap_shaper_options options = {
		.sinks = {.session_only = true,
			  .session = {{1, 2}, {1, 3}},
			  .session_count = 2}};

	compare(3, &options, "");
}

Test(run, leaves_out_what_was_settled_before)
{
	struct driver d;
	struct sinks sinks;
	unsigned char data[96] = {0};

	make_sinks(&sinks);
	driver_init(&d, NULL);
	for (uint32_t i = 0; i < 3; i++) {
		struct logtap_chunk chunk = {
			.type = LOGTAP_CHUNK_DATA, .length = 6, .sequence = i};
		memcpy(data + i * 32, &chunk, sizeof(chunk));
		memcpy(data + i * 32 + sizeof(chunk), "line0\n", 6);
		data[i * 32 + sizeof(chunk) + 4] += (unsigned char)i;
	}
	struct logtap_run run = {
		.thread = &d.thread,
		.segment_uuid = uuid,
		.sinks = sinks.list,
		.data = data,
		.bytes = sizeof(data),
		.position = 1000,
		.start = 1032,
	};
	cr_assert_eq(logtap_shaper_run(d.shaper, &run, d.now_ns), 0);
	cr_assert_eq(driver_count(&d), 2);
	driver_expect(&d, 0, "line1");
	driver_expect(&d, 1, "line2");
	driver_deinit(&d);
}

static bool is_plain(const char *text, size_t bytes)
{
	/* exact, so that a sanitizer sees a look beyond it */
	char *from = malloc(bytes + !bytes), *to = malloc(bytes + !bytes);
	memcpy(from, text, bytes);
	bool plain = logtap_copy_plain(to, from, bytes);

	cr_assert(!memcmp(to, text, bytes));
	free(from);
	free(to);
	return plain;
}

Test(scan, finds_bytes_that_are_not_plain_wherever_they_are)
{
	char text[100];

	for (size_t bytes = 0; bytes < sizeof(text); bytes++)
		for (int fill = '\n' + 1; fill < 0x80; fill += 0x74) {
			memset(text, fill, bytes);
			cr_assert(is_plain(text, bytes));
			for (size_t i = 0; i < bytes; i++) {
				text[i] = '\n';
				cr_assert(!is_plain(text, bytes));
				text[i] = (char)fill;
			}
		}
	for (int byte = 0; byte < 256; byte++)
		for (size_t i = 0; i < 40; i++) {
			memset(text, 'x', 40);
			text[i] = (char)byte;
			cr_assert_eq(is_plain(text, 40),
				     byte > '\n' && byte < 0x80);
			cr_assert_eq(is_plain(text + i, 1),
				     byte > '\n' && byte < 0x80);
		}
}
