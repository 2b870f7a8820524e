/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the journal that hold whatever a host wrote, taken in as runs and
 * chunk by chunk: the same bytes must come out. */
#include "../../collector/export/encode.h"
#include "../../collector/shape/run.h"
#include "../../collector/shape/shaper.h"
#include "fuzz.h"

#include <string.h>
#include <sys/stat.h>

#define NOW_NS UINT64_C(1700000000000000000)

enum { FRAME_BYTES = 8192, CHUNK_BYTES = 512 };

static const unsigned char uuid[16] = "fuzz";

/* One of the two ways. */
struct way {
	struct logtap_batcher *batcher;
	struct logtap_shaper *shaper;
	struct logtap_process process;
	struct logtap_thread thread;
	struct logtap_bytes out;
};

struct running {
	struct fuzz_input input;
	struct way runs, chunks;
	struct logtap_sink_info sinks[LOGTAP_SINKS];
	struct logtap_run run; /* the next one */
	uint32_t sequence;
	uint64_t now_ns;
	unsigned char frame[FRAME_BYTES];
};

static void take_batch(void *context, struct logtap_batch *batch)
{
	struct way *way = context;
	fuzz_check_batch(batch);
	FUZZ_CHECK(!logtap_encode_logs_json(batch, &way->out));
	FUZZ_CHECK(!logtap_encode_logs(batch, &way->out));
	logtap_batch_unref(batch);
}

static void begin_way(struct way *way,
		      const struct logtap_shaper_options *options,
		      const struct logtap_batch_limits *limits)
{
	way->batcher = logtap_batcher_new(limits, take_batch, way);
	way->shaper = logtap_shaper_new(options, way->batcher);
	FUZZ_CHECK(way->batcher && way->shaper);
	way->process.pid = 0x3ffffff0;
	way->process.start_ticks = 1;
	way->thread.process = &way->process;
	way->thread.tid = way->process.pid;
}

static void end_way(struct way *way, uint64_t now_ns)
{
	FUZZ_CHECK(
		!logtap_shaper_thread_end(way->shaper, &way->thread, now_ns));
	FUZZ_CHECK(!logtap_shaper_tick(way->shaper, now_ns, true));
	logtap_shaper_process_end(way->shaper, &way->process);
	logtap_batcher_flush(way->batcher, now_ns, true);
}

static void free_way(struct way *way)
{
	logtap_shaper_free(way->shaper);
	logtap_batcher_free(way->batcher);
	logtap_bytes_deinit(&way->out);
}

static void expect_same(const struct running *running)
{
	const struct way *runs = &running->runs, *chunks = &running->chunks;
	struct logtap_shaper_stats of_runs, of_chunks;
	logtap_shaper_stats(runs->shaper, &of_runs);
	logtap_shaper_stats(chunks->shaper, &of_chunks);
	FUZZ_CHECK(!memcmp(&of_runs, &of_chunks, sizeof(of_runs)));
	FUZZ_CHECK(runs->out.size == chunks->out.size);
	FUZZ_CHECK(!runs->out.size ||
		   !memcmp(runs->out.data, chunks->out.data, runs->out.size));
	FUZZ_CHECK(logtap_shaper_floor(runs->shaper) ==
		   logtap_shaper_floor(chunks->shaper));
	FUZZ_CHECK(logtap_batcher_floor(runs->batcher) ==
		   logtap_batcher_floor(chunks->batcher));
}

static void make_sinks(struct running *running)
{
	static const uint32_t types[] = {S_IFREG, S_IFIFO, S_IFSOCK, S_IFCHR};
	for (unsigned i = 0; i < 6; i++) {
		struct logtap_sink_info *sink = &running->sinks[i];
		sink->kind = LOGTAP_SINK_STDERR + i % 3;
		sink->file_type = types[i % 4];
		sink->flags = (uint32_t)fuzz_number(&running->input, 1);
		sink->device = 1;
		sink->inode = 2 + i;
	}
}

