/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What processes have to do with a directory: see the header. */
#include "users.h"

#include "liveness.h"

#include <logtap/abi/segment.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Does a line of maps name a file in @directory?  Of one that was removed,
 * too: its process is as alive.  @ended: it has no memory any more. */
static bool maps_directory(uint32_t pid, const char *directory, bool *ended)
{
	char path[32], line[4600];
	size_t length = strlen(directory);
	snprintf(path, sizeof(path), "/proc/%u/maps", pid);
	FILE *file = fopen(path, "re");
	*ended = file || (errno != EACCES && errno != EPERM);
	if (!file)
		return false;
	bool found = false;
	while (!found && fgets(line, sizeof(line), file)) {
		const char *name = strchr(line, '/');
		*ended = false;
		found = name && !strncmp(name, directory, length) &&
			name[length] == '/' &&
			strstr(name + length, LOGTAP_SEGMENT_SUFFIX);
	}
	fclose(file);
	return found;
}

/* @empty: it has none, or none yet: posix_spawn(3) returns, and a process is in
 * the list, before the kernel has given the new image what it is started with. */
static bool has_in_environment(uint32_t pid, const char *directory, bool *empty)
{
	char path[32], *line = NULL;
	size_t room = 0;
	snprintf(path, sizeof(path), "/proc/%u/environ", pid);
	FILE *file = fopen(path, "re");
	*empty = false;
	if (!file)
		return false;
	bool found = false;
	*empty = true;
	while (!found && getdelim(&line, &room, 0, file) > 0) {
		*empty = false;
		found = !strncmp(line, "LOGTAP_DIR=", 11) &&
			!strcmp(line + 11, directory);
	}
	free(line);
	fclose(file);
	return found;
}

enum logtap_use logtap_process_use(uint32_t pid, const char *directory)
{
	bool ended, empty;
	if (maps_directory(pid, directory, &ended))
		return LOGTAP_USE_MAPPING;
	if (ended)
		return LOGTAP_USE_UNCLEAR;
	if (has_in_environment(pid, directory, &empty))
		return LOGTAP_USE_STARTING;
	return empty ? LOGTAP_USE_UNCLEAR : LOGTAP_USE_NONE;
}

void logtap_users_count(const char *directory, struct logtap_users *users)
{
	/* Clock ticks; a supervisor may start its program before us. */
	enum { SLACK_TICKS = 300 };
	uint32_t self = (uint32_t)getpid();
	uint64_t ours = logtap_process_start(self);
	memset(users, 0, sizeof(*users));
	DIR *dir = opendir("/proc");
	if (!dir)
		return;
	struct dirent *entry;
	while ((entry = readdir(dir))) {
		uint32_t pid = (uint32_t)strtoul(entry->d_name, NULL, 10);
		if (!pid || pid == self)
			continue;
		uint64_t ticks = logtap_process_start(pid);
		if (ticks && ticks + SLACK_TICKS < ours)
			continue;
		switch (logtap_process_use(pid, directory)) {
		case LOGTAP_USE_MAPPING:
			users->mapping++;
			break;
		case LOGTAP_USE_STARTING:
			users->starting++;
			break;
		case LOGTAP_USE_UNCLEAR:
			users->unclear++;
			break;
		case LOGTAP_USE_NONE:
			break;
		}
	}
	closedir(dir);
}
