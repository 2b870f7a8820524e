/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's writing side: see the header.  Appending and rotation run in
 * the reader's thread, acknowledging in the pipeline's.
 */
#include "journal_private.h"

#include "../base/grow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* An idle collector gives back a file that has grown past this. */
#define IDLE_FILE_BYTES (UINT64_C(1) << 20)

void logtap_journal_name(uint64_t start, char name[JOURNAL_NAME_BYTES])
{
	snprintf(name, JOURNAL_NAME_BYTES, JOURNAL_PREFIX "%016llx",
		 (unsigned long long)start);
}

static int no_space(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG ||
			       error == ENOMEM
		       ? LOGTAP_JOURNAL_FULL
		       : -error;
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
		if (wrote <= 0) {
			int error = wrote < 0 ? errno : ENOSPC;
			/* A failure to cut is harmless: the next append
			 * overwrites what is there, and a restart checks. */
			if (ftruncate(journal->fd, (off_t)offset))
				error = error ? error : errno;
			return no_space(error);
		}
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
	journal->end += done;
	if (!journal->rotating)
		atomic_store_explicit(&journal->published, journal->end,
				      memory_order_release);
	return 0;
}

static bool over_cap(struct logtap_journal *journal, uint64_t span)
{
	return !journal->rotating &&
	       journal->end - logtap_journal_start(journal) + span >
		       journal->cap_bytes;
}

int logtap_journal_append(struct logtap_journal *journal,
			  struct logtap_frame *frame, const void *payload,
			  uint32_t bytes)
{
	unsigned char tail[8 + LOGTAP_FRAME_END_BYTES] = {0};
	uint64_t span = logtap_frame_span(bytes);
	if (over_cap(journal, span))
		return LOGTAP_JOURNAL_FULL;
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
	return write_all(journal, parts, 3);
}

static int add_start(struct logtap_journal *journal, uint64_t start)
{
	pthread_mutex_lock(&journal->lock);
	uint64_t *starts =
		logtap_grown(journal->starts, journal->file_count,
			     &journal->file_room, sizeof(*starts), 16);
	if (starts) {
		journal->starts = starts;
		starts[journal->file_count++] = start;
	}
	pthread_mutex_unlock(&journal->lock);
	return starts ? 0 : -ENOMEM;
}

bool logtap_journal_wants_rotation(struct logtap_journal *journal, bool idle)
{
	uint64_t bytes =
		journal->end - journal->file_start - journal->state_bytes;
	if (bytes >= journal->file_bytes)
		return true;
	return idle && bytes >= IDLE_FILE_BYTES &&
	       logtap_journal_acknowledged(journal) == journal->end;
}

static void drop_spare(struct logtap_journal *journal)
{
	unlinkat(journal->dir_fd, JOURNAL_SPARE_NAME, 0);
	journal->has_spare = false;
}

/* Gives the spare file a name, if there is one.  While it idles there is none.
 */
static bool take_spare(struct logtap_journal *journal, const char *name,
		       bool idle)
{
	pthread_mutex_lock(&journal->lock);
	journal->keeps_spare = !idle;
	if (idle && journal->has_spare)
		drop_spare(journal);
	bool taken = journal->has_spare &&
		     !renameat(journal->dir_fd, JOURNAL_SPARE_NAME,
			       journal->dir_fd, name);
	journal->has_spare = false;
	pthread_mutex_unlock(&journal->lock);
	return taken;
}

int logtap_journal_rotate_begin(struct logtap_journal *journal, bool idle)
{
	char name[JOURNAL_NAME_BYTES];
	logtap_journal_name(journal->end, name);
	int anew = take_spare(journal, name, idle) ? 0 : O_CREAT | O_TRUNC;
	int fd = openat(journal->dir_fd, name,
			O_RDWR | O_NOFOLLOW | O_CLOEXEC | anew, 0600);
	if (fd < 0)
		return no_space(errno);
	journal->previous_fd = journal->fd;
	journal->previous_start = journal->file_start;
	journal->fd = fd;
	journal->file_start = journal->end;
	journal->rotating = true;
	return 0;
}

