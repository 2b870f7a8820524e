/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where the files of this installation are: see the header.  Main thread. */
#include "library.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MULTIARCH "x86_64-linux-gnu"
#elif defined(__aarch64__)
#define MULTIARCH "aarch64-linux-gnu"
#elif defined(__riscv)
#define MULTIARCH "riscv64-linux-gnu"
#elif defined(__s390x__)
#define MULTIARCH "s390x-linux-gnu"
#elif defined(__powerpc64__)
#define MULTIARCH "powerpc64le-linux-gnu"
#else
#define MULTIARCH "."
#endif

#define NAME "liblogtap.so"

/* From the folder that the program is in. */
static const char *const places[] = {
	"../shim/" NAME, /* build tree */
	"../lib/logtap/" NAME,
	"../lib/" MULTIARCH "/logtap/" NAME,
	"../lib64/logtap/" NAME,
};

int logtap_program_path(char *path, size_t path_bytes)
{
	ssize_t size = readlink("/proc/self/exe", path, path_bytes);
	if (size < 0)
		return -errno;
	if ((size_t)size >= path_bytes)
		return -ENAMETOOLONG;
	path[size] = '\0';
	return 0;
}

/* LD_PRELOAD has no way to quote. */
static int expressible(const char *path, char *why, size_t why_bytes)
{
	if (!strpbrk(path, " :"))
		return 0;
	snprintf(why, why_bytes,
		 "%s: LD_PRELOAD cannot express a path with a space or a "
		 "colon; set LOGTAP_LIBRARY to a copy of it elsewhere",
		 path);
	return -ENOENT;
}

static int find_override(const char *library, char *path, size_t path_bytes,
			 char *why, size_t why_bytes)
{
	char *real = realpath(library, NULL);
	if (!real || access(real, R_OK) || strlen(real) >= path_bytes) {
		snprintf(why, why_bytes,
			 "LOGTAP_LIBRARY: %s: %s; set it to the path of "
			 "liblogtap.so, or unset it",
			 library, strerror(errno));
		free(real);
		return -ENOENT;
	}
	snprintf(path, path_bytes, "%s", real);
	free(real);
	return expressible(path, why, why_bytes);
}

int logtap_library_find(char *path, size_t path_bytes, char *why,
			size_t why_bytes)
{
	const char *override = getenv("LOGTAP_LIBRARY");
	if (override && *override)
		return find_override(override, path, path_bytes, why,
				     why_bytes);

	char program[PATH_MAX] = "";
	logtap_program_path(program, sizeof(program));
	char *slash = strrchr(program, '/');
	if (slash)
		*slash = '\0';
	for (size_t i = 0; slash && i < sizeof(places) / sizeof(places[0]);
	     i++) {
		char candidate[PATH_MAX + 64];
		snprintf(candidate, sizeof(candidate), "%s/%s", program,
			 places[i]);
		char *real = realpath(candidate, NULL);
		if (real && !access(real, R_OK) && strlen(real) < path_bytes) {
			snprintf(path, path_bytes, "%s", real);
			free(real);
			return expressible(path, why, why_bytes);
		}
		free(real);
	}
	snprintf(why, why_bytes,
		 "liblogtap.so: not found beside %s nor in ../lib/logtap; "
		 "set LOGTAP_LIBRARY to its path",
		 *program ? program : "the program (is /proc mounted?)");
	return -ENOENT;
}

bool logtap_library_widen(char *path, size_t path_bytes)
{
	char wide[PATH_MAX + 64];
	const char *slash = strrchr(path, '/');

	snprintf(wide, sizeof(wide), "%.*s/any/$LIB/" NAME,
		 slash ? (int)(slash - path) : 0, path);
	if (!slash || strlen(wide) >= path_bytes || access(wide, R_OK))
		return false;
	strcpy(path, wide);
	return true;
}
