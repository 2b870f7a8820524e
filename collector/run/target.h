/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The program to be captured: which file a command line would execute, and
 * whether liblogtap.so would be loaded into it.
 */
#ifndef LOGTAP_RUN_TARGET_H
#define LOGTAP_RUN_TARGET_H

#include "elf.h"

#include <limits.h>
#include <stddef.h>

/* Why (some of) what a program says would not be captured. */
enum logtap_target_fault {
	LOGTAP_TARGET_FINE = 0,
	LOGTAP_TARGET_STATIC,	    /* it has no dynamic loader */
	LOGTAP_TARGET_GO,	    /* it writes without libc */
	LOGTAP_TARGET_FOREIGN,	    /* other word size or machine */
	LOGTAP_TARGET_MUSL,	    /* other C library than this program's */
	LOGTAP_TARGET_SET_ID,	    /* set-user-ID or set-group-ID */
	LOGTAP_TARGET_CAPABILITIES, /* file capabilities */
};

struct logtap_target {
	char path[PATH_MAX];  /* what the name stands for */
	char image[PATH_MAX]; /* what is loaded: @path, or the interpreter of
			       * the script that it is */
	bool script;
	bool known; /* false: neither ELF nor a script, or not readable: the
		     * rest is a guess */
	struct logtap_elf elf; /* of @image */
	enum logtap_target_fault fault;
};

/**
 * logtap_target_look() - find and judge a program
 * @name: looked up in PATH as execvp(3) does, unless it has a slash
 *
 * Return: 0; or the positive errno value that executing it would give: ENOENT,
 *         EACCES, ...
 */
int logtap_target_look(const char *name, struct logtap_target *target);

/* A library for musl is there, too: logtap_library_widen(). */
void logtap_target_allow_musl(struct logtap_target *target);

/* False if the loader of the program would complain about, or fail on, a
 * liblogtap.so of ours: it must be kept out of LD_PRELOAD. */
bool logtap_target_loads_preload(const struct logtap_target *target);

/* True if its output is all that can be captured, through pipes. */
bool logtap_target_needs_pipe(const struct logtap_target *target);

/* What is captured through pipes and sockets, a bit each. */
enum logtap_piped {
	LOGTAP_PIPED_NOT = 0,
	LOGTAP_PIPED_ERROR = 1 << 0,  /* standard error */
	LOGTAP_PIPED_OUTPUT = 1 << 1, /* standard output */
	LOGTAP_PIPED_LOG = 1 << 2,    /* the system logger */
};

/* The file and what is wrong with it, and what that means, as text for people.
 * Only of a target with a fault. */
void logtap_target_explain(const struct logtap_target *target, unsigned piped,
			   char *out, size_t out_bytes);

#endif
