/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Causes: those who export, what and when.  A part of model.h, whose rules hold
 * here.
 */
#ifndef LOGTAP_LOOPS_CAUSE_H
#define LOGTAP_LOOPS_CAUSE_H

#include "effect.h"
#include "instance.h"

#include <logtap/abi/control.h>

struct logtap_evidence_view;

enum {
	LOGTAP_LOOPS_EXPORTS = 64,
	LOGTAP_LOOPS_CAUSED = 16,
	LOGTAP_LOOPS_MIX = 16,
	LOGTAP_LOOPS_TEXTS = 16,
	LOGTAP_LOOPS_EARLY = 8,
	LOGTAP_LOOPS_SENDERS = LOGTAP_CONTROL_HOLDS, /* all can be held */
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

struct logtap_loops_sender {
	uint32_t tid; /* 0: none */
	char name[LOGTAP_SLOT_NAME_BYTES + 1];
	uint64_t exports; /* since it is among the senders */
};

/* A destination of ours, or a thread of a program that exports; or the threads
 * that share its connection, as those of a pool do. */
struct logtap_loops_cause {
	uint32_t id; /* 0: free; never used twice */
	bool host;
	unsigned destination; /* of ours */
	uint32_t pid;	      /* of a host, as all below */
	uint32_t tid;	      /* the last that sent */
	/* it, and those before it */
	struct logtap_loops_sender senders[LOGTAP_LOOPS_SENDERS];
	int32_t fd; /* of what was sent last; -1: that is closed */
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
	/* The last records that followed nothing.  The next export may be what
	 * they announce, or, as other threads' chunks may be read first, what
	 * has caused them. */
	struct logtap_loops_early {
		uint64_t time_ns; /* 0: free */
		uint16_t effect;
		uint16_t check; /* of its key */
		bool missed;	/* it was counted as such */
	} early[LOGTAP_LOOPS_EARLY];
	unsigned early_count; /* ever */
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

/* causes.c */
struct logtap_loops_cause *logtap_loops_cause_own(struct logtap_loops *loops,
						  unsigned destination);
struct logtap_loops_cause *logtap_loops_cause_of(struct logtap_loops *loops,
						 uint32_t id);
void logtap_loops_lineage(struct logtap_loops_lineage *lineage,
			  const struct logtap_thread *thread);
/* Whose connection @fd is, or else the thread's; made if there is none. */
struct logtap_loops_cause *logtap_loops_cause_host(
	struct logtap_loops *loops, const struct logtap_thread *thread,
	int32_t fd);
/* What is sent on @fd from now on has nothing to do with what was. */
void logtap_loops_forget_fd(struct logtap_loops *loops,
			    const struct logtap_thread *thread, int32_t fd);
/* Does that thread export for it? */
bool logtap_loops_sends(const struct logtap_loops_cause *cause, uint32_t tid);
/* Does no other? */
bool logtap_loops_is_alone(const struct logtap_loops_cause *cause);
/* Holds the exports of a host for @ns; 0: not any longer. */
void logtap_loops_hold(const struct logtap_loops *loops,
		       const struct logtap_loops_cause *cause, uint64_t ns);
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

/* returns.c.  A record that an export of the host has caused. */
void logtap_loops_remember_text(struct logtap_loops_cause *cause,
				const struct logtap_record *record);
/* What is sent holds such records: counts that. */
void logtap_loops_look_for_returns(struct logtap_loops_cause *cause,
				   struct logtap_loops_export *export,
				   const struct logtap_evidence_view *view,
				   uint64_t time_ns);

#endif
