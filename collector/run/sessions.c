/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Finds running sessions: see the header.  Main thread. */
#include "sessions.h"

#include "../base/error.h"
#include "directory.h"
#include "session.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A name that anyone could have made says nothing: its owner does. */
static bool is_ours(const char *path)
{
	struct stat directory;

	return !lstat(path, &directory) && S_ISDIR(directory.st_mode) &&
	       directory.st_uid == geteuid();
}

static void note(struct logtap_sessions *out, const char *path)
{
	size_t size = strlen(out->names);

	if (!out->count++)
		snprintf(out->path, sizeof(out->path), "%s", path);
	if (size + strlen(path) + 2 < sizeof(out->names))
		snprintf(out->names + size, sizeof(out->names) - size, "%s%s",
			 size ? " " : "", path);
}

static void look_in(const char *place, logtap_sessions_each_fn *each,
		    void *context)
{
	static const char prefix[] = LOGTAP_DIRECTORY_PREFIX;
	char path[PATH_MAX];
	const struct dirent *entry;
	DIR *directory = opendir(place);

	while (directory && (entry = readdir(directory))) {
		int size = snprintf(path, sizeof(path), "%s/%s", place,
				    entry->d_name);
		if (strncmp(entry->d_name, prefix, sizeof(prefix) - 1) != 0 ||
		    size < 0 || (size_t)size >= sizeof(path) || !is_ours(path))
			continue;
		each(context, path);
	}
	if (directory)
		closedir(directory);
}

void logtap_sessions_each(const char *const *places,
			  logtap_sessions_each_fn *each, void *context)
{
	const char *usual[] = {LOGTAP_DIRECTORY_PLACE,
			       getenv(LOGTAP_DIRECTORY_PLACE_VARIABLE), NULL};

	if (!places)
		places = usual;
	for (; *places; places++)
		look_in(*places, each, context);
}

struct search {
	logtap_session_wanted_fn *wanted;
	struct logtap_sessions *out;
};

static void note_live(void *context, const char *path)
{
	const struct search *search = context;

	if (logtap_session_is_live(path) &&
	    (!search->wanted || search->wanted(path)))
		note(search->out, path);
}

void logtap_sessions_find(const char *const *places,
			  logtap_session_wanted_fn *wanted,
			  struct logtap_sessions *out)
{
	struct search search = {.wanted = wanted, .out = out};

	memset(out, 0, sizeof(*out));
	logtap_sessions_each(places, note_live, &search);
}

const char *logtap_sessions_choose(const char *command, const char *directory)
{
	static struct logtap_sessions sessions;
	char what[64];

	if (!directory)
		directory = getenv("LOGTAP_DIR");
	if (directory && *directory)
		return directory;
	logtap_sessions_find(NULL, NULL, &sessions);
	if (sessions.count > 1) {
		snprintf(what, sizeof(what), "%s --dir", command);
		logtap_error_print(what, sessions.names,
				   "more than one session runs",
				   "name one of them");
		return NULL;
	}
	return sessions.count ? sessions.path : LOGTAP_SERVICE_DIRECTORY;
}
