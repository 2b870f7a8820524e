/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a record costs from chunk to OTLP, in nanoseconds of CPU, beside a copy
 * of the encoded bytes: shaping alone, encoding alone, both, and the same in
 * JSON.  Prints a table; judges nothing.
 *
 *     bench-pipeline [LINES [BYTES [PART]]]
 *
 * PART: copy, encode, json, shape, loops or both; only this one, to look at it with a
 * profiler.
 */
#include "../../collector/export/encode.h"
#include "../../collector/loops/loops.h"
#include "../../collector/shape/run.h"
#include "../../collector/shape/shaper.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 512 };

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void keep(void *context, struct logtap_batch *batch)
{
	struct logtap_batch **kept = context;

	*kept = batch;
}

static void drop(void *context, struct logtap_batch *batch)
{
	(void)context;
	logtap_batch_unref(batch);
}

/* As the pipeline does it: encode and let go. */
static void encode(void *context, struct logtap_batch *batch)
{
	struct logtap_bytes *out = context;

	out->size = 0;
	if (logtap_encode_logs(batch, out))
		abort();
	logtap_batch_unref(batch);
}

/* A batch of chunks, each one line; owned by the caller. */
static unsigned char *make_chunks(const char *line, size_t bytes)
{
	struct logtap_chunk chunk = {
		.length = (uint32_t)bytes,
		.type = LOGTAP_CHUNK_DATA,
		.priority = LOGTAP_PRIORITY_NONE,
		.time = UINT64_C(1700000000000000000),
	};
	size_t span = logtap_chunk_span(bytes);
	unsigned char *chunks = calloc(BATCH, span);

	for (size_t i = 0; i < BATCH; i++) {
		chunk.sequence = (uint32_t)i;
		memcpy(chunks + i * span, &chunk, sizeof(chunk));
		memcpy(chunks + i * span + sizeof(chunk), line, bytes);
	}
	return chunks;
}

static uint64_t shape(size_t lines, const char *line, size_t bytes,
		      struct logtap_loops *loops, logtap_batch_sink_fn *sink,
		      void *context)
{
	static const unsigned char uuid[16] = {1};
	static const struct logtap_sink_info sinks[LOGTAP_SINKS] = {
		{.kind = LOGTAP_SINK_STDERR}};
	struct logtap_shaper_options options = {0};
	struct logtap_process *process = calloc(1, sizeof(*process));
	struct logtap_thread thread = {.process = process, .tid = 4712};
	unsigned char *chunks = make_chunks(line, bytes);
	struct logtap_run run = {
		.thread = &thread,
		.segment_uuid = uuid,
		.sinks = sinks,
		.slot = 1,
		.generation = 3,
		.data = chunks,
		.bytes = BATCH * logtap_chunk_span(bytes),
	};
	uint64_t now_ns = UINT64_C(1700000000000000001);
	struct logtap_batcher *batcher =
		logtap_batcher_new(NULL, sink, context);
	if (loops)
		options.tap = logtap_loops_tap(loops);
	struct logtap_shaper *shaper = logtap_shaper_new(&options, batcher);

	process->pid = 4711;
	strcpy(process->executable, "/usr/bin/benchmark");
	strcpy(thread.name, "worker-1");
	uint64_t start = cpu_ns();
	for (size_t i = 0; i < lines; i += BATCH) {
		run.position = i * 128;
		if (logtap_shaper_run(shaper, &run, now_ns))
			abort();
	}
	logtap_shaper_thread_end(shaper, &thread, now_ns);
	logtap_batcher_flush(batcher, 0, true);
	uint64_t spent = cpu_ns() - start;
	logtap_shaper_process_end(shaper, process);
	logtap_shaper_free(shaper);
	logtap_batcher_free(batcher);
	free(chunks);
	free(process);
	return spent;
}

typedef int encode_fn(const struct logtap_batch *batch,
		      struct logtap_bytes *out);

/* The same batch again and again: it lies in the cache, as it does when the
 * pipeline has just filled it.  Return: nanoseconds; @bytes: what came out. */
