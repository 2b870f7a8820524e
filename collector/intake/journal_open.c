/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening the journal: finds the files of an earlier collector, cuts off a
 * torn last frame.  Runs once, before any other thread.
 */
#include "../base/log.h"
#include "../base/own_file.h"
#include "guard.h"
#include "journal_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_CAP_BYTES (UINT64_C(256) << 20)
#define DEFAULT_FILE_BYTES (UINT64_C(6) << 20)
/* Where the head takes a good part of that. */
#define DEFAULT_FILE_BYTES_MOST (UINT64_C(16) << 20)

static int fail(int error, const char *what, const char *why, char *text,
		size_t text_bytes)
{
	snprintf(text, text_bytes, "journal: %s: %s", what, why);
	return error;
}

static int compare_starts(const void *left, const void *right)
{
	const struct logtap_journal_file *a = left, *b = right;
	return a->start < b->start ? -1 : a->start > b->start;
}

static bool parse_name(const char *name, uint64_t *start)
{
	size_t prefix = strlen(JOURNAL_PREFIX);
	if (strncmp(name, JOURNAL_PREFIX, prefix) ||
	    strlen(name) != prefix + 16)
		return false;
	char *end;
	*start = strtoull(name + prefix, &end, 16);
	return !*end;
}

/* A directory that services share may hold files that others made. */
bool logtap_journal_ours(int dir_fd, const char *name, struct stat *status)
{
	return !fstatat(dir_fd, name, status, AT_SYMLINK_NOFOLLOW) &&
	       logtap_own_file_is(status);
}

static DIR *open_list(int dir_fd)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int error = errno;
	if (!dir && fd >= 0)
		close(fd);
	errno = error;
	return dir;
}

static int list_files(struct logtap_journal *journal)
{
	DIR *dir = open_list(journal->dir_fd);
	if (!dir)
		return -errno;
	struct dirent *entry;
	int error = 0;
	while (!error && (entry = readdir(dir))) {
		uint64_t start;
		struct stat status;
		if (!parse_name(entry->d_name, &start) ||
		    !logtap_journal_ours(journal->dir_fd, entry->d_name,
					 &status))
			continue;
		error = logtap_journal_add_file(journal, start, -1);
	}
	closedir(dir);
	if (journal->file_count)
		qsort(journal->files, journal->file_count,
		      sizeof(*journal->files), compare_starts);
	return error;
}

/* A frame that is whole.  Return: its span, or 0. */
static uint64_t whole_frame(int fd, uint64_t offset, uint64_t size,
			    uint64_t position)
{
	struct logtap_frame frame;
	uint64_t end, span;
	void *payload = NULL;
	bool good = false;
	if (size - offset < sizeof(frame) ||
	    pread(fd, &frame, sizeof(frame), (off_t)offset) !=
		    (ssize_t)sizeof(frame) ||
	    frame.magic != LOGTAP_FRAME_MAGIC ||
	    frame.length > LOGTAP_FRAME_LENGTH_MAX)
		return 0;
	span = logtap_frame_span(frame.length);
	if (span > size - offset ||
	    pread(fd, &end, sizeof(end),
		  (off_t)(offset + span - sizeof(end))) != (ssize_t)sizeof(end))
		return 0;
	if (frame.type != LOGTAP_FRAME_DATA && frame.length)
		payload = malloc(frame.length);
	if (!payload ||
	    pread(fd, payload, frame.length, (off_t)(offset + sizeof(frame))) ==
		    (ssize_t)frame.length)
		good = (payload || frame.type == LOGTAP_FRAME_DATA ||
			!frame.length) &&
		       logtap_frame_good(&frame, payload, end, position);
	free(payload);
	return good ? span : 0;
}

uint64_t logtap_journal_valid_bytes(int fd, uint64_t start)
{
	struct stat status;
	uint64_t offset = 0, span;
	if (fstat(fd, &status))
		return 0;
	while ((span = whole_frame(fd, offset, (uint64_t)status.st_size,
				   start + offset)))
		offset += span;
	return offset;
}

