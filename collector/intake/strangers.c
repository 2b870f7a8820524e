/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes of a session that are not captured: static programs that a captured
 * one has started, those whose environment was scrubbed, and the like.  Looked
 * for once a second, so only those that live for a second or two are found.
 * Nothing in them is touched: proc(5) says it all.  Runs in the reader's
 * thread.
 */
#include "../run/running.h"
#include "../run/target.h"
#include "../shape/resource.h"
#include "intake.h"
#include "liveness.h"
#include "notes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many are looked at, and the youngest that is judged: one that was started
 * just now may not have its segment yet, on a busy machine; but not one that
 * cannot have any. */
enum { STRANGERS_MAX = 1024, DEPTH_MAX = 64 };
#define AGE_NS (3 * LOGTAP_SECOND_NS)
#define HOPELESS_AGE_NS LOGTAP_SECOND_NS
/* To look may take this share of the time: with a thousand processes it is done
 * every few seconds. */
enum { LOOK_SHARE = 400 };

struct logtap_stranger {
	uint32_t pid;
	uint64_t start_ticks;
	dev_t device; /* of its executable: one process, several programs */
	ino_t inode;
	uint64_t since_ns;
	bool hopeless; /* no library can be loaded into it */
	bool judged;
	bool present; /* in this sweep */
};

static bool is_ourselves(const struct stat *executable)
{
	static struct stat ours;
	if (!ours.st_ino && stat("/proc/self/exe", &ours))
		return false;
	return executable->st_ino == ours.st_ino &&
	       executable->st_dev == ours.st_dev;
}

/* Sets what /proc/PID/fd/@number is.  Return: its type; 0: unknown. */
static mode_t identify(uint32_t pid, int number, uint64_t *device,
		       uint64_t *inode)
{
	char path[64];
	struct stat status;
	snprintf(path, sizeof(path), "/proc/%u/fd/%d", pid, number);
	if (stat(path, &status))
		return 0;
	*device = status.st_dev;
	*inode = status.st_ino;
	return status.st_mode & S_IFMT;
}

static bool is_hopeless(uint32_t pid)
{
	struct logtap_target target;
	char path[64];
	snprintf(path, sizeof(path), "/proc/%u/exe", pid);
	return !logtap_target_look(path, &target) &&
	       (logtap_target_needs_pipe(&target) ||
		!logtap_target_loads_preload(&target));
}

/* Who cannot be captured, and reads a pipe. */
static void tell_start(struct logtap_intake *intake, uint32_t pid)
{
	struct logtap_frame_start start = {.uncaptured = 1};
	struct logtap_frame frame = {
		.type = LOGTAP_FRAME_START,
		.observed_ns = logtap_now_realtime_ns(),
	};
	mode_t input = identify(pid, STDIN_FILENO, &start.input_device,
				&start.input_inode);
	if ((input == S_IFIFO || input == S_IFSOCK) &&
	    identify(pid, STDOUT_FILENO, &start.output_device,
		     &start.output_inode))
		logtap_intake_append(intake, &frame, &start, sizeof(start));
}

/* The entry of a process; a new one if it is not known as this program. */
static struct logtap_stranger *entry_of(struct logtap_intake *intake,
					uint32_t pid,
					const struct stat *executable)
{
	struct logtap_stranger wanted = {
		.pid = pid,
		.start_ticks = logtap_process_start(pid),
		.device = executable->st_dev,
		.inode = executable->st_ino,
		.since_ns = intake->now_ns,
	};
	struct logtap_stranger *entry = NULL;
	for (size_t i = 0; !entry && i < intake->stranger_count; i++)
		if (intake->strangers[i].pid == pid)
			entry = &intake->strangers[i];
	if (!entry && intake->stranger_count == STRANGERS_MAX)
		return NULL;
	if (!entry) {
		entry = &intake->strangers[intake->stranger_count++];
	} else if (entry->start_ticks == wanted.start_ticks &&
		   entry->device == wanted.device &&
		   entry->inode == wanted.inode) {
		return entry;
	}
	*entry = wanted;
	entry->hopeless = is_hopeless(pid);
	if (entry->hopeless)
		tell_start(intake, pid);
	return entry;
}

/* Captured, but perhaps not to be looked at: it may have made itself so. */
static bool has_slot(const struct logtap_intake *intake, uint32_t pid)
{
	for (size_t i = 0; i < intake->segment_count; i++) {
		const struct logtap_intake_segment *segment =
			intake->segments[i];
		const struct logtap_segment *header = &segment->file.header;
		if (header->pid == pid)
			return true;
		for (uint32_t j = 0; j < header->slot_count; j++)
			if (segment->slots[j] &&
			    segment->slots[j]->who.pid == pid)
				return true;
	}
	return false;
}

