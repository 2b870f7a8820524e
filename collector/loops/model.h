/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the detector knows: processes and effects (effect.h), causes and batches
 * (cause.h), loops (loop.h), and what is done with all of it.  Shared by the
 * files of this folder, not for others; all of it is under logtap_loops.lock.
 * Times are CLOCK_REALTIME in ns.
 *
 * Everything has a fixed room.  What has not been seen for longest makes way.
 */
#ifndef LOGTAP_LOOPS_MODEL_H
#define LOGTAP_LOOPS_MODEL_H

#include "loop.h"

#include <pthread.h>

enum {
	LOGTAP_LOOPS_PROCESSES = 256,
	LOGTAP_LOOPS_EFFECTS = 1024,
	LOGTAP_LOOPS_CAUSES = 24,
	LOGTAP_LOOPS_BATCHES = 128,
	LOGTAP_LOOPS_OPEN = 8192,
	LOGTAP_LOOPS_MAX = LOGTAP_LOOPS_FIGURES,
};

/* An intervention under way. */
struct logtap_loops_probe {
	unsigned loop; /* number; 0: none */
	enum { LOGTAP_PROBE_BEFORE, LOGTAP_PROBE_HELD, LOGTAP_PROBE_AFTER } at;
	uint64_t until_ns;
	uint64_t settled_ns; /* records of earlier exports have come by then */
	unsigned trials, held;
	uint64_t before, during, after; /* records of the loop */
	uint64_t others_before, others_during;
	uint64_t interval_ns;
	uint64_t ended_ns; /* of the last one */
};

struct logtap_loops {
	struct logtap_loops_options options;
	char instance[LOGTAP_INSTANCE_BYTES + 1];
	pthread_mutex_t lock;
	struct logtap_loops_process processes[LOGTAP_LOOPS_PROCESSES];
	struct logtap_loops_effect effects[LOGTAP_LOOPS_EFFECTS];
	struct logtap_loops_cause causes[LOGTAP_LOOPS_CAUSES];
	uint32_t next_cause;
	struct logtap_loops_batch batches[LOGTAP_LOOPS_BATCHES];
	unsigned next_batch;
	/* Effects of the records that are on their way to a batch. */
	struct {
		uint16_t effect;
		uint8_t hop;
		uint32_t bytes;
	} open[LOGTAP_LOOPS_OPEN];
	uint64_t open_first, open_end;
	char open_via[LOGTAP_INSTANCE_BYTES + 1];
	struct logtap_loops_loop loops[LOGTAP_LOOPS_MAX];
	unsigned next_loop;
	uint64_t own_records; /* such as no export was seen to cause */
	uint64_t records;
	struct logtap_loops_stats stats;
	uint64_t hop_drops; /* records over the hop limit */
	uint64_t tick_ns;
	struct logtap_loops_probe probe;
	_Atomic uint64_t hold_until_ns[8]; /* CLOCK_MONOTONIC, by destination */
};

/* host.c: evidence. */
void logtap_loops_take_evidence(struct logtap_loops *loops,
				const struct logtap_thread *thread,
				const struct logtap_chunk_view *chunk);

/* canary.c: names of collectors in a record.  Return: the hop of what is made
 * of the record, 0 if there is no name in it; @over: beyond the limit. */
uint32_t logtap_loops_look_for_names(struct logtap_loops *loops,
				     struct logtap_loops_effect *effect,
				     const struct logtap_record *record,
				     bool *over);
/* echo.h for its process. */
void logtap_loops_look_for_echo(struct logtap_loops *loops,
				struct logtap_loops_process *process,
				struct logtap_loops_effect *effect,
				const struct logtap_record *record);

/* detect.c */
void logtap_loops_detect(struct logtap_loops *loops, uint64_t now_ns);

/* slow.c: breaking a loop at its source. */
/* Can that be done?  Return: 0, or -EPERM, -EINVAL with a text. */
int logtap_loops_slow_check(struct logtap_loops *loops,
			    const struct logtap_loops_loop *loop, char *error,
			    size_t error_bytes);
/* An export of the cause has begun. */
void logtap_loops_slow_after(struct logtap_loops *loops,
			     const struct logtap_loops_cause *cause,
			     uint64_t now_ns);
/* What is done about the loop ends: nothing waits any longer. */
void logtap_loops_slow_end(struct logtap_loops *loops,
			   struct logtap_loops_loop *loop);

/* probe.c */
void logtap_loops_probe_tick(struct logtap_loops *loops, uint64_t now_ns);
int logtap_loops_probe_begin(struct logtap_loops *loops,
			     struct logtap_loops_loop *loop, uint64_t now_ns,
			     char *error, size_t error_bytes);

/* graph.c.  Bounded. */
json_t *logtap_loops_graph(struct logtap_loops *loops);

/* describe.c */
json_t *logtap_loops_describe(struct logtap_loops *loops,
			      const struct logtap_loops_loop *loop);
const char *logtap_loops_confidence_name(
	enum logtap_loops_confidence confidence);
const char *logtap_loops_class_code(enum logtap_loops_class class);

#endif
