/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* See the header. */
#include "fixture.h"

#include "linked_cxx.h"

#include "../../../shim/auxv.h"
#include "../../../shim/hook/fork.h"
#include "../../../shim/hook/pthread.h"
#include "../../../shim/identity.h"
#include "../../../shim/real.h"
#include "../../../shim/ring/clock.h"
#include "../../../shim/segment/claim.h"
#include "../../../shim/segment/create.h"
#include "../../../shim/segment/death.h"
#include "../../../shim/sink/capture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WINDOW_BYTES 65536

static void fail(const char *what)
{
	fprintf(stderr, "# %s\n", what);
	abort();
}

/* As the library's own constructor. */
__attribute__((constructor)) static void construct(int argc, char **argv)
{
	logtap_auxv_init(argc, argv);
}

void shim_begin(struct shim_options options)
{
	static char *no_environment[] = {NULL};
	struct logtap_config *config = &logtap_state.config;
	struct logtap_tls *tls = &logtap_tls;
	struct logtap_real_report report;

	strcpy(config->directory, "/tmp/logtap-shim-XXXXXX");
	if (!mkdtemp(config->directory))
		fail("mkdtemp");
	config->mode = options.mode;
	config->full = options.full;
	config->ring_bytes_max = options.ring_bytes_max ? options.ring_bytes_max
							: LOGTAP_RING_BYTES_MAX;
	config->process_bytes_max = UINT64_C(64) << 20;
	config->block_ns = UINT64_C(20) * 1000000;
	logtap_real_init(&report);
	logtap_clock_init(false);
	logtap_identity_init(no_environment);
	logtap_death_init();
	logtap_fork_init();
	logtap_segment_sink(
		&(struct logtap_sink_description){.kind = LOGTAP_SINK_STDERR,
						  .device = 1,
						  .inode = 2,
						  .path = ""});
	logtap_segment_sink(&(struct logtap_sink_description){
		.kind = LOGTAP_SINK_SYSLOG, .path = ""});
	/* Well above this frame, and its callers' as well. */
	logtap_pthread_stack(tls, (uintptr_t)__builtin_frame_address(0) +
					  4 * LOGTAP_PAGE_BYTES);
	tls->birth_flags = LOGTAP_SLOT_MAIN;
	atomic_store(&logtap_armed_word, 1);
	if (!options.no_slot && !logtap_claim_birth(tls))
		fail("no slot");
	if (tls->rings && !options.ring_bytes_max)
		config->ring_bytes_max = tls->rings->main.capacity;
}

static unsigned each_file(void (*act)(const char *path))
{
	char path[600];
	struct dirent *entry;
	DIR *directory = opendir(logtap_state.config.directory);
	unsigned count = 0;

	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s",
			 logtap_state.config.directory, entry->d_name);
		count++;
		if (act)
			act(path);
	}
	if (directory)
		closedir(directory);
	return count;
}

static void remove_file(const char *path)
{
	unlink(path);
}

void shim_end(void)
{
	each_file(remove_file);
	rmdir(logtap_state.config.directory);
}

const char *shim_directory(void)
{
	return logtap_state.config.directory;
}

unsigned shim_files(void)
{
	return each_file(NULL);
}

void shim_set_collector(bool alive)
{
	for (uint32_t i = 0; i < logtap_state.mapping_count; i++) {
		struct logtap_control *control =
			logtap_state.mappings[i].control;
		/* Beats until the end of time, or never did. */
		atomic_store(&control->heartbeat_tsc, alive ? 1 : 0);
		atomic_store(&control->heartbeat_ns, alive ? 1 : 0);
		atomic_store(&control->stale_after_tsc, alive ? INT64_MAX : 0);
		atomic_store(&control->stale_after_ns, alive ? INT64_MAX : 0);
	}
}

struct ring_reader reader_of_main(const struct logtap_rings *rings)
{
	return (struct ring_reader){
		.data = rings->main.data,
		.capacity = rings->main.capacity,
		.shared = rings->main.shared,
		.tail = (_Atomic uint64_t *)(uintptr_t)rings->main.tail,
	};
}

