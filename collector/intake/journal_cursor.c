/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the journal: see the header.  A cursor hands out frames where they lie
 * if their file is in memory; else it reads large pieces, and hands them out from
 * its buffer.  It never looks past the published end, behind which a frame may be
 * half written.
 */
#include "../base/log.h"
#include "journal_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 << 10 };

struct logtap_journal_cursor {
	struct logtap_journal *journal;
	int fd; /* -1: the file at @position is to be opened */
	uint64_t file_start;
	uint64_t position;
	unsigned char *buffer;
	size_t room;
	struct logtap_journal_map *map; /* of this file; NULL: not yet */
	const unsigned char *piece;	/* in one of the two: */
	uint64_t piece_position;	/* of piece[0] */
	size_t filled;
};

int logtap_journal_cursor_new(struct logtap_journal *journal, uint64_t position,
			      struct logtap_journal_cursor **out)
{
	struct logtap_journal_cursor *cursor = calloc(1, sizeof(*cursor));
	if (!cursor)
		return -ENOMEM;
	cursor->buffer = malloc(PIECE_BYTES);
	if (!cursor->buffer) {
		free(cursor);
		return -ENOMEM;
	}
	cursor->room = PIECE_BYTES;
	cursor->journal = journal;
	cursor->fd = -1;
	cursor->position = logtap_journal_file_of(journal, position);
	*out = cursor;
	return 0;
}

void logtap_journal_cursor_free(struct logtap_journal_cursor *cursor)
{
	if (!cursor)
		return;
	if (cursor->fd >= 0)
		close(cursor->fd);
	logtap_journal_map_unref(cursor->map);
	free(cursor->buffer);
	free(cursor);
}

uint64_t logtap_journal_cursor_position(
	const struct logtap_journal_cursor *cursor)
{
	return cursor->position;
}

static void leave_file(struct logtap_journal_cursor *cursor)
{
	if (cursor->fd >= 0)
		close(cursor->fd);
	logtap_journal_map_unref(cursor->map);
	cursor->map = NULL;
	cursor->fd = -1;
	cursor->filled = 0;
}

/* Goes on at the next file there is.  Return: 0 or LOGTAP_JOURNAL_END. */
static int skip_damage(struct logtap_journal_cursor *cursor, uint64_t end,
		       const char *what)
{
	uint64_t next =
		logtap_journal_file_above(cursor->journal, cursor->position);
	if (next > end)
		next = end;
	/* What was settled may go at any time; nothing of it is missed. */
	if (next > logtap_journal_acknowledged(cursor->journal))
		logtap_log(LOGTAP_LOG_ERROR, "journal",
			   "%s; skipped position=%llu bytes=%llu", what,
			   (unsigned long long)cursor->position,
			   (unsigned long long)(next - cursor->position));
	leave_file(cursor);
	cursor->position = next;
	return next == end ? LOGTAP_JOURNAL_END : 0;
}

static int enter_file(struct logtap_journal_cursor *cursor)
{
	int fd = logtap_journal_open_file(cursor->journal, cursor->position);
	if (fd < 0)
		return fd;
	cursor->fd = fd;
	cursor->file_start = cursor->position;
	cursor->filled = 0;
	return 0;
}

static int make_room(struct logtap_journal_cursor *cursor, size_t bytes)
{
	if (bytes <= cursor->room)
		return 0;
	unsigned char *buffer = realloc(cursor->buffer, bytes);
	if (!buffer)
		return -ENOMEM;
	cursor->buffer = buffer;
	cursor->room = bytes;
	return 0;
}

static void set_piece(struct logtap_journal_cursor *cursor,
		      const unsigned char *piece, size_t bytes)
{
	cursor->piece = piece;
	cursor->piece_position = cursor->position;
	cursor->filled = bytes;
}

/* Return: whether @bytes are there, or all up to @end. */
static bool find_in_memory(struct logtap_journal_cursor *cursor, size_t bytes,
			   uint64_t end)
{
	uint64_t offset = cursor->position - cursor->file_start;
	if (!cursor->map)
		cursor->map = logtap_journal_find_map(cursor->journal,
						      cursor->file_start);
	const struct logtap_journal_map *map = cursor->map;
	if (!map || offset >= map->bytes || logtap_journal_map_is_lost(map))
		return false;
	uint64_t left = end - cursor->position;
	if (left > map->bytes - offset) {
		left = map->bytes - offset;
		if (left < bytes)
			return false;
	}
	set_piece(cursor, map->data + offset, (size_t)left);
	return true;
}

