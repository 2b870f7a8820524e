/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A process that runs: what /proc tells of it, and the segments that it has
 * mapped.  Reads, and changes nothing.
 */
#ifndef LOGTAP_RUN_RUNNING_H
#define LOGTAP_RUN_RUNNING_H

#include <limits.h>
#include <logtap/abi/segment.h>
#include <stdbool.h>
#include <sys/types.h>

enum { LOGTAP_RUNNING_SEGMENTS_MAX = 512 };

/* One segment file as it stands; a copy. */
struct logtap_running_segment {
	char path[PATH_MAX]; /* as the process has it */
	const char *bad;     /* NULL, or why it cannot be read */
	struct logtap_segment header;
	struct logtap_control control;
	struct logtap_slot *slots; /* header.slot_count of them, owned */
};

/* Reads the segment file @fd.  Return: whether it could be: .bad says why not. */
bool logtap_running_segment_read(struct logtap_running_segment *segment,
				 int fd);

struct logtap_running {
	pid_t pid;
	char executable[PATH_MAX];
	char *environment; /* NAME=VALUE, each with its NUL, and one more */
	size_t environment_bytes;
	char **argv; /* NULL-terminated; point into @command */
	char *command;
	char library[PATH_MAX]; /* liblogtap.so; empty: not loaded */
	struct logtap_running_segment *segments;
	size_t segment_count;
};

/* Return: 0 or a positive errno value (ESRCH: no such process, EACCES: somebody
 * else's). */
int logtap_running_read(pid_t pid, struct logtap_running *out);
void logtap_running_deinit(struct logtap_running *running);
/* Of its environment as it was executed; NULL: not set, or empty. */
const char *logtap_running_variable(const struct logtap_running *running,
				    const char *name);

/* Why it is not captured, of one without segments. */
enum { LOGTAP_RUNNING_WHY_BYTES = 256 };
void logtap_running_why_not(const struct logtap_running *running,
			    char why[LOGTAP_RUNNING_WHY_BYTES]);

#endif
