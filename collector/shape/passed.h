/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What becomes of text that goes into a pipe: whether whoever reads it passes
 * it on to where the session looks, and whether it is recorded there.
 *
 * A filter (tee, sed, cat, in a pipeline or by <(...)) has the pipe as its
 * standard input.  Where its standard output is leads on, to another pipe or to
 * the end: if that is the session's standard error or output and what the
 * filter writes there is captured, the text is recorded there, and the source
 * stays hidden; if it is not captured, the lines are recorded at their source,
 * so that none is lost.  A pipe that is nobody's standard input is read by a
 * parent, which keeps the text or writes it itself: it stays hidden.
 *
 * The reader of a pipe may start later than its writer, so lines are held until
 * it is known, or for a while.  The pipeline's thread.
 */
#ifndef LOGTAP_SHAPE_PASSED_H
#define LOGTAP_SHAPE_PASSED_H

#include "line.h"
#include "sink.h"

/* A program that has just started. */
struct logtap_program_start {
	char comm[LOGTAP_COMM_BYTES + 1];
	struct logtap_file_id input;  /* a pipe or socket; zeros: neither */
	struct logtap_file_id output; /* zeros: unknown */
	bool uncaptured;	      /* nothing that it writes is recorded */
};

struct logtap_passed;

struct logtap_passed_options {
	const struct logtap_sink_policy *sinks; /* borrowed */
	logtap_line_fn *show;			/* of a line that is recorded */
	logtap_line_fn *hide;			/* of one that is not */
	void *context;
	uint64_t hold_ns;
};

/* Return: NULL without memory. */
struct logtap_passed *logtap_passed_new(
	const struct logtap_passed_options *options);
/* Forgets what is held. */
void logtap_passed_free(struct logtap_passed *passed);

/* True if @sink is a pipe or socket that is followed here. */
bool logtap_passed_follows(const struct logtap_sink_info *sink);

/* A line that went to @sink: shows, hides or copies it.
 * Return: 0, what the function said, or -ENOMEM. */
int logtap_passed_line(struct logtap_passed *passed,
		       const struct logtap_sink_info *sink,
		       const struct logtap_line *line, uint64_t now_ns);
int logtap_passed_start(struct logtap_passed *passed,
			const struct logtap_program_start *start);
/* Hides what nobody has read for too long; @all: everything that is left. */
int logtap_passed_tick(struct logtap_passed *passed, uint64_t now_ns, bool all);

/* Lowest journal position that is held; UINT64_MAX: none. */
uint64_t logtap_passed_floor(const struct logtap_passed *passed);
/* There is no room in the journal for as long as lines are held: what is held so
 * far gives up its place there, and dies with a collector that is killed. */
void logtap_passed_unpin(struct logtap_passed *passed);

#endif
