/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A process that runs: see the header.  Main thread. */
#include "running.h"

#include "../intake/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_of(pid_t pid, const char *name)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* A whole file of /proc, with a NUL more than it has.  Return: 0 or errno. */
static int read_whole(pid_t pid, const char *name, char **out, size_t *bytes)
{
	int fd = open_of(pid, name);
	size_t room = 0;
	ssize_t got = 1;
	if (fd < 0)
		return errno;
	*out = NULL;
	*bytes = 0;
	while (got > 0) {
		if (room - *bytes < 4096) {
			room = room ? 2 * room : 16384;
			char *grown = realloc(*out, room);
			if (!grown) {
				errno = ENOMEM;
				got = -1;
				break;
			}
			*out = grown;
		}
		got = read(fd, *out + *bytes, room - *bytes - 2);
		if (got > 0)
			*bytes += (size_t)got;
	}
	int error = got < 0 ? errno : 0;
	close(fd);
	if (error) {
		free(*out);
		*out = NULL;
		return error;
	}
	memset(*out + *bytes, 0, 2);
	return 0;
}

/* The words of /proc/PID/cmdline. */
static int read_command(struct logtap_running *running)
{
	size_t bytes, count = 0;
	int error =
		read_whole(running->pid, "cmdline", &running->command, &bytes);
	if (error)
		return error;
	for (size_t i = 0; i < bytes; i++)
		count += !running->command[i];
	running->argv = calloc(count + 2, sizeof(char *));
	if (!running->argv)
		return ENOMEM;
	char *at = running->command;
	for (size_t i = 0; at < running->command + bytes; i++) {
		running->argv[i] = at;
		at += strlen(at) + 1;
	}
	return 0;
}

/* What a host wrote: the header is checked in the copy, the slots' places come
 * from that. */
bool logtap_running_segment_read(struct logtap_running_segment *segment, int fd)
{
	struct stat status;
	struct logtap_segment *header = &segment->header;
	if (fstat(fd, &status) ||
	    pread(fd, header, sizeof(*header), 0) != sizeof(*header)) {
		segment->bad = "it is shorter than a header";
		return false;
	}
	segment->bad = logtap_segment_check(header, (uint64_t)status.st_size);
	if (segment->bad)
		return false;
	size_t bytes = (size_t)header->slot_count * sizeof(struct logtap_slot);
	segment->slots = aligned_alloc(LOGTAP_CACHE_LINE_BYTES, bytes);
	if (!segment->slots ||
	    pread(fd, &segment->control, sizeof(segment->control),
		  (off_t)header->control_offset) != sizeof(segment->control) ||
	    pread(fd, segment->slots, bytes, (off_t)header->slots_offset) !=
		    (ssize_t)bytes)
		segment->bad = "it was cut short";
	return !segment->bad;
}

/* @range: of the mapping, as /proc/PID/map_files names it. */
static int open_segment(pid_t pid, const char *path, const char *range)
{
	char from_root[PATH_MAX + 32];
	snprintf(from_root, sizeof(from_root), "/proc/%d/root%s", (int)pid,
		 path);
	int fd = open(from_root, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		return fd;
	snprintf(from_root, sizeof(from_root), "/proc/%d/map_files/%s",
		 (int)pid, range);
	return open(from_root, O_RDONLY | O_CLOEXEC);
}

static int add_segment(struct logtap_running *running, const char *path,
		       const char *range)
{
	if (running->segment_count == LOGTAP_RUNNING_SEGMENTS_MAX)
		return 0;
	size_t count = running->segment_count;
	struct logtap_running_segment *grown = realloc(
		running->segments, (count + 1) * sizeof(*running->segments));
	if (!grown)
		return ENOMEM;
	running->segments = grown;
	struct logtap_running_segment *segment = &grown[count];
	memset(segment, 0, sizeof(*segment));
	running->segment_count++;
	snprintf(segment->path, sizeof(segment->path), "%s", path);
	int fd = open_segment(running->pid, path, range);
	if (fd < 0) {
		segment->bad = "it cannot be opened";
		return 0;
	}
	logtap_running_segment_read(segment, fd);
	close(fd);
	return 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), part = strlen(end);
	return size >= part && !strcmp(text + size - part, end);
}

static int look_at_map(struct logtap_running *running, char *line)
{
	const char *path = strchr(line, '/');
	char *slash, range[64];
	if (!path)
		return 0;
	if (ends_with(path, " (deleted)"))
		line[strlen(line) - strlen(" (deleted)")] = '\0';
	slash = strrchr(path, '/');
	if (!strncmp(slash + 1, "liblogtap.so", 12))
		snprintf(running->library, sizeof(running->library), "%s",
			 path);
	if (!ends_with(path, LOGTAP_SEGMENT_SUFFIX) ||
	    sscanf(line, "%63[0-9a-f-]", range) != 1)
		return 0;
	/* A child forked in the middle of a copy has only a part of it. */
	for (size_t i = 0; i < running->segment_count; i++)
		if (!strcmp(running->segments[i].path, path))
			return 0;
	return add_segment(running, path, range);
}

static int read_maps(struct logtap_running *running)
{
	char *maps;
	size_t bytes;
	int error = read_whole(running->pid, "maps", &maps, &bytes);
	if (error)
		return error;
	char *rest = maps;
	for (char *line; !error && (line = strsep(&rest, "\n"));)
		error = look_at_map(running, line);
	free(maps);
	return error;
}

int logtap_running_read(pid_t pid, struct logtap_running *out)
{
	char path[64];
	*out = (struct logtap_running){.pid = pid};
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	if (access(path, F_OK))
		return ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	ssize_t size =
		readlink(path, out->executable, sizeof(out->executable) - 1);
	int error = size < 0 ? errno : 0;
	if (!error)
		error = read_whole(pid, "environ", &out->environment,
				   &out->environment_bytes);
	if (!error)
		error = read_command(out);
	if (!error)
		error = read_maps(out);
	if (error)
		logtap_running_deinit(out);
	return error;
}

void logtap_running_deinit(struct logtap_running *running)
{
	for (size_t i = 0; i < running->segment_count; i++)
		free(running->segments[i].slots);
	free(running->segments);
	free(running->environment);
	free(running->argv);
	free(running->command);
	*running = (struct logtap_running){0};
}

const char *logtap_running_variable(const struct logtap_running *running,
				    const char *name)
{
	size_t size = strlen(name);
	const char *at = running->environment;
	const char *end = at + running->environment_bytes;
	for (; at < end; at += strlen(at) + 1)
		if (!strncmp(at, name, size) && at[size] == '=')
			return at[size + 1] ? at + size + 1 : NULL;
	return NULL;
}
