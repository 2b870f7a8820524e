/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The creator of a segment, out of the frame that introduces it: see the header. */
#include "creator.h"

#include <stdio.h>
#include <string.h>

static void format_boot_id(const unsigned char id[16], char out[37])
{
	static const unsigned char zeros[16];
	out[0] = 0;
	if (!memcmp(id, zeros, sizeof(zeros)))
		return;
	size_t at = 0;
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		snprintf(out + at, 3, "%02x", id[i]);
		at += 2;
	}
}

/* Copies a text of @bytes if it is there; ends it. */
static void take_text(char *out, size_t room, const unsigned char **at,
		      const unsigned char *end, uint16_t bytes)
{
	size_t have = (size_t)(end - *at);
	size_t take = bytes < have ? bytes : have;
	size_t keep = take < room - 1 ? take : room - 1;
	memcpy(out, *at, keep);
	*at += take;
}

void logtap_creator_read(struct logtap_process *creator,
			 const struct logtap_frame_segment *intro,
			 const unsigned char *texts, const unsigned char *end)
{
	creator->pid = intro->pid;
	creator->parent_pid = intro->parent_pid;
	creator->uid = intro->uid;
	creator->start_ticks = intro->start_ticks;
	creator->start_time_ns = intro->start_time_ns;
	format_boot_id(intro->boot_id, creator->boot_id);
	memcpy(creator->comm, intro->comm,
	       strnlen(intro->comm, LOGTAP_COMM_BYTES));
	take_text(creator->executable, sizeof(creator->executable), &texts, end,
		  intro->executable_bytes);
	take_text(creator->cgroup, sizeof(creator->cgroup), &texts, end,
		  intro->cgroup_bytes);
	/* Ends with two NULs: the copy leaves one byte, and there is one
	 * more. */
	take_text(creator->environment, sizeof(creator->environment) - 1,
		  &texts, end, intro->environment_bytes);
}
