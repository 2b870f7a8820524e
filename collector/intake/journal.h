/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The journal: what was taken from rings and is not yet settled everywhere.
 *
 * Files journal-POSITION in the collector's directory, each a run of frames
 * (frame.h).  A position counts bytes over the journal's whole life; a file's
 * name is the position of its first byte, in hexadecimal.  Everything below
 * the acknowledged position (journal.ack) may be forgotten, and files wholly
 * below it are removed.
 *
 * One thread appends (the reader), one acknowledges (the pipeline); cursors
 * may be used in either.  What is appended is visible to cursors when the
 * call returns, and survives this process from then on.
 */
#ifndef LOGTAP_INTAKE_JOURNAL_H
#define LOGTAP_INTAKE_JOURNAL_H

#include "frame.h"

struct logtap_journal;
struct logtap_journal_cursor;

struct logtap_journal_options {
	int dir_fd;	       /* borrowed, as is: */
	const char *directory; /* for messages; NULL: has no name */
	uint64_t cap_bytes;  /* 0: 256 MiB; files may hold that much at most */
	uint64_t file_bytes; /* 0: 6 to 16 MiB, or a quarter of the cap */
};

/* Positive results. */
enum logtap_journal_result {
	LOGTAP_JOURNAL_FULL = 1, /* at its cap, or no space: nothing happened */
	LOGTAP_JOURNAL_END = 2,	 /* cursor: nothing more for now */
};

/* Opens what an earlier collector left; a torn last frame is cut off.  The
 * first file of this collector begins with a rotation, before any append.
 * Return: 0, or -errno with a text in @error. */
int logtap_journal_open(const struct logtap_journal_options *options,
			struct logtap_journal **out, char *error,
			size_t error_bytes);
void logtap_journal_close(struct logtap_journal *journal);
/* Was everything acknowledged that a journal in @dir_fd holds, which nobody has
 * open?  Changes nothing; true where there is none. */
bool logtap_journal_is_settled(int dir_fd);
/* Removes all files; then close it. */
void logtap_journal_remove(struct logtap_journal *journal);

/**
 * logtap_journal_append() - append one frame
 * @frame:   type, segment, slot... are set; magic, length, crc are filled in
 * @payload: @bytes of it
 * Return: 0, LOGTAP_JOURNAL_FULL, or -errno.
 */
int logtap_journal_append(struct logtap_journal *journal,
			  struct logtap_frame *frame, const void *payload,
			  uint32_t bytes);
/* A new file begins with the state of all that is open, so that older files
 * can go.  wants_rotation: the current one is large enough (@idle: or could
 * give memory back).  Between begin and commit nothing is visible to cursors
 * and the cap does not count; abort takes the new file back.  Return: 0,
 * LOGTAP_JOURNAL_FULL (begin), or -errno.  Unless it idles, one file that is
 * settled is kept to be filled again. */
bool logtap_journal_wants_rotation(struct logtap_journal *journal, bool idle);
int logtap_journal_rotate_begin(struct logtap_journal *journal, bool idle);
/* Return: 0, or -errno, and it is as after an abort. */
int logtap_journal_rotate_commit(struct logtap_journal *journal);
void logtap_journal_rotate_abort(struct logtap_journal *journal);
/* Where the directory takes no file, in memory that dies with us; wanted once no
 * file there will make room for one. */
bool logtap_journal_wants_memory(struct logtap_journal *journal);
int logtap_journal_rotate_begin_in_memory(struct logtap_journal *journal);
bool logtap_journal_in_memory(const struct logtap_journal *journal);
/* Of the appending thread: did the file system have no room for what came last;
 * the errno value that a file could last not be written with; is nothing in the
 * present file but its head? */
bool logtap_journal_lacks_space(const struct logtap_journal *journal);
int logtap_journal_error(const struct logtap_journal *journal);
bool logtap_journal_is_fresh(const struct logtap_journal *journal);
/* Memory for the next file, to go on in where the file system is full: for a head
 * of so many bytes, and some data.  As much as there is room for; call it now and
 * again.  The appending thread. */
void logtap_journal_reserve(struct logtap_journal *journal,
			    uint64_t head_bytes);
/* Did what was to be appended last find no room?  Any thread. */
bool logtap_journal_refuses(struct logtap_journal *journal);

const char *logtap_journal_directory(const struct logtap_journal *journal);

/* First position that is still kept; one past the last byte.  Any thread. */
uint64_t logtap_journal_start(struct logtap_journal *journal);
uint64_t logtap_journal_end(struct logtap_journal *journal);
uint64_t logtap_journal_acknowledged(struct logtap_journal *journal);

/* Nothing below @position is needed any more.  Return: 0, or -errno: if this
 * process is killed now, the next one delivers some of it again. */
int logtap_journal_acknowledge(struct logtap_journal *journal,
			       uint64_t position);

/* A cursor at the start of the file that holds @position. */
int logtap_journal_cursor_new(struct logtap_journal *journal, uint64_t position,
			      struct logtap_journal_cursor **out);
void logtap_journal_cursor_free(struct logtap_journal_cursor *cursor);
/**
 * logtap_journal_next() - the next frame
 * @frame:    copied out
 * @payload:  valid until the next call
 * @position: of the frame's header in the journal
 * Return: 0, LOGTAP_JOURNAL_END, or -errno.  Damaged parts are skipped to the
 * next file, with a message.
 */
int logtap_journal_next(struct logtap_journal_cursor *cursor,
			struct logtap_frame *frame,
			const unsigned char **payload, uint64_t *position);
/* Where the next frame will be read. */
uint64_t logtap_journal_cursor_position(
	const struct logtap_journal_cursor *cursor);

#endif