/* Return: 0 or -errno. */
static int read_piece(struct logtap_journal_cursor *cursor, size_t bytes,
		      uint64_t end)
{
	int error = make_room(cursor, bytes);
	if (error)
		return error;
	size_t want = cursor->room;
	if (want > end - cursor->position)
		want = (size_t)(end - cursor->position);
	size_t got = 0;
	while (got < want) {
		ssize_t part = pread(
			cursor->fd, cursor->buffer + got, want - got,
			(off_t)(cursor->position - cursor->file_start + got));
		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return -errno;
		if (!part)
			break;
		got += (size_t)part;
	}
	set_piece(cursor, cursor->buffer, got);
	return 0;
}

/* Makes @bytes at the cursor's position present.  Return: how many are (fewer
 * at the end of the file), or -errno. */
static ssize_t fill(struct logtap_journal_cursor *cursor, size_t bytes,
		    uint64_t end)
{
	size_t used = (size_t)(cursor->position - cursor->piece_position);
	if (cursor->filled && used <= cursor->filled &&
	    cursor->filled - used >= bytes)
		return (ssize_t)(cursor->filled - used);
	/* Behind its last frame a file may hold what it was used for before. */
	uint64_t next =
		logtap_journal_file_above(cursor->journal, cursor->file_start);
	if (end > next)
		end = next;
	int error = find_in_memory(cursor, bytes, end)
			    ? 0
			    : read_piece(cursor, bytes, end);
	return error ? error : (ssize_t)cursor->filled;
}

static const unsigned char *here(const struct logtap_journal_cursor *cursor)
{
	return cursor->piece +
	       (size_t)(cursor->position - cursor->piece_position);
}

static bool is_good(const struct logtap_frame *frame, const unsigned char *at,
		    uint64_t position)
{
	uint64_t end;
	memcpy(&end, at + logtap_frame_span(frame->length) - sizeof(end),
	       sizeof(end));
	return logtap_frame_good(frame, at + sizeof(*frame), end, position);
}

/* Return: 0 with the frame in the buffer, 1 to try again elsewhere,
 * LOGTAP_JOURNAL_END, or -errno. */
enum { AGAIN = 1, END = LOGTAP_JOURNAL_END };

static int read_frame(struct logtap_journal_cursor *cursor,
		      struct logtap_frame *frame, uint64_t end)
{
	ssize_t got = fill(cursor, sizeof(*frame), end);
	if (got < 0)
		return (int)got;
	if (!got && cursor->position > cursor->file_start) {
		leave_file(cursor); /* its successor has this name */
		return AGAIN;
	}
	if ((size_t)got >= sizeof(*frame)) {
		memcpy(frame, here(cursor), sizeof(*frame));
		uint64_t span = logtap_frame_span(frame->length);
		if (frame->magic == LOGTAP_FRAME_MAGIC &&
		    frame->length <= LOGTAP_FRAME_LENGTH_MAX) {
			got = fill(cursor, span, end);
			if (got < 0)
				return (int)got;
			if ((uint64_t)got >= span &&
			    is_good(frame, here(cursor), cursor->position))
				return 0;
		}
	}
	return skip_damage(cursor, end, "a frame is damaged") ? END : AGAIN;
}

int logtap_journal_next(struct logtap_journal_cursor *cursor,
			struct logtap_frame *frame,
			const unsigned char **payload, uint64_t *position)
{
	for (;;) {
		uint64_t end = logtap_journal_end(cursor->journal);
		if (cursor->position >= end)
			return LOGTAP_JOURNAL_END;
		if (cursor->fd < 0) {
			int error = enter_file(cursor);
			if (error == -ENOENT) {
				if (skip_damage(cursor, end,
						"a file is missing"))
					return LOGTAP_JOURNAL_END;
				continue;
			}
			if (error)
				return error;
		}
		int result = read_frame(cursor, frame, end);
		if (result == AGAIN)
			continue;
		if (result)
			return result;
		*position = cursor->position;
		*payload = here(cursor) + sizeof(*frame);
		cursor->position += logtap_frame_span(frame->length);
		return 0;
	}
}
