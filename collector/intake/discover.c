/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding segment files: a scan at the start, inotify from then on, and a scan
 * now and again in case inotify had to drop something.  What is found is tried
 * (unopened.c) until it is open.  Runs in the reader's thread.
 */
#include "../base/grow.h"
#include "../base/log.h"
#include "intake.h"
#include "unopened.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <unistd.h>

static bool is_open(const struct logtap_intake *intake, const char *name)
{
	for (size_t i = 0; i < intake->segment_count; i++)
		if (!strcmp(intake->segments[i]->name, name))
			return true;
	return false;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The names of all open segments in order, to be freed; NULL: without memory.
 */
static const char **sorted_names(const struct logtap_intake *intake)
{
	const char **names = calloc(intake->segment_count + 1, sizeof(*names));
	for (size_t i = 0; names && i < intake->segment_count; i++)
		names[i] = intake->segments[i]->name;
	if (names)
		qsort(names, intake->segment_count, sizeof(*names),
		      compare_names);
	return names;
}

static struct logtap_unopened *find_unopened(struct logtap_intake *intake,
					     const char *name)
{
	for (size_t i = 0; i < intake->unopened_count; i++)
		if (!strcmp(intake->unopened[i].name, name))
			return &intake->unopened[i];
	return NULL;
}

/* Remembers a name.  One that is known already is tried again soon. */
static void note(struct logtap_intake *intake, const char *name)
{
	if (!logtap_segment_is_name(name) || is_open(intake, name))
		return;
	struct logtap_unopened *unopened = find_unopened(intake, name);
	if (unopened) {
		unopened->present = true;
		return;
	}
	void *grown = logtap_grown(intake->unopened, intake->unopened_count,
				   &intake->unopened_room,
				   sizeof(*intake->unopened), 16);
	if (!grown) {
		intake->rescan = true;
		return;
	}
	intake->unopened = grown;
	char *copy = strdup(name);
	if (!copy) {
		intake->rescan = true;
		return;
	}
	intake->unopened[intake->unopened_count++] = (struct logtap_unopened){

		.name = copy, .present = true};
}

static void forget(struct logtap_intake *intake, size_t index)
{
	free(intake->unopened[index].name);
	intake->unopened[index] = intake->unopened[--intake->unopened_count];
}

static void scan(struct logtap_intake *intake)
{
	int fd =
		openat(intake->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return; /* the next scan may do */
	}
	intake->rescan = false;
	for (size_t i = 0; i < intake->unopened_count; i++)
		intake->unopened[i].present = false;
	struct dirent *entry;
	const char **open = sorted_names(intake);
	while ((entry = readdir(dir))) {
		const char *name = entry->d_name;
		if (!open || !bsearch(&name, open, intake->segment_count,
				      sizeof(*open), compare_names))
			note(intake, name);
	}
	free(open);
	closedir(dir);
	for (size_t i = intake->unopened_count; i-- > 0;)
		if (!intake->unopened[i].present)
			forget(intake, i);
}

static void read_inotify(struct logtap_intake *intake)
{
	_Alignas(struct inotify_event) char buffer[16384];
	ssize_t got;
	while (intake->notified && intake->inotify_fd >= 0 &&
	       (got = read(intake->inotify_fd, buffer, sizeof(buffer))) > 0) {
		for (char *at = buffer; at < buffer + got;) {
			struct inotify_event *event = (void *)at;
			at += sizeof(*event) + event->len;
			if (event->mask & IN_Q_OVERFLOW)
				intake->rescan = true;
			else if (event->len)
				note(intake, event->name);
		}
	}
}

void logtap_discover_run(struct logtap_intake *intake, bool all)
{
	intake->notified |= all;
	read_inotify(intake);
	if (intake->rescan || all)
		scan(intake);
	/* In the order in which they came: of a thread's segments the earlier
	 * is visited first, and opened first where descriptors are short. */
	size_t kept = 0;
	for (size_t i = 0; i < intake->unopened_count; i++) {
		struct logtap_unopened *unopened = &intake->unopened[i];
		bool due = unopened->due_ns != UINT64_MAX &&
			   (all || unopened->due_ns <= intake->now_ns);
		if (due && logtap_unopened_try(intake, unopened))
			free(unopened->name);
		else
			intake->unopened[kept++] = *unopened;
	}
	intake->unopened_count = kept;
}

uint64_t logtap_discover_due(const struct logtap_intake *intake)
{
	uint64_t due = UINT64_MAX;
	for (size_t i = 0; i < intake->unopened_count; i++)
		if (intake->unopened[i].due_ns < due)
			due = intake->unopened[i].due_ns;
	return due;
}

static void raise_descriptor_limit(void)
{
	struct rlimit limit;
	if (!getrlimit(RLIMIT_NOFILE, &limit) &&
	    limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int logtap_discover_init(struct logtap_intake *intake)
{
	char path[64];
	raise_descriptor_limit();
	intake->rescan = true;
	intake->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", intake->dir_fd);
	if (intake->inotify_fd >= 0 &&
	    inotify_add_watch(intake->inotify_fd, path,
			      IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) < 0) {
		close(intake->inotify_fd);
		intake->inotify_fd = -1;
	}
	if (intake->inotify_fd < 0)
		logtap_log(LOGTAP_LOG_WARN, "discover",
			   "no inotify: new segments are found by looking "
			   "error=%s",
			   strerror(errno));
	return 0;
}

void logtap_discover_deinit(struct logtap_intake *intake)
{
	while (intake->unopened_count) {
		size_t last = intake->unopened_count - 1;
		/* What could never be read goes with its host. */
		if (intake->unopened[last].due_ns == UINT64_MAX)
			logtap_unopened_remove(intake, &intake->unopened[last]);
		forget(intake, last);
	}
	free(intake->unopened);
	if (intake->inotify_fd >= 0)
		close(intake->inotify_fd);
}
