/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that a process made its stderr before it executed another program, as
 * nohup(1) and the wrappers of daemons do: that program found the file, but
 * nobody else had put it there.  Runs in the reader's thread.
 */
#include "intake.h"
#include "notes.h"

#include <sys/stat.h>

static bool is_chosen_file(const struct logtap_sink *sink)
{
	return atomic_load_explicit(&sink->state, memory_order_relaxed) ==
		       LOGTAP_SINK_READY &&
	       sink->kind == LOGTAP_SINK_STDERR && sink->file_type == S_IFREG &&
	       !(sink->flags & LOGTAP_SINK_FOUND);
}

void logtap_chosen_remember(struct logtap_intake *intake,
			    struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	if (!header->start_ticks || logtap_segment_read_sinks(&segment->file))
		return;
	for (uint32_t i = 0; i < LOGTAP_SINKS; i++) {
		const struct logtap_sink *sink = &header->sinks[i];
		if (!is_chosen_file(sink))
			continue;
		intake->choices[intake->choice_count++ % LOGTAP_CHOICES] =
			(struct logtap_choice){
				.pid = header->pid,
				.start_ticks = header->start_ticks,
				.device = sink->device,
				.inode = sink->inode,
			};
	}
}

static bool chose(struct logtap_intake_segment *segment,
		  const struct logtap_sink *file)
{
	const struct logtap_segment *header = &segment->file.header;
	if (logtap_segment_read_sinks(&segment->file))
		return false;
	for (uint32_t i = 0; i < LOGTAP_SINKS; i++)
		if (is_chosen_file(&header->sinks[i]) &&
		    header->sinks[i].device == file->device &&
		    header->sinks[i].inode == file->inode)
			return true;
	return false;
}

static bool knows_choice(struct logtap_intake *intake,
			 const struct logtap_intake_segment *segment,
			 const struct logtap_sink *file)
{
	const struct logtap_segment *header = &segment->file.header;
	for (size_t i = 0; i < intake->segment_count; i++) {
		struct logtap_intake_segment *other = intake->segments[i];
		if (other != segment && other->file.header.pid == header->pid &&
		    other->file.header.start_ticks == header->start_ticks &&
		    chose(other, file))
			return true;
	}
	for (size_t i = 0; i < LOGTAP_CHOICES && i < intake->choice_count;
	     i++) {
		const struct logtap_choice *choice = &intake->choices[i];
		if (choice->pid == header->pid &&
		    choice->start_ticks == header->start_ticks &&
		    choice->device == file->device &&
		    choice->inode == file->inode)
			return true;
	}
	return false;
}

/* The earlier image's segment may be one that was not ready when we looked. */
static bool was_chosen(struct logtap_intake *intake,
		       const struct logtap_intake_segment *segment,
		       const struct logtap_sink *file)
{
	if (knows_choice(intake, segment, file))
		return true;
	if (!intake->young_count)
		return false;
	logtap_discover_run(intake, true);
	return knows_choice(intake, segment, file);
}

void logtap_chosen_mark(struct logtap_intake *intake,
			struct logtap_intake_segment *segment)
{
	struct logtap_segment *header = &segment->file.header;
	for (uint32_t i = 0; i < LOGTAP_SINKS && header->start_ticks; i++) {
		struct logtap_sink *sink = &header->sinks[i];
		if (segment->sinks_used & 1u << i &&
		    sink->kind == LOGTAP_SINK_STDERR &&
		    sink->file_type == S_IFREG &&
		    sink->flags & LOGTAP_SINK_FOUND &&
		    was_chosen(intake, segment, sink))
			sink->flags &= ~(uint32_t)LOGTAP_SINK_FOUND;
	}
}