static uint64_t encode_all(const struct logtap_batch *batch, size_t lines,
			   encode_fn *function, uint64_t *bytes)
{
	struct logtap_bytes out = {0};
	uint64_t start = cpu_ns();

	*bytes = 0;
	for (size_t i = 0; i < lines; i += BATCH) {
		out.size = 0;
		if (function(batch, &out))
			abort();
		*bytes += out.size;
	}
	uint64_t spent = cpu_ns() - start;
	logtap_bytes_deinit(&out);
	return spent;
}

/* Copies as many bytes as one batch takes, as often. */
static uint64_t copy_all(size_t lines, uint64_t bytes)
{
	size_t one = (size_t)(bytes / (lines / BATCH));
	unsigned char *from = malloc(one), *to = malloc(one);

	memset(from, 'x', one);
	memset(to, 'y', one);
	uint64_t start = cpu_ns();
	for (size_t i = 0; i < lines; i += BATCH) {
		memcpy(to, from, one);
		__asm__ volatile("" : : "r"(to) : "memory");
	}
	uint64_t spent = cpu_ns() - start;
	free(from);
	free(to);
	return spent;
}

struct figures {
	size_t lines;
	uint64_t copy;
	const char *part; /* NULL: all */
};

static bool wanted(const struct figures *figures, const char *part)
{
	return !figures->part || !strcmp(figures->part, part);
}

static void say(const struct figures *figures, const char *what, uint64_t ns,
		uint64_t bytes)
{
	double lines = (double)figures->lines;

	printf("%-28s %8.1f %10.1f", what, (double)ns / lines,
	       (double)bytes / lines);
	if (figures->copy)
		printf(" %8.2f", (double)ns / (double)figures->copy);
	putchar('\n');
}

static void measure(struct figures *figures, const char *line, size_t bytes)
{
	struct logtap_batch *batch = NULL;
	struct logtap_bytes out = {0};
	uint64_t ns, size;

	shape(BATCH, line, bytes, NULL, keep, &batch);
	printf("%-28s %8s %10s %8s\n", "", "ns/line", "bytes/line", "x copy");
	if (wanted(figures, "copy")) {
		encode_all(batch, figures->lines, logtap_encode_logs, &size);
		figures->copy = copy_all(figures->lines, size);
		say(figures, "copy of the protobuf", figures->copy, size);
	}
	if (wanted(figures, "encode")) {
		ns = encode_all(batch, figures->lines, logtap_encode_logs,
				&size);
		say(figures, "encode", ns, size);
	}
	if (wanted(figures, "json")) {
		ns = encode_all(batch, figures->lines, logtap_encode_logs_json,
				&size);
		say(figures, "encode as JSON", ns, size);
	}
	logtap_batch_unref(batch);
	if (wanted(figures, "shape")) {
		ns = shape(figures->lines, line, bytes, NULL, drop, NULL);
		say(figures, "shape", ns, 0);
	}
	if (wanted(figures, "loops")) {
		struct logtap_loops *loops = logtap_loops_new(NULL);
		ns = shape(figures->lines, line, bytes, loops, drop, NULL);
		say(figures, "shape, watched for loops", ns, 0);
		logtap_loops_free(loops);
	}
	if (wanted(figures, "both")) {
		ns = shape(figures->lines, line, bytes, NULL, encode, &out);
		say(figures, "shape and encode", ns, 0);
	}
	logtap_bytes_deinit(&out);
}

int main(int argc, char **argv)
{
	struct figures figures = {
		.lines = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000,
		.part = argc > 3 ? argv[3] : NULL,
	};
	size_t bytes = argc > 2 ? strtoul(argv[2], NULL, 10) : 80;
	char *line = malloc(bytes + 1);

	figures.lines -= figures.lines % BATCH;
	if (!line || !figures.lines || !bytes) {
		fputs("usage: bench-pipeline [LINES [BYTES [PART]]]\n", stderr);
		return 2;
	}
	memset(line, 'a', bytes);
	line[bytes - 1] = '\n';
	measure(&figures, line, bytes);
	free(line);
	return 0;
}