void logtap_journal_rotate_abort(struct logtap_journal *journal)
{
	char name[JOURNAL_NAME_BYTES];
	logtap_journal_name(journal->file_start, name);
	unlinkat(journal->dir_fd, name, 0);
	close(journal->fd);
	journal->end = journal->file_start;
	journal->fd = journal->previous_fd;
	journal->file_start = journal->previous_start;
	journal->rotating = false;
}

void logtap_journal_rotate_commit(struct logtap_journal *journal)
{
	if (add_start(journal, journal->file_start)) {
		logtap_journal_rotate_abort(journal);
		return;
	}
	journal->state_bytes = journal->end - journal->file_start;
	if (journal->previous_fd >= 0)
		close(journal->previous_fd);
	journal->rotating = false;
	atomic_store_explicit(&journal->published, journal->end,
			      memory_order_release);
}

uint64_t logtap_journal_start(struct logtap_journal *journal)
{
	pthread_mutex_lock(&journal->lock);
	uint64_t start =
		journal->file_count ? journal->starts[0] : journal->file_start;
	pthread_mutex_unlock(&journal->lock);
	return start;
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

uint64_t logtap_journal_file_above(struct logtap_journal *journal,
				   uint64_t position)
{
	uint64_t found = UINT64_MAX;
	pthread_mutex_lock(&journal->lock);
	for (size_t i = journal->file_count; i-- > 0;)
		if (journal->starts[i] > position)
			found = journal->starts[i];
	pthread_mutex_unlock(&journal->lock);
	return found;
}

uint64_t logtap_journal_file_of(struct logtap_journal *journal,
				uint64_t position)
{
	pthread_mutex_lock(&journal->lock);
	uint64_t found = journal->file_count ? journal->starts[0] : 0;
	for (size_t i = 0; i < journal->file_count; i++)
		if (journal->starts[i] <= position)
			found = journal->starts[i];
	pthread_mutex_unlock(&journal->lock);
	return found;
}

static void remove_file(struct logtap_journal *journal, uint64_t start)
{
	char name[JOURNAL_NAME_BYTES];
	logtap_journal_name(start, name);
	unlinkat(journal->dir_fd, name, 0);
}

/* It is settled.  Under the lock. */
static void retire_file(struct logtap_journal *journal, uint64_t start)
{
	char name[JOURNAL_NAME_BYTES];
	logtap_journal_name(start, name);
	if (!journal->keeps_spare || journal->has_spare ||
	    renameat(journal->dir_fd, name, journal->dir_fd,
		     JOURNAL_SPARE_NAME))
		remove_file(journal, start);
	else
		journal->has_spare = true;
}

int logtap_journal_acknowledge(struct logtap_journal *journal,
			       uint64_t position)
{
	if (position <= logtap_journal_acknowledged(journal))
		return 0;
	uint64_t words[3] = {LOGTAP_FRAME_MAGIC, position, ~position};
	if (pwrite(journal->ack_fd, words, sizeof(words), 0) !=
	    (ssize_t)sizeof(words))
		return errno ? -errno : -EIO;
	/* Only then is anything below it removed. */
	atomic_store_explicit(&journal->acknowledged, position,
			      memory_order_release);
	pthread_mutex_lock(&journal->lock);
	size_t gone = 0;
	while (gone + 1 < journal->file_count &&
	       journal->starts[gone + 1] <= position)
		retire_file(journal, journal->starts[gone++]);
	memmove(journal->starts, journal->starts + gone,
		(journal->file_count - gone) * sizeof(*journal->starts));
	journal->file_count -= gone;
	pthread_mutex_unlock(&journal->lock);
	return 0;
}

void logtap_journal_remove(struct logtap_journal *journal)
{
	pthread_mutex_lock(&journal->lock);
	for (size_t i = 0; i < journal->file_count; i++)
		remove_file(journal, journal->starts[i]);
	journal->file_count = 0;
	drop_spare(journal);
	pthread_mutex_unlock(&journal->lock);
	unlinkat(journal->dir_fd, JOURNAL_ACK_NAME, 0);
}

void logtap_journal_close(struct logtap_journal *journal)
{
	if (!journal)
		return;
	if (journal->has_spare)
		drop_spare(journal);
	if (journal->fd >= 0)
		close(journal->fd);
	if (journal->ack_fd >= 0)
		close(journal->ack_fd);
	pthread_mutex_destroy(&journal->lock);
	free(journal->starts);
	free(journal);
}
