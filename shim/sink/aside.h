/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Chunks beside the records: evidence and stacks.
 *
 * They are put into the thread's own ring as records are, but never split, and
 * left out where there is no room for them: no record is lost for their sake.
 */
#ifndef LOGTAP_SINK_ASIDE_H
#define LOGTAP_SINK_ASIDE_H

#include "../guard/guard.h"
#include "capture.h"

/* May this thread put something aside?  Claims a slot if it has none; a mark
 * as telemetry's own thread does not matter. */
bool logtap_aside_ready(struct logtap_tls *tls);

/* The guard, closed by one who found it open, or who runs inside a callback of
 * a sink, where the ring is not being written. */
struct logtap_aside {
	struct logtap_frame frame; /* on the caller's stack */
	uintptr_t outer;	   /* the guard's word before */
};

/* Return: false if it may not be closed now: a handler inside a copy. */
bool logtap_aside_enter(struct logtap_tls *tls, struct logtap_aside *aside);
void logtap_aside_leave(struct logtap_tls *tls, struct logtap_aside *aside);

/* Under the guard: room for @length bytes behind a header that is written
 * already.  Return: where they go, or NULL.  Every one that is not NULL is
 * followed by logtap_aside_publish(). */
unsigned char *logtap_aside_reserve(struct logtap_tls *tls,
				    const struct logtap_stamp *stamp,
				    size_t length, uint64_t *end);
void logtap_aside_publish(struct logtap_tls *tls, uint64_t end);

#endif
