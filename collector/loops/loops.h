/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Feedback loops: handling a captured record causes further captured records.
 *
 * One object a collector.  It sees every record on its way to the batcher, the
 * evidence that hosts leave, and each request to a receiver; it keeps a graph
 * of who caused whose records, in a bounded amount of memory, and says which
 * cycles there are and how sure that is.  It changes nothing unless it is told
 * to: by default it observes.
 *
 * All times are CLOCK_REALTIME in ns unless they say otherwise.  Every function
 * may be called from any thread.
 */
#ifndef LOGTAP_LOOPS_LOOPS_H
#define LOGTAP_LOOPS_LOOPS_H

#include "../export/tap.h"
#include "../shape/tap.h"

#include <jansson.h>

struct logtap_asks; /* intake/asks.h */
struct logtap_loops;
struct logtap_batch;

enum logtap_loops_confidence {
	LOGTAP_LOOPS_SUSPECTED = 1, /* exports while the application is idle */
	LOGTAP_LOOPS_LIKELY,	    /* and a cycle of threads or peers */
	LOGTAP_LOOPS_CONFIRMED,	    /* and what was sent has come back, or an
	                             * intervention stopped it */
};

enum logtap_loops_step {
	LOGTAP_LOOPS_OBSERVE,
	LOGTAP_LOOPS_TAG,  /* logtap.loop.id and logtap.hop on its records */
	LOGTAP_LOOPS_RATE, /* so many records a second, the rest is left out */
	LOGTAP_LOOPS_SUPPRESS, /* all are left out */
};

struct logtap_loops_options {
	/* Interventions are allowed: exports may be held for a moment, ours
	 * and those of captured programs. */
	bool probe;
	/* Loops that are likely are probed without being asked to. */
	bool probe_alone;
	unsigned hop_limit; /* 0: 8 */
	/* Holds the exports of a captured program's thread for so long; 0 lets
	 * them go.  NULL: cannot. */
	void (*hold_host)(void *context, uint32_t pid, uint32_t tid,
			  uint64_t ns);
	void *context;
	/* For evidence, stacks and holds of hosts: borrowed; NULL: none. */
	struct logtap_asks *asks;
};

struct logtap_loops_break {
	enum logtap_loops_step step;
	double rate_per_s;
	uint64_t ttl_ns; /* 0: until the collector ends */
	/* Its exports are slowed as well, where they are a program's own: to
	 * rate_per_s on the average (LOGTAP_LOOPS_RATE; else one a second), no
	 * send by more than two seconds.  Only where probes are allowed. */
	bool at_source;
};

/* @options: copied; NULL means the defaults.  Return: NULL without memory. */
struct logtap_loops *logtap_loops_new(
	const struct logtap_loops_options *options);
void logtap_loops_free(struct logtap_loops *loops);

/* This collector's name (instance.h). */
const char *logtap_loops_instance(const struct logtap_loops *loops);

/* {"instance":"...","loops":[...]}; owned by the caller; NULL without memory. */
json_t *logtap_loops_json(struct logtap_loops *loops);
/* The same, and "graph": {"nodes":[...],"edges":[...]}. */
json_t *logtap_loops_json_all(struct logtap_loops *loops);

/* How many loops that are at least so sure. */
size_t logtap_loops_count(struct logtap_loops *loops,
			  enum logtap_loops_confidence at_least);

/* Ever. */
struct logtap_loops_stats {
	uint64_t records;    /* of loops */
	uint64_t suppressed; /* of these, left out */
	uint64_t hop_drops;  /* left out over the hop limit */
};
void logtap_loops_stats(struct logtap_loops *loops,
			struct logtap_loops_stats *out);

/* The figures of a loop that goes on.  0: not measured. */
struct logtap_loops_figures {
	unsigned number;
	const char *class; /* "L2"; a constant */
	double k, b, gain, byte_gain;
	double idle_per_s; /* may be 0 */
};
enum { LOGTAP_LOOPS_FIGURES = 64 };
/* Return: of how many. */
size_t logtap_loops_figures(
	struct logtap_loops *loops,
	struct logtap_loops_figures out[LOGTAP_LOOPS_FIGURES]);

/* Return: 0, or -ENOENT, -EINVAL, -EPERM with a whole text in @error. */
int logtap_loops_break(struct logtap_loops *loops, unsigned number,
		       const struct logtap_loops_break *what, char *error,
		       size_t error_bytes);
/* Asks for an intervention; @number 0: for each loop that is not confirmed.
 * Return: as above, and -EBUSY while another one is under way. */
int logtap_loops_probe(struct logtap_loops *loops, unsigned number, char *error,
		       size_t error_bytes);

/* Feeding. */
struct logtap_tap logtap_loops_tap(struct logtap_loops *loops);
struct logtap_export_tap logtap_loops_export_tap(struct logtap_loops *loops);
/* A batch goes to all destinations: which records it carries.  In the
 * pipeline's thread, before any destination has it. */
void logtap_loops_submit(struct logtap_loops *loops,
			 const struct logtap_batch *batch);
/* Time passes; a few times a second. */
void logtap_loops_tick(struct logtap_loops *loops, uint64_t now_ns);

#endif
