/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Which files the journal has: see journal_private.h.  Any thread. */
#include "journal_private.h"

#include "../base/grow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void logtap_journal_name(uint64_t start, char name[JOURNAL_NAME_BYTES])
{
	snprintf(name, JOURNAL_NAME_BYTES, JOURNAL_PREFIX "%016llx",
		 (unsigned long long)start);
}

int logtap_journal_add_file(struct logtap_journal *journal, uint64_t start,
			    int memory_fd)
{
	pthread_mutex_lock(&journal->lock);
	/* An empty one has the same name. */
	struct logtap_journal_file *last =
		journal->file_count ? &journal->files[journal->file_count - 1]
				    : NULL;
	if (last && last->start == start) {
		if (last->memory_fd >= 0)
			close(last->memory_fd);
		logtap_journal_map_unref(last->map);
		journal->file_count--;
	}
	struct logtap_journal_file *files =
		logtap_grown(journal->files, journal->file_count,
			     &journal->file_room, sizeof(*files), 16);
	if (files) {
		journal->files = files;
		files[journal->file_count++] =
			(struct logtap_journal_file){start, memory_fd, NULL};
	}
	pthread_mutex_unlock(&journal->lock);
	return files ? 0 : -ENOMEM;
}

void logtap_journal_retire_files(struct logtap_journal *journal)
{
	char name[JOURNAL_NAME_BYTES];
	size_t gone = 0;
	uint64_t position = logtap_journal_acknowledged(journal);
	pthread_mutex_lock(&journal->lock);
	while (gone + 1 < journal->file_count &&
	       journal->files[gone + 1].start <= position) {
		struct logtap_journal_file *file = &journal->files[gone++];
		logtap_journal_name(file->start, name);
		if (file->memory_fd >= 0)
			close(file->memory_fd);
		else
			logtap_journal_spare_retire(journal, name, file->map);
	}
	memmove(journal->files, journal->files + gone,
		(journal->file_count - gone) * sizeof(*journal->files));
	journal->file_count -= gone;
	pthread_mutex_unlock(&journal->lock);
}

int logtap_journal_open_file(struct logtap_journal *journal, uint64_t start)
{
	char name[JOURNAL_NAME_BYTES];
	int fd = -1;
	logtap_journal_name(start, name);
	pthread_mutex_lock(&journal->lock);
	for (size_t i = 0; i < journal->file_count; i++)
		if (journal->files[i].start == start)
			fd = journal->files[i].memory_fd;
	/* Before it may be closed. */
	fd = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0)
		     : openat(journal->dir_fd, name,
			      O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	pthread_mutex_unlock(&journal->lock);
	return fd;
}

void logtap_journal_share_map(struct logtap_journal *journal)
{
	pthread_mutex_lock(&journal->lock);
	struct logtap_journal_file *last =
		journal->file_count ? &journal->files[journal->file_count - 1]
				    : NULL;
	if (last && last->start == journal->file_start && !last->map)
		last->map = logtap_journal_map_ref(journal->map);
	pthread_mutex_unlock(&journal->lock);
}

struct logtap_journal_map *logtap_journal_find_map(
	struct logtap_journal *journal, uint64_t start)
{
	struct logtap_journal_map *map = NULL;
	pthread_mutex_lock(&journal->lock);
	for (size_t i = 0; !map && i < journal->file_count; i++)
		if (journal->files[i].start == start)
			map = logtap_journal_map_ref(journal->files[i].map);
	pthread_mutex_unlock(&journal->lock);
	return map;
}

void logtap_journal_remove_files(struct logtap_journal *journal)
{
	char name[JOURNAL_NAME_BYTES];
	pthread_mutex_lock(&journal->lock);
	for (size_t i = 0; i < journal->file_count; i++) {
		logtap_journal_name(journal->files[i].start, name);
		if (journal->files[i].memory_fd >= 0)
			close(journal->files[i].memory_fd);
		else
			unlinkat(journal->dir_fd, name, 0);
		logtap_journal_map_unref(journal->files[i].map);
	}
	journal->file_count = 0;
	logtap_journal_spare_drop(journal);
	pthread_mutex_unlock(&journal->lock);
}

uint64_t logtap_journal_start(struct logtap_journal *journal)
{
	pthread_mutex_lock(&journal->lock);
	uint64_t start = journal->file_count ? journal->files[0].start
					     : journal->file_start;
	pthread_mutex_unlock(&journal->lock);
	return start;
}

uint64_t logtap_journal_file_above(struct logtap_journal *journal,
				   uint64_t position)
{
	uint64_t found = UINT64_MAX;
	pthread_mutex_lock(&journal->lock);
	for (size_t i = journal->file_count; i-- > 0;)
		if (journal->files[i].start > position)
			found = journal->files[i].start;
	pthread_mutex_unlock(&journal->lock);
	return found;
}

uint64_t logtap_journal_file_of(struct logtap_journal *journal,
				uint64_t position)
{
	pthread_mutex_lock(&journal->lock);
	uint64_t found = journal->file_count ? journal->files[0].start : 0;
	for (size_t i = 0; i < journal->file_count; i++)
		if (journal->files[i].start <= position)
			found = journal->files[i].start;
	pthread_mutex_unlock(&journal->lock);
	return found;
}
