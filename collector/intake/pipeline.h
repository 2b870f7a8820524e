/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The pipeline: frames of the journal to the shaper, and the acknowledgement
 * of what all destinations have settled.  One thread, that of the shaper and
 * the batcher.
 */
#ifndef LOGTAP_INTAKE_PIPELINE_H
#define LOGTAP_INTAKE_PIPELINE_H

#include "../export/exporter.h"
#include "../shape/shaper.h"
#include "journal.h"

struct logtap_pipeline;

struct logtap_pipeline_options { /* all borrowed */
	struct logtap_journal *journal;
	struct logtap_shaper *shaper;
	struct logtap_batcher *batcher;
	struct logtap_dispatcher *dispatcher;
};

/* Begins at the acknowledged position.  Return: 0 or -errno. */
int logtap_pipeline_new(const struct logtap_pipeline_options *options,
			struct logtap_pipeline **out);
/* Ends all threads and processes: their unfinished lines go to the batcher. */
void logtap_pipeline_free(struct logtap_pipeline *pipeline);

enum { LOGTAP_PIPELINE_MORE = 1 };
/**
 * logtap_pipeline_run() - shape what the journal has, about @bytes at most
 * @regardless: also when a destination is full
 * Return: 0, LOGTAP_PIPELINE_MORE when some is left, or -errno.
 */
int logtap_pipeline_run(struct logtap_pipeline *pipeline, uint64_t bytes,
			bool regardless);
/* Old partial lines and old batches leave; what is settled is acknowledged.
 * Call at least twice a second, and after each run. */
void logtap_pipeline_tick(struct logtap_pipeline *pipeline, bool flush);
/* Acknowledges up to @limit at most. */
void logtap_pipeline_acknowledge(struct logtap_pipeline *pipeline,
				 uint64_t limit);
/* Nothing below is needed any more. */
uint64_t logtap_pipeline_floor(struct logtap_pipeline *pipeline);
/* True when it has read all that the journal holds. */
bool logtap_pipeline_done(struct logtap_pipeline *pipeline);

#endif
