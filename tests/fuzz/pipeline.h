/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * From a journal through the real pipeline to a destination that checks what it
 * gets and takes all of it.
 */
#ifndef LOGTAP_TESTS_FUZZ_PIPELINE_H
#define LOGTAP_TESTS_FUZZ_PIPELINE_H

#include "../../collector/intake/pipeline.h"
#include "fuzz.h"

struct fuzz_pipeline {
	struct logtap_dispatcher *dispatcher;
	struct logtap_batcher *batcher;
	struct logtap_shaper *shaper;
	struct logtap_pipeline *pipeline;
};

void fuzz_pipeline_open(struct fuzz_pipeline *pipeline,
			struct logtap_journal *journal);
/* Everything that the journal holds, to the destination. */
void fuzz_pipeline_run(struct fuzz_pipeline *pipeline);
void fuzz_pipeline_close(struct fuzz_pipeline *pipeline);

#endif
