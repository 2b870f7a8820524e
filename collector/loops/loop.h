/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Loops that were found.  A part of model.h, whose rules hold here.
 */
#ifndef LOGTAP_LOOPS_LOOP_H
#define LOGTAP_LOOPS_LOOP_H

#include "cause.h"
#include "stack/python.h"

enum {
	LOGTAP_LOOPS_FRAMES = 24,
	LOGTAP_LOOPS_PYTHON_FRAMES = 16,
	LOGTAP_LOOPS_PYTHON_STACKS = 3,
	LOGTAP_LOOPS_PYTHON_SAMPLES = 64, /* at most */
	LOGTAP_LOOPS_PYTHON_ENOUGH = 16,  /* of which functions were found */
};

enum logtap_loops_class {
	LOGTAP_LOOPS_L1 = 1,
	LOGTAP_LOOPS_L2,
	LOGTAP_LOOPS_L3,
	LOGTAP_LOOPS_L4,
	LOGTAP_LOOPS_L5,
	LOGTAP_LOOPS_L6,
	LOGTAP_LOOPS_L7,
};

struct logtap_loops_proof {
	uint64_t canaries; /* exports of ours that came back */
	uint64_t canary_serial;
	uint64_t canary_ns; /* how long that took */
	char canary[LOGTAP_INSTANCE_BYTES + 24];
	uint64_t returns; /* texts that came back */
	uint64_t replays;
	uint64_t requests; /* of a host, with what its exports caused */
	uint64_t request_ns;
	uint64_t reentries;
	unsigned trials, held;
};

/* What was seen of its latest exports when it was last judged. */
struct logtap_loops_signs {
	uint64_t exports, hits; /* 0: it is known in another way */
	uint64_t idle;
	uint64_t failed, failed_hits;
	bool peer; /* its process has the connection's other end */
};

struct logtap_loops_applied {
	struct logtap_loops_break what;
	uint64_t until_ns; /* 0: no end */
	double tokens;
	uint64_t filled_ns;
	uint64_t tagged, suppressed;
	uint64_t slowed;	/* exports that another had to wait for */
	uint64_t slow_until_ns; /* until when the next one is to wait */
};

struct logtap_loops_frame {
	char function[64];
	char file[96];
	char module[64];
	unsigned line;
};

/* One stack of a Python program, from the function to blame on. */
struct logtap_loops_python_stack {
	uint64_t hash;
	unsigned seen; /* so often; 0: free */
	size_t count;
	struct logtap_python_frame frames[LOGTAP_LOOPS_PYTHON_FRAMES];
};

struct logtap_loops_python {
	enum logtap_python_status status; /* of the last sample, or UNASKED;
					   * READ for good */
	const char *why;		  /* DENIED: a static text */
	unsigned samples, found;
	bool then;	     /* all that is kept had come with its stack */
	uint64_t memory_end; /* of what is wanted with its stacks; 0: none */
	struct logtap_loops_python_stack stacks[LOGTAP_LOOPS_PYTHON_STACKS];
};

struct logtap_loops_loop {
	unsigned number; /* 0: free */
	enum logtap_loops_class class;
	enum logtap_loops_confidence confidence;
	uint32_t cause; /* its id; 0: none is seen */
	uint32_t pid;
	uint32_t tid; /* 0: any of the process */
	uint64_t start_ticks;
	char comm[LOGTAP_COMM_BYTES + 1];
	char thread[LOGTAP_SLOT_NAME_BYTES + 1];
	struct logtap_loops_lineage lineage; /* of that thread */
	const char *stream;
	char endpoint[LOGTAP_LOOPS_TEXT_BYTES / 2];
	bool host; /* the endpoint is the program's own, not one of ours */
	char other[LOGTAP_INSTANCE_BYTES + 1]; /* the other collector */
	char way[LOGTAP_PEERS_WAY_BYTES];
	uint64_t began_ns, found_ns, last_ns;
	uint64_t records, bytes;
	uint64_t own_records; /* of the application, since it was found */
	uint64_t own_before;
	uint64_t idle_since_ns; /* 0: it is not idle */
	uint64_t suspected_ns;	/* of the first sign; for found_after */
	double k, b; /* 0: not measured (yet, or there is no export) */
	double byte_gain, idle_per_s, lag_ms;
	uint64_t judged_ns; /* when it was last found to be one */
	double records_per_s, bytes_per_s;
	uint64_t rated_ns, rated_records, rated_bytes;
	uint32_t severity;
	char sample[LOGTAP_LOOPS_TEXT_BYTES];
	struct logtap_loops_signs signs;
	struct logtap_loops_proof proof;
	struct logtap_loops_applied applied;
	struct logtap_loops_frame frames[LOGTAP_LOOPS_FRAMES];
	size_t frame_count;
	const char
		*unread; /* why there is none; NULL: not known, or there is */
	struct logtap_loops_python python;
	uint32_t last_tid; /* of its last record */
	unsigned
		watched; /* how often a stack was asked for, and a record came */
	uint64_t watched_records; /* that were there then */
	uint64_t probe_ns;	  /* when it was last probed */
};

/* loop.c */
struct logtap_loops_loop *logtap_loops_find(struct logtap_loops *loops,
					    unsigned number);
/* The loop of a cause (0: of none) and a process, made if there is none yet. */
struct logtap_loops_loop *logtap_loops_make(struct logtap_loops *loops,
					    uint32_t cause, uint32_t pid,
					    uint64_t start_ticks,
					    uint64_t now_ns);
/* Raises it, never lowers it; says so in the log. */
void logtap_loops_raise(struct logtap_loops *loops,
			struct logtap_loops_loop *loop,
			enum logtap_loops_confidence confidence,
			uint64_t now_ns);
/* @by_timing: until it no longer follows the cause. */
void logtap_loops_claim(struct logtap_loops_loop *loop,
			struct logtap_loops_effect *effect, bool by_timing);
void logtap_loops_count_record(struct logtap_loops_loop *loop,
			       const struct logtap_record *record,
			       uint64_t now_ns);
/* Where it was that a record of it was written, NULL: unknown; the longest is
 * kept. */
void logtap_loops_keep_stack(struct logtap_loops_loop *loop,
			     const struct logtap_stack_trace *trace);
/* Asks for that, until it is known. */
void logtap_loops_ask_for_stack(struct logtap_loops *loops,
				struct logtap_loops_loop *loop);

/* python.c.  @trace: NULL: none. */
void logtap_loops_keep_python(struct logtap_loops_loop *loop,
			      const struct logtap_python_trace *trace);
/* Are there to be more samples? */
bool logtap_loops_wants_python(const struct logtap_loops_loop *loop);
/* The stack that was seen most, or NULL. */
const struct logtap_loops_python_stack *logtap_loops_python_most(
	const struct logtap_loops_loop *loop);

/* loop.c */
bool logtap_loops_is_active(const struct logtap_loops *loops,
			    const struct logtap_loops_loop *loop);

/* break.c */
enum logtap_tap_verdict logtap_loops_judge(struct logtap_loops_loop *loop,
					   uint64_t now_ns,
					   struct logtap_tap_mark *mark);
void logtap_loops_identity(const struct logtap_loops_loop *loop, char *out,
			   size_t out_bytes);

/* measure.c.  k by B; 0: not measured. */
double logtap_loops_gain(const struct logtap_loops_loop *loop);

#endif
