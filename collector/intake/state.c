/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of intake, and the state at the head of each journal file: whoever
 * reads one file knows every segment and thread that its data names, and all
 * that was counted before.  Runs in the reader's thread.
 */
#include "intake.h"
#include "notes.h"

#include <string.h>

static void copy_text(unsigned char **at, const char *text, uint16_t bytes)
{
	memcpy(*at, text, bytes);
	*at += bytes;
}

static int append_segment(struct logtap_intake *intake,
			  struct logtap_intake_segment *segment, bool rotating)
{
	const struct logtap_segment *header = &segment->file.header;
	unsigned char buffer[sizeof(struct logtap_frame_segment) +
			     LOGTAP_EXECUTABLE_BYTES + LOGTAP_CGROUP_BYTES +
			     LOGTAP_ENVIRONMENT_BYTES];
	struct logtap_frame_segment intro = {
		.device = segment->file.device,
		.inode = segment->file.inode,
		.start_ticks = header->start_ticks,
		.start_time_ns = segment->start_time_ns,
		.pid = header->pid,
		.parent_pid = header->parent_pid,
		.uid = segment->file.owner ? segment->file.owner : header->uid,
		.index = header->index,
		.executable_bytes = (uint16_t)strlen(header->executable),
		.cgroup_bytes = (uint16_t)strlen(header->cgroup),
		.environment_bytes = (uint16_t)header->environment_bytes,
	};
	if (rotating)
		intro.uncaptured = segment->uncaptured;
	memcpy(intro.uuid, header->uuid, sizeof(intro.uuid));
	memcpy(intro.boot_id, header->boot_id, sizeof(intro.boot_id));
	memcpy(intro.comm, header->comm, sizeof(intro.comm));
	unsigned char *at = buffer + sizeof(intro);
	memcpy(buffer, &intro, sizeof(intro));
	copy_text(&at, header->executable, intro.executable_bytes);
	copy_text(&at, header->cgroup, intro.cgroup_bytes);
	copy_text(&at, header->environment, intro.environment_bytes);
	struct logtap_frame frame = {
		.type = LOGTAP_FRAME_SEGMENT,
		.segment = segment->key,
		.observed_ns = logtap_now_realtime_ns(),
	};
	return logtap_journal_append(intake->journal, &frame, buffer,
				     (uint32_t)(at - buffer));
}

/* All sinks that chunks have named so far. */
static int append_sinks(struct logtap_intake *intake,
			struct logtap_intake_segment *segment)
{
	struct logtap_frame_sink sinks[LOGTAP_SINKS] = {0};
	uint32_t count = 0;
	for (uint32_t i = 0; i < LOGTAP_SINKS; i++) {
		const struct logtap_sink *from = &segment->file.header.sinks[i];
		if (!(segment->sinks_used & 1u << i))
			continue;
		sinks[i].device = from->device;
		sinks[i].inode = from->inode;
		sinks[i].kind = from->kind;
		sinks[i].file_type = from->file_type;
		sinks[i].flags = from->flags;
		memcpy(sinks[i].path, from->path,
		       strnlen(from->path, LOGTAP_SINK_PATH_BYTES - 1));
		count = i + 1;
	}
	struct logtap_frame frame = {
		.type = LOGTAP_FRAME_SINKS,
		.segment = segment->key,
		.observed_ns = logtap_now_realtime_ns(),
	};
	return logtap_journal_append(intake->journal, &frame, sinks,
				     count * (uint32_t)sizeof(sinks[0]));
}

static int append_thread(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment, uint32_t index)
{
	struct logtap_slot_reader *slot = segment->slots[index];
	struct logtap_frame frame = {
		.type = LOGTAP_FRAME_THREAD,
		.segment = segment->key,
		.slot = index,
		.generation = slot->generation,
		.observed_ns = logtap_now_realtime_ns(),
	};
	return logtap_journal_append(intake->journal, &frame, &slot->who,
				     sizeof(slot->who));
}

static int append_account(struct logtap_intake *intake,
			  const struct logtap_account *account)
{
	struct logtap_frame frame = {.type = LOGTAP_FRAME_ACCOUNT};
	struct logtap_frame_account payload = {0};
	if (account) {
		payload.pid = account->pid;
		payload.uid = account->uid;
		payload.start_ticks = account->start_ticks;
		memcpy(payload.comm, account->comm, sizeof(payload.comm));
		payload.counts = account->folded;
	} else {
		payload.rest = 1;
		/* of the rest: how many processes */
		payload.counts = logtap_accounting_rest(intake->accounting,
							&payload.start_ticks);
	}
	return logtap_journal_append(intake->journal, &frame, &payload,
				     sizeof(payload));
}

