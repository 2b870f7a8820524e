/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The reader: a thread that takes chunks out of the rings of all segments in a
 * directory and puts them into the journal.
 */
#ifndef LOGTAP_INTAKE_READER_H
#define LOGTAP_INTAKE_READER_H

#include "../registry/accounting.h"
#include "../registry/user_metrics.h"
#include "asks.h"
#include "journal.h"
#include "levels.h"

struct logtap_reader;

struct logtap_reader_options {
	int dir_fd; /* borrowed, as is all below */
	struct logtap_journal *journal;
	struct logtap_accounting *accounting;
	struct logtap_user_metrics *metrics; /* NULL: not kept */
	const struct logtap_levels *levels;  /* of events; NULL: none given */
	struct logtap_asks *asks;	     /* of hosts; NULL: nothing */
	/* eventfd, written after something was appended or a drain ended */
	int wake_fd;
	/* All hosts are descendants of our supervisor, so that none can be in
	 * a pid namespace that our /proc does not show. */
	bool descendants;
	bool no_thread; /* tests: logtap_reader_round() is called instead */
};

/* Takes over what is in the directory, then starts the thread.
 * Return: 0, or -errno with a text in @error. */
int logtap_reader_start(const struct logtap_reader_options *options,
			struct logtap_reader **out, char *error,
			size_t error_bytes);

/**
 * logtap_reader_drain() - ask for a drain
 * @grace_ns: how long processes that live are given to end or to be marked
 *
 * The directory is read anew and every ring is read until nothing is left of
 * the dead and each living one was read up to what it held.  Any thread.
 *
 * Return: its number.
 */
uint64_t logtap_reader_drain(struct logtap_reader *reader, uint64_t grace_ns);
/* True once drain @number has ended: then *@live_processes is how many
 * processes still live that may write.  Any thread. */
bool logtap_reader_drained(struct logtap_reader *reader, uint64_t number,
			   uint64_t *live_processes);

/* Segment files that were refused or cut short, ever.  Any thread. */
uint64_t logtap_reader_quarantined(const struct logtap_reader *reader);
/* Those that are there now, and that another version of logtap can read.  Any
 * thread. */
uint64_t logtap_reader_foreign(const struct logtap_reader *reader);

/* Processes of which not all is captured, ever.  Any thread. */
struct logtap_reader_limits {
	uint64_t strangers;  /* nothing */
	uint64_t incomplete; /* a mechanism is missing */
	uint64_t programs;   /* started by one, and cannot be captured */
};
void logtap_reader_limits(const struct logtap_reader *reader,
			  struct logtap_reader_limits *out);

/* How true the times of records are.  Any thread. */
struct logtap_reader_clock {
	uint64_t
		error_ns; /* at most, of the last minute; known after a second */
	uint64_t steps;	  /* seconds with an error of over a millisecond */
};
void logtap_reader_clock(const struct logtap_reader *reader,
			 struct logtap_reader_clock *out);

/* Ends the thread; segments stay as they are.  Then free. */
void logtap_reader_stop(struct logtap_reader *reader);
void logtap_reader_free(struct logtap_reader *reader);

/* One round in the calling thread (options.no_thread).  Return: ns until the
 * next one is due. */
uint64_t logtap_reader_round(struct logtap_reader *reader);

#endif
