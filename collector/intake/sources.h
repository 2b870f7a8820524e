/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Who wrote: the processes and threads that journal frames name, as the shaper
 * wants them.  Belongs to the pipeline's thread.
 *
 * A process image is one object whichever of its segments a thread lives in; a
 * thread is one object across its slots, so that its lines are joined across
 * them.  Both go when their last slot has ended.
 */
#ifndef LOGTAP_INTAKE_SOURCES_H
#define LOGTAP_INTAKE_SOURCES_H

#include "../shape/shaper.h"
#include "frame.h"

struct logtap_sources;

/* @shaper: told of ends; borrowed. */
struct logtap_sources *logtap_sources_new(struct logtap_shaper *shaper);
/* Tells the shaper of every end. */
void logtap_sources_free(struct logtap_sources *sources);

/* A SEGMENT, SINKS, THREAD, THREAD_END or SEGMENT_END frame.  Return: 0 or -ENOMEM. */
int logtap_sources_take(struct logtap_sources *sources,
			const struct logtap_frame *frame,
			const unsigned char *payload, uint64_t now_ns);
/* What the chunks of a segment refer to. */
struct logtap_source_segment {
	const unsigned char *uuid;
	const struct logtap_sink_info *sinks; /* LOGTAP_SINKS of them */
};
/* Who wrote a DATA frame; NULL: not introduced. */
struct logtap_thread *logtap_sources_find(struct logtap_sources *sources,
					  const struct logtap_frame *frame,
					  struct logtap_source_segment *out);
/* The process of a NOTE frame's segment, for one call of the shaper, which is
 * to be told of its end; NULL: not introduced. */
struct logtap_process *logtap_sources_creator(struct logtap_sources *sources,
					      const struct logtap_frame *frame);

#endif
