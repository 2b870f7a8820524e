/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What dead sessions left behind: see the header.  Main thread. */
#include "remains.h"

#include "../base/error.h"
#include "../intake/journal.h"
#include "../intake/liveness.h"
#include "../intake/segment.h"
#include "directory.h"
#include "running.h"
#include "session.h"
#include "sessions.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* There once people were told. */
#define TOLD_NAME "told"

enum { DAY_S = 24 * 60 * 60 };

enum state { IN_USE, EMPTY, UNDELIVERED };

struct search {
	struct logtap_remains *out;
	time_t now;
	bool sweep;
	bool tell;
	bool mapped_read; /* slow: only if there is one */
	struct logtap_mapped_files mapped;
};

int logtap_remains_guard(const char *directory)
{
	int fd = open(directory,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Who looks at it has it for a moment, and leaves a young one alone. */
	flock(fd, LOCK_SH | LOCK_NB);
	return fd;
}

static bool is_mapped(struct search *search, const struct stat *status)
{
	if (!search->mapped_read)
		logtap_mapped_files_read(&search->mapped);
	search->mapped_read = true;
	return logtap_mapped_files_have(&search->mapped, status->st_dev,
					status->st_ino);
}

/* Has any ring of it something that was not read? */
static enum state look_at_slots(const struct logtap_running_segment *segment)
{
	enum state state = EMPTY;
	for (uint32_t i = 0; i < segment->header.slot_count; i++) {
		const struct logtap_slot *slot = &segment->slots[i];
		if ((slot->state & LOGTAP_SLOT_STATE_MASK) == LOGTAP_SLOT_FREE)
			continue;
		/* Somebody else's, of whose mappings we hear nothing. */
		if (logtap_process_liveness(slot->pid, slot->start_ticks) ==
		    LOGTAP_ALIVE)
			return IN_USE;
		if (slot->main.head != slot->main_tail ||
		    slot->nested.head != slot->nested_tail)
			state = UNDELIVERED;
	}
	return state;
}

static enum state look_at_segment(struct search *search, int dir_fd,
				  const char *name)
{
	struct logtap_running_segment segment = {.slots = NULL};
	struct stat status;
	enum state state = EMPTY;
	int fd = openat(dir_fd, name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return IN_USE;
	if (fstat(fd, &status) || is_mapped(search, &status))
		state = IN_USE;
	else if (logtap_running_segment_read(&segment, fd))
		state = look_at_slots(&segment);
	else if (logtap_segment_is_foreign(&segment.header.prefix))
		state = UNDELIVERED;
	close(fd);
	free(segment.slots);
	return state;
}

/* @changed: when the newest file was.  */
static enum state look_at_files(struct search *search, int dir_fd, DIR *list,
				time_t *changed)
{
	enum state state = EMPTY;
	const struct dirent *entry;
	struct stat status;
	while ((entry = readdir(list))) {
		if (!strcmp(entry->d_name, "..") ||
		    fstatat(dir_fd, entry->d_name, &status,
			    AT_SYMLINK_NOFOLLOW))
			continue;
		if (status.st_mtime > *changed)
			*changed = status.st_mtime;
		if (!logtap_segment_is_name(entry->d_name))
			continue;
		enum state one = look_at_segment(search, dir_fd, entry->d_name);
		if (one == IN_USE)
			return IN_USE;
		if (one == UNDELIVERED)
			state = UNDELIVERED;
	}
	return state;
}

/* Nobody else is at work there, and nobody begins while @lock is open. */
static bool take_locks(int dir_fd, int *lock)
{
	if (flock(dir_fd, LOCK_EX | LOCK_NB))
		return false;
	*lock = openat(dir_fd, LOGTAP_SESSION_LOCK,
		       O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return *lock < 0 ? errno == ENOENT
			 : !logtap_session_lock_to_look(*lock);
}

static enum state look_inside(struct search *search, int dir_fd,
			      time_t *changed)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	enum state state = IN_USE;
	if (list)
		state = look_at_files(search, dir_fd, list, changed);
	if (list)
		closedir(list);
	else if (fd >= 0)
		close(fd);
	if (state == EMPTY && !logtap_journal_is_settled(dir_fd))
		return UNDELIVERED;
	return state;
}

static void add_name(char *names, size_t room, const char *path)
{
	size_t size = strlen(names);
	if (size + strlen(path) + 2 < room)
		snprintf(names + size, room - size, "%s%s", size ? " " : "",
			 path);
}

static void keep(struct search *search, int dir_fd, const char *path)
{
	struct logtap_remains *out = search->out;
	if (!search->tell)
		return;
	if (search->sweep) {
		int fd = openat(dir_fd, TOLD_NAME,
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			return;
		close(fd);
	}
	if (!out->kept++)
		snprintf(out->path, sizeof(out->path), "%s", path);
	add_name(out->kept_names, sizeof(out->kept_names), path);
}

static void give_up(struct logtap_remains *out, const char *path)
{
	if (logtap_directory_remove(path))
		return;
	out->given_up++;
	add_name(out->given_up_names, sizeof(out->given_up_names), path);
}

static void judge(struct search *search, int dir_fd, const char *path)
{
	time_t changed = 0;
	enum state state = look_inside(search, dir_fd, &changed);
	if (state == IN_USE || search->now - changed < LOGTAP_REMAINS_REST_S)
		return;
	if (state == UNDELIVERED && search->sweep &&
	    search->now - changed > (time_t)LOGTAP_REMAINS_DAYS * DAY_S)
		give_up(search->out, path);
	else if (state == UNDELIVERED)
		keep(search, dir_fd, path);
	else if (search->sweep && !logtap_directory_remove(path))
		search->out->removed++;
}

/* As mkdtemp names them; a directory that a person made has another name. */
static bool is_made_by_run(const char *path)
{
	static const char prefix[] = LOGTAP_DIRECTORY_PREFIX;
	const char *name = strrchr(path, '/') + sizeof(prefix);
	return strlen(name) == 6 && strspn(name, "0123456789abcdefghijklmnop"
						 "qrstuvwxyzABCDEFGHIJKLMNO"
						 "PQRSTUVWXYZ") == 6;
}

static void look_at(void *context, const char *path)
{
	struct stat status;
	int lock = -1;
	int dir_fd =
		open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir_fd < 0)
		return;
	if (is_made_by_run(path) && !fstat(dir_fd, &status) &&
	    status.st_uid == geteuid() && take_locks(dir_fd, &lock))
		judge(context, dir_fd, path);
	if (lock >= 0)
		close(lock);
	close(dir_fd);
}

static void look(const char *const *places, struct search *search)
{
	memset(search->out, 0, sizeof(*search->out));
	logtap_sessions_each(places, look_at, search);
	logtap_mapped_files_deinit(&search->mapped);
}

void logtap_remains_look(const char *const *places, time_t now,
			 struct logtap_remains *out)
{
	look(places, &(struct search){.out = out, .now = now, .tell = true});
}

void logtap_remains_sweep(const char *const *places, time_t now, bool tell,
			  struct logtap_remains *out)
{
	look(places,
	     &(struct search){
		     .out = out, .now = now, .sweep = true, .tell = tell});
}

void logtap_remains_tell(const struct logtap_remains *remains)
{
	if (remains->given_up)
		logtap_error_say("removed what sessions left that were killed "
				 "more than %d days ago, with records that "
				 "were not delivered: %s",
				 LOGTAP_REMAINS_DAYS, remains->given_up_names);
	if (remains->kept > 1)
		logtap_error_say("%zu sessions of yours were killed with "
				 "records that were not delivered; deliver "
				 "them with: logtap collect --once --dir DIR "
				 "-o FILE; after %d days they are removed: %s",
				 remains->kept, LOGTAP_REMAINS_DAYS,
				 remains->kept_names);
	else if (remains->kept)
		logtap_error_say(
			"a session of yours was killed with records "
			"that were not delivered; deliver them with: "
			"logtap collect --once --dir %s -o FILE; after "
			"%d days they are removed",
			remains->path, LOGTAP_REMAINS_DAYS);
}

bool logtap_remains_make_room(void)
{
	struct logtap_remains remains;
	logtap_remains_sweep(NULL, time(NULL), false, &remains);
	logtap_remains_tell(&remains);
	return remains.removed || remains.given_up;
}
