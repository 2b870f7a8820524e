/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks of two threads, as they leave the journal: any type, format, flags,
 * extension and payload; through the shaper and the detector of feedback to
 * encoded batches. */
#include "../../collector/loops/loops.h"
#include "../../collector/shape/shaper.h"
#include "fuzz.h"

#include <string.h>
#include <sys/stat.h>

#define NOW_NS UINT64_C(1700000000000000000)

struct shaping {
	struct fuzz_input input;
	struct logtap_batcher *batcher;
	struct logtap_shaper *shaper;
	struct logtap_loops *loops;
	struct logtap_process processes[2];
	struct logtap_thread threads[2];
	struct logtap_sink_info sinks[4];
	uint32_t sequence[2];
	uint64_t position;
	uint64_t now_ns;
};

static void take_batch(void *context, struct logtap_batch *batch)
{
	struct shaping *shaping = context;
	fuzz_check_batch(batch);
	logtap_loops_submit(shaping->loops, batch);
	logtap_batch_unref(batch);
}

static void name(struct fuzz_input *input, char *text, size_t room)
{
	const uint8_t *data;
	size_t bytes = fuzz_take(input, fuzz_number(input, 1), &data);
	if (bytes >= room)
		bytes = room - 1;
	if (bytes)
		memcpy(text, data, bytes);
}

static void make_process(struct shaping *shaping, unsigned i)
{
	struct logtap_process *process = &shaping->processes[i];
	process->pid = 0x3ffffff0 + i;
	process->start_ticks = 1 + i;
	name(&shaping->input, process->comm, sizeof(process->comm));
	name(&shaping->input, process->executable, sizeof(process->executable));
	name(&shaping->input, process->cgroup, sizeof(process->cgroup));
	name(&shaping->input, process->environment,
	     sizeof(process->environment) - 1);
	shaping->threads[i].process = process;
	shaping->threads[i].tid = process->pid;
	name(&shaping->input, shaping->threads[i].name,
	     sizeof(shaping->threads[i].name));
}

static void make_sinks(struct shaping *shaping)
{
	static const uint32_t types[] = {S_IFREG, S_IFIFO, S_IFSOCK, S_IFCHR};
	for (unsigned i = 0; i < 4; i++) {
		struct logtap_sink_info *sink = &shaping->sinks[i];
		sink->kind = LOGTAP_SINK_STDERR + i;
		sink->file_type = types[i];
		sink->flags = (uint32_t)fuzz_number(&shaping->input, 1);
		sink->device = 1;
		sink->inode = 2 + i;
		name(&shaping->input, sink->path, sizeof(sink->path));
	}
}

static void feed(struct shaping *shaping, unsigned which)
{
	struct fuzz_input *input = &shaping->input;
	struct logtap_thread *thread = &shaping->threads[which];
	const uint8_t *extension, *payload;
	unsigned kind = (unsigned)fuzz_number(input, 1);
	unsigned sink = (unsigned)fuzz_number(input, 1);
	struct logtap_chunk_view chunk = {
		.slot = which,
		.generation = 1 + (sink >> 6),
		.nested = sink & 32,
		.type = kind % (LOGTAP_CHUNK_TYPES + 1),
		.format = (kind >> 4) % (LOGTAP_FORMATS + 1),
		.flags = (uint8_t)fuzz_number(input, 1),
		.priority = (uint16_t)fuzz_number(input, 2),
		.sequence = shaping->sequence[which],
		.time_ns = shaping->now_ns + fuzz_number(input, 2),
		.position = shaping->position,
	};
	shaping->sequence[which] += 1 + (sink >> 2) % 3;
	if (sink & 16) {
		chunk.sink = &shaping->sinks[sink % 4];
		chunk.sink_kind = chunk.sink->kind;
	}
	chunk.extension_bytes =
		fuzz_take(input, fuzz_number(input, 1), &extension) & ~3u;
	chunk.payload_bytes =
		fuzz_take(input, fuzz_number(input, 2) % 3000, &payload);
	uint8_t *head = fuzz_copy(extension, chunk.extension_bytes);
	uint8_t *body = fuzz_copy(payload, chunk.payload_bytes);
	chunk.extension = head;
	chunk.payload = body;
	FUZZ_CHECK(!logtap_shaper_chunk(shaping->shaper, thread, &chunk,
					shaping->now_ns));
	free(head);
	free(body);
	shaping->position += 64;
}

