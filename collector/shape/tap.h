/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Who looks at records on their way from the shaper to the batcher, and at the
 * chunks that do not become records.  Called in the pipeline's thread.
 */
#ifndef LOGTAP_SHAPE_TAP_H
#define LOGTAP_SHAPE_TAP_H

#include "record.h"
#include "source.h"

enum logtap_tap_verdict {
	LOGTAP_TAP_PASS,
	LOGTAP_TAP_TAG,	 /* passes, with what the mark says */
	LOGTAP_TAP_DROP, /* left out, and counted as suppressed */
};

struct logtap_tap_mark {
	uint32_t loop; /* becomes logtap.loop.id; 0: nothing */
	uint32_t hop;  /* becomes logtap.hop; 0: nothing */
};

struct logtap_tap {
	void *context;
	/* @record is whole but for its attributes, and is not to be kept. */
	enum logtap_tap_verdict (*record)(void *context,
					  const struct logtap_record *record,
					  struct logtap_tap_mark *mark);
	/* An EVIDENCE or STACK chunk. */
	void (*evidence)(void *context, const struct logtap_thread *thread,
			 const struct logtap_chunk_view *chunk);
};

#endif
