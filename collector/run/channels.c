/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Channels: see the header.  Main thread. */
#include "channels.h"

#include "../../shim/fd/glob.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As the library has it (LOGTAP_FILES_BYTES), with the NUL. */
enum { FILES_BYTES = 2048 };

void logtap_channels_session(char out[LOGTAP_SESSION_SINKS_BYTES],
			     unsigned closed)
{
	struct stat error = {0}, output = {0};

	if (!(closed & 1U << STDERR_FILENO))
		fstat(STDERR_FILENO, &error);
	if (!(closed & 1U << STDOUT_FILENO))
		fstat(STDOUT_FILENO, &output);
	snprintf(out, LOGTAP_SESSION_SINKS_BYTES,
		 "%" PRIu64 ":%" PRIu64 ",%" PRIu64 ":%" PRIu64,
		 (uint64_t)error.st_dev, (uint64_t)error.st_ino,
		 (uint64_t)output.st_dev, (uint64_t)output.st_ino);
}

/* A working directory may have characters that mean something in a pattern. */
static void add_escaped(char *out, size_t room, const char *text)
{
	size_t at = strlen(out);

	for (; *text && at + 2 < room; text++) {
		if (strchr("*?[\\:", *text))
			out[at++] = '\\';
		out[at++] = *text;
	}
	out[at] = '\0';
}

static int set_files(struct logtap_variables *environment,
		     const struct logtap_option_list *files)
{
	char patterns[FILES_BYTES] = "", directory[PATH_MAX];
	const char *given = logtap_variables_get(environment, "LOGTAP_FILES");

	if (!getcwd(directory, sizeof(directory)))
		directory[0] = '\0';
	if (given && strlen(given) < sizeof(patterns))
		strcpy(patterns, given);
	for (size_t i = 0; i < files->count; i++) {
		size_t size = strlen(patterns);
		if (size && size + 1 < sizeof(patterns))
			strcat(patterns, ":");
		if (*files->items[i] != '/') {
			add_escaped(patterns, sizeof(patterns) - 1, directory);
			strcat(patterns, "/");
		}
		size = strlen(patterns);
		if (size + strlen(files->items[i]) >= sizeof(patterns))
			return -E2BIG;
		strcat(patterns, files->items[i]);
	}
	return logtap_variables_set(environment, "LOGTAP_FILES", patterns);
}

int logtap_channels_set(struct logtap_variables *environment,
			const struct logtap_channels *channels)
{
	int error = 0;

	if (channels->out)
		error = logtap_variables_set(environment, "LOGTAP_STDOUT", "1");
	if (!error && channels->files && channels->files->count)
		error = set_files(environment, channels->files);
	if (!error && channels->session && *channels->session)
		error = logtap_variables_set(environment, "LOGTAP_SINK",
					     channels->session);
	return error;
}

bool logtap_channels_have_out(const struct logtap_variables *environment)
{
	const char *value = logtap_variables_get(environment, "LOGTAP_STDOUT");

	return value && !strcmp(value, "1");
}

/* Without links in its folder; the file itself need not be there. */
static bool make_absolute(const char *path, char out[PATH_MAX])
{
	char folder[PATH_MAX], real[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t bytes = slash ? (size_t)(slash - path) : 0;

	if (bytes >= sizeof(folder))
		return false;
	snprintf(folder, sizeof(folder), "%.*s", (int)bytes, path);
	if (!realpath(slash ? bytes ? folder : "/" : ".", real))
		return false;
	int size = snprintf(out, PATH_MAX, "%s%s%s", real, real[1] ? "/" : "",
			    slash ? slash + 1 : path);
	return size < PATH_MAX;
}

bool logtap_channels_match(const char *patterns, const char *path)
{
	char absolute[PATH_MAX];

	return make_absolute(path, absolute) &&
	       logtap_glob_match_any(patterns, absolute);
}

bool logtap_channels_have_file(const struct logtap_variables *environment,
			       const char *path)
{
	const char *patterns =
		logtap_variables_get(environment, "LOGTAP_FILES");

	return patterns && *patterns && logtap_channels_match(patterns, path);
}
