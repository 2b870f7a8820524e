/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's insides, shared by its writer and its cursors alone. */
#ifndef LOGTAP_INTAKE_JOURNAL_PRIVATE_H
#define LOGTAP_INTAKE_JOURNAL_PRIVATE_H

#include "journal.h"

#include <pthread.h>

#define JOURNAL_PREFIX "journal-"
#define JOURNAL_ACK_NAME "journal.ack"
/* A file that is settled, kept for its memory: to have the kernel clear and
 * account for new pages takes longer than to fill them. */
#define JOURNAL_SPARE_NAME "journal.spare"
enum { JOURNAL_NAME_BYTES = 32 };

struct logtap_journal {
	int dir_fd;
	uint64_t cap_bytes;
	uint64_t file_bytes;
	int ack_fd;
	_Atomic uint64_t acknowledged;
	_Atomic uint64_t published; /* end that cursors may see */

	/* the writer's alone */
	int fd;
	uint64_t file_start;
	uint64_t end;
	uint64_t state_bytes; /* of the current file, written by a rotation */
	bool rotating;
	int previous_fd; /* while rotating */
	uint64_t previous_start;

	/* starts of all files, ascending; the last is the current one */
	pthread_mutex_t lock;
	uint64_t *starts;
	size_t file_count;
	size_t file_room;
	bool has_spare;
	bool keeps_spare; /* not while it idles */
};

void logtap_journal_name(uint64_t start, char name[JOURNAL_NAME_BYTES]);
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
