/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where pipes lead: see the header.  The pipeline's thread. */
#include "passed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>

/* PIPES and READERS: those that were met last.  HELD: a pipe takes 64 KiB
 * before its reader must have started, and 1 MiB if that was asked for. */
enum {
	PIPES = 64,
	READERS = 1024,
	HELD_BYTES_MAX = 4 << 20,
};

enum verdict {
	UNKNOWN,
	SHOWN,	/* it comes out where nothing is captured */
	HIDDEN, /* it is recorded where it comes out, or seen by nobody */
};

struct held {
	STAILQ_ENTRY(held) next;
	struct logtap_line line; /* its source is counted */
	struct logtap_extensions extensions;
	char text[];
};

struct pipe {
	struct logtap_file_id id; /* inode 0: free */
	enum verdict verdict;
	STAILQ_HEAD(, held) lines; /* while it is UNKNOWN */
	size_t bytes;
	uint64_t since_ns; /* of the first one that is held */
	uint64_t floor;	   /* of their positions in the journal */
	uint64_t used;
};

struct reader {
	struct logtap_file_id input;
	struct logtap_file_id output;
	bool uncaptured;
	bool records;	/* it puts what it reads into a log that is captured */
	uint64_t asked; /* the last question that met it */
};

struct logtap_passed {
	struct logtap_passed_options options;
	struct pipe pipes[PIPES];
	uint64_t uses;
	struct reader readers[READERS];
	size_t reader_count; /* ever */
	uint64_t questions;  /* ever */
};

struct logtap_passed *logtap_passed_new(
	const struct logtap_passed_options *options)
{
	struct logtap_passed *passed = calloc(1, sizeof(*passed));

	if (!passed)
		return NULL;
	passed->options = *options;
	for (size_t i = 0; i < PIPES; i++)
		STAILQ_INIT(&passed->pipes[i].lines);
	return passed;
}

static void free_held(struct held *held)
{
	logtap_source_unref(held->line.origin.source);
	free(held);
}

void logtap_passed_free(struct logtap_passed *passed)
{
	struct held *held;

	for (size_t i = 0; passed && i < PIPES; i++)
		while ((held = STAILQ_FIRST(&passed->pipes[i].lines))) {
			STAILQ_REMOVE_HEAD(&passed->pipes[i].lines, next);
			free_held(held);
		}
	free(passed);
}

bool logtap_passed_follows(const struct logtap_sink_info *sink)
{
	return sink->kind == LOGTAP_SINK_STDERR && sink->inode &&
	       (sink->file_type == S_IFIFO || sink->file_type == S_IFSOCK);
}

static bool same(const struct logtap_file_id *a, const struct logtap_file_id *b)
{
	return a->inode == b->inode && a->device == b->device;
}

/* ---- where a pipe leads ---------------------------------------------- */

/* The end of the way; the library has the same rule (find_stdout). */
static enum verdict verdict_of_end(const struct logtap_sink_policy *policy,
				   const struct reader *reader)
{
	const struct logtap_file_id *session = policy->session;
	const struct logtap_file_id *end = &reader->output;

	if (!end->inode)
		return UNKNOWN;
	if (reader->uncaptured)
		return same(end, &session[0]) || same(end, &session[1])
			       ? SHOWN
			       : UNKNOWN;
	if (same(end, &session[0]) && !same(end, &session[1]))
		return HIDDEN; /* captured as stderr */
	if (same(end, &session[0]) || same(end, &session[1]))
		return policy->terminals_relay ? HIDDEN : SHOWN;
	return UNKNOWN;
}

static size_t reader_room(const struct logtap_passed *passed)
{
	return passed->reader_count < READERS ? passed->reader_count : READERS;
}

/* What is found behind @pipe goes into @verdict.  Each reader is met once, by
 * whatever way: there may be circles, and more ways than can be gone.
 * Return: is it HIDDEN, whatever comes? */
static bool ask_readers(struct logtap_passed *passed,
			const struct logtap_file_id *pipe,
			enum verdict *verdict)
{
	for (size_t i = 0; i < reader_room(passed); i++) {
		struct reader *reader = &passed->readers[i];
		if (reader->asked == passed->questions ||
		    !same(&reader->input, pipe))
			continue;
		reader->asked = passed->questions;
		enum verdict end =
			reader->records
				? HIDDEN
				: verdict_of_end(passed->options.sinks, reader);
		if (end == SHOWN)
			*verdict = SHOWN;
		if (end == HIDDEN ||
		    (end == UNKNOWN && reader->output.inode &&
		     ask_readers(passed, &reader->output, verdict)))
			return true;
	}
	return false;
}

/* One that records it is enough to hide it: no line twice.  Then one that
 * shows it, then one of which is not known where it leads. */
static enum verdict verdict_of(struct logtap_passed *passed,
			       const struct logtap_file_id *pipe)
{
	enum verdict verdict = UNKNOWN;

	passed->questions++;
	return ask_readers(passed, pipe, &verdict) ? HIDDEN : verdict;
}

/* ---- lines that are held --------------------------------------------- */

/* Lets go of what is held, all of it even if there is an error. */
static int release(struct logtap_passed *passed, struct pipe *pipe)
{
	const struct logtap_passed_options *options = &passed->options;
	logtap_line_fn *end =
		pipe->verdict == SHOWN ? options->show : options->hide;
	struct held *held;
	int first_error = 0;

	while ((held = STAILQ_FIRST(&pipe->lines))) {
		STAILQ_REMOVE_HEAD(&pipe->lines, next);
		int error = end(options->context, &held->line);
		if (!first_error)
			first_error = error;
		free_held(held);
	}
	pipe->bytes = 0;
	return first_error;
}

