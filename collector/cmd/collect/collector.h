/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The collector at work: the parts of one `logtap collect`, and what its
 * source files share (this folder).  All of it belongs to the main thread, which
 * is also the pipeline's.
 */
#ifndef LOGTAP_CMD_COLLECT_COLLECTOR_H
#define LOGTAP_CMD_COLLECT_COLLECTOR_H

#include "../../admin/admin.h"
#include "../../base/bytes.h"
#include "../../intake/pipeline.h"
#include "../../intake/reader.h"
#include "../../loops/loops.h"
#include "../../loops/stack/stack.h"
#include "../../registry/resources.h"
#include "options.h"

#include <jansson.h>

/* What the supervisor says of the program when that has ended. */
struct logtap_collect_child {
	uint32_t pid; /* 0: not said */
	char executable[LOGTAP_EXECUTABLE_BYTES];
	bool metered;	      /* the next one is known */
	uint64_t error_bytes; /* that reached the session's stderr */
};

struct logtap_collector {
	struct logtap_collect_options options;
	struct logtap_meant meant; /* by options.wishes */
	int dir_fd;
	int lock_fd;
	int session_fd; /* -1: none, or it has ended */
	int wake_fd;	/* eventfd, written by the reader */
	int signal_fd;	/* eventfd, written by the handler */
	struct logtap_accounting *accounting;
	struct logtap_user_metrics *metrics;
	struct logtap_journal *journal;
	struct logtap_reader *reader;
	struct logtap_dispatcher *dispatcher;
	struct logtap_batcher *batcher;
	struct logtap_shaper *shaper;
	struct logtap_pipeline *pipeline;
	struct logtap_asks *asks;	  /* what hosts are asked for */
	struct logtap_unwinder *unwinder; /* NULL: nobody wants stacks */
	struct logtap_loops *loops;	  /* NULL without --loops */
	struct logtap_export_tap export_tap;
	struct logtap_logs *logs; /* NULL without the admin endpoint */
	struct logtap_admin *admin;
	struct logtap_metrics_exporter *metrics_exporter; /* or NULL */
	struct logtap_resources *resources;		  /* for it; or NULL */
	struct logtap_bytes input;			  /* of the session */
	struct logtap_collect_child child;
	bool told_limits;	 /* records of what was not captured */
	uint64_t unseen_bytes;	 /* on the session's stderr */
	uint64_t strangers;	 /* processes that are not captured */
	uint64_t incomplete;	 /* processes with a mechanism missing */
	uint64_t programs;	 /* that were started and cannot be captured */
	bool finish;		 /* the session wants the summary */
	bool terminate;		 /* a signal came: end now */
	uint64_t leave_ns;	 /* do not linger longer than that; 0: do */
	bool closed;		 /* nothing goes to destinations any more */
	uint64_t export_ns;	 /* how long destinations may take at the end */
	uint64_t live_processes; /* at the last drain */
	/* counted as batches go out */
	uint64_t records;
	uint64_t severities[LOGTAP_SEVERITY_CLASSES];
	uint64_t rested_end;  /* of the journal, when it last grew */
	uint64_t rest_due_ns; /* 0: rests already */
	uint64_t status_due_ns;
	bool status_unwritten;
	char *status_last; /* as it was written, without */
	struct logtap_account_snapshot status_rows;
};

/* Signals.  A session that has not finished is not ended by them: they are sent
 * to a whole control group when a service is stopped, and its programs have
 * their last words yet to write. */
/* From now on they come to @collector's signal_fd.  Return: 0 or -errno. */
int logtap_collector_signals_take(struct logtap_collector *collector);
void logtap_collector_signals_await_finish(bool wait);
/* Looks at those that came. */
void logtap_collector_signals_look(struct logtap_collector *collector);

/* Sets up everything, destinations first.  Return: 0, or -errno: the person or
 * the session was told why. */
int logtap_collector_open(struct logtap_collector *collector);
/* Works until it is to end.  Return: 0 or -errno. */
int logtap_collector_work(struct logtap_collector *collector);
/* What is behind the last drain (leave.c): destinations get what time there is,
 * the supervisor its summary, unless it has one and has gone (@lingered). */
void logtap_collector_leave(struct logtap_collector *collector,
			    uint64_t deadline_ns, bool lingered);
void logtap_collector_close(struct logtap_collector *collector);

/* Destinations.  Return: 0, or -errno with a whole text in @error. */
int logtap_collector_add_destinations(struct logtap_collector *collector,
				      char *error, size_t error_bytes);

/* The export of metrics (export_metrics.c).  Return: 0, or -errno with
 * a whole text in @error. */
int logtap_collector_open_metrics(struct logtap_collector *collector,
				  char *error, size_t error_bytes);
/* Sends them for the last time. */
void logtap_collector_last_metrics(struct logtap_collector *collector,
				   uint64_t deadline_ns);
void logtap_collector_close_metrics(struct logtap_collector *collector);
/* For the status; NULL: there is none. */
json_t *logtap_collector_metrics_export(struct logtap_collector *collector);

/* To the service manager, if one has started us as a service: that we work, or
 * that we end (notify.c).  Never waits for long; a failure is logged. */
void logtap_collector_notify(const struct logtap_collector *collector,
			     const char *state);

/* The session's socket.  A message is sent whole or the session is over. */
void logtap_session_send(struct logtap_collector *collector, json_t *message);
void logtap_session_summarize(struct logtap_collector *collector);
/* Reads what has come; sets finish.  The end of the socket is a finish. */
void logtap_session_receive(struct logtap_collector *collector);

/* Counts as an object, for the summary and the status.  NULL: no memory. */
json_t *logtap_collector_summary(struct logtap_collector *collector);
/* What programs count by themselves, as a list. */
json_t *logtap_collector_metrics(struct logtap_collector *collector);
/* Writes status.json when a second has passed and something has changed, or
 * now if @force. */
void logtap_collector_status(struct logtap_collector *collector, bool force);

/* limits.c: what was not captured, as far as it is known now; makes
 * records of it once, when the program has ended. */
void logtap_collector_limits(struct logtap_collector *collector);

#endif
