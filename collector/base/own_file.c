/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Files of our own among those of others: see the header.  Any thread. */
#include "own_file.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Somebody may put another thing there each time. */
enum { TRIES = 16, NAME_BYTES = 300 };

bool logtap_own_file_is(const struct stat *status)
{
	return S_ISREG(status->st_mode) && status->st_uid == geteuid() &&
	       status->st_nlink == 1;
}

static bool is_trusted(int dir_fd, int fd)
{
	struct stat directory, file;

	return !fstat(fd, &file) && S_ISREG(file.st_mode) &&
	       (!file.st_uid || file.st_uid == geteuid() ||
		(!fstat(dir_fd, &directory) &&
		 file.st_uid == directory.st_uid));
}

int logtap_own_file_read_at(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
				O_CLOEXEC);
	if (fd < 0)
		return errno == ELOOP ? -EPERM : -errno;
	if (is_trusted(dir_fd, fd))
		return fd;
	close(fd);
	return -EPERM;
}

int logtap_own_file_read(const char *path)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');

	snprintf(directory, sizeof(directory), "%.*s",
		 slash ? (int)(slash - path) : 1, slash ? path : ".");
	int dir_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return -errno;
	int fd = logtap_own_file_read_at(dir_fd, slash ? slash + 1 : path);
	close(dir_fd);
	return fd;
}

/* Return: a descriptor, or -errno; -EEXIST: there is something else. */
static int open_once(int dir_fd, const char *name, int flags, mode_t mode)
{
	struct stat status;
	/* O_NONBLOCK: a FIFO must not hold us. */
	int fd = openat(dir_fd, name,
			(flags & ~(O_CREAT | O_TRUNC)) | O_NOFOLLOW |
				O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && flags & O_CREAT) {
		fd = openat(dir_fd, name,
			    flags | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
		return fd < 0 ? -errno : fd;
	}
	if (fd < 0)
		return errno == ENOENT || errno == EMFILE || errno == ENFILE ||
				       errno == ENOMEM
			       ? -errno
			       : -EEXIST;
	int error = fstat(fd, &status)			  ? -errno
		    : !logtap_own_file_is(&status)	  ? -EEXIST
		    : flags & O_TRUNC && ftruncate(fd, 0) ? -errno
							  : 0;
	if (!error)
		return fd;
	close(fd);
	return error;
}

int logtap_own_file_open(int dir_fd, const char *name, int flags, mode_t mode)
{
	int fd = -EEXIST;

	for (int i = 0; i < TRIES && fd == -EEXIST; i++) {
		fd = open_once(dir_fd, name, flags, mode);
		int error =
			fd == -EEXIST ? logtap_own_file_clear(dir_fd, name) : 0;
		if (error)
			return error;
	}
	return fd;
}

/* A folder with something in it may be anybody's, and large. */
static int move_away(int dir_fd, const char *name)
{
	char other[NAME_BYTES];
	uint64_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint64_t)getpid();
	snprintf(other, sizeof(other), "%s.%016llx", name,
		 (unsigned long long)random);
	return renameat(dir_fd, name, dir_fd, other) ? -errno : 0;
}

static int put_away(int dir_fd, const char *name, bool folder)
{
	if (!folder)
		return unlinkat(dir_fd, name, 0) ? -errno : 0;
	if (!unlinkat(dir_fd, name, AT_REMOVEDIR))
		return 0;
	return errno == ENOTEMPTY || errno == EEXIST ? move_away(dir_fd, name)
						     : -errno;
}

int logtap_own_file_clear(int dir_fd, const char *name)
{
	struct stat status;

	if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	if (logtap_own_file_is(&status))
		return 0;
	int error = put_away(dir_fd, name, S_ISDIR(status.st_mode));
	if (error)
		return error == -ENOENT ? 0 : error;
	logtap_log(LOGTAP_LOG_WARN, "collect",
		   "put away what user %u had left under the name of a file "
		   "of the collector's own name=%s",
		   (unsigned)status.st_uid, name);
	return 0;
}
