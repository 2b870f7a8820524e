/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One thread-local struct for all of logtap, generated from guard/tls.def.
 *
 * Initial-exec: reading it is one load off the thread pointer, never a call,
 * so it is safe in a signal handler and before and after everything else in a
 * thread's life.
 */
#ifndef LOGTAP_GUARD_TLS_H
#define LOGTAP_GUARD_TLS_H

#include "../ring/writer.h"

#include <logtap/abi/segment.h>

struct logtap_mapping;

enum logtap_life {
	LOGTAP_UNBORN = 0, /* no slot yet: the first chunk claims one */
	LOGTAP_BIRTH = 1,  /* claiming; a signal handler must not begin again */
	LOGTAP_LIVE = 2,
	LOGTAP_REFUSED = 3, /* no slot was to be had; tried again later */
	LOGTAP_ORPHAN = 4,  /* forked in the middle of a copy: nothing may be
	                    * recorded until that copy has run to its end */
};

/* A bit of the guard's word. */
enum logtap_phase {
	LOGTAP_PHASE_COPY = 0,	   /* re-entry is a signal handler */
	LOGTAP_PHASE_CALLBACK = 8, /* re-entry is user code that we called */
};

/* A thread's slot and its writers.  A move to a larger ring prepares the other
 * one of the pair and then stores one pointer, so that a signal handler always
 * finds a whole one. */
struct logtap_rings {
	struct logtap_slot *slot;
	struct logtap_mapping *mapping;	      /* segment that holds the slot */
	const struct logtap_control *control; /* of that segment */
	struct logtap_writer main;
	struct logtap_writer nested;
	_Atomic uint64_t *metrics; /* the slot's row of user metrics */
};

/* A function of libc that writes by itself is at work: hook/libc_call.h. */
struct logtap_libc_call {
	uintptr_t frame;    /* of our hook; 0: none */
	const void *stream; /* temporary one that it was seen to use */
	uint8_t how;	    /* enum logtap_libc_how */
	uint8_t sink;	    /* of the process, that it writes to */
	bool seen;	    /* its text passed stdio */
	uint8_t text_bytes;
	char text[44]; /* by which its text is recognised; a copy, because
	                * the host's may be gone after a longjmp */
};

#define LOGTAP_SCOPED_SINKS 16
#define LOGTAP_ENTERED_SPANS 64

struct logtap_frame;
struct logtap_sink_object;
struct logtap_scoped_sink {
	struct logtap_sink_object *sink;
	uint64_t token;
	const struct logtap_frame *frame; /* of logtap_with_sink(); else NULL */
	bool captures;			  /* captured writes go to it, too */
};

struct logtap_tls {
#define TLS(type, name) type name;
#define TLS_ARRAY(type, name, count) type name[count];
#include "tls.def"
#undef TLS
#undef TLS_ARRAY
};

extern _Thread_local struct logtap_tls logtap_tls
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

#endif
