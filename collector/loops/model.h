/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the detector knows: processes, effects (kinds of records, by thread),
 * causes (those who export), batches (which record went where), and loops.
 * Shared by the files of this folder, not for others; all of it is under
 * logtap_loops.lock.  Times are CLOCK_REALTIME in ns.
 *
 * Everything has a fixed room.  What has not been seen for longest makes way.
 */
#ifndef LOGTAP_LOOPS_MODEL_H
#define LOGTAP_LOOPS_MODEL_H

#include "../shape/resource.h"
#include "echo.h"
#include "instance.h"
#include "loops.h"
#include "peers.h"

#include <pthread.h>

#define LOGTAP_LOOPS_MS UINT64_C(1000000)
#define LOGTAP_LOOPS_SECOND UINT64_C(1000000000)

enum {
	LOGTAP_LOOPS_PROCESSES = 256,
	LOGTAP_LOOPS_EFFECTS = 1024,
	LOGTAP_LOOPS_FOLLOWS = 4,
	LOGTAP_LOOPS_CAUSES = 24,
	LOGTAP_LOOPS_EXPORTS = 64,
	LOGTAP_LOOPS_CAUSED = 16,
	LOGTAP_LOOPS_BATCHES = 128,
	LOGTAP_LOOPS_MIX = 16,
	LOGTAP_LOOPS_OPEN = 8192,
	LOGTAP_LOOPS_MAX = LOGTAP_LOOPS_FIGURES,
	LOGTAP_LOOPS_TEXTS = 16,
	LOGTAP_LOOPS_TEXT_BYTES = 192,
	LOGTAP_LOOPS_FRAMES = 24,
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
	uint64_t lag_ns; /* a running mean */
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

struct logtap_loops_export {
	uint64_t begin_ns;
	uint64_t end_ns; /* 0: goes on */
	uint64_t serial; /* of our batch; 0: not ours */
	uint32_t records;
	uint64_t bytes; /* of their bodies */
	bool failed;
	bool idle; /* nothing but what exports had caused */
	/* Records that came behind it, by effect: which of them it caused is
	 * known later.  The last place takes what has no room. */
	unsigned behind_count;
	struct {
		uint16_t effect;
		uint16_t check; /* of its key: the place is not another's now */
		uint32_t records;
		uint32_t bytes;
	} behind[LOGTAP_LOOPS_CAUSED];
};

/* Where a thread came from (pthread_create). */
struct logtap_loops_lineage {
	uint32_t parent_tid; /* 0: unknown, or the program's first thread */
	char library[LOGTAP_SLOT_LIBRARY_BYTES + 1]; /* of its start routine */
};

/* A destination of ours, or a thread of a program that exports. */
struct logtap_loops_cause {
	uint32_t id; /* 0: free; never used twice */
	bool host;
	unsigned destination; /* of ours */
	uint32_t pid;	      /* of a host, as all below */
	uint32_t tid;
	uint64_t start_ticks;
	char thread[LOGTAP_SLOT_NAME_BYTES + 1];
	struct logtap_loops_lineage lineage;
	bool other;	      /* sends other signals than logs */
	bool connecting;      /* has begun to connect, and sent nothing yet */
	bool hidden;	      /* what it sends cannot be read */
	bool http2;	      /* as gRPC sends: no line says what begins */
	uint64_t returned;    /* requests that held what an export caused */
	uint64_t returned_ns; /* how long after */
	uint64_t sends;
	struct {
		uint64_t time_ns;
		size_t bytes;
		bool counted; /* in the request at hand */
		char text[LOGTAP_LOOPS_TEXT_BYTES];
	} texts[LOGTAP_LOOPS_TEXTS]; /* that exports caused */
	unsigned text_count;
	char endpoint[LOGTAP_LOOPS_TEXT_BYTES / 2];
	struct logtap_connection connection;
	bool connection_is_new;
	struct logtap_peers peers;
	uint64_t peers_ns; /* when they were looked for */
	uint64_t seen_ns;
	struct logtap_loops_export exports[LOGTAP_LOOPS_EXPORTS];
	uint64_t count; /* ever */
	uint64_t failures;
	uint64_t idle_streak;
	uint64_t idle_since_ns;
	uint64_t own_records; /* of the application, at the last export */
	uint64_t busy_ns;     /* when it last was (logtap_loops_is_busy()) */
	/* The last record that followed nothing: it may have come before. */
	uint64_t before_ns;
	uint16_t before_effect;
	bool before_missed; /* it was counted as such */
};

/* A batch of ours: what it carries. */
struct logtap_loops_batch {
	uint64_t serial; /* 0: free */
	uint32_t records;
	uint64_t bytes;
	uint32_t hop;
	char via[LOGTAP_INSTANCE_BYTES + 1]; /* whose exports caused some */
	bool mixed; /* more kinds than there is room for */
	size_t mix_count;
	struct {
		uint16_t effect;
		uint32_t records;
	} mix[LOGTAP_LOOPS_MIX];
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
	uint32_t last_tid; /* of its last record */
	unsigned watched;  /* how often a stack was asked for */
	uint64_t probe_ns; /* when it was last probed */
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

/* effects.c */
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
/* A record that came just before belongs to the export, too. */
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

/* causes.c */
struct logtap_loops_cause *logtap_loops_cause_own(struct logtap_loops *loops,
						  unsigned destination);
struct logtap_loops_cause *logtap_loops_cause_of(struct logtap_loops *loops,
						 uint32_t id);
void logtap_loops_lineage(struct logtap_loops_lineage *lineage,
			  const struct logtap_thread *thread);
struct logtap_loops_cause *logtap_loops_cause_host(
	struct logtap_loops *loops, const struct logtap_thread *thread);
struct logtap_loops_export *logtap_loops_export_begin(
	struct logtap_loops_cause *cause, uint64_t now_ns);
/* The one that a record of that time may have been caused by, or NULL. */
struct logtap_loops_export *logtap_loops_export_at(
	struct logtap_loops_cause *cause, uint64_t time_ns);
/* Does a record tell of the export, in so many words? */
bool logtap_loops_tells(const struct logtap_loops_cause *cause,
			const char *text);
/* So many exports that records would follow them by chance. */
bool logtap_loops_is_busy(const struct logtap_loops_cause *cause);
uint64_t logtap_loops_interval_ns(const struct logtap_loops_cause *cause);
struct logtap_loops_batch *logtap_loops_batch_of(struct logtap_loops *loops,
						 uint64_t serial);

/* host.c: evidence. */
void logtap_loops_take_evidence(struct logtap_loops *loops,
				const struct logtap_thread *thread,
				const struct logtap_chunk_view *chunk);
/* returns.c.  A record that an export of the host has caused. */
void logtap_loops_remember_text(struct logtap_loops_cause *cause,
				const struct logtap_record *record);
struct logtap_evidence_view;
/* What is sent holds such records: counts that. */
void logtap_loops_look_for_returns(struct logtap_loops_cause *cause,
				   struct logtap_loops_export *export,
				   const struct logtap_evidence_view *view,
				   uint64_t time_ns);

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
