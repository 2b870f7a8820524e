/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's writing side: see the header.  Appending and rotation run in
 * the reader's thread, acknowledging in the pipeline's.
 */
#include "../base/own_file.h"
#include "journal_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* An idle collector gives back a file that has grown past this. */
#define IDLE_FILE_BYTES (UINT64_C(1) << 20)

/* There is so much more data in a file than head. */
enum { HEAD_PART = 16 };

/* So much data behind its head is worth to leave memory for. */
#define WORTH_BYTES (UINT64_C(8) << 10)

/* Return: what the caller returns. */
static int no_space(struct logtap_journal *journal, int error)
{
	journal->error = error;
	journal->no_space = error == ENOSPC || error == EDQUOT ||
			    error == EFBIG || error == ENOMEM;
	return journal->no_space ? LOGTAP_JOURNAL_FULL : -error;
}

int logtap_journal_error(const struct logtap_journal *journal)
{
	return journal->error;
}

/* What is behind @offset is not kept, but for the memory that the file had
 * before.  A failure is harmless: the next append overwrites what is there, and a
 * restart checks. */
static int cut(struct logtap_journal *journal, uint64_t offset, int error)
{
	if (offset < journal->file_reserved)
		offset = journal->file_reserved;
	if (ftruncate(journal->fd, (off_t)offset))
		error = error ? error : errno;
	return no_space(journal, error);
}

/* So much more is written. */
static int go_on(struct logtap_journal *journal, uint64_t bytes)
{
	journal->end += bytes;
	journal->no_space = false;
	/* pairs with the acquire in logtap_journal_end */
	if (!journal->rotating)
		atomic_store_explicit(&journal->published, journal->end,
				      memory_order_release);
	return 0;
}

/* Writes everything or leaves the file as it was. */
static int write_all(struct logtap_journal *journal, struct iovec *parts,
		     int count)
{
	uint64_t offset = journal->end - journal->file_start;
	uint64_t done = 0;
	while (count) {
		ssize_t wrote = pwritev(journal->fd, parts, count,
					(off_t)(offset + done));
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return cut(journal, offset, wrote < 0 ? errno : ENOSPC);
		done += (uint64_t)wrote;
		while (count && (size_t)wrote >= parts->iov_len) {
			wrote -= (ssize_t)parts->iov_len;
			parts++;
			count--;
		}
		if (count) {
			parts->iov_base = (char *)parts->iov_base + wrote;
			parts->iov_len -= (size_t)wrote;
		}
	}
	return go_on(journal, done);
}

/* Where the file lies in memory.  Return: false: it is to be written by a call. */
static bool put(struct logtap_journal *journal, const struct iovec parts[3],
		uint64_t span)
{
	unsigned char *to = logtap_journal_map_room(
		journal, journal->end - journal->file_start, span);
	if (!to)
		return false;
	unsigned char *at = to + parts[0].iov_len;
	memcpy(at, parts[1].iov_base, parts[1].iov_len);
	memcpy(at + parts[1].iov_len, parts[2].iov_base, parts[2].iov_len);
	/* We may be killed meanwhile: where the header is whole, all is. */
	atomic_signal_fence(memory_order_release);
	memcpy(to, parts[0].iov_base, parts[0].iov_len);
	return !logtap_journal_map_is_lost(journal->map);
}

static bool over_cap(struct logtap_journal *journal, uint64_t span)
{
	return !journal->rotating &&
	       journal->end - logtap_journal_start(journal) + span >
		       journal->cap_bytes;
}

static int write_frame(struct logtap_journal *journal,
		       struct logtap_frame *frame, const void *payload,
		       uint32_t bytes)
{
	unsigned char tail[8 + LOGTAP_FRAME_END_BYTES] = {0};
	uint64_t span = logtap_frame_span(bytes);
	frame->magic = LOGTAP_FRAME_MAGIC;
	frame->length = bytes;
	frame->crc = logtap_frame_crc(frame, payload, journal->end);
	uint64_t end = logtap_frame_end(journal->end);
	size_t padding = (size_t)(span - sizeof(*frame) - bytes - sizeof(end));
	memcpy(tail + padding, &end, sizeof(end));
	struct iovec parts[3] = {
		{frame, sizeof(*frame)},
		{(void *)payload, bytes},
		{tail, padding + sizeof(end)},
	};
	return put(journal, parts, span) ? go_on(journal, span)
					 : write_all(journal, parts, 3);
}

