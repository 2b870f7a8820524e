/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The ways in which bytes reach stderr, one function each.
 *
 * A way is declared where it is defined, with WAY(), and found through a
 * section of the executable.  It writes whole lines, most of which begin with
 * its name, and must do the same whatever fd 2 is and in whatever context it
 * is called; what a kind of fd 2 does not allow fails without a word.
 */
#ifndef TESTS_PROGRAMS_WAYS_WAY_H
#define TESTS_PROGRAMS_WAYS_WAY_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum way_flag {
	WAY_ANYWHERE = 0,
	/* Ends the process, or uses up what it has once: from main alone, and
	 * from a thread, a fork, a handler only where another way says so. */
	WAY_MAIN = 1,
	/* No hook of a library can see it: not captured. */
	WAY_UNSEEN = 2,
	/* The kernel moves the bytes: a gap of that many is recorded. */
	WAY_GAP = 4,
	/* Not to stderr, whatever the fd's number: must not be captured. */
	WAY_PAYLOAD = 8,
	/* Captured, though it goes to another file: lines that say so. */
	WAY_ELSEWHERE = 16,
};

struct way {
	const char *name;
	void (*run)(void);
	unsigned flags; /* enum way_flag */
};

/* WAY(name, flags) { statements } */
#define WAY(id, flags_)                                               \
	static void way_##id(void);                                   \
	static const struct way entry_##id = {#id, way_##id, flags_}; \
	static const struct way *const pointer_##id                   \
		__attribute__((section("ways"), used)) = &entry_##id; \
	static void way_##id(void)

/* What is tested is the text: a call that fails says so by its absence. */
#define IGNORE(call)             \
	do {                     \
		if (call)        \
			(void)0; \
	} while (0)

/* Writes to the descriptor by write(2). */
void way_put(int fd, const char *text);

/* This program's own path, and its arguments when it runs itself. */
extern const char *way_program;

/* A constructor's arguments are main's with glibc; elsewhere they stand on the
 * stack below the environment. */
static inline void way_arguments(int *argc, char ***argv)
{
#ifndef __GLIBC__
	char **end = environ - 1;

	for (*argc = 0; (int)(long)end[-1 - *argc] != *argc;)
		++*argc;
	*argv = end - *argc;
#else
	(void)argc;
	(void)argv;
#endif
}

/* Waits for the child @pid; ends the process if that failed. */
void way_await(int pid);

#endif
