/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening what was found: see the header.  A file that cannot be opened yet is
 * tried again, ever more seldom; one that never can is named in one message and
 * left alone.
 */
#include "unopened.h"

#include "../base/log.h"
#include "ends.h"
#include "intake.h"
#include "liveness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_RETRY_NS LOGTAP_MS_NS
#define LAST_RETRY_NS LOGTAP_SECOND_NS
/* Of a file that has not become a segment in that time. */
#define LATE_RETRY_NS (16 * LOGTAP_SECOND_NS)
/* A host that makes a file takes far less from one write to the next, and to
 * mapping it. */
#define LEFT_NS (250 * LOGTAP_MS_NS)
/* So many are named; then one each time that there are twice as many. */
enum { NAMED_ONES = 16 };

/* What to do where this collector lacks something; NULL: @error is the file's. */
static const char *advice(int error)
{
	switch (error) {
	case EMFILE:
		return "raise this process's limit of open files";
	case ENFILE:
		return "raise the system's limit of open files (fs.file-max)";
	case ENOMEM:
		return "memory, or the mappings of a process "
		       "(vm.max_map_count), are short";
	default:
		return NULL;
	}
}

/* Once for each change: @error, or 0. */
static void tell_lack(struct logtap_intake *intake, int error)
{
	if (error == intake->lack)
		return;
	intake->lack = error;
	if (error)
		logtap_log(LOGTAP_LOG_WARN, "discover",
			   "cannot open more segments: %s; %s open=%zu",
			   strerror(error), advice(error),
			   intake->segment_count);
	else
		logtap_log(LOGTAP_LOG_INFO, "discover",
			   "can open segments again open=%zu",
			   intake->segment_count);
}

static void tell_once(struct logtap_unopened *unopened, const char *what,
		      const char *why)
{
	if (unopened->told)
		return;
	unopened->told = true;
	logtap_log(LOGTAP_LOG_WARN, "discover", "%s: %s segment=%s", what, why,
		   unopened->name);
}

/* Anybody may leave any number of them. */
static void tell_bad(struct logtap_intake *intake,
		     const struct logtap_unopened *unopened, const char *why)
{
	uint64_t count = atomic_fetch_add(&intake->quarantined, 1) + 1;
	if (count <= NAMED_ONES || !(count & (count - 1)))
		logtap_log(LOGTAP_LOG_WARN, "discover",
			   "ignored a segment: %s segment=%s ignored=%llu", why,
			   unopened->name, (unsigned long long)count);
}

static void tell(struct logtap_intake *intake, struct logtap_unopened *unopened,
		 int result, const char *why)
{
	if (!result || (result < 0 && advice(-result)))
		tell_lack(intake, -result);
	else if (result == -EDQUOT)
		return; /* told of its user */
	else if (result < 0)
		tell_once(unopened, "cannot open a segment yet",
			  strerror(-result));
	else if (result == LOGTAP_SEGMENT_IN_USE)
		tell_once(unopened, "cannot read a segment",
			  "another collector reads it");
	else if (result == LOGTAP_SEGMENT_BAD ||
		 result == LOGTAP_SEGMENT_FOREIGN)
		tell_bad(intake, unopened, why);
}

/* The name begins with its pid and start.  Only what nobody can be writing. */
bool logtap_unopened_remove(struct logtap_intake *intake,
			    const struct logtap_unopened *unopened)
{
	const char *name = unopened->name;
	unsigned pid;
	unsigned long long start_ticks;
	struct stat status;
	return sscanf(name, "%u-%llu-", &pid, &start_ticks) == 2 &&
	       start_ticks && (intake->sees_all || intake->descendants) &&
	       logtap_process_liveness(pid, start_ticks) != LOGTAP_ALIVE &&
	       !fstatat(intake->dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) &&
	       S_ISREG(status.st_mode) &&
	       !logtap_gone_mapped(intake, status.st_dev, status.st_ino) &&
	       !unlinkat(intake->dir_fd, name, 0);
}

/* Was nothing written to it for long?  By the clock, not by how often it
 * was tried: a drain does so a thousand times a second. */
static bool was_left(const struct logtap_intake *intake,
		     const struct logtap_unopened *unopened)
{
	struct stat status;
	if (fstatat(intake->dir_fd, unopened->name, &status,
		    AT_SYMLINK_NOFOLLOW))
		return false;
	uint64_t written_ns =
		(uint64_t)status.st_mtim.tv_sec * LOGTAP_SECOND_NS +
		(uint64_t)status.st_mtim.tv_nsec;
	uint64_t now_ns = logtap_now_realtime_ns();
	return now_ns > written_ns && now_ns - written_ns >= LEFT_NS;
}

bool logtap_unopened_is_young(const struct logtap_unopened *unopened)
{
	return unopened->due_ns != UINT64_MAX &&
	       unopened->delay_ns < LAST_RETRY_NS;
}

/* Return: false, for it is to be tried again. */
static bool put_off(const struct logtap_intake *intake,
		    struct logtap_unopened *unopened, uint64_t most_ns)
{
	/* Whoever asks for all does not make it older. */
	if (unopened->due_ns > intake->now_ns)
		return false;
	if (unopened->delay_ns < FIRST_RETRY_NS)
		unopened->delay_ns = FIRST_RETRY_NS;
	unopened->due_ns = intake->now_ns + unopened->delay_ns;
	unopened->delay_ns *= 2;
	if (unopened->delay_ns > most_ns)
		unopened->delay_ns = most_ns;
	return false;
}

bool logtap_unopened_try(struct logtap_intake *intake,
			 struct logtap_unopened *unopened)
{
	const char *why = "";
	int result = logtap_table_open(intake, unopened->name, &why);
	tell(intake, unopened, result, why);
	switch (result) {
	case 0:
	case LOGTAP_SEGMENT_GONE:
		return true;
	case LOGTAP_SEGMENT_FOREIGN:
		unopened->foreign = true;
		/* fall through */
	case LOGTAP_SEGMENT_BAD:
		unopened->due_ns = UINT64_MAX;
		return false;
	case LOGTAP_SEGMENT_NOT_READY:
		return (was_left(intake, unopened) &&
			logtap_unopened_remove(intake, unopened)) ||
		       put_off(intake, unopened, LATE_RETRY_NS);
	case -EDQUOT:
		return put_off(intake, unopened, LATE_RETRY_NS);
	default:
		return put_off(intake, unopened, LAST_RETRY_NS);
	}
}