static size_t put_chunk(unsigned char *at, struct logtap_chunk *chunk,
			size_t bytes)
{
	chunk->length = (uint32_t)bytes;
	memcpy(at, chunk, sizeof(*chunk));
	return logtap_chunk_span(chunk->length);
}

/* What most of them are: a line, and of the stream of the one before. */
static size_t make_line(unsigned char *at, struct logtap_chunk *chunk,
			unsigned how)
{
	static const char *const ends[] = {"\n", "\r\n"};
	const char *end = ends[(how & 71) == 71];
	size_t bytes = how & 63;
	unsigned char *text = at + sizeof(*chunk);
	memset(text, 'x', bytes);
	if ((how & 15) == 9)
		memcpy(text, "<3>", 3);
	memcpy(text + bytes, end, strlen(end));
	return put_chunk(at, chunk, bytes + strlen(end));
}

static size_t make_chunk(struct running *running, unsigned char *at)
{
	struct fuzz_input *input = &running->input;
	const uint8_t *text;
	struct logtap_chunk chunk = {
		.type = LOGTAP_CHUNK_DATA,
		.sequence = running->sequence++,
		.priority = LOGTAP_PRIORITY_NONE,
		.time = running->now_ns,
	};
	unsigned how = (unsigned)fuzz_number(input, 1);
	if (how < 128)
		return make_line(at, &chunk, how);
	size_t bytes = fuzz_take(input, fuzz_number(input, 1), &text);
	if (bytes)
		memcpy(at + sizeof(chunk), text, bytes);
	if (how & 1)
		at[sizeof(chunk) + bytes++] = '\n';
	if (how & 2)
		running->sequence += (unsigned)fuzz_number(input, 1) % 4;
	if (!(how & 0x0c))
		chunk.extension_bytes = (uint16_t)(bytes & 0x7c);
	if (how & 0x10)
		chunk.sink = (uint8_t)fuzz_number(input, 1) % 20;
	if (how & 0x20)
		chunk.flags = (uint8_t)fuzz_number(input, 1);
	if (how & 0x40) {
		chunk.type = (uint8_t)fuzz_number(input, 1);
		chunk.format = (uint8_t)fuzz_number(input, 1);
	}
	return put_chunk(at, &chunk, bytes);
}

static size_t make_frame(struct running *running)
{
	unsigned left = (unsigned)fuzz_number(&running->input, 1) % 100;
	size_t bytes = 0;
	while (left-- && bytes + CHUNK_BYTES <= FRAME_BYTES)
		bytes += make_chunk(running, running->frame + bytes);
	return bytes;
}

/* What no writer of ours would leave. */
static size_t scribble(struct running *running, size_t bytes)
{
	const uint8_t *data;
	size_t at = fuzz_number(&running->input, 2);
	size_t some = fuzz_take(&running->input, 8, &data);
	if (at + some <= bytes && some)
		memcpy(running->frame + at, data, some);
	size_t left_out = fuzz_number(&running->input, 1) & 15;
	return bytes > left_out ? bytes - left_out : 0;
}

static void take_chunk(struct running *running, const struct logtap_run *run,
		       const struct logtap_chunk *chunk,
		       const unsigned char *at)
{
	struct way *way = &running->chunks;
	const struct logtap_sink_info *sink =
		logtap_sink_at(running->sinks, chunk->sink);
	struct logtap_chunk_view view = {
		.slot = run->slot,
		.generation = run->generation,
		.nested = run->nested,
		.type = chunk->type,
		.flags = chunk->flags,
		.format = chunk->format,
		.priority = chunk->priority,
		.sequence = chunk->sequence,
		.time_ns = chunk->time,
		.sink_kind = sink ? sink->kind : LOGTAP_SINK_NONE,
		.sink = sink && sink->kind ? sink : NULL,
		.extension = at + sizeof(*chunk),
		.extension_bytes = chunk->extension_bytes,
		.payload = at + sizeof(*chunk) + chunk->extension_bytes,
		.payload_bytes = chunk->length - chunk->extension_bytes,
		.position = run->position + (uint64_t)(at - run->data),
	};
	memcpy(view.segment_uuid, uuid, sizeof(view.segment_uuid));
	FUZZ_CHECK(!logtap_shaper_chunk(way->shaper, &way->thread, &view,
					running->now_ns));
}

