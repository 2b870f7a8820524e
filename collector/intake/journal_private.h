/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's insides, shared by its writer and its cursors alone. */
#ifndef LOGTAP_INTAKE_JOURNAL_PRIVATE_H
#define LOGTAP_INTAKE_JOURNAL_PRIVATE_H

#include "journal.h"

#include <pthread.h>

#define JOURNAL_PREFIX "journal-"
#define JOURNAL_ACK_NAME "journal.ack"
/* A file to come, with its memory: journal_spare.c. */
#define JOURNAL_SPARE_NAME "journal.spare"
enum { JOURNAL_NAME_BYTES = 32 };

struct logtap_guard;

/* A file's memory: of it is touched what is written, and what its file has
 * reserved. */
struct logtap_journal_map {
	unsigned char *data;
	uint64_t bytes;
	uint64_t device;
	uint64_t inode;
	struct logtap_guard *guard;
	_Atomic unsigned references;
};

struct logtap_journal_file {
	uint64_t start;
	int memory_fd;			/* -1: in the directory */
	struct logtap_journal_map *map; /* NULL: none */
};

/* What the present file was before a rotation. */
struct logtap_journal_previous {
	int fd;
	uint64_t start;
	uint64_t reserved;
	bool in_memory;
	struct logtap_journal_map *map;
};

struct logtap_journal {
	int dir_fd;
	const char *directory;
	uint64_t cap_bytes;
	uint64_t file_bytes;	  /* of data in one, */
	uint64_t file_bytes_most; /* or more if its head is large */
	int ack_fd;
	_Atomic uint64_t acknowledged;
	_Atomic uint64_t published; /* end that cursors may see */
	_Atomic bool refuses;	    /* what came last found no room */
	_Atomic bool no_space;	    /* nor had the file system any */

	/* the writer's alone */
	int fd;
	uint64_t file_start;
	uint64_t end;
	uint64_t state_bytes;	/* of the current file, written by a rotation */
	uint64_t file_reserved; /* of it: has had its memory from the start */
	bool in_memory;		/* and it dies with us */
	struct logtap_journal_map *map; /* of the current file, or NULL */
	bool unmappable;		/* none of our files has one */
	int error;			/* that no file could be written with */
	bool rotating;
	struct logtap_journal_previous previous; /* while rotating */

	/* in the order of their starts; the last is the current one */
	pthread_mutex_t lock;
	struct logtap_journal_file *files;
	size_t file_count;
	size_t file_room;
	bool has_spare;
	bool spare_fails;     /* too small for the head of a file */
	bool keeps_spare;     /* of any size; not while it idles */
	uint64_t spare_bytes; /* with their memory */
	struct logtap_journal_map *spare_map;
	uint64_t reserve_bytes;	   /* so many are always wanted */
	uint64_t reserve_for_data; /* of them beside the head */
};

/* It could not be written to.  Return: what the caller returns. */
int logtap_journal_no_space(struct logtap_journal *journal, int error);
void logtap_journal_name(uint64_t start, char name[JOURNAL_NAME_BYTES]);

/* @memory_fd: the table's own.  Return: 0 or -ENOMEM. */
int logtap_journal_add_file(struct logtap_journal *journal, uint64_t start,
			    int memory_fd);
/* Files that are settled go, but for the last one. */
void logtap_journal_retire_files(struct logtap_journal *journal);
void logtap_journal_remove_files(struct logtap_journal *journal);
/* Of the file that begins there.  Return: a descriptor or -errno. */
int logtap_journal_open_file(struct logtap_journal *journal, uint64_t start);
/* A regular file of this user. */
struct stat;
bool logtap_journal_ours(int dir_fd, const char *name, struct stat *status);

/* Files in memory.  NULL is none, and lost is one whose file was cut short. */
struct logtap_journal_map *logtap_journal_map_ref(
	struct logtap_journal_map *map);
void logtap_journal_map_unref(struct logtap_journal_map *map);
bool logtap_journal_map_is_lost(const struct logtap_journal_map *map);
/* @map, if it is of this file, or else NULL. */
struct logtap_journal_map *logtap_journal_map_of_file(
	struct logtap_journal_map *map, int fd);
/* Where @bytes at @offset of the current file are to be written; NULL: by a call.
 * They are in the file unless the mapping is lost then. */
unsigned char *logtap_journal_map_room(struct logtap_journal *journal,
				       uint64_t offset, uint64_t bytes);
/* The current file's is known to cursors from now on. */
void logtap_journal_share_map(struct logtap_journal *journal);
/* Of the file that begins there; the caller's reference. */
struct logtap_journal_map *logtap_journal_find_map(
	struct logtap_journal *journal, uint64_t start);

/* The spare.  open: takes over an earlier collector's.  take: renames it to
 * @name and returns its length, or 0; return takes it back.  retire: @name is
 * settled, and becomes the spare or goes; under the lock, as drop is.  @map goes
 * with it, and the reference to it. */
void logtap_journal_spare_open(struct logtap_journal *journal);
uint64_t logtap_journal_spare_take(struct logtap_journal *journal,
				   const char *name, bool idle,
				   struct logtap_journal_map **map);
void logtap_journal_spare_return(struct logtap_journal *journal,
				 const char *name, uint64_t bytes,
				 struct logtap_journal_map *map);
void logtap_journal_spare_retire(struct logtap_journal *journal,
				 const char *name,
				 struct logtap_journal_map *map);
void logtap_journal_spare_drop(struct logtap_journal *journal);
/* Could a file of so many bytes be begun in it? */
bool logtap_journal_spare_serves(struct logtap_journal *journal,
				 uint64_t bytes);
/* How much is reserved, where there is room: for a head of so many bytes. */
void logtap_journal_spare_expect(struct logtap_journal *journal,
				 uint64_t head_bytes);
/* What is more than the reserve is given back.  Return: false: nothing. */
bool logtap_journal_trim(struct logtap_journal *journal);

/* The lowest file start that is above @position; UINT64_MAX: none. */
uint64_t logtap_journal_file_above(struct logtap_journal *journal,
				   uint64_t position);
/* The start of the file that holds @position, or of the first one. */
uint64_t logtap_journal_file_of(struct logtap_journal *journal,
				uint64_t position);
/* Where the whole frames of a file end that begins at position @start, as an
 * offset in it; an earlier use of the file may have left more. */
uint64_t logtap_journal_valid_bytes(int fd, uint64_t start);

#endif