static int decide(struct logtap_passed *passed, struct pipe *pipe)
{
	pipe->verdict = verdict_of(passed, &pipe->id);
	return pipe->verdict == UNKNOWN ? 0 : release(passed, pipe);
}

/* The time has come: nobody passes it on. */
static int give_up(struct logtap_passed *passed, struct pipe *pipe)
{
	pipe->verdict = HIDDEN;
	return release(passed, pipe);
}

static int hold(struct pipe *pipe, const struct logtap_line *line,
		uint64_t now_ns)
{
	struct held *held = malloc(sizeof(*held) + line->bytes);

	if (!held)
		return -ENOMEM;
	held->line = *line;
	memcpy(held->text, line->text, line->bytes);
	held->line.text = held->text;
	if (line->extensions) {
		held->extensions = *line->extensions;
		held->line.extensions = &held->extensions;
	}
	logtap_source_ref(held->line.origin.source);
	if (STAILQ_EMPTY(&pipe->lines)) {
		pipe->since_ns = now_ns;
		pipe->floor = line->origin.position;
	}
	if (line->origin.position < pipe->floor)
		pipe->floor = line->origin.position;
	STAILQ_INSERT_TAIL(&pipe->lines, held, next);
	pipe->bytes += sizeof(*held) + line->bytes;
	return 0;
}

/* Its entry, or that of the one that was used longest ago. */
static struct pipe *pipe_of(struct logtap_passed *passed,
			    const struct logtap_file_id *id, int *error)
{
	struct pipe *oldest = &passed->pipes[0];

	*error = 0;
	for (size_t i = 0; i < PIPES; i++) {
		struct pipe *pipe = &passed->pipes[i];
		if (same(&pipe->id, id)) {
			pipe->used = ++passed->uses;
			return pipe;
		}
		if (pipe->used < oldest->used)
			oldest = pipe;
	}
	*error = give_up(passed, oldest);
	oldest->id = *id;
	oldest->used = ++passed->uses;
	oldest->verdict = verdict_of(passed, id);
	return oldest;
}

int logtap_passed_line(struct logtap_passed *passed,
		       const struct logtap_sink_info *sink,
		       const struct logtap_line *line, uint64_t now_ns)
{
	const struct logtap_passed_options *options = &passed->options;
	struct logtap_file_id id = {sink->device, sink->inode};
	int error, more = 0;
	struct pipe *pipe = pipe_of(passed, &id, &error);

	switch (pipe->verdict) {
	case SHOWN:
		more = options->show(options->context, line);
		break;
	case HIDDEN:
		more = options->hide(options->context, line);
		break;
	case UNKNOWN:
		more = hold(pipe, line, now_ns);
		if (!more && pipe->bytes > HELD_BYTES_MAX)
			more = give_up(passed, pipe);
		break;
	}
	return error ? error : more;
}

int logtap_passed_tick(struct logtap_passed *passed, uint64_t now_ns, bool all)
{
	int first_error = 0;

	for (size_t i = 0; i < PIPES; i++) {
		struct pipe *pipe = &passed->pipes[i];
		/* a clock that was set back must not hold it for as long */
		if (STAILQ_EMPTY(&pipe->lines) ||
		    (!all && now_ns >= pipe->since_ns &&
		     now_ns - pipe->since_ns < passed->options.hold_ns))
			continue;
		int error = give_up(passed, pipe);
		if (!first_error)
			first_error = error;
	}
	return first_error;
}

uint64_t logtap_passed_floor(const struct logtap_passed *passed)
{
	uint64_t floor = UINT64_MAX;

	for (size_t i = 0; i < PIPES; i++)
		if (!STAILQ_EMPTY(&passed->pipes[i].lines) &&
		    passed->pipes[i].floor < floor)
			floor = passed->pipes[i].floor;
	return floor;
}

void logtap_passed_unpin(struct logtap_passed *passed)
{
	for (size_t i = 0; i < PIPES; i++)
		passed->pipes[i].floor = UINT64_MAX;
}

/* ---- programs --------------------------------------------------------- */

static bool is_one_of(const char *comm, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(comm, *names))
			return true;
	return false;
}

int logtap_passed_start(struct logtap_passed *passed,
			const struct logtap_program_start *start)
{
	/* A shell reads by what it starts, or keeps what it reads. */
	static const char *const shells[] = {"sh",  "bash", "dash",    "ash",
					     "ksh", "mksh", "zsh",     "fish",
					     "csh", "tcsh", "busybox", NULL};
	static const char *const loggers[] = {"logger", NULL};
	int first_error = 0;

	if (!start->input.inode || is_one_of(start->comm, shells))
		return 0;
	passed->readers[passed->reader_count++ % READERS] = (struct reader){
		.input = start->input,
		.output = start->output,
		.uncaptured = start->uncaptured,
		.records = is_one_of(start->comm, loggers),
	};
	/* Also those of which nothing was known for too long. */
	for (size_t i = 0; i < PIPES; i++) {
		struct pipe *pipe = &passed->pipes[i];
		if (!pipe->id.inode)
			continue;
		enum verdict before = pipe->verdict;
		int error = decide(passed, pipe);
		if (pipe->verdict == UNKNOWN)
			pipe->verdict = before;
		if (!first_error)
			first_error = error;
	}
	return first_error;
}
