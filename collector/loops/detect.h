/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a judgement is made of: effects of a process that follow a cause, and
 * what its latest exports were.  Shared by detect.c, group.c and measure.c;
 * under the lock.
 */
#ifndef LOGTAP_LOOPS_DETECT_H
#define LOGTAP_LOOPS_DETECT_H

#include "model.h"

enum { LOGTAP_LOOPS_GROUPS = 16 };

/* Effects of one process that follow one cause. */
struct logtap_loops_group {
	uint32_t pid;
	uint64_t start_ticks;
	uint64_t matched;
	uint64_t matched_there; /* of these, on the cause's thread */
	uint64_t lag_ns;	/* the shortest: what comes next */
	bool on_thread;		/* of the cause */
	bool elsewhere;
	bool app_thread; /* the cause's thread also writes on its own */
	bool tells;	 /* of the export, in so many words */
	uint32_t loop;	 /* all of its effects belong to that one already */
	bool is_free;	 /* some do not */
};

struct logtap_loops_tally {
	uint64_t exports, hits, idle;
	uint64_t failed, failed_hits, caused;
	uint64_t carriers, records; /* exports that carry any, and how many */
	uint64_t bytes, caused_bytes;
	uint64_t since;	       /* exports from the first with effect on */
	uint64_t failed_since; /* of these */
	double busy; /* share of the time in which records would match */
	double idle_per_s;
};

/* Those of one cause. */
struct logtap_loops_groups {
	size_t count; /* one a process */
	struct logtap_loops_group groups[LOGTAP_LOOPS_GROUPS];
	uint8_t of[LOGTAP_LOOPS_EFFECTS]; /* 1 + its group; 0: none */
};

/* group.c */
void logtap_loops_gather(struct logtap_loops *loops,
			 const struct logtap_loops_cause *cause,
			 uint64_t now_ns, struct logtap_loops_groups *out);
/* What follows the cause in the loop's process becomes the loop's. */
void logtap_loops_claim_all(struct logtap_loops *loops,
			    struct logtap_loops_loop *loop,
			    const struct logtap_loops_cause *cause,
			    uint64_t now_ns);

/* What turned out not to follow it is no longer. */
void logtap_loops_release(struct logtap_loops *loops,
			  const struct logtap_loops_loop *loop);

/* measure.c.  @group: of @groups. */
void logtap_loops_count_up(const struct logtap_loops *loops,
			   const struct logtap_loops_cause *cause,
			   const struct logtap_loops_groups *groups,
			   size_t group, uint64_t now_ns,
			   struct logtap_loops_tally *tally);
void logtap_loops_measure(struct logtap_loops_loop *loop,
			  const struct logtap_loops_cause *cause,
			  const struct logtap_loops_tally *tally);
/* Records and bytes a second. */
void logtap_loops_rate(struct logtap_loops_loop *loop, uint64_t now_ns);

#endif
