/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Has a host ended, of which no death word tells?  Runs in the reader's thread.
 *
 * A host is gone when its pid is, and no process has the segment mapped.  In a
 * pid namespace of our own that is sound only for hosts that say they are in it,
 * that we have seen there, or that must be in it (our supervisor's children):
 * others may live outside of our /proc.  Who is a host's child is in its namespace
 * or in one below, and so in our /proc, too.
 */
#include "ends.h"
#include "intake.h"
#include "liveness.h"

#include <unistd.h>

/* To read all maps may take a hundredth of the time. */
enum { MAPPED_SHARE = 100 };

void logtap_gone_meet(const struct logtap_intake *intake,
		      struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	segment->was_seen =
		(header->pid_namespace &&
		 header->pid_namespace == intake->pid_namespace) ||
		(header->start_ticks &&
		 logtap_process_liveness(header->pid, header->start_ticks) !=
			 LOGTAP_UNKNOWN);
}

/* One reading of all maps serves a whole sweep; while it is too soon for one,
 * anything may be mapped. */
bool logtap_gone_mapped(struct logtap_intake *intake, dev_t device, ino_t inode)
{
	static struct logtap_mapped_files files;
	if (!intake->mapped) {
		if (!intake->sweeps_all &&
		    intake->now_ns < intake->mapped_due_ns)
			return true;
		uint64_t begun_ns = logtap_now_thread_ns();
		logtap_mapped_files_deinit(&files);
		logtap_mapped_files_read(&files);
		intake->mapped = &files;
		intake->mapped_ns = intake->now_ns;
		intake->mapped_due_ns =
			intake->now_ns +
			(logtap_now_thread_ns() - begun_ns) * MAPPED_SHARE;
	}
	return logtap_mapped_files_have(intake->mapped, device, inode);
}

/* Does what we see of /proc say all there is to say of a segment's hosts? */
bool logtap_gone_can_tell(const struct logtap_intake *intake,
			  const struct logtap_intake_segment *segment)
{
	return intake->sees_all || intake->descendants || segment->was_seen;
}

/* A child that was forked does not know its start, and then its pid proves
 * nothing: in a namespace of its own it may be the number of somebody else here.
 * (What we ourselves have mapped is not among the mapped.) */
static bool is_known_by_pid(const struct logtap_intake *intake, uint32_t pid,
			    uint64_t start_ticks)
{
	return start_ticks || pid == intake->pid;
}

/* May our process @pid be one that was forked, and has its slot there?  It is no
 * older than whose child it is. */
static bool may_be(const struct logtap_intake *intake,
		   const struct logtap_intake_segment *segment, uint32_t pid)
{
	const struct logtap_segment_file *file = &segment->file;
	uint64_t oldest = file->header.start_ticks;
	if (!oldest && intake->descendants)
		oldest = logtap_process_start((uint32_t)getppid());
	return logtap_process_start(pid) >= oldest &&
	       logtap_process_may_map(pid, file->device, file->inode,
				      file->owner);
}

/* Certain that no process of that pid and start is there any more? */
bool logtap_gone_surely(struct logtap_intake *intake,
			const struct logtap_intake_segment *segment,
			uint32_t pid, uint64_t start_ticks)
{
	enum logtap_liveness liveness =
		logtap_process_liveness(pid, start_ticks);
	if (is_known_by_pid(intake, pid, start_ticks)) {
		if (liveness != LOGTAP_UNKNOWN)
			return liveness == LOGTAP_GONE;
		/* Found there before, and with its start: it was of our
		 * namespace. */
		if (segment->was_seen && pid == segment->file.header.pid)
			return true;
	} else if (liveness == LOGTAP_ALIVE && may_be(intake, segment, pid)) {
		return false;
	}
	return logtap_gone_can_tell(intake, segment) &&
	       !logtap_gone_mapped(intake, segment->file.device,
				   segment->file.inode);
}

/* Certain that the creator of a segment has ended? */
bool logtap_gone_creator(struct logtap_intake *intake,
			 struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	if (!is_known_by_pid(intake, header->pid, header->start_ticks))
		return logtap_gone_can_tell(intake, segment) &&
		       !logtap_gone_mapped(intake, segment->file.device,
					   segment->file.inode);
	return logtap_gone_surely(intake, segment, header->pid,
				  header->start_ticks);
}

bool logtap_gone_creator_runs(const struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	return header->start_ticks &&
	       logtap_process_liveness(header->pid, header->start_ticks) ==
		       LOGTAP_ALIVE;
}
