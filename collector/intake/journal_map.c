/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A journal file in memory: see journal_private.h.
 *
 * A busy journal is read where it lies, and written there when its file is filled
 * again, for a system call costs more with each page.  What is new to a file is
 * written by calls: they say when there is no room, and need not clear a page
 * first.  Others of this user may cut the file short, so its mapping is guarded.
 */
#include "guard.h"
#include "journal_private.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A file that has not grown so large is not worth it. */
#define WORTH_BYTES (UINT64_C(256) << 10)
/* Beyond what a file is to hold: a head of usual size, and its last frame. */
#define SLACK_BYTES (UINT64_C(1) << 20)

struct logtap_journal_map *logtap_journal_map_ref(
	struct logtap_journal_map *map)
{
	if (map)
		atomic_fetch_add_explicit(&map->references, 1,
					  memory_order_relaxed);
	return map;
}

void logtap_journal_map_unref(struct logtap_journal_map *map)
{
	if (!map || atomic_fetch_sub_explicit(&map->references, 1,
					      memory_order_acq_rel) > 1)
		return;
	logtap_guard_remove(map->guard);
	munmap(map->data, map->bytes);
	free(map);
}

bool logtap_journal_map_is_lost(const struct logtap_journal_map *map)
{
	return logtap_guard_tripped(map->guard);
}

static struct logtap_journal_map *make(int fd, uint64_t bytes)
{
	struct stat status;
	struct logtap_journal_map *map = calloc(1, sizeof(*map));
	if (!map || fstat(fd, &status))
		goto failed;
	bytes = (bytes + 4095) & ~UINT64_C(4095);
	map->data =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map->data == MAP_FAILED)
		goto failed;
	map->guard = logtap_guard_add(map->data, bytes);
	if (!map->guard) {
		munmap(map->data, bytes);
		goto failed;
	}
	map->bytes = bytes;
	map->device = status.st_dev;
	map->inode = status.st_ino;
	atomic_init(&map->references, 1);
	return map;
failed:
	free(map);
	return NULL;
}

/* Has the current file a mapping, or is it to have one now? */
static bool has_map(struct logtap_journal *journal, uint64_t end)
{
	if (journal->map)
		return true;
	if (journal->in_memory || journal->unmappable ||
	    (end < WORTH_BYTES && journal->file_reserved < WORTH_BYTES))
		return false;
	journal->map =
		make(journal->fd, journal->file_bytes_most + SLACK_BYTES);
	journal->unmappable = !journal->map;
	logtap_journal_share_map(journal);
	return journal->map;
}

unsigned char *logtap_journal_map_room(struct logtap_journal *journal,
				       uint64_t offset, uint64_t bytes)
{
	uint64_t end = offset + bytes;
	return has_map(journal, end) && end <= journal->file_reserved &&
			       end <= journal->map->bytes &&
			       !logtap_journal_map_is_lost(journal->map)
		       ? journal->map->data + offset
		       : NULL;
}

struct logtap_journal_map *logtap_journal_map_of_file(
	struct logtap_journal_map *map, int fd)
{
	struct stat status;
	if (map && !logtap_journal_map_is_lost(map) && !fstat(fd, &status) &&
	    status.st_dev == map->device && status.st_ino == map->inode)
		return map;
	logtap_journal_map_unref(map);
	return NULL;
}
