/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's writing side: see the header.  Appending runs in the reader's
 * thread, acknowledging in the pipeline's.
 */
#include "journal_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

int logtap_journal_no_space(struct logtap_journal *journal, int error)
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
	return logtap_journal_no_space(journal, error);
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

bool logtap_journal_lacks_space(const struct logtap_journal *journal)
{
	return journal->no_space;
}

bool logtap_journal_in_memory(const struct logtap_journal *journal)
{
	return journal->in_memory;
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
