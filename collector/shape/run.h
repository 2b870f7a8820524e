/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A run of chunks: what one thread left in one ring, as the journal has it.
 * The pipeline's thread.
 */
#ifndef LOGTAP_SHAPE_RUN_H
#define LOGTAP_SHAPE_RUN_H

#include "source.h"

struct logtap_shaper;

struct logtap_run { /* all borrowed */
	struct logtap_thread *thread;
	const unsigned char *segment_uuid;    /* 16 bytes */
	const struct logtap_sink_info *sinks; /* LOGTAP_SINKS of them */
	uint32_t slot;
	uint64_t generation;
	bool nested;
	const unsigned char *data; /* chunks, each at a multiple of 8 */
	size_t bytes;
	uint64_t position; /* of the data, in the journal */
	uint64_t start;	   /* chunks below this position are left out */
};

/**
 * logtap_shaper_run() - take in a run of chunks
 * @now_ns: CLOCK_REALTIME, becomes the observed time of records
 *
 * The same as logtap_shaper_chunk() with each of them, up to the first that is
 * no chunk.
 *
 * Return: 0 or -ENOMEM, and then the other chunks were taken.
 */
int logtap_shaper_run(struct logtap_shaper *shaper,
		      const struct logtap_run *run, uint64_t now_ns);

#endif
