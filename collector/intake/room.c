/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the journal has no room.  Runs in the reader's thread.
 *
 * Rings and the journal share one file system, and hosts may fill it.  What is
 * settled can only go a file at a time, so that the journal begins another one
 * when it finds no room: in memory that was set aside for it, or else outside of
 * the directory.
 */
#include "../base/log.h"
#include "intake.h"

#include <errno.h>
#include <string.h>

/* So long it must have taken all before it is said to do so again. */
#define PRESSED_NS LOGTAP_SECOND_NS

bool logtap_room_is_short(const struct logtap_intake *intake)
{
	return intake->refused_ns &&
	       intake->now_ns - intake->refused_ns < PRESSED_NS;
}

static const char *why_full(const struct logtap_intake *intake, int result)
{
	if (result < 0)
		return strerror(-result);
	if (logtap_journal_lacks_space(intake->journal) &&
	    logtap_journal_error(intake->journal) == EDQUOT)
		return "this user's disk quota is used up; raise it, or make "
		       "room in the directory";
	if (logtap_journal_lacks_space(intake->journal))
		return "the directory is full; make room there";
	return "it holds as much as --journal-bytes allows; a destination "
	       "takes no records";
}

static void tell_full(struct logtap_intake *intake, int result)
{
	intake->full = result != 0;
	if (result) {
		intake->refusals++;
		intake->refused_ns = intake->now_ns;
	}
	if ((!result && logtap_room_is_short(intake)) ||
	    !logtap_log_is_news(&intake->full_told, result))
		return;
	uint64_t bytes = logtap_journal_end(intake->journal) -
			 logtap_journal_start(intake->journal);
	if (!result)
		logtap_log(LOGTAP_LOG_INFO, "journal",
			   "takes records again bytes=%llu",
			   (unsigned long long)bytes);
	else
		logtap_log(LOGTAP_LOG_WARN, "journal",
			   "takes no more, and rings are read when it does: "
			   "%s bytes=%llu dir=%s",
			   why_full(intake, result), (unsigned long long)bytes,
			   logtap_journal_directory(intake->journal));
}

/* Not of a state that lasts for a moment. */
static void tell_memory(struct logtap_intake *intake)
{
	struct logtap_journal *journal = intake->journal;
	bool memory = logtap_journal_in_memory(journal);
	if (memory)
		intake->memory_ns = intake->now_ns;
	if ((!memory && intake->now_ns - intake->memory_ns < PRESSED_NS) ||
	    !logtap_log_is_news(&intake->memory_told, memory))
		return;
	if (memory)
		logtap_log(LOGTAP_LOG_WARN, "journal",
			   "the directory takes no file: goes on in memory, "
			   "which is lost if this collector is killed; make "
			   "room there, or see that it can be written to "
			   "dir=%s error=\"%s\"",
			   logtap_journal_directory(journal),
			   strerror(logtap_journal_error(journal)));
	else
		logtap_log(LOGTAP_LOG_INFO, "journal",
			   "goes on in the directory again dir=%s",
			   logtap_journal_directory(journal));
}

void logtap_room_tell(struct logtap_intake *intake, int result)
{
	tell_full(intake, result);
	tell_memory(intake);
}

/* About what the head of a file takes: state.c. */
static uint64_t head_bytes(const struct logtap_intake *intake)
{
	uint64_t bytes = logtap_frame_span(sizeof(struct logtap_frame_account));
	for (size_t i = 0; i < intake->segment_count; i++) {
		const struct logtap_intake_segment *segment =
			intake->segments[i];
		bytes += logtap_frame_span(sizeof(struct logtap_frame_account));
		bytes += logtap_frame_span(sizeof(struct logtap_frame_segment) +
					   LOGTAP_ENVIRONMENT_BYTES / 4);
		bytes += logtap_frame_span(sizeof(struct logtap_frame_sink)) *
			 (uint64_t)__builtin_popcount(segment->sinks_used);
		for (uint32_t j = 0; j < segment->file.header.slot_count; j++)
			if (segment->slots[j])
				bytes += logtap_frame_span(
					sizeof(struct logtap_frame_thread));
	}
	return bytes;
}

void logtap_room_reserve(struct logtap_intake *intake)
{
	logtap_journal_reserve(intake->journal, head_bytes(intake));
}

/* There was no room: another file may have some.  One in memory lets those in
 * the directory go, and then there may be room enough for the next there. */
bool logtap_room_make(struct logtap_intake *intake)
{
	struct logtap_journal *journal = intake->journal;
	if (!intake->started || !logtap_journal_lacks_space(journal))
		return false;
	if (logtap_journal_is_fresh(journal))
		return logtap_journal_wants_memory(journal) &&
		       !logtap_intake_begin_in_memory(intake);
	if (!logtap_journal_wants_rotation(journal, false) &&
	    !logtap_journal_wants_memory(journal))
		return false;
	if (logtap_intake_rotate(intake, false, true))
		return false;
	if (logtap_journal_wants_rotation(journal, false))
		logtap_intake_rotate(intake, false, true);
	return true;
}