static int append_accounts(struct logtap_intake *intake)
{
	int result = append_account(intake, NULL);
	struct logtap_account *account = NULL;
	while (!result && (account = logtap_accounting_next_open(
				   intake->accounting, account)))
		result = append_account(intake, account);
	return result;
}

static int append_one_state(struct logtap_intake *intake,
			    struct logtap_intake_segment *segment)
{
	if (!segment->introduced)
		return 0;
	int result = append_segment(intake, segment, true);
	if (!result && segment->sinks_introduced)
		result = append_sinks(intake, segment);
	for (uint32_t i = 0; !result && i < segment->file.header.slot_count;
	     i++)
		if (segment->slots[i] && segment->slots[i]->introduced &&
		    !segment->slots[i]->ended)
			result = append_thread(intake, segment, i);
	return result;
}

static int write_head(struct logtap_intake *intake)
{
	int result = append_accounts(intake);
	for (size_t i = 0; !result && i < intake->segment_count; i++)
		result = append_one_state(intake, intake->segments[i]);
	if (result)
		logtap_journal_rotate_abort(intake->journal);
	else
		result = logtap_journal_rotate_commit(intake->journal);
	intake->started |= !result;
	intake->appended += !result;
	return result;
}

int logtap_intake_begin_in_memory(struct logtap_intake *intake)
{
	int result = logtap_journal_rotate_begin_in_memory(intake->journal);
	return result ? result : write_head(intake);
}

int logtap_intake_rotate(struct logtap_intake *intake, bool idle, bool force)
{
	if (!force && intake->started &&
	    !logtap_journal_wants_rotation(intake->journal, idle))
		return 0;
	int result = logtap_journal_rotate_begin(intake->journal, idle);
	if (!result)
		result = write_head(intake);
	if (result && !idle && logtap_journal_wants_memory(intake->journal))
		result = logtap_intake_begin_in_memory(intake);
	return result;
}

/* Before every append.  A rotation that fails for want of space does not keep
 * the present file from growing; before the first one there is none. */
static int prepare(struct logtap_intake *intake)
{
	int result = logtap_intake_rotate(intake, false, false);
	return intake->started ? 0 : result;
}

int logtap_intake_append(struct logtap_intake *intake,
			 struct logtap_frame *frame, const void *payload,
			 uint32_t bytes)
{
	int result = prepare(intake);
	if (!result)
		result = logtap_journal_append(intake->journal, frame, payload,
					       bytes);
	if (result == LOGTAP_JOURNAL_FULL && logtap_room_make(intake))
		result = logtap_journal_append(intake->journal, frame, payload,
					       bytes);
	intake->appended += !result;
	logtap_room_tell(intake, result);
	return result;
}

static int introduce(struct logtap_intake *intake,
		     struct logtap_intake_segment *segment, uint32_t index)
{
	struct logtap_slot_reader *slot =
		index == LOGTAP_NO_SLOT ? NULL : segment->slots[index];
	int result = prepare(intake);
	if (!result && !segment->introduced) {
		result = append_segment(intake, segment, false);
		segment->introduced = !result;
	}
	if (!result && segment->sinks_used & ~segment->sinks_introduced) {
		uint32_t used = segment->sinks_used;
		logtap_chosen_mark(intake, segment);
		result = append_sinks(intake, segment);
		if (!result)
			segment->sinks_introduced = used;
	}
	if (!result && slot && !slot->introduced) {
		result = append_thread(intake, segment, index);
		slot->introduced = !result;
	}
	return result;
}

int logtap_intake_introduce(struct logtap_intake *intake,
			    struct logtap_intake_segment *segment,
			    uint32_t index)
{
	const struct logtap_slot_reader *slot =
		index == LOGTAP_NO_SLOT ? NULL : segment->slots[index];
	if (segment->introduced &&
	    !(segment->sinks_used & ~segment->sinks_introduced) &&
	    (!slot || slot->introduced))
		return 0;
	int result = introduce(intake, segment, index);
	if (result == LOGTAP_JOURNAL_FULL && logtap_room_make(intake))
		result = introduce(intake, segment, index);
	intake->appended += !result;
	logtap_room_tell(intake, result);
	return result;
}