static void note(struct shaping *shaping)
{
	const uint8_t *data;
	size_t bytes = fuzz_take(&shaping->input,
				 fuzz_number(&shaping->input, 1), &data);
	struct logtap_shaper_note note = {
		.kind = "fuzz",
		.text = (const char *)data,
		.bytes = bytes,
		.time_ns = shaping->now_ns,
		.position = shaping->position,
	};
	FUZZ_CHECK(!logtap_shaper_note(shaping->shaper, &shaping->processes[0],
				       &note, shaping->now_ns));
}

static void start(struct shaping *shaping)
{
	struct logtap_program_start start = {
		.input = {.device = 1,
			  .inode = fuzz_number(&shaping->input, 1) % 8},
		.output = {.device = 1,
			   .inode = fuzz_number(&shaping->input, 1) % 8},
		.uncaptured = fuzz_number(&shaping->input, 1) & 1,
	};
	FUZZ_CHECK(
		!logtap_shaper_start(shaping->shaper, &start, shaping->now_ns));
}

static void step(struct shaping *shaping)
{
	unsigned what = (unsigned)fuzz_number(&shaping->input, 1);
	switch (what & 15) {
	case 0:
		FUZZ_CHECK(!logtap_shaper_thread_end(
			shaping->shaper, &shaping->threads[what >> 7],
			shaping->now_ns));
		break;
	case 1:
		shaping->now_ns += UINT64_C(700000000);
		FUZZ_CHECK(!logtap_shaper_tick(shaping->shaper, shaping->now_ns,
					       false));
		logtap_loops_tick(shaping->loops, shaping->now_ns);
		break;
	case 2:
		note(shaping);
		break;
	case 3:
		start(shaping);
		break;
	default:
		feed(shaping, what >> 7);
	}
}

static void begin(struct shaping *shaping)
{
	unsigned how = (unsigned)fuzz_number(&shaping->input, 1);
	struct logtap_shaper_options options = {
		.line_max_bytes = how & 1 ? 200 : 0,
		.keep_empty_lines = how & 2,
		.instance = how & 4 ? "fuzz" : NULL,
		.stacks = how & 8,
	};
	struct logtap_batch_limits limits = {.records = how & 16 ? 3 : 0};
	shaping->now_ns = NOW_NS;
	shaping->position = 64;
	shaping->loops = logtap_loops_new(NULL);
	options.tap = logtap_loops_tap(shaping->loops);
	shaping->batcher = logtap_batcher_new(&limits, take_batch, shaping);
	shaping->shaper = logtap_shaper_new(&options, shaping->batcher);
	FUZZ_CHECK(shaping->loops && shaping->batcher && shaping->shaper);
	make_sinks(shaping);
	make_process(shaping, 0);
	make_process(shaping, 1);
}

static void end(struct shaping *shaping)
{
	for (unsigned i = 0; i < 2; i++)
		FUZZ_CHECK(!logtap_shaper_thread_end(shaping->shaper,
						     &shaping->threads[i],
						     shaping->now_ns));
	FUZZ_CHECK(!logtap_shaper_tick(shaping->shaper, shaping->now_ns, true));
	FUZZ_CHECK(logtap_shaper_floor(shaping->shaper) == UINT64_MAX);
	for (unsigned i = 0; i < 2; i++)
		logtap_shaper_process_end(shaping->shaper,
					  &shaping->processes[i]);
	logtap_batcher_flush(shaping->batcher, shaping->now_ns, true);
	json_t *told = logtap_loops_json(shaping->loops);
	FUZZ_CHECK(told);
	json_decref(told);
	logtap_shaper_free(shaping->shaper);
	logtap_batcher_free(shaping->batcher);
	logtap_loops_free(shaping->loops);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct shaping shaping;
	memset(&shaping, 0, sizeof(shaping));
	shaping.input = (struct fuzz_input){data, bytes};
	begin(&shaping);
	while (shaping.input.bytes)
		step(&shaping);
	end(&shaping);
	return 0;
}