/* Finds the end of the last file and cuts off what is torn behind it. */
static int find_end(struct logtap_journal *journal)
{
	uint64_t acknowledged = logtap_journal_acknowledged(journal);
	journal->end = acknowledged;
	if (!journal->file_count)
		return 0;
	uint64_t start = journal->files[journal->file_count - 1].start;
	char name[JOURNAL_NAME_BYTES];
	logtap_journal_name(start, name);
	int fd = openat(journal->dir_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	struct stat status;
	uint64_t valid = logtap_journal_valid_bytes(fd, start);
	if (!fstat(fd, &status) && (uint64_t)status.st_size > valid) {
		logtap_log(LOGTAP_LOG_INFO, "journal",
			   "cut off what is behind the last whole frame "
			   "file=%s bytes=%llu",
			   name,
			   (unsigned long long)status.st_size -
				   (unsigned long long)valid);
		if (ftruncate(fd, (off_t)valid)) {
			int error = errno;
			close(fd);
			return -error;
		}
	}
	close(fd);
	if (start + valid > journal->end)
		journal->end = start + valid;
	if (!valid) /* its name is used again */
		journal->file_count--;
	return 0;
}

/* 0: nothing, or nothing that makes sense. */
static uint64_t read_ack(int fd)
{
	uint64_t words[3];
	bool good =
		pread(fd, words, sizeof(words), 0) == (ssize_t)sizeof(words) &&
		words[0] == LOGTAP_FRAME_MAGIC && words[1] == ~words[2];
	return good ? words[1] : 0;
}

static int open_ack(struct logtap_journal *journal)
{
	journal->ack_fd = logtap_own_file_open(
		journal->dir_fd, JOURNAL_ACK_NAME, O_RDWR | O_CREAT, 0600);
	if (journal->ack_fd < 0)
		return journal->ack_fd;
	atomic_store(&journal->acknowledged, read_ack(journal->ack_fd));
	return 0;
}

static int open_to_read(int dir_fd, const char *name)
{
	return openat(dir_fd, name,
		      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

/* The end of the last file.  Return: false where it cannot be told. */
static bool look_for_end(int dir_fd, uint64_t *end)
{
	char name[JOURNAL_NAME_BYTES];
	struct dirent *entry;
	uint64_t start, last = 0;
	bool found = false;
	DIR *dir = open_list(dir_fd);
	*end = 0;
	if (!dir)
		return false;
	while ((entry = readdir(dir))) {
		if (!parse_name(entry->d_name, &start))
			continue;
		found = true;
		if (start > last)
			last = start;
	}
	closedir(dir);
	if (!found)
		return true;
	logtap_journal_name(last, name);
	int fd = open_to_read(dir_fd, name);
	if (fd < 0)
		return false;
	*end = last + logtap_journal_valid_bytes(fd, last);
	close(fd);
	return true;
}

bool logtap_journal_is_settled(int dir_fd)
{
	uint64_t end, acknowledged = 0;
	int fd = open_to_read(dir_fd, JOURNAL_ACK_NAME);
	if (fd >= 0) {
		acknowledged = read_ack(fd);
		close(fd);
	}
	return look_for_end(dir_fd, &end) && end <= acknowledged;
}

int logtap_journal_open(const struct logtap_journal_options *options,
			struct logtap_journal **out, char *error,
			size_t error_bytes)
{
	struct logtap_journal *journal = calloc(1, sizeof(*journal));
	if (!journal)
		return fail(-ENOMEM, "open", "no memory", error, error_bytes);
	pthread_mutex_init(&journal->lock, NULL);
	/* If that fails the reader says so. */
	(void)!logtap_guard_install();
	journal->dir_fd = options->dir_fd;
	journal->directory = options->directory ? options->directory : "";
	journal->fd = journal->ack_fd = -1;
	journal->cap_bytes =
		options->cap_bytes ? options->cap_bytes : DEFAULT_CAP_BYTES;
	journal->file_bytes =
		options->file_bytes ? options->file_bytes : DEFAULT_FILE_BYTES;
	journal->file_bytes_most = options->file_bytes
					   ? options->file_bytes
					   : DEFAULT_FILE_BYTES_MOST;
	if (journal->file_bytes > journal->cap_bytes / 4)
		journal->file_bytes = journal->cap_bytes / 4;
	if (journal->file_bytes_most > journal->cap_bytes / 4)
		journal->file_bytes_most = journal->cap_bytes / 4;
	const char *what = JOURNAL_ACK_NAME;
	logtap_journal_spare_open(journal);
	int result = open_ack(journal);
	if (!result) {
		what = "list files";
		result = list_files(journal);
	}
	if (!result) {
		what = "read the last file";
		result = find_end(journal);
	}
	if (result) {
		fail(result, what, strerror(-result), error, error_bytes);
		logtap_journal_close(journal);
		return result;
	}
	/* The reader begins a file of its own once it has read back the state
	 * that the earlier ones hold. */
	journal->file_start = journal->end;
	atomic_store(&journal->published, journal->end);
	*out = journal;
	return 0;
}