/* One of which nothing but its name is known. */
static bool judge_unreadable(struct logtap_intake *intake, uint32_t pid)
{
	struct logtap_running running = {.pid = (pid_t)pid};
	char path[64];
	if (has_slot(intake, pid) ||
	    logtap_process_liveness(pid, 0) != LOGTAP_ALIVE)
		return true;
	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	FILE *file = fopen(path, "re");
	if (file && fgets(running.executable, sizeof(running.executable), file))
		running.executable[strcspn(running.executable, "\n")] = 0;
	if (file)
		fclose(file);
	bool told = logtap_stranger_tell(
		intake, &running,
		"it has rights that we have not (set-user-ID, file "
		"capabilities), so the system ignores LD_PRELOAD");
	intake->strangers_told += told;
	return told;
}

/* Return: whether that could be said, or need not be. */
static bool judge(struct logtap_intake *intake, uint32_t pid)
{
	struct logtap_running running;
	char why[LOGTAP_RUNNING_WHY_BYTES];
	int error = logtap_running_read((pid_t)pid, &running);
	if (error == EACCES || error == EPERM)
		return judge_unreadable(intake, pid);
	if (error)
		return true; /* gone */
	bool told = running.segment_count;
	if (!told) {
		logtap_running_why_not(&running, why);
		told = logtap_stranger_tell(intake, &running, why);
		intake->strangers_told += told;
	}
	logtap_running_deinit(&running);
	return told;
}

static void look_at(struct logtap_intake *intake, uint32_t pid)
{
	char path[64];
	struct stat executable = {0};
	snprintf(path, sizeof(path), "/proc/%u/exe", pid);
	/* The kernel's, or a zombie; or not ours to look at. */
	if (stat(path, &executable) ? errno != EACCES && errno != EPERM
				    : is_ourselves(&executable))
		return;
	struct logtap_stranger *entry = entry_of(intake, pid, &executable);
	if (!entry)
		return;
	entry->present = true;
	uint64_t age_ns = entry->hopeless ? HOPELESS_AGE_NS : AGE_NS;
	if (!entry->judged && intake->now_ns - entry->since_ns >= age_ns)
		entry->judged = judge(intake, pid);
}

static void look_below(struct logtap_intake *intake, uint32_t pid, int depth)
{
	char path[64];
	unsigned child;
	/* Those of its first thread; others hardly ever have any. */
	snprintf(path, sizeof(path), "/proc/%u/task/%u/children", pid, pid);
	FILE *file = depth < DEPTH_MAX ? fopen(path, "re") : NULL;
	while (file && fscanf(file, "%u", &child) == 1) {
		if (child == intake->pid)
			continue;
		look_at(intake, child);
		look_below(intake, child, depth + 1);
	}
	if (file)
		fclose(file);
}

/* Through a relay everything is captured. */
static bool is_relayed(const struct logtap_intake *intake)
{
	for (size_t i = 0; i < intake->segment_count; i++)
		if (logtap_environment_get(
			    intake->segments[i]->file.header.environment,
			    LOGTAP_ENVIRONMENT_BYTES, "LOGTAP_FOR"))
			return true;
	return false;
}

void logtap_strangers_look(struct logtap_intake *intake)
{
	size_t kept = 0;
	if (!intake->descendants || intake->now_ns < intake->strangers_due_ns)
		return;
	uint64_t begun_ns = logtap_now_thread_ns();
	if (!intake->strangers) {
		intake->supervisor = (uint32_t)getppid();
		intake->strangers =
			calloc(STRANGERS_MAX, sizeof(*intake->strangers));
	}
	if (!intake->strangers || intake->supervisor < 2 ||
	    intake->supervisor != (uint32_t)getppid() || is_relayed(intake))
		return;
	for (size_t i = 0; i < intake->stranger_count; i++)
		intake->strangers[i].present = false;
	look_below(intake, intake->supervisor, 0);
	for (size_t i = 0; i < intake->stranger_count; i++)
		if (intake->strangers[i].present)
			intake->strangers[kept++] = intake->strangers[i];
	intake->stranger_count = kept;
	intake->strangers_due_ns =
		intake->now_ns +
		(logtap_now_thread_ns() - begun_ns) * LOOK_SHARE;
}
