/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where a pipe leads: see the header.  The pipeline's thread. */
#include "ways.h"

#include <string.h>

static bool is_one_of(const char *comm, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(comm, *names))
			return true;
	return false;
}

bool logtap_ways_add(struct logtap_ways *ways,
		     const struct logtap_program_start *start)
{
	/* A shell reads by what it starts, or keeps what it reads. */
	static const char *const shells[] = {"sh",  "bash", "dash",    "ash",
					     "ksh", "mksh", "zsh",     "fish",
					     "csh", "tcsh", "busybox", NULL};
	static const char *const loggers[] = {"logger", NULL};

	if (!start->input.inode || is_one_of(start->comm, shells))
		return false;
	ways->readers[ways->reader_count++ % LOGTAP_WAYS_READERS] =
		(struct logtap_ways_reader){
			.input = start->input,
			.output = start->output,
			.uncaptured = start->uncaptured,
			.records = is_one_of(start->comm, loggers),
		};
	return true;
}

/* The end of the way; the library has the same rule (find_stdout). */
static enum logtap_way way_of_end(const struct logtap_sink_policy *policy,
				  const struct logtap_ways_reader *reader)
{
	const struct logtap_file_id *session = policy->session;
	const struct logtap_file_id *end = &reader->output;
	bool error = logtap_file_id_same(end, &session[0]);
	bool output = logtap_file_id_same(end, &session[1]);

	if (!end->inode || (!error && !output))
		return LOGTAP_WAY_UNKNOWN;
	if (reader->uncaptured)
		return LOGTAP_WAY_SHOWN;
	if (!output)
		return LOGTAP_WAY_HIDDEN; /* captured as stderr */
	return policy->terminals_relay ? LOGTAP_WAY_HIDDEN : LOGTAP_WAY_SHOWN;
}

static size_t reader_room(const struct logtap_ways *ways)
{
	return ways->reader_count < LOGTAP_WAYS_READERS ? ways->reader_count
							: LOGTAP_WAYS_READERS;
}

/* What is found behind @pipe goes into @way.  Each reader is met once, by
 * whatever way: there may be circles, and more ways than can be gone.
 * Return: is it hidden, whatever comes? */
static bool ask_readers(struct logtap_ways *ways,
			const struct logtap_sink_policy *policy,
			const struct logtap_file_id *pipe, enum logtap_way *way)
{
	for (size_t i = 0; i < reader_room(ways); i++) {
		struct logtap_ways_reader *reader = &ways->readers[i];
		if (reader->asked == ways->questions ||
		    !logtap_file_id_same(&reader->input, pipe))
			continue;
		reader->asked = ways->questions;
		enum logtap_way end = reader->records
					      ? LOGTAP_WAY_HIDDEN
					      : way_of_end(policy, reader);
		if (end == LOGTAP_WAY_SHOWN)
			*way = LOGTAP_WAY_SHOWN;
		if (end == LOGTAP_WAY_HIDDEN ||
		    (end == LOGTAP_WAY_UNKNOWN && reader->output.inode &&
		     ask_readers(ways, policy, &reader->output, way)))
			return true;
	}
	return false;
}

enum logtap_way logtap_ways_find(struct logtap_ways *ways,
				 const struct logtap_sink_policy *policy,
				 const struct logtap_file_id *pipe)
{
	enum logtap_way way = LOGTAP_WAY_UNKNOWN;

	ways->questions++;
	return ask_readers(ways, policy, pipe, &way) ? LOGTAP_WAY_HIDDEN : way;
}
