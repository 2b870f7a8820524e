/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Is a process still there: see the header. */
#include "liveness.h"

#include "../base/grow.h"

#include <logtap/abi/segment.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* State and start of a task, from its stat file.  False: no such task. */
static bool read_stat(const char *path, char *state, uint64_t *start_ticks)
{
	char line[1024];
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	size_t got = fread(line, 1, sizeof(line) - 1, file);
	fclose(file);
	line[got] = 0;
	/* The name may hold anything, also parentheses. */
	const char *at = strrchr(line, ')');
	if (!at)
		return false;
	unsigned long long ticks;
	if (sscanf(at + 1,
		   " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%*s %*s %*s %*s %*s %llu",
		   state, &ticks) != 2)
		return false;
	*start_ticks = ticks;
	return true;
}

/* Of a process's first thread.  Its own file says the same of it, but adds up
 * what all its threads have used. */
static bool read_leader(uint32_t pid, char *state, uint64_t *start_ticks)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%u/task/%u/stat", pid, pid);
	return read_stat(path, state, start_ticks);
}

uint64_t logtap_process_start(uint32_t pid)
{
	char state;
	uint64_t ticks;
	return read_leader(pid, &state, &ticks) ? ticks : 0;
}

static bool runs(char state)
{
	return state != 'Z' && state != 'X' && state != 'x';
}

/* A leader that is a zombie may have left threads behind. */
static bool has_running_thread(uint32_t pid)
{
	char path[300];
	snprintf(path, sizeof(path), "/proc/%u/task", pid);
	DIR *dir = opendir(path);
	if (!dir)
		return false;
	bool found = false;
	struct dirent *entry;
	while (!found && (entry = readdir(dir))) {
		char state;
		uint64_t ticks;
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%u/task/%s/stat", pid,
			 entry->d_name);
		found = read_stat(path, &state, &ticks) && runs(state);
	}
	closedir(dir);
	return found;
}

enum logtap_liveness logtap_process_liveness(uint32_t pid, uint64_t start_ticks)
{
	char state;
	uint64_t ticks;
	if (!pid || pid > INT32_MAX)
		return LOGTAP_UNKNOWN;
	if (!read_leader(pid, &state, &ticks))
		/* hidepid hides it from /proc but not from kill. */
		return kill((pid_t)pid, 0) && errno == ESRCH ? LOGTAP_UNKNOWN
							     : LOGTAP_ALIVE;
	if (start_ticks && ticks != start_ticks)
		return LOGTAP_UNKNOWN;
	return runs(state) || has_running_thread(pid) ? LOGTAP_ALIVE
						      : LOGTAP_GONE;
}

enum logtap_liveness logtap_thread_liveness(uint32_t pid, uint32_t tid)
{
	char path[64], state;
	uint64_t ticks;
	snprintf(path, sizeof(path), "/proc/%u/task", pid);
	if (!pid || !tid || access(path, X_OK))
		return LOGTAP_UNKNOWN;
	snprintf(path, sizeof(path), "/proc/%u/task/%u/stat", pid, tid);
	return read_stat(path, &state, &ticks) && runs(state) ? LOGTAP_ALIVE
							      : LOGTAP_GONE;
}

static void add_mapped(struct logtap_mapped_files *files, dev_t device,
		       ino_t inode)
{
	if (logtap_mapped_files_have(files, device, inode))
		return;
	void *grown = logtap_grown(files->items, files->count, &files->room,
				   sizeof(*files->items), 16);
	if (!grown) {
		files->failed = true;
		return;
	}
	files->items = grown;
	files->items[files->count++] =
		(struct logtap_mapped_file){device, inode};
}

/* Return: 0; -errno when the process is gone or not ours to look at. */
static int add_mapped_by(struct logtap_mapped_files *files, const char *pid)
{
	char path[300], line[4600];
	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		unsigned device_major, device_minor;
		unsigned long long inode;
		if (strstr(line, LOGTAP_SEGMENT_SUFFIX) &&
		    sscanf(line, "%*s %*s %*s %x:%x %llu", &device_major,
			   &device_minor, &inode) == 3)
			add_mapped(files, makedev(device_major, device_minor),
				   (ino_t)inode);
	}
	fclose(file);
	return 0;
}

void logtap_mapped_files_read(struct logtap_mapped_files *files)
{
	char self[16];
	snprintf(self, sizeof(self), "%d", getpid());
	DIR *dir = opendir("/proc");
	if (!dir) {
		files->failed = true;
		return;
	}
	struct dirent *entry;
	while ((entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    strcmp(entry->d_name, self))
			add_mapped_by(files, entry->d_name);
	closedir(dir);
}

void logtap_mapped_files_deinit(struct logtap_mapped_files *files)
{
	free(files->items);
	memset(files, 0, sizeof(*files));
}

bool logtap_mapped_files_have(const struct logtap_mapped_files *files,
			      dev_t device, ino_t inode)
{
	for (size_t i = 0; i < files->count; i++)
		if (files->items[i].inode == inode &&
		    files->items[i].device == device)
			return true;
	return files->failed;
}

/* The real, effective, saved and file system user. */
static bool has_user(uint32_t pid, uid_t user)
{
	char path[64], line[256];
	unsigned id[4] = {user};
	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Uid: %u %u %u %u", &id[0], &id[1], &id[2],
			   &id[3]) == 4)
			break;
	fclose(file);
	return id[0] == user || id[1] == user || id[2] == user || id[3] == user;
}

bool logtap_process_may_map(uint32_t pid, dev_t device, ino_t inode,
			    uid_t owner)
{
	struct logtap_mapped_files files = {0};
	char name[16];
	snprintf(name, sizeof(name), "%u", pid);
	int error = add_mapped_by(&files, name);
	bool may = error ? error != -ENOENT && has_user(pid, owner)
			 : logtap_mapped_files_have(&files, device, inode);
	logtap_mapped_files_deinit(&files);
	return may;
}

uint64_t logtap_own_pid_namespace(void)
{
	struct stat status;
	return stat("/proc/self/ns/pid", &status) ? 0 : status.st_ino;
}
