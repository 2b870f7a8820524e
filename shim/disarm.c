/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Standing down: see the header. */
#include "disarm.h"

#include "arch/syscall.h"
#include "auxv.h"
#include "bytes.h"
#include "fd/table.h"
#include "hook/exec.h"
#include "hook/libc_call.h"
#include "hook/syslog.h"
#include "state.h"

#include <fcntl.h>
#include <sys/stat.h>

static long status_of(const char *path, struct stat *status)
{
	long fd, error;

	if (!logtap_filtered())
		return logtap_sys4(SYS_newfstatat, AT_FDCWD, (long)path,
				   (long)status, AT_SYMLINK_NOFOLLOW);
	fd = logtap_sys4(SYS_openat, AT_FDCWD, (long)path,
			 O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
	if (fd < 0)
		return fd;
	error = logtap_sys2(SYS_fstat, fd, (long)status);
	logtap_sys1(SYS_close, fd);
	return error;
}

static bool disarms(const char *path)
{
	struct stat status;

	return status_of(path, &status) == 0 && S_ISREG(status.st_mode) &&
	       status.st_nlink == 1 &&
	       (!status.st_uid || status.st_uid == logtap_auxv(AT_EUID));
}

bool logtap_disarm_wanted(void)
{
	char path[LOGTAP_DIRECTORY_BYTES + 16];
	size_t at = 0;

	logtap_bytes_put(path, sizeof path, &at, logtap_state.config.directory);
	logtap_bytes_put(path, sizeof path, &at, "/" LOGTAP_DISARM_NAME);
	return disarms(path) ||
	       disarms(LOGTAP_DISARM_FOLDER "/" LOGTAP_DISARM_NAME);
}

void logtap_disarm(void)
{
	atomic_store(&logtap_armed_word, 0);
	atomic_store(&logtap_following, 0);
	atomic_store(&logtap_writers_active, 0);
	atomic_store(&logtap_syslog_active, 0);
	__builtin_memset(logtap_fds, 0, sizeof logtap_fds);
}
