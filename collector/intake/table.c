/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The table of segments that are open.  Runs in the reader's thread. */
#include "../base/log.h"
#include "ends.h"
#include "facts.h"
#include "hosts.h"
#include "intake.h"
#include "notes.h"
#include "restore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* When the creator began: exact where its ticks mean ours. */
static uint64_t start_time(const struct logtap_intake *intake,
			   const struct logtap_segment *header)
{
	long ticks = sysconf(_SC_CLK_TCK);
	struct timespec boot;
	if (ticks > 0 && header->start_ticks &&
	    !memcmp(header->boot_id, intake->clock.boot_id, 16) &&
	    !clock_gettime(CLOCK_BOOTTIME, &boot)) {
		uint64_t since_boot = (uint64_t)boot.tv_sec * LOGTAP_SECOND_NS +
				      (uint64_t)boot.tv_nsec;
		uint64_t seconds = header->start_ticks / (uint64_t)ticks;
		uint64_t rest = header->start_ticks % (uint64_t)ticks;
		uint64_t started = seconds * LOGTAP_SECOND_NS +
				   rest * LOGTAP_SECOND_NS / (uint64_t)ticks;
		if (started <= since_boot)
			return logtap_now_realtime_ns() - since_boot + started;
	}
	return header->clock_realtime_ns;
}

static struct logtap_intake_segment *make_segment(struct logtap_intake *intake,
						  const char *name)
{
	if (intake->segment_count == intake->segment_room) {
		size_t room =
			intake->segment_room ? 2 * intake->segment_room : 16;
		void *grown = realloc(intake->segments,
				      room * sizeof(*intake->segments));
		if (!grown)
			return NULL;
		intake->segments = grown;
		grown = realloc(intake->due_ns, room * sizeof(*intake->due_ns));
		if (!grown)
			return NULL;
		intake->due_ns = grown;
		intake->segment_room = room;
	}
	struct logtap_intake_segment *segment = calloc(1, sizeof(*segment));
	if (!segment)
		return NULL;
	segment->name = strdup(name);
	segment->file.fd = -1;
	return segment;
}

static void free_segment(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment)
{
	if (segment->owned)
		logtap_owners_give_back(&intake->owners, segment->file.owner);
	if (segment->file.fd >= 0)
		logtap_segment_close(&segment->file);
	free(segment->slots);
	free(segment->settled);
	free(segment->name);
	free(segment);
}

/* An open file becomes a segment of the table. */
static int add_segment(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	logtap_facts_boot(&segment->file.header, intake->clock.boot_id);
	segment->slots = calloc(header->slot_count, sizeof(*segment->slots));
	segment->settled =
		calloc(header->slot_count, sizeof(*segment->settled));
	segment->account = logtap_accounting_get(
		intake->accounting,
		segment->file.owner ? segment->file.owner : header->uid,
		header->pid, header->start_ticks, header->comm);
	if (!segment->slots || !segment->settled || !segment->account)
		return -ENOMEM;
	struct logtap_restored_segment *known =
		logtap_restored_find(intake, &segment->file);
	segment->key = known ? known->key : intake->next_key++;
	segment->introduced = known != NULL;
	if (known)
		segment->uncaptured = known->uncaptured;
	segment->start_time_ns = start_time(intake, header);
	segment->visited_ns = segment->idle_since_ns = intake->now_ns;
	logtap_accounting_opened(intake->accounting, segment->account, 0, 1);
	intake->segments[intake->segment_count++] = segment;
	intake->due_ns[intake->segment_count - 1] = intake->now_ns;
	/* Its process may want slots back, or has left one for a larger. */
	for (size_t i = 0;
	     segment->account->open_segments > 1 && i < intake->segment_count;
	     i++)
		if (intake->segments[i]->account == segment->account)
			intake->due_ns[i] = intake->now_ns;
	return 0;
}

/* What need not be done for one whose host has ended and said nothing. */
static void meet(struct logtap_intake *intake,
		 struct logtap_intake_segment *segment)
{
	logtap_facts_cgroup(&segment->file.header);
	logtap_beat(intake, segment);
	logtap_gone_meet(intake, segment);
}

int logtap_table_open(struct logtap_intake *intake, const char *name,
		      const char **why)
{
	struct logtap_intake_segment *segment = make_segment(intake, name);
	int result = -ENOMEM;
	if (segment && segment->name)
		result = logtap_segment_open(intake->dir_fd, name,
					     &segment->file, why);
	if (!result)
		result = logtap_owners_take(&intake->owners,
					    segment->file.owner);
	if (!result) {
		segment->owned = true;
		result = add_segment(intake, segment);
	}
	if (!result && !logtap_close_silent(intake, segment))
		meet(intake, segment);
	if (result && segment)
		free_segment(intake, segment);
	return result;
}

void logtap_table_drop(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment, bool remove)
{
	size_t index = 0;
	logtap_chosen_remember(intake, segment);
	while (intake->segments[index] != segment)
		index++;
	memmove(intake->segments + index, intake->segments + index + 1,
		(intake->segment_count - index - 1) *
			sizeof(*intake->segments));
	memmove(intake->due_ns + index, intake->due_ns + index + 1,
		(intake->segment_count - index - 1) * sizeof(*intake->due_ns));
	intake->segment_count--;
	/* While we hold the lock: no other collector finds it half gone. */
	if (remove && unlinkat(intake->dir_fd, segment->name, 0) &&
	    errno != ENOENT)
		logtap_log(LOGTAP_LOG_WARN, "discover",
			   "cannot remove a segment error=%s segment=%s",
			   strerror(errno), segment->name);
	logtap_accounting_opened(intake->accounting, segment->account, 0, -1);
	for (uint32_t i = 0; i < segment->file.header.slot_count; i++) {
		if (segment->slots[i])
			logtap_metrics_end_row(intake,
					       &segment->slots[i]->metrics);
		free(segment->slots[i]);
	}
	logtap_metrics_end_segment(intake, segment);
	logtap_ring_maps_forget(&intake->ring_maps, &segment->file);
	free_segment(intake, segment);
}

void logtap_table_deinit(struct logtap_intake *intake)
{
	while (intake->segment_count)
		logtap_table_drop(intake,
				  intake->segments[intake->segment_count - 1],
				  false);
	logtap_owners_deinit(&intake->owners);
	free(intake->segments);
	free(intake->due_ns);
}
