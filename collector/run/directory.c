/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The private directory of one session: see the header.  Main thread. */
#include "directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

/* With less room than this not even one program gets its rings. */
enum { ROOM_BYTES = 1 << 20 };

/* Return: NULL, or what is wrong with @place. */
static const char *unfit(const char *place)
{
	struct statfs fs;
	if (*place != '/' || strpbrk(place, " :"))
		return "not a plain absolute path";
	if (statfs(place, &fs))
		return strerror(errno);
	if (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC)
		return "not a tmpfs";
	/* Without a size limit it reports no blocks at all. */
	if (fs.f_blocks &&
	    (unsigned long long)fs.f_bavail * (unsigned long long)fs.f_bsize <
		    ROOM_BYTES)
		return "full";
	return NULL;
}

static void note(char *why, size_t why_bytes, const char *place,
		 const char *reason)
{
	size_t size = strlen(why);
	snprintf(why + size, why_bytes - size, "%s%s: %s", size ? ", " : "",
		 place, reason);
}

static bool try_place(const char *place, char *path, size_t path_bytes,
		      char *why, size_t why_bytes)
{
	const char *reason = unfit(place);
	if (!reason) {
		int size =
			snprintf(path, path_bytes,
				 "%s/" LOGTAP_DIRECTORY_PREFIX "XXXXXX", place);
		if (size < 0 || (size_t)size >= path_bytes)
			reason = strerror(ENAMETOOLONG);
		else if (!mkdtemp(path))
			reason = strerror(errno);
	}
	if (reason)
		note(why, why_bytes, place, reason);
	return !reason;
}

int logtap_directory_new(char *path, size_t path_bytes, char *why,
			 size_t why_bytes)
{
	const char *runtime = getenv(LOGTAP_DIRECTORY_PLACE_VARIABLE);

	*why = '\0';
	if (try_place(LOGTAP_DIRECTORY_PLACE, path, path_bytes, why, why_bytes))
		return 0;
	if (!runtime || !*runtime)
		note(why, why_bytes, LOGTAP_DIRECTORY_PLACE_VARIABLE,
		     "not set");
	else if (try_place(runtime, path, path_bytes, why, why_bytes))
		return 0;
	*path = '\0';
	return LOGTAP_DIRECTORY_NO_MEMORY;
}

int logtap_directory_remove(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	if (!directory) {
		int error = -errno;
		if (fd >= 0)
			close(fd);
		return error;
	}
	const struct dirent *entry;
	while ((entry = readdir(directory))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(fd, entry->d_name, 0);
	}
	closedir(directory);
	return rmdir(path) ? -errno : 0;
}