int logtap_journal_append(struct logtap_journal *journal,
			  struct logtap_frame *frame, const void *payload,
			  uint32_t bytes)
{
	int result = LOGTAP_JOURNAL_FULL;
	if (!over_cap(journal, logtap_frame_span(bytes)))
		result = write_frame(journal, frame, payload, bytes);
	if (result && journal->no_space && logtap_journal_trim(journal))
		result = write_frame(journal, frame, payload, bytes);
	if (!journal->rotating)
		atomic_store_explicit(&journal->refuses, result != 0,
				      memory_order_relaxed);
	return result;
}

bool logtap_journal_refuses(struct logtap_journal *journal)
{
	return atomic_load_explicit(&journal->refuses, memory_order_relaxed);
}

static uint64_t data_bytes(const struct logtap_journal *journal)
{
	return journal->end - journal->file_start - journal->state_bytes;
}

/* A file that is filled again soon is still in a cache, but each begins with its
 * head. */
static uint64_t enough_bytes(const struct logtap_journal *journal)
{
	uint64_t bytes = HEAD_PART * journal->state_bytes;
	return bytes < journal->file_bytes	  ? journal->file_bytes
	       : bytes < journal->file_bytes_most ? bytes
						  : journal->file_bytes_most;
}

bool logtap_journal_wants_rotation(struct logtap_journal *journal, bool idle)
{
	uint64_t bytes = data_bytes(journal);
	if (bytes >= enough_bytes(journal))
		return true;
	/* So that this file can go, for there is no room for more of it. */
	if (!journal->in_memory && bytes && journal->no_space &&
	    logtap_journal_spare_serves(journal, 1))
		return true;
	if (journal->in_memory &&
	    logtap_journal_spare_serves(journal,
					journal->state_bytes + WORTH_BYTES))
		return true;
	return idle && bytes >= IDLE_FILE_BYTES &&
	       logtap_journal_acknowledged(journal) == journal->end;
}

bool logtap_journal_wants_memory(struct logtap_journal *journal)
{
	return journal->fd < 0 || !journal->no_space || journal->in_memory ||
	       logtap_journal_acknowledged(journal) == journal->end;
}

bool logtap_journal_lacks_space(const struct logtap_journal *journal)
{
	return journal->no_space;
}

bool logtap_journal_is_fresh(const struct logtap_journal *journal)
{
	return !data_bytes(journal);
}

bool logtap_journal_in_memory(const struct logtap_journal *journal)
{
	return journal->in_memory;
}

static void begin(struct logtap_journal *journal, int fd, uint64_t reserved,
		  bool in_memory, struct logtap_journal_map *map)
{
	journal->previous = (struct logtap_journal_previous){
		.fd = journal->fd,
		.start = journal->file_start,
		.reserved = journal->file_reserved,
		.in_memory = journal->in_memory,
		.map = journal->map,
	};
	journal->fd = fd;
	journal->file_start = journal->end;
	journal->file_reserved = reserved;
	journal->in_memory = in_memory;
	journal->map = logtap_journal_map_of_file(map, fd);
	journal->rotating = true;
}

int logtap_journal_rotate_begin(struct logtap_journal *journal, bool idle)
{
	char name[JOURNAL_NAME_BYTES];
	logtap_journal_name(journal->end, name);
	struct logtap_journal_map *map = NULL;
	uint64_t spare = logtap_journal_spare_take(journal, name, idle, &map);
	int fd = logtap_own_file_open(journal->dir_fd, name,
				      O_RDWR | (spare ? 0 : O_CREAT | O_TRUNC),
				      0600);
	if (fd < 0) {
		logtap_journal_map_unref(map);
		return no_space(journal, -fd);
	}
	begin(journal, fd, spare, false, map);
	return 0;
}

