/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The shim's writer and the collector's reader on shared memory, for the thread
 * sanitizer.
 *
 *     ring keep|over|early THREADS CHUNKS
 *
 * Each of THREADS lives, writes CHUNKS, dies, is drained, and another one takes
 * its ring over, some generations long.  Signals that interrupt a copy write to
 * the nested ring.  keep: a full ring drops the newest; the reader's copy is an
 * ordinary one, so that the sanitizer sees whether releases and acquires order
 * all that is copied.  over: a full ring overwrites, and the copy is not looked
 * at.  early: the control, a reader that gives room back before it has copied.
 * Prints what it saw; status 1: something was torn, lost or out of order.
 */
#include "../../collector/intake/ring.h"
#include "../../collector/intake/ring_map.h"
#include "../../shim/ring/writer.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 32768, NESTED = 4096, GENERATIONS = 5, THREADS_MOST = 16 };

struct shared {
	_Alignas(64) unsigned char data[CAPACITY + NESTED];
	struct logtap_ring_producer producers[2];
	_Atomic uint64_t tails[2];
	_Atomic int dead;
};

struct lane {
	struct shared shared;
	/* the host's */
	struct logtap_writer writers[2];
	uint32_t sequence;
	volatile sig_atomic_t guard;
	uint64_t dropped;
	pthread_t thread;
	/* the reader's */
	struct logtap_frame_ring rings[2];
	uint64_t seen;
	unsigned generation;
};

static struct lane lanes[THREADS_MOST];
static _Thread_local struct lane *own;
static unsigned long chunks;
static bool over, early;
static unsigned long wrong, total, dropped;

static void put(struct lane *lane, bool nested)
{
	struct logtap_writer *writer = &lane->writers[nested];
	uint32_t number = lane->sequence++;
	uint32_t bytes = 8 + number * 13 % 300;
	uint64_t span = logtap_chunk_span(bytes), end;
	unsigned char *at = logtap_writer_reserve(writer, span, &end);

	if (!at && over) {
		logtap_writer_overwrite(writer, span);
		at = logtap_writer_reserve(writer, span, &end);
	}
	if (!at) {
		lane->dropped++;
		return;
	}
	*(struct logtap_chunk *)(void *)at = (struct logtap_chunk){
		.length = bytes,
		.type = LOGTAP_CHUNK_DATA,
		.sequence = number,
	};
	memset(at + LOGTAP_CHUNK_HEADER_BYTES, (int)(number & 0xff), bytes);
	logtap_writer_publish(writer, end);
	logtap_writer_settle(writer);
}

static void on_signal(int number)
{
	(void)number;
	if (own && own->guard)
		put(own, true);
}

static void *live(void *argument)
{
	own = argument;
	for (unsigned long i = 0; i < chunks; i++) {
		own->guard = 1;
		if (i % 64 == 0)
			raise(SIGUSR1);
		put(own, false);
		own->guard = 0;
		if (i % 16 == 0)
			sched_yield(); /* or nearly all is dropped */
	}
	atomic_store_explicit(&own->shared.dead, 1, memory_order_release);
	return NULL;
}

static void be_born(struct lane *lane)
{
	struct shared *shared = &lane->shared;

	for (int i = 0; i < 2; i++) {
		atomic_store(&shared->producers[i].head, 0);
		atomic_store(&shared->producers[i].floor, 0);
		atomic_store(&shared->tails[i], 0);
		logtap_writer_init(&lane->writers[i],
				   shared->data + (i ? CAPACITY : 0),
				   i ? NESTED : CAPACITY, &shared->producers[i],
				   &shared->tails[i]);
	}
	memset(lane->rings, 0, sizeof lane->rings);
	lane->sequence = 0;
	lane->dropped = lane->seen = 0;
	atomic_store(&shared->dead, 0);
	if (pthread_create(&lane->thread, NULL, live, lane))
		abort();
}

/* The ring's data: fd is the lane, offset the place in its data. */
ssize_t stress_pread(int fd, void *to, size_t bytes, off_t offset);

static __attribute__((no_sanitize("thread"))) void copy_unseen(
	unsigned char *to, const unsigned char *from, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = ((const volatile unsigned char *)from)[i];
}

