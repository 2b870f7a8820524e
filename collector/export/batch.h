/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A batch: records on their way to the destinations, and the batcher that
 * closes one by count, bytes or age.
 *
 * Records, bodies and attributes are copied into the batch's own memory, so a
 * batch can outlive everything it was made from.  A closed batch is immutable
 * and shared by reference between destinations, which may run in threads of
 * their own.
 */
#ifndef LOGTAP_EXPORT_BATCH_H
#define LOGTAP_EXPORT_BATCH_H

#include "../shape/record.h"

struct logtap_batch;
struct logtap_batcher;

struct logtap_batch_limits {
	size_t records;	 /* 0: 512 (OTEL_BLRP_MAX_EXPORT_BATCH_SIZE) */
	size_t bytes;	 /* 0: 1 MiB of bodies and attributes */
	uint64_t age_ns; /* 0: 1 s (OTEL_BLRP_SCHEDULE_DELAY) */
};

/* Takes the reference to @batch.  Called in the batcher's thread. */
typedef void logtap_batch_sink_fn(void *context, struct logtap_batch *batch);

struct logtap_batcher *logtap_batcher_new(
	const struct logtap_batch_limits *limits, logtap_batch_sink_fn *sink,
	void *context);
void logtap_batcher_free(struct logtap_batcher *batcher);

/* Copies @record into the open batch; closes it first or afterwards when a
 * limit is reached.  Return: 0 or -ENOMEM. */
int logtap_batcher_append(struct logtap_batcher *batcher,
			  const struct logtap_record *record);

/* What of a record differs from those beside it. */
struct logtap_batch_line {
	const char *text; /* the body, valid UTF-8 */
	size_t bytes;
	uint64_t time_ns;
	uint32_t sequence;
	uint32_t line;
};

/* Room in the open batch for records that differ in their lines only.  Whoever
 * opened it copies a body to @text, fills in *@next, and moves both on. */
struct logtap_batch_room {
	struct logtap_batch_line *next, *end;
	/* LOGTAP_COPY_SLACK bytes more may be written */
	char *text, *text_end;
};
/* Opens room for at least one line of @bytes, and closes the batch before if
 * a limit is reached.  Until the room is closed the batcher is not to be used.
 * @like: what the lines have in common, without attributes, scope and event
 * name; its position is the lowest of theirs.
 * Return: 0, or -ENOMEM and nothing is open. */
int logtap_batcher_open_room(struct logtap_batcher *batcher,
			     const struct logtap_record *like, size_t bytes,
			     struct logtap_batch_room *room);
/* The lines before room->next are records now.  Return: how many. */
size_t logtap_batcher_close_room(struct logtap_batcher *batcher,
				 const struct logtap_batch_room *room);
/* Closes the open batch if it is older than age_ns, or if @force.
 * @now_ns: CLOCK_REALTIME, the clock of observed_ns. */
void logtap_batcher_flush(struct logtap_batcher *batcher, uint64_t now_ns,
			  bool force);
/* Lowest journal position in the open batch, UINT64_MAX if it is empty. */
uint64_t logtap_batcher_floor(const struct logtap_batcher *batcher);

/* For the batcher: an open batch is filled by one thread.  @content_bytes:
 * of the body and the attributes, which are copied; behind each body there are
 * LOGTAP_COPY_SLACK bytes that may be read. */
struct logtap_batch *logtap_batch_new(uint64_t opened_ns);
uint64_t logtap_batch_opened_ns(const struct logtap_batch *batch);
size_t logtap_batch_attribute_bytes(const struct logtap_record *record);
int logtap_batch_append(struct logtap_batch *batch,
			const struct logtap_record *record,
			size_t content_bytes);
/* The same in an open batch, of which @limits say how full it may become.  Room
 * for no line that is there when it is closed leaves the batch as it was. */
int logtap_batch_open_room(struct logtap_batch *batch,
			   const struct logtap_record *like, size_t bytes,
			   const struct logtap_batch_limits *limits,
			   struct logtap_batch_room *room);
size_t logtap_batch_close_room(struct logtap_batch *batch,
			       const struct logtap_batch_room *room);

struct logtap_batch *logtap_batch_ref(struct logtap_batch *batch);
void logtap_batch_unref(struct logtap_batch *batch);

/* Never 0, never used twice. */
uint64_t logtap_batch_serial(const struct logtap_batch *batch);
size_t logtap_batch_records(const struct logtap_batch *batch);
size_t logtap_batch_bytes(const struct logtap_batch *batch);
/* Memory that it holds, about. */
size_t logtap_batch_memory(const struct logtap_batch *batch);
/* Return: @out, or NULL if there is no such record; its position is the lowest
 * of its run. */
const struct logtap_record *logtap_batch_record(
	const struct logtap_batch *batch, size_t index,
	struct logtap_record *out);
/* Lowest journal position of its records. */
uint64_t logtap_batch_floor(const struct logtap_batch *batch);
/* Its records by severity: unspecified, trace and debug, info, warn, error,
 * fatal. */
enum { LOGTAP_SEVERITY_CLASSES = 6 };
const uint64_t *logtap_batch_severities(const struct logtap_batch *batch);

/* Records one behind the other that differ in their lines only. */
struct logtap_batch_run {
	struct logtap_record like; /* all else */
	uint32_t first;		   /* line */
	uint32_t count;		   /* of lines */
	uint32_t next;		   /* run of its group; of the last: itself */
};

static inline struct logtap_batch_line logtap_batch_line_of(
	const struct logtap_record *record)
{
	return (struct logtap_batch_line){
		.text = record->body,
		.bytes = record->body_bytes,
		.time_ns = record->time_ns,
		.sequence = record->sequence,
		.line = record->line,
	};
}

static inline void logtap_batch_fill_in(struct logtap_record *record,
					const struct logtap_batch_line *line)
{
	record->time_ns = line->time_ns;
	record->body = line->text;
	record->body_bytes = line->bytes;
	record->sequence = line->sequence;
	record->line = line->line;
}

/* The records of one resource, in their order: of the run @first and those that
 * follow it. */
struct logtap_batch_group {
	struct logtap_resource *resource; /* NULL: of no process */
	const char *scope;		  /* NULL: ours */
	uint32_t first;
	uint32_t last;
	uint32_t count; /* of runs */
};

/* A look into a closed batch; valid while the caller holds a reference. */
struct logtap_batch_view {
	const struct logtap_batch_line *lines;
	const struct logtap_batch_run *runs;
	const struct logtap_batch_group *groups; /* in order of appearance */
	size_t group_count;
};
struct logtap_batch_view logtap_batch_view(const struct logtap_batch *batch);

#endif
