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

/* A file that was left for longer is not mapped later. */
#define MAPPED_FRESH_NS (100 * LOGTAP_MS_NS)

/* A name that is in use before a batch of names is noted. */
struct known {
	const char *name;
	size_t unopened; /* its index; OPEN: of a segment */
};
#define OPEN SIZE_MAX

/* Names come in batches, which may be large: each is looked for in all. */
struct batch {
	struct known *known; /* by name; NULL: not yet needed */
	size_t known_count;
	size_t before; /* unopened ones; those behind are of this batch */
	bool failed;   /* without memory: the directory is to be read again */
};

static int compare_known(const void *left, const void *right)
{
	const struct known *one = left, *other = right;
	return strcmp(one->name, other->name);
}

static bool begin(struct logtap_intake *intake, struct batch *batch)
{
	size_t count = intake->segment_count + intake->unopened_count;
	batch->before = intake->unopened_count;
	batch->known = calloc(count + 1, sizeof(*batch->known));
	if (!batch->known)
		return false;
	for (size_t i = 0; i < intake->segment_count; i++)
		batch->known[i] =
			(struct known){intake->segments[i]->name, OPEN};
	for (size_t i = 0; i < intake->unopened_count; i++)
		batch->known[intake->segment_count + i] =
			(struct known){intake->unopened[i].name, i};
	qsort(batch->known, count, sizeof(*batch->known), compare_known);
	batch->known_count = count;
	return true;
}

static bool append(struct logtap_intake *intake, const char *name)
{
	void *grown = logtap_grown(intake->unopened, intake->unopened_count,
				   &intake->unopened_room,
				   sizeof(*intake->unopened), 16);
	if (!grown)
		return false;
	intake->unopened = grown;
	char *copy = strdup(name);
	if (!copy)
		return false;
	intake->unopened[intake->unopened_count++] =
		(struct logtap_unopened){.name = copy, .present = true};
	return true;
}

/* Remembers a name.  One that is known already is tried again soon. */
static void note(struct logtap_intake *intake, struct batch *batch,
		 const char *name)
{
	const struct known wanted = {.name = name};
	if (!logtap_segment_is_name(name) || batch->failed)
		return;
	if (!batch->known && !begin(intake, batch)) {
		batch->failed = true;
		return;
	}
	const struct known *found =
		bsearch(&wanted, batch->known, batch->known_count,
			sizeof(wanted), compare_known);
	if (!found)
		batch->failed = !append(intake, name);
	else if (found->unopened != OPEN)
		intake->unopened[found->unopened].present = true;
}

/* Those that are not present go; the others keep their order. */
static void forget_absent(struct logtap_intake *intake)
{
	size_t kept = 0;
	for (size_t i = 0; i < intake->unopened_count; i++) {
		if (intake->unopened[i].present)
			intake->unopened[kept++] = intake->unopened[i];
		else
			free(intake->unopened[i].name);
	}
	intake->unopened_count = kept;
}

/* By name, and the earlier of the same name first. */
static int compare_places(const void *left, const void *right)
{
	const struct known *one = left, *other = right;
	int order = strcmp(one->name, other->name);
	return order ? order
		     : (one->unopened > other->unopened) -
			       (one->unopened < other->unopened);
}

/* What came twice in the batch stays once, where it came first. */
static void drop_repeated(struct logtap_intake *intake,
			  const struct batch *batch)
{
	size_t count = intake->unopened_count - batch->before;
	struct known *added = calloc(count + 1, sizeof(*added));
	if (!added)
		return; /* the second one is found to be in use */
	for (size_t i = 0; i < count; i++)
		added[i] = (struct known){
			intake->unopened[batch->before + i].name,
			batch->before + i,
		};
	qsort(added, count, sizeof(*added), compare_places);
	for (size_t i = 1; i < count; i++)
		if (!compare_known(&added[i - 1], &added[i]))
			intake->unopened[added[i].unopened].present = false;
	free(added);
}

static void end(struct logtap_intake *intake, struct batch *batch, bool whole)
{
	if (batch->known)
		drop_repeated(intake, batch);
	if (!batch->failed && (batch->known || whole))
		forget_absent(intake);
	intake->rescan |= batch->failed;
	free(batch->known);
}

static void scan(struct logtap_intake *intake)
{
	struct batch batch = {.known = NULL};
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
	while ((entry = readdir(dir)))
		note(intake, &batch, entry->d_name);
	closedir(dir);
	end(intake, &batch, true);
}

static void read_inotify(struct logtap_intake *intake)
{
	_Alignas(struct inotify_event) char buffer[16384];
	struct batch batch = {.known = NULL};
	ssize_t got;
	while (intake->notified && intake->inotify_fd >= 0 &&
	       (got = read(intake->inotify_fd, buffer, sizeof(buffer))) > 0) {
		for (char *at = buffer; at < buffer + got;) {
			struct inotify_event *event = (void *)at;
			at += sizeof(*event) + event->len;
			if (event->mask & IN_Q_OVERFLOW)
				intake->rescan = true;
			else if (event->len)
				note(intake, &batch, event->name);
		}
	}
	end(intake, &batch, false);
}

void logtap_discover_run(struct logtap_intake *intake, bool all)
{
	intake->notified |= all;
	read_inotify(intake);
	if (intake->rescan || all)
		scan(intake);
	/* In the order in which they came: of a thread's segments the earlier
	 * is visited first, and opened first where descriptors are short. */
	size_t kept = 0, young = 0, foreign = 0;
	if (intake->now_ns - intake->mapped_ns >= MAPPED_FRESH_NS)
		intake->mapped = NULL;
	for (size_t i = 0; i < intake->unopened_count; i++) {
		struct logtap_unopened *unopened = &intake->unopened[i];
		bool due = unopened->due_ns != UINT64_MAX &&
			   (all || unopened->due_ns <= intake->now_ns);
		if (due && logtap_unopened_try(intake, unopened)) {
			free(unopened->name);
			continue;
		}
		young += logtap_unopened_is_young(unopened);
		foreign += unopened->foreign;
		intake->unopened[kept++] = *unopened;
	}
	intake->unopened_count = kept;
	intake->young_count = young;
	atomic_store(&intake->foreign, foreign);
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
	logtap_owners_init(&intake->owners);
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

/* There may be records in them. */
static void tell_foreign(struct logtap_intake *intake)
{
	uint64_t foreign = atomic_load(&intake->foreign);
	if (foreign)
		logtap_log(LOGTAP_LOG_WARN, "discover",
			   "left segments that another version of logtap "
			   "made, and can read: deliver them with its logtap "
			   "collect --once --dir DIR, or remove them "
			   "segments=%llu",
			   (unsigned long long)foreign);
}

void logtap_discover_deinit(struct logtap_intake *intake)
{
	/* One reading of all maps serves for all of them. */
	intake->mapped = NULL;
	intake->sweeps_all = true;
	tell_foreign(intake);
	while (intake->unopened_count) {
		size_t last = intake->unopened_count - 1;
		/* What could never be read goes with its host. */
		if (intake->unopened[last].due_ns == UINT64_MAX &&
		    !intake->unopened[last].foreign)
			logtap_unopened_remove(intake, &intake->unopened[last]);
		free(intake->unopened[last].name);
		intake->unopened_count--;
	}
	free(intake->unopened);
	if (intake->inotify_fd >= 0)
		close(intake->inotify_fd);
}
