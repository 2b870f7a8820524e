/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * An exporter: one destination of batches (file, console, OTLP over HTTP), and
 * the dispatcher that gives each batch to all of them.
 *
 * Destinations are independent: one that fails or stalls never delays another.
 * The dispatcher knows for every batch which required destinations have not
 * settled it yet (acknowledged, or refused for good), and so the lowest
 * journal position that must be kept.
 */
#ifndef LOGTAP_EXPORT_EXPORTER_H
#define LOGTAP_EXPORT_EXPORTER_H

#include "batch.h"

struct logtap_dispatcher;
struct logtap_exporter;

/* Exact counts, in records.  accepted = delivered + refused + dropped + queued */
struct logtap_exporter_stats {
	uint64_t accepted;  /* handed to the destination */
	uint64_t delivered; /* the destination confirmed them */
	uint64_t refused;   /* the destination rejected them for good */
	uint64_t dropped; /* given up by us: queue full, time out at the end */
	uint64_t queued;  /* waiting or in flight */
	uint64_t batches;
	uint64_t retries;
	uint64_t bytes; /* sent, before compression */
	/* of the batches delivered: unspecified, trace+debug, info, warn,
	 * error, fatal */
	uint64_t severities[LOGTAP_SEVERITY_CLASSES];
	char last_error[256]; /* empty: none */
};

/* What became of a batch at one destination. */
enum logtap_outcome {
	LOGTAP_DELIVERED,
	LOGTAP_REFUSED,
	LOGTAP_DROPPED,
};

struct logtap_exporter_ops {
	const char *kind; /* "file", "console", "otlp-http" */
	/* Takes the reference to @batch; must return soon.  Reports each batch
	 * exactly once through logtap_exporter_settled(), from any thread. */
	void (*submit)(struct logtap_exporter *exporter,
		       struct logtap_batch *batch);
	/* Does it hold as much as it should (thread-safe)?  It still takes
	 * batches then, but whoever reads the journal stops reading, so that
	 * what a slow receiver has not taken waits there and not in memory; see
	 * logtap_dispatcher_full().  NULL: never. */
	bool (*full)(struct logtap_exporter *exporter);
	/* stop() will follow soon: hurry.  So that destinations stop side by
	 * side and not one after the other.  NULL: nothing to do. */
	void (*stopping)(struct logtap_exporter *exporter,
			 uint64_t deadline_ns);
	/* Stop by @deadline_ns (CLOCK_MONOTONIC): settle every batch. */
	void (*stop)(struct logtap_exporter *exporter, uint64_t deadline_ns);
	void (*free)(struct logtap_exporter *exporter);
};

/* Common head of every exporter; filled by its constructor with
 * logtap_exporter_init(). */
struct logtap_exporter {
	const struct logtap_exporter_ops *ops;
	char name[128];			      /* for messages: path or URL */
	struct logtap_dispatcher *dispatcher; /* set when it is added */
	unsigned index;
};

void logtap_exporter_init(struct logtap_exporter *exporter,
			  const struct logtap_exporter_ops *ops,
			  const char *name);

/* Thread-safe.  @rejected: of a delivered batch, records that the receiver
 * rejected (partial_success); 0 otherwise.  Drops the reference to @batch. */
void logtap_exporter_settled(struct logtap_exporter *exporter,
			     struct logtap_batch *batch,
			     enum logtap_outcome outcome, size_t rejected,
			     const char *error);
void logtap_exporter_retried(struct logtap_exporter *exporter,
			     const char *error);
/* Counts bytes that went out (logtap_exporter_stats.bytes).  Thread-safe. */
void logtap_exporter_sent(struct logtap_exporter *exporter, size_t bytes);

struct logtap_dispatcher *logtap_dispatcher_new(void);
/* Takes ownership of @exporter.  At most 8.  Return 0 or -ENOSPC. */
int logtap_dispatcher_add(struct logtap_dispatcher *dispatcher,
			  struct logtap_exporter *exporter);
/* A logtap_batch_sink_fn: context is the dispatcher. */
void logtap_dispatcher_submit(void *dispatcher, struct logtap_batch *batch);
/* Lowest journal position of any batch that is not settled everywhere,
 * UINT64_MAX if all are.  Thread-safe. */
uint64_t logtap_dispatcher_floor(struct logtap_dispatcher *dispatcher);
/* Is any destination full?  Then read no more of the journal: it goes on when
 * that one has taken something.  One that has taken nothing for two seconds is
 * not waited for as long as another takes what comes; beyond @bytes of records
 * (0: 64 MiB) new ones are dropped for it alone, and counted.  Thread-safe. */
bool logtap_dispatcher_full(struct logtap_dispatcher *dispatcher);
/* Does more than @bytes of records wait for a destination that takes them?
 * Thread-safe. */
bool logtap_dispatcher_holds(struct logtap_dispatcher *dispatcher,
			     size_t bytes);
void logtap_dispatcher_set_bound(struct logtap_dispatcher *dispatcher,
				 size_t bytes);
/* The end is near: from now on nothing is dropped, for the journal keeps what
 * was not taken.  Thread-safe. */
void logtap_dispatcher_keep(struct logtap_dispatcher *dispatcher);
size_t logtap_dispatcher_count(const struct logtap_dispatcher *dispatcher);
const struct logtap_exporter *logtap_dispatcher_exporter(
	const struct logtap_dispatcher *dispatcher, size_t index);
void logtap_dispatcher_stats(struct logtap_dispatcher *dispatcher, size_t index,
			     struct logtap_exporter_stats *out);
/* Stops all exporters and waits until each batch is settled. */
void logtap_dispatcher_stop(struct logtap_dispatcher *dispatcher,
			    uint64_t deadline_ns);
void logtap_dispatcher_free(struct logtap_dispatcher *dispatcher);

/* Destinations.  Return 0, or a negative errno value with a message that
 * names what and where in @error (of @error_bytes). */
struct logtap_file_options {
	const char *path; /* "-": standard output */
	bool overwrite;	  /* false: an existing file is an error (-EEXIST) */
	bool append;	  /* collect: go on where an earlier one ended */
	bool resume;	  /* that one died: half of a line may be there */
};
int logtap_file_exporter_new(const struct logtap_file_options *options,
			     struct logtap_exporter **out, char *error,
			     size_t error_bytes);
/* Raw console: one line of text a record, to @fd (borrowed). */
int logtap_console_exporter_new(int fd, struct logtap_exporter **out);

#endif
