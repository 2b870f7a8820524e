/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Mappings of rings that much is read from.
 *
 * To copy out of a mapping takes less than to have the kernel copy, but to make
 * one takes as long as some 64 KiB by pread: a ring is mapped when so much of it
 * was read, and unmapped when it has rested for a second.  How many there are,
 * and of how many bytes, is bounded; all other rings are read with pread.
 *
 * A host may cut its file short at any time: the mappings are guarded (guard.h),
 * and of one that lost a page nothing is believed.  One belongs to a ring's
 * place in its file and not to a thread.  Not thread-safe: the reader's.
 */
#ifndef LOGTAP_INTAKE_RING_MAP_H
#define LOGTAP_INTAKE_RING_MAP_H

#include "segment.h"

enum { LOGTAP_RING_MAPS = 64 };
#define LOGTAP_RING_MAPS_BYTES (UINT64_C(8) << 20)
#define LOGTAP_RING_MAP_AFTER_BYTES (UINT32_C(64) << 10)
#define LOGTAP_RING_MAP_REST_NS UINT64_C(1000000000)

struct logtap_ring_map {
	struct logtap_segment_file *file; /* NULL: unused */
	uint64_t offset;		  /* of the ring in it */
	const unsigned char *data;	  /* of the ring */
	void *start;			  /* of the mapping */
	size_t bytes;
	struct logtap_guard *guard;
	uint64_t used_ns;
};

struct logtap_ring_maps {
	struct logtap_ring_map maps[LOGTAP_RING_MAPS];
	uint64_t bytes; /* of all */
};

/* What a ring's reader keeps of it; zeros to begin with. */
struct logtap_ring_use {
	uint32_t index; /* where its mapping was last */
	uint32_t bytes; /* read without one since */
};

/* The mapping of the ring at @offset of @file, or NULL.  Valid until the next
 * call of any function here but logtap_ring_map_copy(). */
const struct logtap_ring_map *logtap_ring_maps_find(
	struct logtap_ring_maps *maps, const struct logtap_segment_file *file,
	uint64_t offset, const struct logtap_ring_use *use, uint64_t now_ns);
/* So many bytes were read without one; it is mapped when it is time. */
void logtap_ring_maps_read(struct logtap_ring_maps *maps,
			   struct logtap_segment_file *file, uint64_t offset,
			   uint64_t capacity, struct logtap_ring_use *use,
			   uint64_t bytes, uint64_t now_ns);

/* Copies [@offset, @offset + @bytes) of a ring.  Return: false if its file is
 * not all there, or was not at some time; then @to may hold anything. */
bool logtap_ring_map_copy(const struct logtap_ring_map *map, void *to,
			  uint64_t offset, uint64_t bytes);

/* Unmaps what rests, once a second; what is of @file, before it is closed. */
void logtap_ring_maps_trim(struct logtap_ring_maps *maps, uint64_t now_ns);
void logtap_ring_maps_forget(struct logtap_ring_maps *maps,
			     const struct logtap_segment_file *file);

#endif
