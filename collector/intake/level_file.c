/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Thresholds of events on their way from the file in the directory, or from the
 * command line, to the control pages.  Runs in the reader's thread. */
#include "../base/log.h"
#include "hosts.h"
#include "intake.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads the file's first line into the thresholds in force. */
static bool read_levels(struct logtap_intake *intake, int fd)
{
	char text[LOGTAP_LEVEL_BYTES + 1], why[160];
	ssize_t got = pread(fd, text, LOGTAP_LEVEL_BYTES, 0);
	text[got > 0 ? got : 0] = 0;
	if (got < 0 ||
	    !logtap_levels_parse(text, &intake->levels, why, sizeof(why))) {
		logtap_log(LOGTAP_LOG_WARN, "reader",
			   "the file " LOGTAP_LEVEL_NAME
			   " is ignored: error=%s",
			   got < 0 ? strerror(errno) : why);
		return false;
	}
	logtap_log(LOGTAP_LOG_INFO, "reader",
		   "thresholds of events changed level=%.*s",
		   (int)strcspn(text, "\n"), text);
	return true;
}

static bool is_ours(const struct stat *status)
{
	return S_ISREG(status->st_mode) &&
	       (!status->st_uid || status->st_uid == geteuid());
}

/* What the command line says, or nothing. */
static void fall_back(struct logtap_intake *intake)
{
	if (intake->given_levels)
		intake->levels = *intake->given_levels;
	intake->levels_set = intake->given_levels;
	intake->levels_version++;
}

void logtap_level_look(struct logtap_intake *intake)
{
	struct logtap_level_file *last = &intake->level_file;
	struct stat status = {0};
	int fd = openat(intake->dir_fd, LOGTAP_LEVEL_NAME,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool there = fd >= 0 && !fstat(fd, &status) && is_ours(&status);
	if (!intake->levels_version || (last->there && !there))
		fall_back(intake);
	if (there && (!last->there || status.st_ino != last->inode ||
		      status.st_mtim.tv_sec != last->changed.tv_sec ||
		      status.st_mtim.tv_nsec != last->changed.tv_nsec)) {
		/* One that makes no sense leaves what was in force. */
		if (read_levels(intake, fd)) {
			intake->levels_set = true;
			intake->levels_version++;
		}
		last->inode = status.st_ino;
		last->changed = status.st_mtim;
	}
	last->there = there;
	if (fd >= 0)
		close(fd);
}

void logtap_level_tell(const struct logtap_intake *intake,
		       struct logtap_intake_segment *segment)
{
	if (segment->levels_version == intake->levels_version)
		return;
	segment->levels_version = intake->levels_version;
	if (intake->levels_set)
		logtap_levels_store(&intake->levels, segment->file.control);
	else
		logtap_levels_withdraw(segment->file.control);
}
