/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's next file: when it is wanted, and how it begins, with a head
 * that stands for all before it or not at all.  The reader's thread. */
#include "../base/own_file.h"
#include "journal_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* An idle collector gives back a file that has grown past this. */
#define IDLE_FILE_BYTES (UINT64_C(1) << 20)

/* There is so much more data in a file than head. */
enum { HEAD_PART = 16 };

/* So much data behind its head is worth to leave memory for. */
#define WORTH_BYTES (UINT64_C(8) << 10)

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

bool logtap_journal_is_fresh(const struct logtap_journal *journal)
{
	return !data_bytes(journal);
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
		return logtap_journal_no_space(journal, -fd);
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