int logtap_journal_rotate_begin_in_memory(struct logtap_journal *journal)
{
	int fd = memfd_create(JOURNAL_PREFIX "memory", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	begin(journal, fd, 0, true, NULL);
	return 0;
}

void logtap_journal_rotate_abort(struct logtap_journal *journal)
{
	char name[JOURNAL_NAME_BYTES];
	logtap_journal_name(journal->file_start, name);
	if (journal->file_reserved)
		logtap_journal_spare_return(
			journal, name, journal->file_reserved, journal->map);
	else
		logtap_journal_map_unref(journal->map);
	if (!journal->file_reserved && !journal->in_memory)
		unlinkat(journal->dir_fd, name, 0);
	close(journal->fd);
	journal->end = journal->file_start;
	journal->fd = journal->previous.fd;
	journal->file_start = journal->previous.start;
	journal->file_reserved = journal->previous.reserved;
	journal->in_memory = journal->previous.in_memory;
	journal->map = journal->previous.map;
	journal->rotating = false;
}

int logtap_journal_rotate_commit(struct logtap_journal *journal)
{
	int kept = journal->in_memory ? fcntl(journal->fd, F_DUPFD_CLOEXEC, 0)
				      : -1;
	if ((journal->in_memory && kept < 0) ||
	    logtap_journal_add_file(journal, journal->file_start, kept)) {
		int error = errno;
		if (kept >= 0)
			close(kept);
		logtap_journal_rotate_abort(journal);
		return -error;
	}
	logtap_journal_share_map(journal);
	logtap_journal_map_unref(journal->previous.map);
	journal->state_bytes = journal->end - journal->file_start;
	logtap_journal_spare_expect(journal, journal->state_bytes);
	if (journal->previous.fd >= 0)
		close(journal->previous.fd);
	journal->rotating = false;
	atomic_store_explicit(&journal->published, journal->end,
			      memory_order_release);
	logtap_journal_retire_files(journal);
	return 0;
}

const char *logtap_journal_directory(const struct logtap_journal *journal)
{
	return journal->directory;
}

uint64_t logtap_journal_end(struct logtap_journal *journal)
{
	return atomic_load_explicit(&journal->published, memory_order_acquire);
}

uint64_t logtap_journal_acknowledged(struct logtap_journal *journal)
{
	return atomic_load_explicit(&journal->acknowledged,
				    memory_order_acquire);
}

int logtap_journal_acknowledge(struct logtap_journal *journal,
			       uint64_t position)
{
	if (position <= logtap_journal_acknowledged(journal))
		return 0;
	uint64_t words[3] = {LOGTAP_FRAME_MAGIC, position, ~position};
	errno = EIO;
	int error = pwrite(journal->ack_fd, words, sizeof(words), 0) ==
				    (ssize_t)sizeof(words)
			    ? 0
			    : -errno;
	/* Only then is anything below it removed, or else the next collector
	 * begins with what is left. */
	atomic_store_explicit(&journal->acknowledged, position,
			      memory_order_release);
	logtap_journal_retire_files(journal);
	return error;
}

void logtap_journal_remove(struct logtap_journal *journal)
{
	logtap_journal_remove_files(journal);
	unlinkat(journal->dir_fd, JOURNAL_ACK_NAME, 0);
}

void logtap_journal_close(struct logtap_journal *journal)
{
	if (!journal)
		return;
	if (journal->fd >= 0)
		close(journal->fd);
	if (journal->ack_fd >= 0)
		close(journal->ack_fd);
	pthread_mutex_destroy(&journal->lock);
	logtap_journal_map_unref(journal->map);
	logtap_journal_map_unref(journal->spare_map);
	for (size_t i = 0; i < journal->file_count; i++) {
		logtap_journal_map_unref(journal->files[i].map);
		if (journal->files[i].memory_fd >= 0)
			close(journal->files[i].memory_fd);
	}
	free(journal->files);
	free(journal);
}
