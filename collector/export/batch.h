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

/* A record that is as others but for this. */
struct logtap_batch_line {
	const char *text; /* the body, valid UTF-8 */
	size_t bytes;
	uint64_t time_ns;
	uint64_t position;
	uint32_t sequence;
	uint32_t line;
};
/* The same with each of @lines, which come in the order of their positions.
 * @like: what they have in common, without attributes, scope and event name. */
int logtap_batcher_append_lines(struct logtap_batcher *batcher,
				const struct logtap_record *like,
				const struct logtap_batch_line *lines,
				size_t count);
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
/* Appends lines until the batch has as much as @limits say.  Return: 0 or
 * -ENOMEM; @count is lowered by those that it has. */
int logtap_batch_append_lines(struct logtap_batch *batch,
			      const struct logtap_batch_limits *limits,
			      const struct logtap_record *like,
			      const struct logtap_batch_line *lines,
			      size_t *count);

struct logtap_batch *logtap_batch_ref(struct logtap_batch *batch);
void logtap_batch_unref(struct logtap_batch *batch);

/* Never 0, never used twice. */
uint64_t logtap_batch_serial(const struct logtap_batch *batch);
size_t logtap_batch_records(const struct logtap_batch *batch);
size_t logtap_batch_bytes(const struct logtap_batch *batch);
const struct logtap_record *logtap_batch_record(
	const struct logtap_batch *batch, size_t index);
/* Lowest journal position of its records. */
uint64_t logtap_batch_floor(const struct logtap_batch *batch);
/* Its records by severity: unspecified, trace and debug, info, warn, error,
 * fatal. */
enum { LOGTAP_SEVERITY_CLASSES = 6 };
const uint64_t *logtap_batch_severities(const struct logtap_batch *batch);

/* The records of one resource, in their order: from @first on through the
 * links of the view. */
struct logtap_batch_group {
	struct logtap_resource *resource; /* NULL: of no process */
	const char *scope;		  /* NULL: ours */
	uint32_t first;
	uint32_t last;
	uint32_t count;
};

/* A look into a closed batch; valid while the caller holds a reference. */
struct logtap_batch_view {
	const struct logtap_record *records;
	const uint32_t *links; /* the next record of the same group */
	const struct logtap_batch_group *groups; /* in order of appearance */
	size_t group_count;
};
struct logtap_batch_view logtap_batch_view(const struct logtap_batch *batch);

#endif