struct ring_reader reader_of_nested(const struct logtap_rings *rings)
{
	return (struct ring_reader){
		.data = rings->nested.data,
		.capacity = rings->nested.capacity,
		.shared = rings->nested.shared,
		.tail = (_Atomic uint64_t *)(uintptr_t)rings->nested.tail,
	};
}

/* Moves past what the producer has given up. */
static bool raise_to_floor(struct ring_reader *reader)
{
	uint64_t floor = atomic_load_explicit(&reader->shared->floor,
					      memory_order_relaxed);

	if (reader->position >= floor)
		return false;
	reader->overwritten += floor - reader->position;
	reader->position = floor;
	return true;
}

/* After a copy: is it of what was there when the copy began? */
static bool is_whole(struct ring_reader *reader)
{
	/* pairs with the fence in logtap_writer_overwrite() */
	atomic_thread_fence(memory_order_acquire);
	return reader->no_second_look || !raise_to_floor(reader);
}

static bool is_sane(const struct logtap_chunk *header, uint64_t room,
		    uint64_t head_room)
{
	if (!header->type || header->type >= LOGTAP_CHUNK_TYPES ||
	    header->length >= WINDOW_BYTES)
		return false;
	return logtap_chunk_span(header->length) <=
	       (header->type == LOGTAP_CHUNK_PAD ? head_room : room);
}

static const unsigned char *at(const struct ring_reader *reader,
			       uint64_t position)
{
	return reader->data + (position & (reader->capacity - 1));
}

/* A copy of one chunk.  Return: false if it was overwritten meanwhile. */
static bool copy_chunk(struct ring_reader *reader, uint64_t head, uint64_t room,
		       struct logtap_chunk *header, char *body)
{
	memcpy(header, at(reader, reader->position), sizeof *header);
	if (!is_whole(reader))
		return false;
	if (!is_sane(header, room, head - reader->position)) {
		if (!reader->no_second_look)
			fail("a chunk that breaks the rules");
		reader->torn++;
		reader->position = head;
		return false;
	}
	if (header->type == LOGTAP_CHUNK_PAD)
		return true;
	memcpy(body, at(reader, reader->position + sizeof *header),
	       header->length);
	return is_whole(reader);
}

static void take(struct chunk *out, char *body)
{
	if (out->header.extension_bytes > out->header.length ||
	    out->header.extension_bytes > sizeof out->extension)
		fail("an extension that is too long");
	memcpy(out->extension, body, out->header.extension_bytes);
	out->payload = body + out->header.extension_bytes;
	out->payload_bytes = out->header.length - out->header.extension_bytes;
	out->payload[out->payload_bytes] = '\0';
}

bool reader_next(struct ring_reader *reader, struct chunk *out)
{
	static _Thread_local char body[WINDOW_BYTES + 1];
	uint64_t block = logtap_ring_block_bytes(reader->capacity);

	for (;;) {
		uint64_t head = atomic_load_explicit(&reader->shared->head,
						     memory_order_acquire);
		raise_to_floor(reader);
		if (reader->position >= head)
			return false;
		uint64_t room = block - (reader->position & (block - 1));
		if (room < LOGTAP_CHUNK_HEADER_BYTES) {
			reader->position += room;
			continue;
		}
		if (!copy_chunk(reader, head, room, &out->header, body))
			continue;
		reader->position += logtap_chunk_span(out->header.length);
		if (out->header.type == LOGTAP_CHUNK_PAD)
			continue;
		take(out, body);
		return true;
	}
}

void reader_release(struct ring_reader *reader)
{
	atomic_store_explicit(reader->tail, reader->position,
			      memory_order_release);
}

uint64_t counter(enum logtap_counter which)
{
	return atomic_load(&logtap_tls.rings->slot->counters[which]);
}

bool say(const char *text)
{
	return logtap_capture_stream(logtap_clock_now(),
				     LOGTAP_SINK_INDEX_STDERR, text,
				     strlen(text));
}

void shim_begin_plain(void)
{
	shim_begin((struct shim_options){0});
	logtap_tls.stack_high = (uintptr_t)__builtin_frame_address(0) + 65536;
	logtap_tls.stack_low = logtap_tls.stack_high - (8 << 20);
}

uint64_t shim_chunks(void)
{
	return counter(LOGTAP_COUNTER_CHUNKS);
}
