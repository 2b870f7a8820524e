/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's spare file: see journal_private.h.
 *
 * It has two uses.  A file that is settled is kept whole while there is much to
 * do, because to have new pages cleared and accounted for takes longer than to
 * fill old ones.  And so much of it is there always as the head of the next file
 * and some data need: on a full file system the journal goes on in it, and the
 * file that it leaves gives its memory back once it is settled.
 */
#include "../base/own_file.h"
#include "journal_private.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* For data, beside the head: a part of the file system. */
#define RESERVE_LEAST (UINT64_C(16) << 10)
#define RESERVE_MOST (UINT64_C(64) << 10)
enum { RESERVE_PART = 16 };

static uint64_t page_up(uint64_t bytes)
{
	return (bytes + 4095) & ~UINT64_C(4095);
}

static uint64_t reserve_for_data(int dir_fd)
{
	struct statvfs room;
	uint64_t bytes = RESERVE_MOST;
	if (!fstatvfs(dir_fd, &room) && room.f_blocks)
		bytes = (uint64_t)room.f_blocks * room.f_frsize / RESERVE_PART;
	return bytes < RESERVE_LEAST  ? RESERVE_LEAST
	       : bytes > RESERVE_MOST ? RESERVE_MOST
				      : page_up(bytes);
}

void logtap_journal_spare_open(struct logtap_journal *journal)
{
	struct stat status;
	journal->keeps_spare = true;
	journal->reserve_for_data = reserve_for_data(journal->dir_fd);
	if (journal->reserve_for_data > journal->cap_bytes / 4)
		journal->reserve_for_data = journal->cap_bytes / 4;
	journal->reserve_bytes = journal->reserve_for_data;
	if (logtap_journal_ours(journal->dir_fd, JOURNAL_SPARE_NAME, &status)) {
		journal->has_spare = true;
		journal->spare_bytes = (uint64_t)status.st_size;
	} else {
		logtap_own_file_clear(journal->dir_fd, JOURNAL_SPARE_NAME);
	}
}

static void drop_map(struct logtap_journal *journal)
{
	logtap_journal_map_unref(journal->spare_map);
	journal->spare_map = NULL;
}

void logtap_journal_spare_drop(struct logtap_journal *journal)
{
	unlinkat(journal->dir_fd, JOURNAL_SPARE_NAME, 0);
	drop_map(journal);
	journal->has_spare = false;
}

/* Makes the spare @bytes long, and gives it their memory.  Under the lock. */
static bool resize(struct logtap_journal *journal, uint64_t bytes)
{
	int fd = logtap_own_file_open(journal->dir_fd, JOURNAL_SPARE_NAME,
				      O_RDWR | O_CREAT, 0600);
	if (fd < 0)
		return false;
	bool done = !fallocate(fd, 0, 0, (off_t)bytes) &&
		    !ftruncate(fd, (off_t)bytes);
	close(fd);
	if (done && bytes < journal->spare_bytes)
		drop_map(journal);
	if (done) {
		journal->has_spare = true;
		journal->spare_bytes = bytes;
		journal->spare_fails = false;
	} else if (!journal->has_spare) {
		logtap_journal_spare_drop(journal);
	}
	return done;
}

bool logtap_journal_trim(struct logtap_journal *journal)
{
	pthread_mutex_lock(&journal->lock);
	bool trimmed = journal->has_spare &&
		       journal->spare_bytes > journal->reserve_bytes &&
		       resize(journal, journal->reserve_bytes);
	pthread_mutex_unlock(&journal->lock);
	return trimmed;
}

void logtap_journal_spare_expect(struct logtap_journal *journal,
				 uint64_t head_bytes)
{
	pthread_mutex_lock(&journal->lock);
	journal->reserve_bytes =
		page_up(journal->reserve_for_data + head_bytes);
	pthread_mutex_unlock(&journal->lock);
}

void logtap_journal_reserve(struct logtap_journal *journal, uint64_t head_bytes)
{
	logtap_journal_spare_expect(journal, head_bytes);
	pthread_mutex_lock(&journal->lock);
	if (!journal->has_spare ||
	    journal->spare_bytes < journal->reserve_bytes)
		resize(journal, journal->reserve_bytes);
	pthread_mutex_unlock(&journal->lock);
}

bool logtap_journal_spare_serves(struct logtap_journal *journal, uint64_t bytes)
{
	pthread_mutex_lock(&journal->lock);
	bool serves = journal->has_spare && !journal->spare_fails &&
		      journal->spare_bytes >= bytes;
	pthread_mutex_unlock(&journal->lock);
	return serves;
}

uint64_t logtap_journal_spare_take(struct logtap_journal *journal,
				   const char *name, bool idle,
				   struct logtap_journal_map **map)
{
	uint64_t bytes = 0;
	pthread_mutex_lock(&journal->lock);
	journal->keeps_spare = !idle;
	if (idle && journal->has_spare &&
	    journal->spare_bytes > journal->reserve_bytes)
		resize(journal, journal->reserve_bytes);
	if (journal->has_spare && !renameat(journal->dir_fd, JOURNAL_SPARE_NAME,
					    journal->dir_fd, name)) {
		bytes = journal->spare_bytes;
		*map = journal->spare_map;
		journal->spare_map = NULL;
		journal->has_spare = false;
	}
	pthread_mutex_unlock(&journal->lock);
	return bytes;
}

void logtap_journal_spare_return(struct logtap_journal *journal,
				 const char *name, uint64_t bytes,
				 struct logtap_journal_map *map)
{
	pthread_mutex_lock(&journal->lock);
	if (renameat(journal->dir_fd, name, journal->dir_fd,
		     JOURNAL_SPARE_NAME)) {
		unlinkat(journal->dir_fd, name, 0);
		logtap_journal_map_unref(map);
	} else {
		drop_map(journal);
		journal->has_spare = journal->spare_fails = true;
		journal->spare_bytes = bytes;
		journal->spare_map = map;
	}
	pthread_mutex_unlock(&journal->lock);
}

/* Is a file of so many bytes a better spare than the one that is there? */
static bool is_better(const struct logtap_journal *journal, uint64_t bytes)
{
	if (!journal->has_spare)
		return true;
	uint64_t most =
		journal->keeps_spare ? UINT64_MAX : journal->reserve_bytes;
	return journal->spare_bytes <= journal->reserve_bytes &&
	       (bytes < most ? bytes : most) > journal->spare_bytes;
}

void logtap_journal_spare_retire(struct logtap_journal *journal,
				 const char *name,
				 struct logtap_journal_map *map)
{
	struct stat status;
	if (fstatat(journal->dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) ||
	    !is_better(journal, (uint64_t)status.st_size) ||
	    renameat(journal->dir_fd, name, journal->dir_fd,
		     JOURNAL_SPARE_NAME)) {
		unlinkat(journal->dir_fd, name, 0);
		logtap_journal_map_unref(map);
		return;
	}
	drop_map(journal);
	journal->spare_map = map;
	journal->has_spare = true;
	journal->spare_bytes = (uint64_t)status.st_size;
	journal->spare_fails = false;
	if ((!journal->keeps_spare || journal->no_space) &&
	    journal->spare_bytes > journal->reserve_bytes)
		resize(journal, journal->reserve_bytes);
}
