/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Files opened by name: see the header.  Runs in the host's threads, after the
 * call that opened the file. */
#include "open.h"

#include "../arch/syscall.h"
#include "../bytes.h"
#include "../segment/create.h"
#include "../segment/procfs.h"
#include "glob.h"
#include "table.h"

#include <linux/major.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PATH_BYTES 512
#define INHERITED_MOST 9 /* a shell has no higher ones to give */

/* The last part of the path of what stderr is. */
static char stderr_name[256];

static const char *last_part(const char *path)
{
	const char *name = path;

	for (; *path; path++)
		if (*path == '/')
			name = path + 1;
	return name;
}

void logtap_open_remember(const char *path)
{
	const char *name = *path == '/' ? last_part(path) : "";

	if (logtap_bytes_length(name) >= sizeof stderr_name)
		name = "";
	logtap_bytes_string(stderr_name, sizeof stderr_name, name);
}

/* The descriptor that @path names, -1 if it names none. */
static int named(const char *path)
{
	const char *rest;
	uint64_t number;

	if (*path != '/' || (path[1] != 'd' && path[1] != 'p'))
		return -1;
	if (logtap_bytes_same(path, "/dev/stderr"))
		return STDERR_FILENO;
	if (logtap_bytes_same(path, "/dev/stdout"))
		return STDOUT_FILENO;
	rest = logtap_bytes_after(path, "/dev/fd/");
	if (!rest)
		rest = logtap_bytes_after(path, "/proc/self/fd/");
	if (!rest)
		rest = logtap_bytes_after(path, "/proc/thread-self/fd/");
	if (!rest || !logtap_bytes_number(&rest, &number) || *rest ||
	    number >= LOGTAP_FDS)
		return -1;
	return (int)number;
}

static bool look(int fd, struct stat *status)
{
	return !logtap_filtered() &&
	       logtap_sys2(SYS_fstat, fd, (long)status) == 0;
}

/* /dev/null and the like: what is written there by another name is not meant to
 * be read. */
static bool is_sink_of_nothing(const struct stat *status)
{
	return S_ISCHR(status->st_mode) && major(status->st_rdev) == MEM_MAJOR;
}

/* Is @fd the file that stderr is?  A terminal that is opened for both is a
 * user interface's. */
static bool is_stderr(int fd, bool both)
{
	unsigned tracked = logtap_fd_log(STDERR_FILENO);
	struct stat status;

	return tracked && look(fd, &status) &&
	       !(both && S_ISCHR(status.st_mode)) &&
	       !is_sink_of_nothing(&status) &&
	       logtap_segment_sink_is((uint8_t)(tracked - 1), status.st_dev,
				      status.st_ino);
}

/* A log file that was asked for, or nothing. */
static void note_path(int fd, const char *path)
{
	struct stat status;

	if (!logtap_glob_match_any(logtap_state.config.files, path) ||
	    !look(fd, &status) || S_ISDIR(status.st_mode))
		return;
	uint8_t sink = logtap_segment_sink(&(struct logtap_sink_description){
		.kind = LOGTAP_SINK_FILE,
		.device = status.st_dev,
		.inode = status.st_ino,
		.file_type = status.st_mode & S_IFMT,
		.path = path,
	});
	if (sink != LOGTAP_SINK_INDEX_UNKNOWN)
		logtap_fd_opened(fd, sink);
	else
		logtap_segment_diagnose(0, "too many log files are open: the "
					   "others are not captured");
}

static void note_file(int fd, const char *path)
{
	char room[PATH_BYTES];

	if (*path != '/' && !logtap_filtered()) {
		logtap_procfs_descriptor(fd, room, sizeof room);
		path = room;
	}
	note_path(fd, path);
}

void logtap_open_inherited(void)
{
	char path[PATH_BYTES];

	if (!logtap_state.config.files || logtap_filtered())
		return;
	for (int fd = STDOUT_FILENO; fd <= INHERITED_MOST; fd++) {
		if (logtap_fd(fd))
			continue;
		long flags = logtap_sys2(SYS_fcntl, fd, F_GETFL);
		if (flags < 0 || !logtap_open_writes((int)flags))
			continue;
		path[0] = '\0';
		logtap_procfs_descriptor(fd, path, sizeof path);
		note_path(fd, path);
	}
}

void logtap_open_noted(int fd, const char *path, bool both)
{
	int number = named(path);

	if (number >= 0) {
		if (number != fd && logtap_fd(number))
			logtap_fd_duplicated(number, fd);
		return;
	}
	if (both && logtap_bytes_after(path, "/dev/"))
		logtap_fd_reopened(fd);
	if (stderr_name[0] && logtap_bytes_same(last_part(path), stderr_name) &&
	    is_stderr(fd, both))
		logtap_fd_duplicated(STDERR_FILENO, fd);
	else if (logtap_state.config.files)
		note_file(fd, path);
}

void logtap_open_again(int before, int after, const char *path, bool both)
{
	if (!path && after >= 0)
		return;
	if (after < 0 || after != before) {
		if (logtap_fd(before))
			logtap_fd_closing(before);
		if (after < 0)
			return;
	}
	if (logtap_fd_is_standard(after)) {
		logtap_fd_renewed(after, path);
		return;
	}
	if (logtap_fd(after))
		logtap_fd_closing(after);
	logtap_open_noted(after, path, both);
}

int logtap_open_result(int fd, const char *path, int flags)
{
	/* Whatever it was, it was closed by a call that we did not see. */
	if (fd >= 0 && logtap_fd(fd))
		logtap_fd_closing(fd);
	if (fd >= 0 && logtap_open_writes(flags))
		logtap_open_noted(fd, path, (flags & O_ACCMODE) == O_RDWR);
	return fd;
}
