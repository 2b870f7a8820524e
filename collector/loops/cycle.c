/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The way round of a loop, in words: see describe.h.  Under the lock. */
#include "describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put_step(json_t *cycle, const char *kind, json_t *rest,
		     const char *value)
{
	json_object_set_new(rest, "kind", json_string(kind));
	json_object_set_new(rest, "text", logtap_loops_text(value));
	json_array_append_new(cycle, rest);
}

static void put_writer(json_t *cycle, const struct logtap_loops_loop *loop)
{
	char value[LOGTAP_LOOPS_DESCRIBED_BYTES];

	if (loop->tid)
		snprintf(value, sizeof(value),
			 "%s[%" PRIu32 "] tid %" PRIu32 "%s%s%s", loop->comm,
			 loop->pid, loop->tid, loop->thread[0] ? " \"" : "",
			 loop->thread, loop->thread[0] ? "\"" : "");
	else
		snprintf(value, sizeof(value), "%s[%" PRIu32 "]", loop->comm,
			 loop->pid);
	put_step(cycle, loop->tid ? "thread" : "process",
		 json_pack("{s:I,s:I}", "pid", (json_int_t)loop->pid, "tid",
			   (json_int_t)loop->tid),
		 value);
}

json_t *logtap_loops_cycle(const struct logtap_loops_loop *loop)
{
	json_t *cycle = json_array();

	put_writer(cycle, loop);
	if (loop->class == LOGTAP_LOOPS_L1 && !loop->endpoint[0]) {
		put_step(cycle, "handler", json_object(),
			 "the program's own handler of records");
		return cycle;
	}
	put_step(cycle, "stream", json_object(),
		 loop->stream ? loop->stream : "syslog");
	if (loop->class == LOGTAP_LOOPS_L6 && !loop->cause) {
		put_step(cycle, "way", json_object(),
			 loop->way[0] ? loop->way : "a way that is not seen");
		return cycle;
	}
	if (loop->host)
		put_step(cycle, "queue", json_object(),
			 "the program's own exporter");
	else
		put_step(cycle, "collector", json_object(), "logtap collector");
	if (loop->endpoint[0])
		put_step(cycle, "endpoint",
			 json_pack("{s:o}", "address",
				   logtap_loops_text(loop->endpoint)),
			 loop->endpoint);
	if (loop->other[0])
		put_step(cycle, "collector", json_object(), loop->other);
	return cycle;
}

static void say_what_closes(const struct logtap_loops_loop *loop, char *out,
			    size_t out_bytes)
{
	const char *comm = loop->comm;

	switch (loop->class) {
	case LOGTAP_LOOPS_L1:
		snprintf(out, out_bytes, "it logs while it %s a record",
			 loop->endpoint[0] ? "exports" : "handles");
		break;
	case LOGTAP_LOOPS_L2:
		if (loop->tid)
			snprintf(out, out_bytes,
				 "records caused by sends on tid %u",
				 loop->tid);
		else
			snprintf(out, out_bytes,
				 "records caused by sends of its threads");
		break;
	case LOGTAP_LOOPS_L3:
		snprintf(out, out_bytes, "the collector captures itself");
		break;
	case LOGTAP_LOOPS_L4:
		snprintf(out, out_bytes, "%s logs each request that it gets",
			 comm);
		break;
	case LOGTAP_LOOPS_L5:
		snprintf(out, out_bytes, "what that one sends is logged here");
		break;
	case LOGTAP_LOOPS_L6:
		snprintf(out, out_bytes, "%s writes again what it was given%s",
			 comm, loop->byte_gain > 1.02 ? ", and more" : "");
		break;
	case LOGTAP_LOOPS_L7:
		snprintf(out, out_bytes, "%s logs each export that fails",
			 comm);
		break;
	}
}

void logtap_loops_closes(const struct logtap_loops_loop *loop, char *out,
			 size_t out_bytes)
{
	char what[LOGTAP_LOOPS_DESCRIBED_BYTES / 2], place[144];

	what[0] = 0;
	say_what_closes(loop, what, sizeof(what));
	logtap_loops_place(loop, place, sizeof(place));
	snprintf(out, out_bytes, "%s%s%s", what, place[0] ? ", in " : "",
		 place);
}

/* The one that start_thread() of libc has called. */
static const char *start_routine(const struct logtap_loops_loop *loop)
{
	for (size_t i = 1; i < loop->frame_count; i++)
		if (!strcmp(loop->frames[i].function, "start_thread"))
			return loop->frames[i - 1].function;
	return "";
}

json_t *logtap_loops_thread(const struct logtap_loops_loop *loop)
{
	const struct logtap_loops_lineage *lineage = &loop->lineage;

	/* a program's first thread was not made by it */
	if (!loop->tid || loop->tid == loop->pid ||
	    (!lineage->parent_tid && !lineage->library[0]))
		return NULL;
	return json_pack("{s:I,s:o,s:I,s:o,s:o}", "tid", (json_int_t)loop->tid,
			 "name", logtap_loops_text(loop->thread), "parent_tid",
			 (json_int_t)lineage->parent_tid, "library",
			 logtap_loops_text(lineage->library), "start_routine",
			 logtap_loops_text(start_routine(loop)));
}
