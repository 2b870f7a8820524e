/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Text that comes back: lines of a process that hold an earlier line of it,
 * whole, with something around it, generation after generation; and lines that
 * are played again although the time of day in them has passed.
 *
 * Quotation marks and backslashes do not count, so that text which is quoted
 * anew each time is known again.  One owner; bounded.
 */
#ifndef LOGTAP_LOOPS_ECHO_H
#define LOGTAP_LOOPS_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOGTAP_ECHO_LINES = 32,
	LOGTAP_ECHO_CORE_BYTES = 96, /* of a line, by which it is known */
	LOGTAP_ECHO_CORE_MIN = 12,   /* shorter lines tell nothing */
	LOGTAP_ECHO_WAYS = 4,
};

struct logtap_echo_line {
	uint64_t hash; /* of the whole; 0: free */
	uint64_t first_ns;
	uint64_t plain_bytes;
	uint64_t raw_bytes;
	uint32_t generation;
	uint16_t core_bytes;
	bool dated; /* has a time of day */
	char core[LOGTAP_ECHO_CORE_BYTES];
};

struct logtap_echo {
	struct logtap_echo_line lines[LOGTAP_ECHO_LINES];
	unsigned next;
	bool thorough;	 /* each line is looked at, however many there are */
	uint64_t second; /* since the epoch */
	unsigned looked; /* lines in that second */
	uint64_t ways[LOGTAP_ECHO_WAYS]; /* on which lines have come back */
	unsigned next_way;
};

struct logtap_echo_hit {
	uint32_t generation; /* how often it has come back by now */
	bool replayed;	     /* as it was; else it has grown */
	double gain;	     /* bytes now by bytes before */
	uint64_t way; /* what was put around it, without numbers, which is the
	               * same each time; or that nothing was; 0: not known */
};

/* A new line.  Return: true if it is an earlier one that has come back. */
bool logtap_echo_look(struct logtap_echo *echo, const char *text, size_t bytes,
		      uint64_t now_ns, struct logtap_echo_hit *out);

/* Lines have come back in that way, again and again; and has one? */
void logtap_echo_learn(struct logtap_echo *echo, uint64_t way);
bool logtap_echo_knows(const struct logtap_echo *echo, uint64_t way);

#endif
