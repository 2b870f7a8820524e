/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where pipes lead: see the header.  The pipeline's thread. */
#include "passed.h"

#include "ways.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>

/* PIPES: those that were met last.  HELD: a pipe takes 64 KiB before its reader
 * must have started, and 1 MiB if that was asked for. */
enum {
	PIPES = 64,
	HELD_BYTES_MAX = 4 << 20,
};

struct held {
	STAILQ_ENTRY(held) next;
	struct logtap_line line; /* its source is counted */
	struct logtap_extensions extensions;
	char text[];
};

struct pipe {
	struct logtap_file_id id; /* inode 0: free */
	enum logtap_way way;
	STAILQ_HEAD(, held) lines; /* while it is not known */
	size_t bytes;
	uint64_t since_ns; /* of the first one that is held */
	uint64_t floor;	   /* of their positions in the journal */
	uint64_t used;
};

struct logtap_passed {
	struct logtap_passed_options options;
	struct pipe pipes[PIPES];
	uint64_t uses;
	struct logtap_ways ways;
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

static enum logtap_way way_of(struct logtap_passed *passed,
			      const struct logtap_file_id *pipe)
{
	return logtap_ways_find(&passed->ways, passed->options.sinks, pipe);
}

/* ---- lines that are held --------------------------------------------- */

/* Lets go of what is held, all of it even if there is an error. */
static int release(struct logtap_passed *passed, struct pipe *pipe)
{
	const struct logtap_passed_options *options = &passed->options;
	logtap_line_fn *end =
		pipe->way == LOGTAP_WAY_SHOWN ? options->show : options->hide;
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
	pipe->way = way_of(passed, &pipe->id);
	return pipe->way == LOGTAP_WAY_UNKNOWN ? 0 : release(passed, pipe);
}

/* The time has come: nobody passes it on. */
static int give_up(struct logtap_passed *passed, struct pipe *pipe)
{
	pipe->way = LOGTAP_WAY_HIDDEN;
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
		if (logtap_file_id_same(&pipe->id, id)) {
			pipe->used = ++passed->uses;
			return pipe;
		}
		if (pipe->used < oldest->used)
			oldest = pipe;
	}
	*error = give_up(passed, oldest);
	oldest->id = *id;
	oldest->used = ++passed->uses;
	oldest->way = way_of(passed, id);
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

	switch (pipe->way) {
	case LOGTAP_WAY_SHOWN:
		more = options->show(options->context, line);
		break;
	case LOGTAP_WAY_HIDDEN:
		more = options->hide(options->context, line);
		break;
	case LOGTAP_WAY_UNKNOWN:
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

int logtap_passed_start(struct logtap_passed *passed,
			const struct logtap_program_start *start)
{
	int first_error = 0;

	if (!logtap_ways_add(&passed->ways, start))
		return 0;
	/* Also those of which nothing was known for too long. */
	for (size_t i = 0; i < PIPES; i++) {
		struct pipe *pipe = &passed->pipes[i];
		if (!pipe->id.inode)
			continue;
		enum logtap_way before = pipe->way;
		int error = decide(passed, pipe);
		if (pipe->way == LOGTAP_WAY_UNKNOWN)
			pipe->way = before;
		if (!first_error)
			first_error = error;
	}
	return first_error;
}
