/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The shaper: chunks in, records out.
 *
 * Joins the chunks of a thread and stream into lines, finds severity, repairs
 * text, attaches source and resource, and appends records to the batcher.
 * One shaper belongs to one thread; nothing here is thread-safe.
 */
#ifndef LOGTAP_SHAPE_SHAPER_H
#define LOGTAP_SHAPE_SHAPER_H

#include "host.h"
#include "passed.h"
#include "sink.h"
#include "tap.h"

struct logtap_batcher;	/* export/batch.h */
struct logtap_unwinder; /* loops/stack/stack.h */
struct logtap_shaper;

struct logtap_shaper_options {
	size_t line_max_bytes;	   /* 0: 1 MiB; longer lines are cut there */
	uint64_t partial_flush_ns; /* 0: 1 s; a line without LF leaves then */
	bool keep_empty_lines;
	struct logtap_sink_policy sinks;
	/* of every resource, borrowed; a process's own win */
	const struct logtap_pair *attributes;
	size_t attribute_count;
	struct logtap_tap tap; /* its members NULL: nobody looks */
	const char *instance;  /* becomes logtap.instance; NULL: nothing */
	struct logtap_unwinder *unwinder; /* borrowed; NULL: no stacks */
	bool stacks; /* records say where they came from, if it is known */
};

/* What the shaper met, for the collector's own metrics. */
struct logtap_shaper_stats {
	uint64_t records;
	uint64_t suppressed; /* records that a tap left out */
	uint64_t cut;	     /* longer than line_max_bytes */
	uint64_t truncated;  /* bytes of it never came */
	uint64_t repaired;   /* not valid UTF-8 */
	uint64_t empty;	     /* lines left out because they were empty */
	uint64_t gap_bytes;  /* of GAP chunks */
	uint64_t hole_chunks, hole_bytes; /* of HOLE chunks */
	uint64_t on_stderr; /* syslog messages that were written there, too */
	uint64_t session_bytes; /* that were written to the session's stderr */
	uint64_t session_ns;	/* when the last of them was */
	bool session_open;	/* it was not the end of a line */
	/* left out because nobody of the session would have seen it */
	uint64_t hidden_chunks, hidden_bytes, hidden_lines;
	uint64_t malformed; /* chunks whose payload does not fit their type, and
	                     * datagrams that could be read only in part */
	uint64_t unknown;   /* chunks of a type or format not known here */
	uint64_t events, evidence, stacks; /* chunks; the last two make no
	                                    * records */
	uint64_t discarded_attributes;	   /* processes whose
	                                * OTEL_RESOURCE_ATTRIBUTES cannot be read */
};

/**
 * logtap_shaper_new() - make a shaper that appends to @out
 * @options: copied; NULL means the defaults
 * @out:     borrowed, outlives the shaper
 * Return: the shaper, owned by the caller, or NULL without memory.
 */
struct logtap_shaper *logtap_shaper_new(
	const struct logtap_shaper_options *options,
	struct logtap_batcher *out);
void logtap_shaper_free(struct logtap_shaper *shaper);

/**
 * logtap_shaper_chunk() - take in one chunk
 * @thread: its writer; the shaper fills thread->streams and
 *          thread->process->resource when they are NULL
 * @chunk:  borrowed for the call
 * @now_ns: CLOCK_REALTIME, becomes the observed time of records
 * Return: 0, or a negative errno value (only -ENOMEM).
 */
int logtap_shaper_chunk(struct logtap_shaper *shaper,
			struct logtap_thread *thread,
			const struct logtap_chunk_view *chunk, uint64_t now_ns);

/* A word of logtap's own about a process. */
struct logtap_shaper_note {
	const char *kind; /* becomes logtap.diagnostic; a constant */
	const char *text; /* need not be valid UTF-8 */
	size_t bytes;
	uint64_t time_ns;
	uint64_t position; /* in the journal */
};
int logtap_shaper_note(struct logtap_shaper *shaper,
		       struct logtap_process *process,
		       const struct logtap_shaper_note *note, uint64_t now_ns);

/* A program of the session has started: see passed.h. */
int logtap_shaper_start(struct logtap_shaper *shaper,
			const struct logtap_program_start *start,
			uint64_t now_ns);

void logtap_shaper_stats(const struct logtap_shaper *shaper,
			 struct logtap_shaper_stats *out);

/* The thread has ended (or is forgotten): flushes what it left without LF and
 * frees thread->streams. */
int logtap_shaper_thread_end(struct logtap_shaper *shaper,
			     struct logtap_thread *thread, uint64_t now_ns);

/* Releases process->resource (records that use it keep it alive). */
void logtap_shaper_process_end(struct logtap_shaper *shaper,
			       struct logtap_process *process);

/* Flushes partial lines that are older than partial_flush_ns, and decides about
 * lines of which it is not known for too long who reads them; @final: about
 * all.  Call at least twice in partial_flush_ns. */
int logtap_shaper_tick(struct logtap_shaper *shaper, uint64_t now_ns,
		       bool final);

/* There is no room for the rest of lines: the one that has begun first leaves,
 * if that was below @limit, and so nothing else keeps what is there.  Where lines
 * keep it that wait until it is known who reads them, they do so no longer. */
int logtap_shaper_relieve(struct logtap_shaper *shaper, uint64_t now_ns,
			  uint64_t limit);

/* Lowest journal position whose bytes are still held, in an unfinished line or
 * until its reader is known; UINT64_MAX when there is none. */
uint64_t logtap_shaper_floor(const struct logtap_shaper *shaper);

#endif
