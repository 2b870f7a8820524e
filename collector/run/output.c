/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where the records of a session go when nobody said it.  Main thread. */
#include "output.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 64, SUFFIXES_MAX = 1000 };

/* Only what needs no quoting anywhere. */
static void plain_name(const char *command, char name[NAME_BYTES])
{
	const char *slash = strrchr(command, '/');
	size_t size = 0;
	for (const char *at = slash ? slash + 1 : command;
	     *at && size < NAME_BYTES - 1; at++)
		name[size++] = isalnum((unsigned char)*at) || strchr("-_.", *at)
				       ? *at
				       : '_';
	name[size] = '\0';
}

static int make_directory_in(const char *place, char *path, size_t path_bytes)
{
	int size = snprintf(path, path_bytes, "%s/logtap-XXXXXX", place);
	if ((size_t)size >= path_bytes)
		return -ENAMETOOLONG;
	return mkdtemp(path) ? 0 : -errno;
}

static int make_directory(char *path, size_t path_bytes)
{
	const char *place = getenv("TMPDIR");
	if (place && *place && !make_directory_in(place, path, path_bytes))
		return 0;
	return make_directory_in("/tmp", path, path_bytes);
}

/* Root may write also where the directory is gone. */
static bool can_write_here(void)
{
	struct stat here;
	return !faccessat(AT_FDCWD, ".", W_OK | X_OK, AT_EACCESS) &&
	       !stat(".", &here) && here.st_nlink;
}

int logtap_output_default(const char *command, pid_t pid, char *path,
			  size_t path_bytes, bool *elsewhere)
{
	char name[NAME_BYTES];
	struct stat status;

	plain_name(command, name);
	*path = '\0';
	*elsewhere = !can_write_here();
	if (*elsewhere) {
		int error = make_directory(path, path_bytes);
		if (error)
			return error;
		strncat(path, "/", path_bytes - strlen(path) - 1);
	}
	size_t size = strlen(path);
	for (int i = 0; i < SUFFIXES_MAX; i++) {
		char suffix[16] = "";
		if (i)
			snprintf(suffix, sizeof(suffix), ".%d", i);
		int more = snprintf(path + size, path_bytes - size,
				    "logtap-%s-%d.otlp.jsonl%s", name, (int)pid,
				    suffix);
		if ((size_t)more >= path_bytes - size)
			return -ENAMETOOLONG;
		if (lstat(path, &status) && errno == ENOENT)
			return 0;
	}
	return -EEXIST;
}

void logtap_output_drop_empty(const char *path, bool elsewhere)
{
	struct stat status;
	if (lstat(path, &status) || !S_ISREG(status.st_mode) ||
	    status.st_size > 0 || unlink(path))
		return;
	char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	if (elsewhere && slash) {
		*slash = '\0';
		rmdir(folder);
	}
	free(folder);
}
