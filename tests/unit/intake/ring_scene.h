/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* One ring of a host, taken with pread and from a mapping; the reader's copies are
 * the test's own, which may do something in between.  Linked with
 * --wrap=logtap_ring_map_copy. */
#ifndef LOGTAP_TESTS_INTAKE_RING_SCENE_H
#define LOGTAP_TESTS_INTAKE_RING_SCENE_H

#include "../../../collector/intake/guard.h"
#include "fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct directory directory;
static struct host host;
static struct logtap_segment_file file;
static struct logtap_window window;
static struct logtap_ring_source source;
static struct logtap_frame_ring state;
static struct logtap_ring_taken taken;
static const char *why;
static struct logtap_ring_maps maps;
static bool mapped;

/* What a producer does between the reader's copy and its second look: the
 * reader's copies are ours here. */
static void (*after_copy)(void);
static unsigned copies_mapped;

static inline void copied(void)
{
	void (*call)(void) = after_copy;
	after_copy = NULL;
	if (call)
		call();
}

ssize_t pread64(int fd, void *buffer, size_t bytes, off64_t offset)
{
	ssize_t got = syscall(SYS_pread64, fd, buffer, bytes, offset);
	copied();
	return got;
}

bool __real_logtap_ring_map_copy(const struct logtap_ring_map *map, void *to,
				 uint64_t offset, uint64_t bytes);
bool __wrap_logtap_ring_map_copy(const struct logtap_ring_map *map, void *to,
				 uint64_t offset, uint64_t bytes);

bool __wrap_logtap_ring_map_copy(const struct logtap_ring_map *map, void *to,
				 uint64_t offset, uint64_t bytes)
{
	bool whole = __real_logtap_ring_map_copy(map, to, offset, bytes);
	copies_mapped += whole;
	copied();
	return whole;
}

static inline void use(uint32_t ring_bytes)
{
	struct host_options options = {.ring_bytes = ring_bytes};
	host_init(&host, &directory, &options);
	host_claim(&host, 0, 1, 0);
	cr_assert_eq(logtap_segment_open(directory.fd, host.name, &file, &why),
		     0);
	source = (struct logtap_ring_source){
		.fd = file.fd,
		.offset = logtap_segment_ring_offset(&file, 0, 0),
		.capacity = ring_bytes,
		.producer = &logtap_segment_slot(&file, 0)->main,
	};
	if (!mapped)
		return;
	struct logtap_ring_use used = {0};
	logtap_ring_maps_read(&maps, &file, source.offset, ring_bytes, &used,
			      LOGTAP_RING_MAP_AFTER_BYTES, 0);
	source.map =
		logtap_ring_maps_find(&maps, &file, source.offset, &used, 0);
	cr_assert_not_null(source.map);
}

static inline void close_file(void)
{
	logtap_ring_maps_forget(&maps, &file);
	logtap_segment_close(&file);
	host_deinit(&host);
}

static inline void setup(void)
{
	directory_init(&directory);
	cr_assert_eq(logtap_window_init(&window), 0);
	use(4096);
}

static inline void setup_mapped(void)
{
	cr_assert_eq(logtap_guard_install(), 0);
	mapped = true;
	setup();
}

static inline void teardown(void)
{
	cr_assert(!copies_mapped || mapped);
	close_file();
	logtap_window_deinit(&window);
	directory_deinit(&directory);
}

TestSuite(ring, .init = setup, .fini = teardown);
TestSuite(ring_mapped, .init = setup_mapped, .fini = teardown);
#define BOTH(name)              \
	static void name(void); \
	Test(ring, name)        \
	{                       \
		name();         \
	}                       \
	Test(ring_mapped, name) \
	{                       \
		name();         \
	}                       \
	static void name(void)

static inline int take(void)
{
	int result = logtap_ring_take(&source, &state, &window, &taken, &why);
	if (result)
		return result;
	state.to = taken.to;
	if (taken.chunks) {
		state.has_last = 1;
		state.last_sequence = taken.last_sequence;
	}
	atomic_store(&host.slots[0].main_tail, taken.to);
	return 0;
}

/* The payload of chunk @index of the last window. */
static inline const char *payload(uint32_t index)
{
	static char text[65536];
	struct logtap_chunk chunk;
	const unsigned char *at = window.data;
	for (;;) {
		memcpy(&chunk, at, sizeof(chunk));
		if (!index--)
			break;
		at += logtap_chunk_span(chunk.length);
	}
	memcpy(text, at + sizeof(chunk), chunk.length);
	text[chunk.length] = 0;
	return text;
}

#endif
