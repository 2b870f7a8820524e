/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Is a collector at work in a directory?  Main thread. */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int lock(int fd, short type)
{
	struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
	if (!fcntl(fd, F_OFD_SETLK, &whole))
		return 0;
	return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

int logtap_session_lock(int fd)
{
	return lock(fd, F_WRLCK);
}

int logtap_session_lock_to_look(int fd)
{
	return lock(fd, F_RDLCK);
}

/* Asks, and takes nothing: a collector that starts just now must not find the
 * lock taken by who only looks. */
static bool is_locked(int directory, const char *name)
{
	struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	int fd = openat(directory, name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool locked =
		!fcntl(fd, F_OFD_GETLK, &whole) && whole.l_type != F_UNLCK;
	close(fd);
	return locked;
}

bool logtap_session_is_live(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool live = is_locked(fd, LOGTAP_SESSION_LOCK);
	close(fd);
	return live;
}