static void take_chunks(struct running *running, const struct logtap_run *run)
{
	struct logtap_chunk chunk;
	for (size_t at = 0; at + sizeof(chunk) <= run->bytes;) {
		memcpy(&chunk, run->data + at, sizeof(chunk));
		uint64_t span = logtap_chunk_span(chunk.length);
		if (span > run->bytes - at ||
		    chunk.extension_bytes > chunk.length)
			break;
		if (run->position + at >= run->start)
			take_chunk(running, run, &chunk, run->data + at);
		at += span;
	}
}

static void feed(struct running *running, unsigned how)
{
	struct logtap_run *run = &running->run;
	struct way *way = &running->runs;
	run->bytes = make_frame(running);
	if (!(how & 0x70))
		run->bytes = scribble(running, run->bytes);
	run->nested = !(how & 0x0e);
	run->start = how & 0x80 ? 0 : run->position + (how & 0x70);
	/* exact, so that a sanitizer sees a look beyond it */
	uint8_t *data = fuzz_copy(running->frame, run->bytes);
	run->data = data;
	run->thread = &way->thread;
	FUZZ_CHECK(!logtap_shaper_run(way->shaper, run, running->now_ns));
	take_chunks(running, run);
	free(data);
	run->position += run->bytes;
	expect_same(running);
}

/* What happens to a thread between two frames. */
static void disturb(struct running *running, unsigned how)
{
	struct way *ways[] = {&running->runs, &running->chunks};
	running->now_ns += UINT64_C(700000000);
	running->run.slot = how >> 6;
	running->run.generation = 1 + (how >> 5 & 1);
	for (unsigned i = 0; i < 2; i++) {
		struct way *way = ways[i];
		if (how & 1)
			way->thread.name[0] = "ab"[how >> 1 & 1];
		if (how & 4)
			logtap_shaper_process_end(way->shaper, &way->process);
		if (how & 8)
			FUZZ_CHECK(!logtap_shaper_thread_end(
				way->shaper, &way->thread, running->now_ns));
		if (how & 16)
			FUZZ_CHECK(!logtap_shaper_tick(way->shaper,
						       running->now_ns, false));
	}
	expect_same(running);
}

static void begin(struct running *running)
{
	unsigned how = (unsigned)fuzz_number(&running->input, 1);
	struct logtap_shaper_options options = {
		.line_max_bytes = how & 1 ? 60 : 0,
		.keep_empty_lines = how & 2,
		.sinks = {.session_only = how & 4,
			  .session = {{1, 2}, {1, 3}},
			  .session_count = 2},
	};
	struct logtap_batch_limits limits = {
		.records = how & 8 ? 7 : 0,
		.bytes = how & 16 ? 300 : 0,
	};
	running->now_ns = NOW_NS;
	running->run.segment_uuid = uuid;
	running->run.sinks = running->sinks;
	running->run.generation = 1;
	running->run.position = 64;
	begin_way(&running->runs, &options, &limits);
	begin_way(&running->chunks, &options, &limits);
	make_sinks(running);
	if (!(how & 32))
		return;
	strcpy(running->runs.process.environment,
	       "TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-"
	       "b7ad6b7169203331-01");
	running->chunks.process = running->runs.process;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct running running;
	memset(&running, 0, sizeof(running));
	running.input = (struct fuzz_input){data, bytes};
	begin(&running);
	while (running.input.bytes) {
		unsigned how = (unsigned)fuzz_number(&running.input, 1);
		if (how % 4)
			feed(&running, how);
		else
			disturb(&running,
				(unsigned)fuzz_number(&running.input, 1));
	}
	end_way(&running.runs, running.now_ns);
	end_way(&running.chunks, running.now_ns);
	expect_same(&running);
	free_way(&running.runs);
	free_way(&running.chunks);
	return 0;
}
