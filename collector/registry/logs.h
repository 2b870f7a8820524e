/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The logs registry: the most recent records, bounded by count and by bytes,
 * for people who look while programs run.
 *
 * Each record that it takes gets the next sequence number, from 1.  What does
 * not fit any more is dropped, the oldest first, and counted:
 *
 *     newest_seq = retained + dropped_on_retention
 *
 * Thread-safe: an exporter adds, any thread reads.  Records are compact copies
 * with a count of their own, so a reader holds the lock only for as long as it
 * takes to count some of them, however slow it is afterwards.
 */
#ifndef LOGTAP_REGISTRY_LOGS_H
#define LOGTAP_REGISTRY_LOGS_H

#include "../export/exporter.h"

#include <stdatomic.h>

struct logtap_logs;

enum {
	LOGTAP_LOGS_RECORDS = 2048,
	LOGTAP_LOGS_BYTES = 16 << 20,
};

struct logtap_logs_limits {
	size_t records;
	size_t bytes; /* of records with all that they point to */
};

/* A retained record; immutable. */
struct logtap_log_entry {
	atomic_uint references;
	uint64_t seq;
	uint64_t batch; /* logtap_batch_serial() of the one that it came in */
	size_t bytes;	/* what it counts against the limit */
	struct logtap_record record;
};

/* Without memory NULL. */
struct logtap_log_entry *logtap_log_entry_new(
	const struct logtap_record *record);
struct logtap_log_entry *logtap_log_entry_ref(struct logtap_log_entry *entry);
void logtap_log_entry_unref(struct logtap_log_entry *entry);

/* Return: 0, -EINVAL when a limit is 0 (a registry that can hold nothing is a
 * mistake), or -ENOMEM. */
int logtap_logs_new(const struct logtap_logs_limits *limits,
		    struct logtap_logs **out);
void logtap_logs_free(struct logtap_logs *logs);
/* Copies the batch's records, in their order. */
void logtap_logs_add(struct logtap_logs *logs,
		     const struct logtap_batch *batch);

struct logtap_logs_state {
	uint64_t oldest_seq;	       /* 0: nothing is retained */
	uint64_t newest_seq;	       /* the last number given; 0: none yet */
	uint64_t dropped_on_ingest;    /* too large, or no memory: unnumbered */
	uint64_t dropped_on_retention; /* had to make room */
	size_t retained_records;
	size_t retained_bytes;
};
struct logtap_logs_state logtap_logs_state(struct logtap_logs *logs);

/* Waits until a record behind @seq is there, for @wait_ms at most, or until
 * logtap_logs_interrupt(), also one that came before.  For one thread at a
 * time; whoever adds does not wait for it.  Return: the newest_seq. */
uint64_t logtap_logs_wait(struct logtap_logs *logs, uint64_t seq,
			  unsigned wait_ms);
void logtap_logs_interrupt(struct logtap_logs *logs);

/* Which records; zeroed: all of them. */
struct logtap_logs_filter {
	uint32_t severity;   /* at least; 0: any, unspecified ones too */
	const char *text;    /* part of the body, ASCII case ignored; or NULL */
	const char *service; /* or NULL */
	bool has_pid, has_tid, has_trace;
	uint32_t pid;
	uint32_t tid;
	unsigned char trace_id[16];
};
bool logtap_logs_matches(const struct logtap_logs_filter *filter,
			 const struct logtap_record *record);

struct logtap_logs_query {
	struct logtap_logs_filter filter;
	bool has_after; /* the first ones behind after; else the last ones */
	uint64_t after;
	size_t limit;
	size_t max_bytes; /* no more when so many were read; 0: no bound */
};

struct logtap_logs_page {
	struct logtap_logs_state state;
	/* For the after of the next query: no record up to here need be looked
	 * at again.  Smaller than after when the numbers began anew. */
	uint64_t next_seq;
	/* Records between after and this one are gone; 0: none is missing. */
	uint64_t truncated_before_seq;
	struct logtap_log_entry **entries; /* in the order of their numbers */
	size_t count;
	size_t bytes;
};

/* Return: 0 or -ENOMEM; end with logtap_logs_page_deinit(). */
int logtap_logs_read(struct logtap_logs *logs,
		     const struct logtap_logs_query *query,
		     struct logtap_logs_page *page);
void logtap_logs_page_deinit(struct logtap_logs_page *page);

/* A destination that keeps batches in @logs, which must outlive it. */
int logtap_registry_exporter_new(struct logtap_logs *logs,
				 struct logtap_exporter **out);

#endif
