/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The processes that are captured on this machine, as their collectors tell: of
 * one directory, or of every collector of this user and that of the machine.
 * Main thread.
 */
#ifndef LOGTAP_CMD_CAPTURED_H
#define LOGTAP_CMD_CAPTURED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What an option says that is the @directory of logtap_captured_look(). */
#define LOGTAP_CAPTURED_DIRECTORY                                 \
	"of the collector of this directory alone (default: of\n" \
	"every session of this user that runs, and of the\n"      \
	"machine's collector)"

enum { LOGTAP_CAPTURED_NOTICE_BYTES = 512 };

struct logtap_captured_place {
	char *directory;
	json_t *status;
};

struct logtap_captured_process {
	long long pid;
	long long uid;
	long long start_ticks; /* since boot, as in proc(5); 0: unknown */
	long long threads;     /* that have written */
	long long chunks;
	long long bytes;
	long long dropped;
	const char *name; /* borrowed from the place's status; or NULL */
	bool live;
	size_t place; /* its index */
};

struct logtap_captured {
	struct logtap_captured_place *places;
	size_t place_count;
	struct logtap_captured_process *processes; /* in their order */
	size_t process_count;
	/* The first thing that is to be said of it, such as a collector that
	 * could not be asked, as base/error.h has it; or "". */
	char notice[LOGTAP_CAPTURED_NOTICE_BYTES];
};

/**
 * logtap_captured_look() - what is captured now
 * @command:   that asks, for the notice
 * @directory: of one collector, which may have ended; NULL: of all that run
 * @out:       is filled; to be freed even after a failure
 *
 * Return: 0, or -errno if there was none to be asked: the notice says why.
 */
int logtap_captured_look(const char *command, const char *directory,
			 struct logtap_captured *out);

/* The order of processes: by pid, collector and name.  0: they are parts of one,
 * before and after it forked or executed a program of the same name. */
int logtap_captured_compare(const struct logtap_captured_process *a,
			    const struct logtap_captured_process *b);

void logtap_captured_deinit(struct logtap_captured *captured);

#endif