ssize_t stress_pread(int fd, void *to, size_t bytes, off_t offset)
{
	struct lane *lane = &lanes[fd];
	bool nested = offset >= CAPACITY;

	if (early)
		atomic_store_explicit(
			&lane->shared.tails[nested],
			atomic_load(&lane->shared.producers[nested].head),
			memory_order_release);
	if (over)
		copy_unseen(to, lane->shared.data + offset, bytes);
	else
		memcpy(to, lane->shared.data + offset, bytes);
	return (ssize_t)bytes;
}

/* The same of a main ring, for every other lane. */
bool logtap_ring_map_copy(const struct logtap_ring_map *map, void *to,
			  uint64_t offset, uint64_t bytes)
{
	struct lane *lane = map->start;

	return stress_pread((int)(lane - lanes), to, bytes, (off_t)offset) > 0;
}

static void check(const struct logtap_window *window, uint32_t bytes)
{
	struct logtap_chunk chunk;

	for (uint32_t at = 0; at < bytes;
	     at += (uint32_t)logtap_chunk_span(chunk.length)) {
		memcpy(&chunk, window->data + at, sizeof chunk);
		const unsigned char *text =
			window->data + at + LOGTAP_CHUNK_HEADER_BYTES;
		if (chunk.length != 8 + chunk.sequence * 13 % 300)
			wrong++;
		for (uint32_t i = 0; i < chunk.length; i++)
			if (text[i] != (chunk.sequence & 0xff)) {
				wrong++;
				break;
			}
	}
}

/* Return: true if something was taken. */
static bool look(struct lane *lane, bool nested, struct logtap_window *window)
{
	struct logtap_frame_ring *ring = &lane->rings[nested];
	struct logtap_ring_map map = {.start = lane};
	struct logtap_ring_source source = {
		.map = !nested && (lane - lanes) % 2 ? &map : NULL,
		.fd = (int)(lane - lanes),
		.offset = nested ? CAPACITY : 0,
		.capacity = nested ? NESTED : CAPACITY,
		.producer = &lane->shared.producers[nested],
	};
	struct logtap_ring_taken taken;
	const char *why = "";
	int result = logtap_ring_take(&source, ring, window, &taken, &why);

	if (result == LOGTAP_RING_EMPTY)
		return false;
	if (result) {
		fprintf(stderr, "ring: %d %s\n", result, why);
		wrong++;
		return false;
	}
	check(window, taken.bytes);
	lane->seen += taken.chunks;
	if (taken.chunks) {
		ring->has_last = 1;
		ring->last_sequence = taken.last_sequence;
	}
	ring->to = taken.to;
	atomic_store_explicit(&lane->shared.tails[nested], taken.to,
			      memory_order_release);
	return true;
}

/* Dead first, then drained. */
static bool reclaim(struct lane *lane, struct logtap_window *window)
{
	bool dead =
		atomic_load_explicit(&lane->shared.dead, memory_order_acquire);
	bool more = look(lane, false, window);

	more = look(lane, true, window) || more;
	if (!dead || more)
		return false;
	pthread_join(lane->thread, NULL);
	total += lane->seen;
	dropped += lane->dropped;
	if (!over && lane->seen + lane->dropped != lane->sequence)
		wrong++;
	lane->generation++;
	return true;
}

int main(int argc, char **argv)
{
	struct logtap_window window;
	int threads = argc == 4 ? atoi(argv[2]) : 0, left = 0;

	if (threads < 1 || threads > THREADS_MOST)
		return 2;
	over = !strcmp(argv[1], "over");
	early = !strcmp(argv[1], "early");
	chunks = strtoul(argv[3], NULL, 10);
	if (logtap_window_init(&window) ||
	    signal(SIGUSR1, on_signal) == SIG_ERR)
		return 2;
	for (left = 0; left < threads; left++)
		be_born(&lanes[left]);
	for (int i = 0; left; i = (i + 1) % threads) {
		struct lane *lane = &lanes[i];
		if (lane->generation == GENERATIONS || !reclaim(lane, &window))
			continue;
		if (lane->generation < GENERATIONS)
			be_born(lane);
		else
			left--;
	}
	logtap_window_deinit(&window);
	printf("%lu chunks, %lu dropped, %lu wrong\n", total, dropped, wrong);
	return early ? 0 : wrong != 0;
}
