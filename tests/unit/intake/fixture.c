/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts made by the format alone: see the header.  Written apart from the
 * shim's writer, so that the two check each other through the reader. */
#include "fixture.h"

#include "../../../collector/intake/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void directory_init(struct directory *directory)
{
	snprintf(directory->path, sizeof(directory->path),
		 "/dev/shm/logtap-unit-XXXXXX");
	cr_assert_not_null(mkdtemp(directory->path));
	directory->fd =
		open(directory->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(directory->fd, 0);
}

void directory_deinit(struct directory *directory)
{
	DIR *dir = fdopendir(directory->fd);
	struct dirent *entry;
	cr_assert_not_null(dir);
	rewinddir(dir);
	while ((entry = readdir(dir)))
		unlinkat(directory->fd, entry->d_name, 0);
	closedir(dir);
	cr_assert_eq(rmdir(directory->path), 0, "%s", strerror(errno));
}

size_t directory_count(const struct directory *directory, const char *suffix)
{
	DIR *dir = opendir(directory->path);
	struct dirent *entry;
	size_t count = 0;
	cr_assert_not_null(dir);
	while ((entry = readdir(dir))) {
		size_t length = strlen(entry->d_name);
		count += length >= strlen(suffix) &&
			 !strcmp(entry->d_name + length - strlen(suffix),
				 suffix);
	}
	closedir(dir);
	return count;
}

static void fill_header(struct host *host, const struct host_options *options)
{
	static unsigned char serial;
	struct logtap_segment *header = host->header;
	memcpy(header->prefix.magic, LOGTAP_ABI_MAGIC, LOGTAP_ABI_MAGIC_BYTES);
	header->prefix.major = LOGTAP_ABI_MAJOR;
	header->prefix.minor = LOGTAP_ABI_MINOR;
	header->prefix.header_bytes = LOGTAP_HEADER_BYTES;
	header->prefix.byte_order = LOGTAP_ABI_BYTE_ORDER;
	header->segment_bytes = host->bytes;
	header->control_offset = LOGTAP_HEADER_BYTES;
	header->slots_offset = LOGTAP_HEADER_BYTES + LOGTAP_PAGE_BYTES;
	header->slot_count = options->slots;
	header->slot_bytes = LOGTAP_SLOT_BYTES;
	header->data_offset = header->slots_offset +
			      (uint64_t)options->slots * LOGTAP_SLOT_BYTES;
	header->ring_bytes = options->ring_bytes;
	header->nested_bytes = options->nested_bytes;
	header->ring_blocks = LOGTAP_RING_BLOCKS;
	header->death_offset = offsetof(struct logtap_slot, death);
	memset(header->uuid, 0xa0, sizeof(header->uuid));
	header->uuid[15] = ++serial;
	header->pid = options->pid;
	header->start_ticks = options->start_ticks;
	header->uid = getuid();
	header->clock = options->clock;
	header->clock_realtime_ns = logtap_now_realtime_ns();
	snprintf(header->comm, sizeof(header->comm), "unit");
	snprintf(header->executable, sizeof(header->executable), "/bin/unit");
	memcpy(header->environment, "OTEL_SERVICE_NAME=unit", 23);
	header->environment_bytes = 23;
	header->sinks[0].kind = LOGTAP_SINK_STDERR;
	atomic_store(&header->sinks[0].state, LOGTAP_SINK_READY);
	host->slots = (void *)(host->base + header->slots_offset);
	if (!options->not_ready)
		atomic_store(&header->prefix.ready, 1);
}

void host_ready(struct host *host)
{
	atomic_store(&host->header->prefix.ready, 1);
}

void host_init(struct host *host, const struct directory *directory,
	       const struct host_options *given)
{
	static unsigned serial;
	char name[64];
	struct host_options options = given ? *given : (struct host_options){0};
	memset(host, 0, sizeof(*host));
	options.slots = options.slots ? options.slots : 2;
	options.ring_bytes = options.ring_bytes ? options.ring_bytes : 4096;
	options.nested_bytes =
		options.nested_bytes ? options.nested_bytes : 4096;
	options.pid = options.pid ? options.pid : (uint32_t)getpid();
	snprintf(name, sizeof(name), "%u-%u.seg", options.pid, serial++);
	snprintf(host->path, sizeof(host->path), "%s/%s", directory->path,
		 options.name ? options.name : name);
	host->name = strrchr(host->path, '/') + 1;
	host->bytes = LOGTAP_HEADER_BYTES + LOGTAP_PAGE_BYTES +
		      (uint64_t)options.slots *
			      (LOGTAP_SLOT_BYTES + options.ring_bytes +
			       options.nested_bytes);
	int fd = open(host->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(posix_fallocate(fd, 0, (off_t)host->bytes), 0);
	host->base = mmap(NULL, host->bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			  fd, 0);
	cr_assert_neq(host->base, MAP_FAILED);
	close(fd);
	host->header = (void *)host->base;
	host->control = (void *)(host->base + LOGTAP_HEADER_BYTES);
	fill_header(host, &options);
}

void host_deinit(struct host *host)
{
	munmap(host->base, host->bytes);
}

unsigned char *host_ring_data(const struct host *host, uint32_t slot,
			      bool nested)
{
	const struct logtap_segment *header = host->header;
	uint64_t stride = (uint64_t)header->ring_bytes + header->nested_bytes;
	return host->base + header->data_offset + slot * stride +
	       (nested ? header->ring_bytes : 0);
}

unsigned host_state(const struct host *host, uint32_t slot)
{
	return (unsigned)(atomic_load(&host->slots[slot].state) &
			  LOGTAP_SLOT_STATE_MASK);
}

uint64_t host_generation(const struct host *host, uint32_t slot)
{
	return atomic_load(&host->slots[slot].state) >>
	       LOGTAP_SLOT_GENERATION_SHIFT;
}

void host_set_state(struct host *host, uint32_t slot, unsigned state)
{
	atomic_store(&host->slots[slot].state,
		     logtap_slot_word(host_generation(host, slot), state));
}

bool host_claim(struct host *host, uint32_t index, uint32_t tid, uint32_t flags)
{
	struct logtap_slot *slot = &host->slots[index];
	if (host_state(host, index) != LOGTAP_SLOT_FREE)
		return false;
	host_set_state(host, index, LOGTAP_SLOT_CLAIMED);
	memset(host->rings[index], 0, sizeof(host->rings[index]));
	atomic_store(&slot->main.head, 0);
	atomic_store(&slot->main.floor, 0);
	atomic_store(&slot->nested.head, 0);
	atomic_store(&slot->nested.floor, 0);
	atomic_store(&slot->main_tail, 0);
	atomic_store(&slot->nested_tail, 0);
	for (int i = 0; i < LOGTAP_COUNTERS; i++)
		atomic_store(&slot->counters[i], 0);
	memset(slot->death, 0, sizeof(slot->death));
	memcpy(slot->death, &tid, sizeof(tid));
	slot->pid = host->header->pid;
	slot->tid = tid;
	slot->thread_start = tid;
	slot->start_ticks = host->header->start_ticks;
	slot->flags = flags;
	slot->first_sequence = host->sequence[index];
	slot->uid = getuid();
	snprintf(slot->name, sizeof(slot->name), "thread %u", tid);
	host_set_state(host, index, LOGTAP_SLOT_LIVE);
	return true;
}

void host_die(struct host *host, uint32_t slot)
{
	uint32_t word = LOGTAP_DEATH_OWNER_DIED;
	memcpy(host->slots[slot].death, &word, sizeof(word));
}

static void count(struct host *host, uint32_t slot, enum logtap_counter which,
		  uint64_t more)
{
	atomic_fetch_add(&host->slots[slot].counters[which], more);
}

/* Where a chunk of @span goes, with the padding that comes before it. */
static uint64_t place(const struct host_ring *ring, uint64_t capacity,
		      uint64_t span)
{
	uint64_t block = logtap_ring_block_bytes(capacity);
	uint64_t room = block - ring->head % block;
	return span <= room ? ring->head : ring->head + room;
}

static void pad_to(const struct host_ring *ring, unsigned char *data,
		   uint64_t capacity, uint64_t position)
{
	struct logtap_chunk pad = {.type = LOGTAP_CHUNK_PAD};
	uint64_t room = position - ring->head;
	if (room < sizeof(pad))
		return;
	pad.length = (uint32_t)(room - sizeof(pad));
	memcpy(data + ring->head % capacity, &pad, sizeof(pad));
}

static void store(struct host *host, uint32_t slot, bool nested,
		  struct logtap_chunk chunk, const void *payload)
{
	struct host_ring *ring = &host->rings[slot][nested];
	struct logtap_slot *shared = &host->slots[slot];
	unsigned char *data = host_ring_data(host, slot, nested);
	uint64_t capacity =
		nested ? host->header->nested_bytes : host->header->ring_bytes;
	uint64_t span = logtap_chunk_span(chunk.length);
	uint64_t at = place(ring, capacity, span);
	pad_to(ring, data, capacity, at);
	memcpy(data + at % capacity, &chunk, sizeof(chunk));
	memcpy(data + at % capacity + sizeof(chunk), payload, chunk.length);
	ring->head = at + span;
	atomic_store_explicit(nested ? &shared->nested.head
				     : &shared->main.head,
			      ring->head, memory_order_release);
}

bool host_push_chunk(struct host *host, uint32_t slot, bool nested,
		     const struct logtap_chunk *like, const void *payload,
		     uint32_t bytes)
{
	struct host_ring *ring = &host->rings[slot][nested];
	struct logtap_slot *shared = &host->slots[slot];
	struct logtap_chunk chunk = *like;
	uint64_t capacity =
		nested ? host->header->nested_bytes : host->header->ring_bytes;
	uint64_t tail = atomic_load_explicit(nested ? &shared->nested_tail
						    : &shared->main_tail,
					     memory_order_acquire);
	chunk.length = bytes;
	chunk.sequence = host->sequence[slot]++;
	count(host, slot, LOGTAP_COUNTER_CHUNKS, 1);
	count(host, slot, LOGTAP_COUNTER_BYTES, bytes - chunk.extension_bytes);
	uint64_t low = tail > ring->floor ? tail : ring->floor;
	uint64_t span = logtap_chunk_span(bytes);
	if (place(ring, capacity, span) + span > low + capacity) {
		count(host, slot,
		      nested ? LOGTAP_COUNTER_NESTED_DROPPED_CHUNKS
			     : LOGTAP_COUNTER_DROPPED_CHUNKS,
		      1);
		return false;
	}
	store(host, slot, nested, chunk, payload);
	return true;
}

static const struct logtap_chunk plain = {
	.type = LOGTAP_CHUNK_DATA,
	.priority = LOGTAP_PRIORITY_NONE,
	.time = UINT64_C(1700000000000000000),
};

bool host_push(struct host *host, uint32_t slot, const char *text)
{
	return host_push_chunk(host, slot, false, &plain, text,
			       (uint32_t)strlen(text));
}

bool host_push_nested(struct host *host, uint32_t slot, const char *text)
{
	return host_push_chunk(host, slot, true, &plain, text,
			       (uint32_t)strlen(text));
}

void host_push_over(struct host *host, uint32_t slot, const char *text)
{
	struct host_ring *ring = &host->rings[slot][0];
	uint64_t capacity = host->header->ring_bytes;
	uint64_t block = logtap_ring_block_bytes(capacity);
	uint64_t span = logtap_chunk_span(strlen(text));
	uint64_t end = place(ring, capacity, span) + span;
	uint64_t floor = end <= capacity ? 0 : end - capacity;
	floor = (floor + block - 1) / block * block;
	if (floor > ring->floor) {
		ring->floor = floor;
		host->slots[slot].counters[LOGTAP_COUNTER_OVERWROTE]++;
		atomic_store(&host->slots[slot].main.floor, floor);
	}
	cr_assert(host_push(host, slot, text));
}
