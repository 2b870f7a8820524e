/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Processes, and effects: kinds of their records, by thread.  A part of model.h,
 * whose rules hold here.
 */
#ifndef LOGTAP_LOOPS_EFFECT_H
#define LOGTAP_LOOPS_EFFECT_H

#include "../shape/resource.h"
#include "echo.h"
#include "loops.h"
#include "peers.h"

#define LOGTAP_LOOPS_MS UINT64_C(1000000)
#define LOGTAP_LOOPS_SECOND UINT64_C(1000000000)

struct logtap_loops_cause;
struct logtap_loops_export;

enum {
	LOGTAP_LOOPS_FOLLOWS = 4,
	LOGTAP_LOOPS_TEXT_BYTES = 192,
};

struct logtap_loops_process {
	uint32_t pid; /* 0: free */
	uint32_t parent_pid;
	uint64_t start_ticks;
	char comm[LOGTAP_COMM_BYTES + 1];
	uint64_t seen_ns;
	uint64_t records;
	/* of these, such as were not seen to follow exports */
	uint64_t own_records;
	uint64_t own_ns; /* the last one of them */
	unsigned loop;	 /* which all of its records belong to; 0: none */
	struct logtap_echo *echo;
	uint64_t way_ns; /* when its ways were looked for; 0: never */
	bool has_way;	 /* what it writes comes back to it */
	char way[LOGTAP_PEERS_WAY_BYTES];
};

/* How the records of an effect lie to the exports of one cause. */
struct logtap_loops_follow {
	uint32_t cause; /* its id; 0: free */
	uint32_t matched;
	uint32_t missed;
	uint32_t exports;   /* so many different ones are matched */
	uint64_t export_ns; /* when the last of them began */
	uint64_t lag_ns;    /* a running mean */
};

/* Records of one kind, out of one thread. */
struct logtap_loops_effect {
	uint64_t key; /* 0: free */
	uint32_t pid;
	uint32_t tid;
	uint64_t start_ticks;
	uint64_t signature;
	const char *stream; /* a constant, or NULL */
	char thread[LOGTAP_SLOT_NAME_BYTES + 1];
	uint64_t records;
	uint64_t bytes;
	uint64_t seen_ns;
	uint64_t first_ns;
	struct logtap_loops_follow follows[LOGTAP_LOOPS_FOLLOWS];
	uint32_t loop;	/* number; 0: none */
	bool by_timing; /* it is the loop's because it follows the cause */
	uint32_t severity;
	char sample[LOGTAP_LOOPS_TEXT_BYTES];
};

/* effects.c, follows.c */
struct logtap_loops_process *logtap_loops_process(struct logtap_loops *loops,
						  uint32_t pid,
						  uint64_t start_ticks,
						  const char *comm,
						  uint64_t now_ns);
struct logtap_loops_effect *logtap_loops_effect(
	struct logtap_loops *loops, const struct logtap_record *record);
/* Does the record lie behind an export?  Updates the effect's follows. */
void logtap_loops_effect_follow(struct logtap_loops *loops,
				struct logtap_loops_effect *effect,
				const struct logtap_record *record);
/* Records that were taken before the export belong to it, too: what announced
 * it, and what is later by its time.  Of a program's. */
void logtap_loops_effect_before(struct logtap_loops *loops,
				struct logtap_loops_cause *cause,
				struct logtap_loops_export *export);
uint16_t logtap_loops_effect_check(const struct logtap_loops_effect *effect);
/* NULL: it does not. */
const struct logtap_loops_follow *logtap_loops_follows(
	const struct logtap_loops_effect *effect, uint32_t cause);
/* Is it seen not to? */
bool logtap_loops_is_apart(const struct logtap_loops_effect *effect,
			   uint32_t cause);
/* So many records, of late, did not follow it. */
uint32_t logtap_loops_missed(const struct logtap_loops_effect *effect,
			     uint32_t cause);
/* Do its records follow any exports? */
bool logtap_loops_is_caused(const struct logtap_loops_effect *effect);

#endif
