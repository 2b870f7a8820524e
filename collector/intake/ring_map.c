/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Mappings of rings: see the header.  Runs in the reader's thread. */
#include "ring_map.h"

#include "guard.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void unmap(struct logtap_ring_maps *maps, struct logtap_ring_map *map)
{
	logtap_guard_remove(map->guard);
	munmap(map->start, map->bytes);
	maps->bytes -= map->bytes;
	memset(map, 0, sizeof(*map));
}

/* To read a hole through a mapping fills it, at our expense; pread does not.  A
 * host of ours has written all its file before it is ready. */
static bool has_holes(int fd)
{
	struct stat status;
	return fstat(fd, &status) || status.st_blocks * 512 < status.st_size;
}

/* Of a file that was caught once no ring is mapped again. */
static void distrust(struct logtap_ring_maps *maps, struct logtap_ring_map *map)
{
	map->file->unmappable = true;
	unmap(maps, map);
}

const struct logtap_ring_map *logtap_ring_maps_find(
	struct logtap_ring_maps *maps, const struct logtap_segment_file *file,
	uint64_t offset, const struct logtap_ring_use *use, uint64_t now_ns)
{
	struct logtap_ring_map *map = &maps->maps[use->index];
	if (map->file != file || map->offset != offset)
		return NULL;
	if (logtap_guard_tripped(map->guard)) {
		distrust(maps, map);
		return NULL;
	}
	map->used_ns = now_ns;
	return map;
}

static struct logtap_ring_map *free_map(struct logtap_ring_maps *maps)
{
	for (int i = 0; i < LOGTAP_RING_MAPS; i++)
		if (!maps->maps[i].file)
			return &maps->maps[i];
	return NULL;
}

/* The ring was mapped for the thread that had it before. */
static struct logtap_ring_map *mapped_before(
	struct logtap_ring_maps *maps, const struct logtap_segment_file *file,
	uint64_t offset)
{
	for (int i = 0; i < LOGTAP_RING_MAPS; i++)
		if (maps->maps[i].file == file &&
		    maps->maps[i].offset == offset)
			return &maps->maps[i];
	return NULL;
}

static struct logtap_ring_map *make(struct logtap_ring_maps *maps,
				    struct logtap_segment_file *file,
				    uint64_t offset, uint64_t capacity)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t from = offset & ~(page - 1);
	uint64_t bytes = (offset + capacity - from + page - 1) & ~(page - 1);
	struct logtap_ring_map *map = free_map(maps);
	if (!map || file->unmappable ||
	    maps->bytes + bytes > LOGTAP_RING_MAPS_BYTES || has_holes(file->fd))
		return NULL;
	void *start =
		mmap(NULL, bytes, PROT_READ, MAP_SHARED, file->fd, (off_t)from);
	if (start == MAP_FAILED)
		return NULL;
	struct logtap_guard *guard = logtap_guard_add(start, bytes);
	if (!guard) {
		munmap(start, bytes);
		return NULL;
	}
	*map = (struct logtap_ring_map){
		.file = file,
		.offset = offset,
		.data = (unsigned char *)start + (offset - from),
		.start = start,
		.bytes = bytes,
		.guard = guard,
	};
	maps->bytes += bytes;
	return map;
}

void logtap_ring_maps_read(struct logtap_ring_maps *maps,
			   struct logtap_segment_file *file, uint64_t offset,
			   uint64_t capacity, struct logtap_ring_use *use,
			   uint64_t bytes, uint64_t now_ns)
{
	if (bytes < LOGTAP_RING_MAP_AFTER_BYTES - use->bytes) {
		use->bytes += (uint32_t)bytes;
		return;
	}
	use->bytes = 0;
	struct logtap_ring_map *map = mapped_before(maps, file, offset);
	if (!map)
		map = make(maps, file, offset, capacity);
	if (!map)
		return;
	map->used_ns = now_ns;
	use->index = (uint32_t)(map - maps->maps);
}

bool logtap_ring_map_copy(const struct logtap_ring_map *map, void *to,
			  uint64_t offset, uint64_t bytes)
{
	memcpy(to, map->data + offset, bytes);
	return !logtap_guard_tripped(map->guard);
}

void logtap_ring_maps_trim(struct logtap_ring_maps *maps, uint64_t now_ns)
{
	for (int i = 0; i < LOGTAP_RING_MAPS; i++) {
		struct logtap_ring_map *map = &maps->maps[i];
		if (!map->file)
			continue;
		if (now_ns - map->used_ns >= LOGTAP_RING_MAP_REST_NS)
			unmap(maps, map);
		else if (has_holes(map->file->fd))
			distrust(maps, map);
	}
}

void logtap_ring_maps_forget(struct logtap_ring_maps *maps,
			     const struct logtap_segment_file *file)
{
	for (int i = 0; i < LOGTAP_RING_MAPS; i++)
		if (maps->maps[i].file == file)
			unmap(maps, &maps->maps[i]);
}
